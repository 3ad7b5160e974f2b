"""What a gateway may be asked to do (effects), and what it may definitely answer (outcomes). All of them values.

An answer we did not get is no outcome: a timeout is never a decline. The workflow keeps the effect and asks by its
idempotency key until one of the outcomes below is known (activities/payments.py). `intent` is whose effect it is; of a
refund that no payment belongs to, its own id. `gateway` is whom to ask, by name, and `patience` for how many seconds a
caller waits for that (model/gateways.py); what is done with money is asked of the gateway that holds it.
"""

from dataclasses import dataclass, field
from typing import Literal, TypeGuard

from domain.model.hashes import Changes, Hash
from domain.model.next_actions import Outstanding
from domain.model.payment_methods import PaymentMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorize:
    """Hold `amount` on a payment method; with `capture`, take it at once.

    From `off_session` on: how the buyer may be authenticated, and, by `authentication` or `authenticated_elsewhere`,
    that they have been; and which lines of the address there are to check. From `options` on: what the type itself may
    be asked, who pays, and what the buyer could still pay with until now and must not any more. `moto`: ordered by mail
    or telephone, where nobody can be authenticated; `saving`: the method is set up for later by this payment;
    `blocked`: checks of the card (cvc, postal_code) that make a no of it when they fail.
    """

    key: str
    charge: str
    amount: int
    currency: str
    token: str
    capture: bool
    off_session: bool = False
    error_on_requires_action: bool = False
    authentication: str | None = None
    three_d_secure: str = "automatic"
    line1_given: bool = False
    postal_code_given: bool = False
    return_url: str | None = None
    use_stripe_sdk: bool = False
    authenticated_elsewhere: bool = False
    method_type: str = "card"
    verification: str | None = None
    amounts: tuple[int, ...] = ()
    descriptor_code: str | None = None
    options: Hash = field(default_factory=dict)
    email: str | None = None
    supersedes: Outstanding | None = None
    moto: bool = False
    saving: bool = False
    intent: str = ""
    blocked: tuple[str, ...] = ()
    gateway: str = ""
    patience: int = 0
    operation: Literal["authorize"] = "authorize"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureHold:
    """Take `amount` of what `authorization` holds; with `final`, the rest is released.

    `over` allows more than is held, as far as was agreed. `changes` are the intent's attributes once this is done.
    `charge` and `currency`, here and below, are what the answer must be about; empty in effects from before they were.
    """

    key: str
    authorization: str
    amount: int
    final: bool = True
    over: bool = False
    changes: Changes = field(default_factory=dict)
    charge: str = ""
    currency: str = ""
    intent: str = ""
    refunds_rest: bool = False
    gateway: str = ""
    patience: int = 0
    operation: Literal["capture"] = "capture"


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What an intent is to be once its buyer can no longer pay with what they were shown: `changes` as in `Update`."""

    changes: Changes = field(default_factory=dict)
    payment_method: PaymentMethod | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Void:
    """Release what `authorization` still holds. `reason` is why, for the events that follow.

    `captured` (minor units) is what we believe was taken of it; whether that is so is asked, too. None where nothing is
    held, but may still be paid, and is called back; and in effects from before it was said. With `amends`, the intent
    goes on, changed, and is to be confirmed again; else a payment that is called back is canceled. So in `MoveFunds`.
    `refunds_rest`, here and in `CaptureHold`: see `Cancel`.
    """

    key: str
    authorization: str
    reason: str | None = None
    expired: bool = False
    captured: int | None = None
    charge: str = ""
    currency: str = ""
    amends: Amendment | None = None
    intent: str = ""
    refunds_rest: bool = False
    gateway: str = ""
    patience: int = 0
    operation: Literal["void"] = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class Increment:
    """Raise what `authorization` holds to the new total `amount`. `changes` are the intent's attributes once it is."""

    key: str
    authorization: str
    amount: int
    changes: Changes = field(default_factory=dict)
    charge: str = ""
    currency: str = ""
    intent: str = ""
    gateway: str = ""
    patience: int = 0
    operation: Literal["increment"] = "increment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Give back `amount` of what was captured of `authorization`. `refund` is the id of what this is for.

    `to_balance`: to the customer's cash balance, whence it came; only by the rules of before. `by_email`: to a bank
    account that the customer is asked for at `instructions_email`. `shares` come back with it (model/shares.py).
    """

    key: str
    authorization: str
    amount: int
    refund: str = ""
    created: int = 0
    reason: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    instructions_email: str | None = None
    to_balance: bool = False
    by_email: bool = False
    charge: str = ""
    currency: str = ""
    intent: str = ""
    gateway: str = ""
    patience: int = 0
    shares: tuple[str, ...] = ()
    operation: Literal["refund"] = "refund"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskSettlement:
    """Ask how a payment of `amount` ended that a bank or a buyer ends. `at` (Unix seconds): its clock may be ahead."""

    key: str
    authorization: str
    at: int
    amount: int | None = None
    charge: str = ""
    currency: str = ""
    intent: str = ""
    gateway: str = ""
    patience: int = 0
    operation: Literal["settlement"] = "settlement"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerDispute:
    """Tell the buyer's bank what the merchant says to a dispute: `evidence` (texts, ids of files), or to `accept` it.

    `dispute` is the gateway's own name of it; what else is said of it here is kept there once this is done.
    """

    key: str
    dispute: str
    accept: bool = False
    evidence: Hash = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    intended_submission_method: str | None = None
    charge: str = ""
    currency: str = ""
    intent: str = ""
    gateway: str = ""
    patience: int = 0
    prefilled: Hash = field(default_factory=dict)
    operation: Literal["answer_dispute"] = "answer_dispute"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFunds:
    """Pay `amount` from what the customer has sent, and from what they will send: it is set aside as it comes.

    `transfer` is `payment_method_options[customer_balance][bank_transfer]`; `reference` is what a sender may write.
    `applying` is how much of what there is, however that is reconciled, or nothing; None as it is reconciled.
    """

    key: str
    intent: str
    account: str
    livemode: bool
    customer: str
    amount: int
    currency: str
    reference: str
    transfer: Hash = field(default_factory=dict)
    supersedes: Outstanding | None = None
    applying: int | None = None
    operation: Literal["request_funds"] = "request_funds"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveFunds:
    """Ask how much is set aside for the payment (`ask_funds`), or change it.

    `apply_funds` adds `amount`; `release_funds` gives all back to the customer's balance, for `reason`.
    """

    key: str
    intent: str
    operation: Literal["ask_funds", "apply_funds", "release_funds"]
    amount: int = 0
    reason: str | None = None
    amends: Amendment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """Make a payment method good for payments to come; no money moves. `attempt` is the id of the SetupAttempt.

    `off_session`: it is to be charged without its buyer. The rest as in `Authorize`.
    """

    key: str
    attempt: str
    token: str
    method_type: str = "card"
    off_session: bool = True
    authentication: str | None = None
    authenticated_elsewhere: bool = False
    three_d_secure: str = "automatic"
    line1_given: bool = False
    postal_code_given: bool = False
    moto: bool = False
    return_url: str | None = None
    use_stripe_sdk: bool = False
    verification: str | None = None
    amounts: tuple[int, ...] = ()
    descriptor_code: str | None = None
    options: Hash = field(default_factory=dict)
    email: str | None = None
    intent: str = ""
    gateway: str = ""
    patience: int = 0
    operation: Literal["set_up"] = "set_up"


PaymentEffect = Authorize | CaptureHold | Void | Increment | Refund | AskSettlement | AnswerDispute
GatewayEffect = PaymentEffect | SetUp
Modification = CaptureHold | Void | Increment
"""What changes a payment that is there, and may be answered later. (A refund has a status of its own.)"""

FundsEffect = RequestFunds | MoveFunds
"""Who carries it out: the gateway, or the keeper of the customers' cash balances."""

Effect = PaymentEffect | FundsEffect
"""What is asked for a PaymentIntent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedDebit:
    """The account behind a bank redirect, which is kept in its place: a SEPA debit, under a `token` of its own."""

    token: str
    details: Hash = field(default_factory=dict)


def asked_of_a_gateway(effect: Effect) -> TypeGuard[PaymentEffect]:
    """Whether a gateway is to answer it, and nobody else: our own books answer the rest."""
    return not isinstance(effect, RequestFunds | MoveFunds) and not (isinstance(effect, Refund) and effect.to_balance)


def intent_of(effect: Effect | SetUp) -> str:
    """Whose effect it is. One that an older release decided does not say so itself: its key begins with it."""
    return effect.intent or effect.key.partition("/")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """The gateway did what it was asked. `authorization` is its own reference for the hold or the money.

    Of a setup, where no money moves, it is the attempt; `generated` is what is kept then, if not the method itself.
    """

    authorization: str
    authorization_code: str | None = None
    network_transaction_id: str | None = None
    risk_level: str = "normal"
    risk_score: int = 0
    checks: dict[str, str | None] = field(default_factory=dict)
    three_d_secure: Hash | None = None
    generated: GeneratedDebit | None = None
    type: Literal["approved"] = "approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """A definite no. `blocked` says that it came before the network was asked.

    `network_…` are the card network's own codes for it, and for what to do about it, where it has told any.
    """

    decline_code: str
    blocked: bool = False
    risk_level: str = "normal"
    risk_score: int = 0
    network_decline_code: str | None = None
    checks: dict[str, str | None] = field(default_factory=dict)
    network_advice_code: str | None = None
    type: Literal["declined"] = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticationRequired:
    """The buyer has to prove who they are first; `url` is where. No money is held yet."""

    authentication: str
    url: str
    type: Literal["authentication_required"] = "authentication_required"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The gateway has taken it on, under its own `reference`, and will say later how it ended: pending, not unknown.

    If it has said nothing after `ask_after_seconds`, it can be asked by key; None: it cannot, or there is another way.
    """

    reference: str
    ask_after_seconds: int | None = None
    type: Literal["accepted"] = "accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationRequired:
    """The account is not known to be the buyer's: what is deposited there at `arrival_date` (Unix seconds) proves it.

    `microdeposit_type` is `amounts` (two of them) or `descriptor_code` (one, with a code). `url` is where a buyer says.
    """

    verification: str
    microdeposit_type: str
    arrival_date: int
    url: str
    type: Literal["verification_required"] = "verification_required"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAwaited:
    """The buyer pays elsewhere, with what they are shown: `details`, and a page at `url`; until `expires_at`."""

    reference: str
    url: str
    details: Hash = field(default_factory=dict)
    expires_at: int | None = None
    type: Literal["payment_awaited"] = "payment_awaited"


@dataclass(frozen=True, slots=True, kw_only=True)
class FundsKnown:
    """`applied` (minor units) is set aside for the payment. `details` and `url` tell the buyer where to send more."""

    applied: int
    details: Hash = field(default_factory=dict)
    url: str = ""
    type: Literal["funds_known"] = "funds_known"


Outcome = Approved | Declined | AuthenticationRequired | Accepted | VerificationRequired | PaymentAwaited | FundsKnown
