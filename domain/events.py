"""Domain events: what has happened to a PaymentIntent, past tense, and how Stripe announces it.

`evolve` (payment_intent.py) is the only reader of the facts; `announcements` maps them to Stripe's event types in
Stripe's order. Facts are recomputed from a command's outcome, never stored, so they may be renamed freely.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from domain.charges import Charge
from domain.disputes import LOST, Dispute
from domain.families import TYPES
from domain.mandates import Mandate
from domain.next_actions import Outstanding
from domain.outcomes import (
    AskSettlement,
    AuthenticationRequired,
    Effect,
    MoveFunds,
    PaymentAwaited,
    Refund,
    VerificationRequired,
)
from domain.payment_methods import PaymentMethod
from domain.refund_events import RefundFailed, RefundProgressed, RefundRequested, RefundSucceeded

Subject = Literal["payment_intent", "charge", "payment_method", "refund", "customer", "mandate", "dispute"]
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

    changes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PaymentMethodSelected:
    """The buyer chose how to pay; whatever was under way with another method is void."""

    payment_method: PaymentMethod


@dataclass(frozen=True, slots=True)
class ActionRequired:
    """The bank wants the buyer to authenticate."""

    authentication: AuthenticationRequired
    return_url: str | None
    use_stripe_sdk: bool


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
class IntentCanceled:
    """The intent ended without success."""

    reason: str | None
    at: int


@dataclass(frozen=True, slots=True)
class OutcomeUnknown:
    """We cannot tell whether the gateway acted; `effect` is what to ask about until we can."""

    effect: Effect


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


Event = (
    AttributesChanged | PaymentMethodSelected | ActionRequired | Authenticated | ChargeSucceeded | ChargeFailed
    | ChargePending | ChargeWithdrawn | PaymentInstructed | FundsApplied | InstructionsWithdrawn
    | InstructionsRestored | VerificationRequested | MicrodepositsMismatched | SettlementAwaited | ChargeCaptured
    | AuthorizationIncremented | CaptureDeclined | IncrementDeclined | AuthorizationReleased | ReleaseDeclined
    | RefundRequested | RefundSucceeded | RefundProgressed | RefundFailed | ChargeDisputed | IntentCanceled
    | OutcomeUnknown | OutcomeKnown | PaymentMethodSaved | MandateAccepted | MandateEnded | PaymentMethodConsumed
    | DuplicateNoticed
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Announcement:
    """One Stripe event to write: its type, and which object its snapshot shows."""

    type: str
    subject: Subject


def announcements(events: Iterable[Event]) -> tuple[Announcement, ...]:
    """Stripe's events for these facts, in Stripe's order. docs.stripe.com/api/events/types."""
    return tuple(announcement for event in events for announcement in _announce(event))


CAPTURABLE = Announcement("payment_intent.amount_capturable_updated", "payment_intent")
SUCCEEDED = Announcement("payment_intent.succeeded", "payment_intent")
FAILED = Announcement("payment_intent.payment_failed", "payment_intent")


def _announce(event: Event) -> tuple[Announcement, ...]:
    match event:
        case (
            ChargeSucceeded()
            | ChargeFailed()
            | ChargePending()
            | ChargeWithdrawn()
            | MandateAccepted()
            | MandateEnded()
        ):
            return _announce_attempt(event)
        case ChargeCaptured(final=True):
            return Announcement("charge.captured", "charge"), SUCCEEDED
        case ChargeCaptured():
            return Announcement("charge.updated", "charge"), CAPTURABLE
        case AuthorizationIncremented():
            return CAPTURABLE, Announcement("charge.updated", "charge")
        case AuthorizationReleased(expired=True):
            return (Announcement("charge.expired", "charge"),)
        case RefundRequested() | RefundSucceeded() | RefundProgressed() | RefundFailed() | ChargeDisputed():
            return _announce_way_back(event)
        case IntentCanceled():
            return (Announcement("payment_intent.canceled", "payment_intent"),)
        case ActionRequired() | VerificationRequested() | PaymentInstructed():
            return (Announcement("payment_intent.requires_action", "payment_intent"),)
        case FundsApplied(partial=True):
            return (Announcement("payment_intent.partially_funded", "payment_intent"),)
        case OutcomeUnknown(Refund() | AskSettlement()):
            return ()
        case OutcomeUnknown(MoveFunds(operation="ask_funds" | "apply_funds")):
            return ()
        case OutcomeUnknown():
            return (Announcement("payment_intent.processing", "payment_intent"),)
        case PaymentMethodSaved():
            return (Announcement("payment_method.attached", "payment_method"),)
        case _:
            return ()


def _announce_dispute(dispute: Dispute) -> tuple[Announcement, ...]:
    happened = ["created"]
    if dispute.withdrawn:
        happened.append("funds_withdrawn")
    if dispute.status == LOST:
        happened.append("closed")
    return tuple(Announcement(f"charge.dispute.{what}", "dispute") for what in happened)


def _announce_way_back(
    event: RefundRequested | RefundSucceeded | RefundProgressed | RefundFailed | ChargeDisputed,
) -> tuple[Announcement, ...]:
    # The older name first: both are still sent for the refund of a charge.
    updated = (Announcement("charge.refund.updated", "refund"), Announcement("refund.updated", "refund"))
    match event:
        case RefundRequested():
            return Announcement("refund.created", "refund"), Announcement("charge.refunded", "charge")
        case RefundSucceeded(late=late):
            return updated if late else ()
        case ChargeDisputed(dispute):
            return _announce_dispute(dispute)
        case RefundProgressed():
            return updated
        case RefundFailed(refund) if refund.status == "canceled":
            return updated
        case RefundFailed():
            return *updated, Announcement("refund.failed", "refund")


def _announce_attempt(
    event: ChargeSucceeded | ChargeFailed | ChargePending | ChargeWithdrawn | MandateAccepted | MandateEnded,
) -> tuple[Announcement, ...]:
    match event:
        case ChargeSucceeded(charge):
            return Announcement("charge.succeeded", "charge"), SUCCEEDED if charge.captured else CAPTURABLE
        case ChargePending():
            return Announcement("payment_intent.processing", "payment_intent"), Announcement("charge.pending", "charge")
        case MandateAccepted() | MandateEnded():
            return _announce_mandate(event)
        case ChargeWithdrawn():
            return (Announcement("charge.failed", "charge"),)
        case ChargeFailed(None, _):
            return (FAILED,)
        case ChargeFailed():
            return Announcement("charge.failed", "charge"), FAILED
        case _:
            return ()


def _announce_mandate(event: MandateAccepted | MandateEnded) -> tuple[Announcement, ...]:
    type_ = TYPES.get(event.mandate.method_type)
    told = isinstance(event, MandateEnded) or (type_ is not None and type_.delayed)
    return (Announcement("mandate.updated", "mandate"),) if told else ()
