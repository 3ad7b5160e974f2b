"""Domain events: what has happened to a PaymentIntent, past tense, and how Stripe announces it.

`evolve` (payment_intent.py) is the only reader of the facts; `announcements` maps them to Stripe's event types in
Stripe's order. Facts are recomputed from a command's outcome, never stored, so they may be renamed freely.
"""

from dataclasses import dataclass
from typing import Literal

from domain.model.charges import Charge
from domain.model.disputes import Dispute
from domain.model.gateways import AT_FIRST, Hop, Route
from domain.model.hashes import Changes
from domain.model.mandates import Mandate
from domain.model.modification_events import ModificationEvent
from domain.model.next_actions import Outstanding
from domain.model.outcomes import (
    AuthenticationRequired,
    Effect,
    PaymentAwaited,
    VerificationRequired,
)
from domain.model.payment_methods import PaymentMethod
from domain.model.refund_events import RefundEvent
from domain.model.resolutions import Resolution
from domain.model.routes import Routing

Subject = Literal[
    "payment_intent",
    "charge",
    "payment_method",
    "refund",
    "customer",
    "mandate",
    "dispute",
    "setup_intent",
    "application_fee",
    "transfer",
    "fee_refund",
]
"""Which object an event's snapshot shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentError:
    """Why the last attempt failed: Stripe's `last_payment_error`, and the 402 a caller gets.

    In the ledger the method is only named, by `payment_method_id` (ledger.py).
    """

    type: str
    code: str
    message: str
    decline_code: str | None = None
    charge: str | None = None
    advice_code: str | None = None
    network_decline_code: str | None = None
    param: str | None = None
    payment_method: PaymentMethod | None = None
    payment_method_id: str | None = None
    network_advice_code: str | None = None


@dataclass(frozen=True, slots=True)
class AttributesChanged:
    """Attributes got new values; None clears. Metadata is merged key by key."""

    changes: Changes


@dataclass(frozen=True, slots=True)
class PaymentMethodSelected:
    """The buyer chose how to pay; whatever was under way with another method is void."""

    payment_method: PaymentMethod


@dataclass(frozen=True, slots=True)
class ActionRequired:
    """The bank wants the buyer to authenticate, and its gateway is `at`."""

    authentication: AuthenticationRequired
    return_url: str | None
    use_stripe_sdk: bool
    at: Hop = AT_FIRST


@dataclass(frozen=True, slots=True)
class Authenticated:
    """The buyer proved who they are, under this reference; with manual confirmation the server confirms once more."""

    authentication: str


@dataclass(frozen=True, slots=True)
class ChargeSucceeded:
    """Money is held, or taken when `charge.captured`."""

    charge: Charge


@dataclass(frozen=True, slots=True)
class ChargeFailed:
    """The attempt is over without money. `charge` is None when no bank was ever asked."""

    charge: Charge | None
    error: PaymentError


@dataclass(frozen=True, slots=True)
class VerificationRequested:
    """Microdeposits are on their way; the buyer is to say what arrived, until `expires_at`."""

    verification: VerificationRequired
    expires_at: int
    at: Hop = AT_FIRST


@dataclass(frozen=True, slots=True)
class MicrodepositsMismatched:
    """What the buyer said is not what was deposited. Counts."""


@dataclass(frozen=True, slots=True)
class PaymentInstructed:
    """The buyer was shown how to pay; `capture` says whether that will take the money, or hold it.

    At `check_at` (Unix seconds) the gateway is asked, or when what was shown expires.
    """

    awaited: PaymentAwaited
    action: str
    capture: bool
    check_at: int | None = None
    at: Hop = AT_FIRST


@dataclass(frozen=True, slots=True)
class FundsApplied:
    """`total` of the customer's money is now set aside for this payment; `partial` if that is not all of it."""

    total: int
    partial: bool


@dataclass(frozen=True, slots=True)
class InstructionsWithdrawn:
    """What the buyer was shown is void: something else takes its place."""


@dataclass(frozen=True, slots=True)
class InstructionsRestored:
    """It turned out to be paid, so nothing takes its place; the gateway is asked at `at` (Unix seconds)."""

    outstanding: Outstanding
    at: int


@dataclass(frozen=True, slots=True)
class ChargeWithdrawn:
    """The gateway has called a pending charge back before its bank saw it."""

    charge: Charge


@dataclass(frozen=True, slots=True)
class ChargePending:
    """The gateway has accepted the attempt, and the bank will answer later."""

    charge: Charge


@dataclass(frozen=True, slots=True)
class SettlementAwaited:
    """The gateway was asked and does not know yet; it will be asked again at `until`."""

    until: int


@dataclass(frozen=True, slots=True)
class ChargeCaptured:
    """`amount` of the hold was taken; with `final`, the rest was released. `shares`: who was told to get a part."""

    amount: int
    final: bool
    shares: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AuthorizationIncremented:
    """The hold now covers `amount` in all."""

    amount: int


@dataclass(frozen=True, slots=True)
class CaptureDeclined:
    """The bank would not let us take it; what is held stays held. Counts, so that another try is another operation."""


@dataclass(frozen=True, slots=True)
class IncrementDeclined:
    """The bank would not hold more; what is held stays held. Counts as an attempt."""


@dataclass(frozen=True, slots=True)
class AuthorizationReleased:
    """What was still held went back to the buyer; `expired` when time did it."""

    expired: bool


@dataclass(frozen=True, slots=True)
class ReleaseDeclined:
    """The gateway would not release what it holds. Counts; time tries again at `again_at` (Unix seconds), if it did."""

    again_at: int | None


@dataclass(frozen=True, slots=True)
class ChargeDisputed:
    """The buyer's bank disputes the charge."""

    dispute: Dispute


@dataclass(frozen=True, slots=True)
class DisputeMoved:
    """Something has become of the dispute, or was said of it; `told` are Stripe's events about that, in order."""

    dispute: Dispute
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IntentCanceled:
    """The intent ended without success."""

    reason: str | None
    at: int


@dataclass(frozen=True, slots=True)
class CaptureFailed:
    """`amount` that was captured, under the gateway's `reference`, does not come after all; and why."""

    amount: int
    reference: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class OutcomeUnknown:
    """We cannot tell whether the gateway acted; `effect` is what to ask about until we can. Asked first `at`."""

    effect: Effect
    at: int | None = None


@dataclass(frozen=True, slots=True)
class OutcomeResolved:
    """An operator has said what it was; the facts that follow are what that means."""

    resolution: Resolution


@dataclass(frozen=True, slots=True)
class ResolutionContradicted:
    """The gateway tells the opposite of what an operator has said of the effect of this `key`."""

    key: str
    operation: str
    gateway: str
    reference: str


@dataclass(frozen=True, slots=True)
class OutcomeKnown:
    """What was unknown is known; the facts that follow say what it was."""


@dataclass(frozen=True, slots=True)
class PaymentMethodSaved:
    """The method was attached to the customer for later use (setup_future_usage)."""

    customer: str


@dataclass(frozen=True, slots=True)
class MandateAccepted:
    """The buyer consented to be charged later as well, or again."""

    mandate: Mandate


@dataclass(frozen=True, slots=True)
class MandateEnded:
    """The buyer's bank does not pay on this mandate any more; it is inactive."""

    mandate: Mandate


@dataclass(frozen=True, slots=True)
class PaymentMethodConsumed:
    """A method that belongs to nobody is good for one success only."""


@dataclass(frozen=True, slots=True)
class DuplicateNoticed:
    """The intent is confirmed although it is like another one, which was the first."""

    first: str


@dataclass(frozen=True, slots=True)
class RouteChosen:
    """Where the attempts that follow are made, and why there."""

    route: Route
    routing: Routing | None = None


@dataclass(frozen=True, slots=True)
class AttemptMoved:
    """A gateway has said a definite no that permits another one: the same confirmation goes on there.

    `command` is its id, by which it is known when it goes on.
    """

    charge: Charge
    command: str = ""


ActionEvent = (
    ActionRequired | Authenticated | VerificationRequested | MicrodepositsMismatched | PaymentInstructed
    | InstructionsWithdrawn | InstructionsRestored | FundsApplied
)  # fmt: skip
"""What the buyer is asked to do, and has done."""

AttemptEvent = ChargeSucceeded | ChargeFailed | ChargePending | ChargeWithdrawn | SettlementAwaited | AttemptMoved
"""How an attempt to take the money goes."""

HoldEvent = (
    ChargeCaptured | CaptureDeclined | AuthorizationIncremented | IncrementDeclined | AuthorizationReleased
    | ReleaseDeclined | ChargeDisputed | DisputeMoved | CaptureFailed
)  # fmt: skip
"""What becomes of a charge that stands."""

MethodEvent = PaymentMethodSelected | PaymentMethodSaved | PaymentMethodConsumed
"""What becomes of the method that is paid with."""

MandateEvent = MandateAccepted | MandateEnded

OutcomeEvent = OutcomeUnknown | OutcomeKnown | OutcomeResolved | ResolutionContradicted

Event = (
    AttributesChanged | MethodEvent | ActionEvent | AttemptEvent | HoldEvent | RefundEvent | IntentCanceled
    | OutcomeEvent | ModificationEvent | MandateEvent | DuplicateNoticed | RouteChosen
)  # fmt: skip
