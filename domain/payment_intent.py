"""The PaymentIntent state machine: its state, every transition in one table, and how facts change it.

Rule 1. What affects a transition is in `TABLE`, here, or in a rule of decisions.py, and nowhere else.
Rule 2. Pure: the state, the command, the gateway's outcome and the time come in; facts come out. No clock, no id
        generator, no I/O. So the workflow, the activity and the API compute the same answer from the same input.

Theory of operation. `decide(state, command, now)` answers with a `Refusal` or a `Decision`: facts that hold at once,
and at most one effect to ask the gateway for. When the gateway has answered, `conclude(state, effect, outcome, now)`
turns its outcome into facts. `evolve(state, events)` applies facts and is the only way a state comes about. A decline
is an outcome; an answer that does not come is none, and is recorded as the fact `OutcomeUnknown`, which puts the
intent into `processing` until the gateway is known to have acted or not.

WARNING. docs/state-machine.md is generated from TABLE (`make diagram`); a stale one fails the tests. What is stored
(the dataclass fields of `PaymentIntent` and all it holds) may only ever gain fields with defaults: running workflows
carry older ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from domain import amounts
from domain.charges import Charge, overcapture_maximum
from domain.commands import CheckSettlement, ExpireAction, ExpireAuthorization
from domain.eligibility import eligible_types
from domain.events import (
    ActionRequired,
    AttributesChanged,
    Authenticated,
    AuthorizationIncremented,
    AuthorizationReleased,
    CaptureDeclined,
    ChargeCaptured,
    ChargeDisputed,
    ChargeFailed,
    ChargePending,
    ChargeSucceeded,
    ChargeWithdrawn,
    DuplicateNoticed,
    Event,
    FundsApplied,
    IncrementDeclined,
    InstructionsRestored,
    InstructionsWithdrawn,
    IntentCanceled,
    MandateAccepted,
    MandateEnded,
    MicrodepositsMismatched,
    OutcomeKnown,
    OutcomeUnknown,
    PaymentError,
    PaymentInstructed,
    PaymentMethodConsumed,
    PaymentMethodSaved,
    PaymentMethodSelected,
    ReleaseDeclined,
    SettlementAwaited,
    VerificationRequested,
)
from domain.ledger import LedgerEntry, with_entry
from domain.next_actions import VERIFY, Approval, NextAction, Outstanding, Terms
from domain.outcomes import AskSettlement, Authorize, Effect, MoveFunds, Refund, Void
from domain.payment_methods import PaymentMethod, merged_options
from domain.refund_events import RefundFailed, RefundProgressed, RefundRequested, RefundSucceeded, given_back
from domain.refusals import InvariantViolation, check
from domain.statuses import TERMINAL, Status

OPEN_TO_CHANGE = frozenset({Status.REQUIRES_PAYMENT_METHOD, Status.REQUIRES_CONFIRMATION, Status.REQUIRES_ACTION})
"""Until money moves, everything may change."""

ALWAYS_UPDATABLE = frozenset(
    {"description", "metadata", "receipt_email", "shipping", "statement_descriptor", "statement_descriptor_suffix",
     "transfer_group", "hooks", "payment_details"}
)  # fmt: skip
"""Attributes that move no money: they may change in every status."""

UPDATABLE: dict[str, type] = {
    "amount": int, "currency": str, "customer": str, "customer_account": str, "amount_details": dict,
    "payment_details": dict, "hooks": dict, "payment_method_configuration": str, "mandate": str, "mandate_data": dict,
    "radar_options": dict, "capture_method": str, "payment_method_types": list,
    "allowed_payment_method_types": list, "excluded_payment_method_types": list, "payment_method_options": dict,
    "setup_future_usage": str, "application_fee_amount": int, "transfer_data": dict, "transfer_group": str,
    "description": str, "metadata": dict, "receipt_email": str, "shipping": dict, "statement_descriptor": str,
    "statement_descriptor_suffix": str,
}  # fmt: skip
"""Every attribute that may change, and what it is made of. The API checks values far more closely; but commands also
come as signals typed by hand, and a wrong type must be refused there instead of stopping the workflow."""

RULES = 1
"""The generation of rules that new intents, and new runs of older ones, go by. Raise it when a rule is added that
refuses what was legal, or when a path asks for other activities; the older way stays for who has an older number."""

NEVER_CLEARED = frozenset({"amount", "currency", "capture_method", "payment_method_types"})


_RPM, _RC, _RA, _P, _RCAP, _S, _X = (
    Status.REQUIRES_PAYMENT_METHOD, Status.REQUIRES_CONFIRMATION, Status.REQUIRES_ACTION, Status.PROCESSING,
    Status.REQUIRES_CAPTURE, Status.SUCCEEDED, Status.CANCELED,
)  # fmt: skip
_CONFIRMED = (_S, _RCAP, _RA, _P, _RPM, _X)
_NONE: tuple[Status, ...] = ()

TABLE: dict[Status, dict[str, tuple[Status, ...]]] = {
    # What each command may lead to, from each status; an empty cell is refused. Terminal rows are written out too:
    # that nothing leaves them is a decision, not an oversight.
    _RPM: {"update": (_RPM, _RC), "confirm": _CONFIRMED, "capture": _NONE, "cancel": (_X,),
           "increment_authorization": _NONE, "verify_microdeposits": _NONE,
           "apply_customer_balance": (_S, _RA, _RPM, _P),
           "authentication_result": _NONE, "expire_authorization": _NONE,
           "expire_action": _NONE, "check_settlement": _NONE,
            "refund": _NONE, "refund_result": _NONE, "dispute": _NONE},
    _RC: {"update": (_RC,), "confirm": _CONFIRMED, "capture": _NONE, "cancel": (_X,),
          "increment_authorization": _NONE, "verify_microdeposits": _NONE,
          "apply_customer_balance": (_S, _RA, _RPM, _P),
          "authentication_result": _NONE, "expire_authorization": _NONE,
          "expire_action": _NONE, "check_settlement": _NONE,
           "refund": _NONE, "refund_result": _NONE, "dispute": _NONE},
    _RA: {"update": (_RA, _RC, _P), "confirm": _CONFIRMED, "capture": _NONE, "cancel": (_X, _P, _RA),
          "increment_authorization": _NONE, "verify_microdeposits": (_RA, _P, _S, _RPM),
          "apply_customer_balance": (_S, _RA),
          "authentication_result": (_S, _RCAP, _RC, _RA, _RPM, _P), "expire_authorization": _NONE,
          "expire_action": (_RPM,), "check_settlement": (_S, _RCAP, _RA, _RPM),
           "refund": _NONE, "refund_result": _NONE, "dispute": _NONE},
    _P: {"update": (_P,), "confirm": _NONE, "capture": _NONE, "cancel": (_X, _P),
         "increment_authorization": _NONE, "verify_microdeposits": _NONE, "apply_customer_balance": _NONE,
         "authentication_result": _NONE, "expire_authorization": _NONE,
         "expire_action": _NONE, "check_settlement": (_S, _P, _RPM),
           "refund": _NONE, "refund_result": _NONE, "dispute": _NONE},
    _RCAP: {"update": (_RCAP,), "confirm": _NONE, "capture": (_S, _RCAP, _P), "cancel": (_X, _S, _P, _RCAP),
            "increment_authorization": (_RCAP, _P), "verify_microdeposits": _NONE, "apply_customer_balance": _NONE,
            "authentication_result": _NONE, "expire_authorization": (_X, _S, _P, _RCAP),
            "expire_action": _NONE, "check_settlement": _NONE,
           "refund": (_RCAP,), "refund_result": (_RCAP,), "dispute": _NONE},
    _S: {"update": (_S,), "confirm": _NONE, "capture": _NONE, "cancel": _NONE,
         "increment_authorization": _NONE, "verify_microdeposits": _NONE, "apply_customer_balance": _NONE,
         "authentication_result": _NONE, "expire_authorization": _NONE,
         "expire_action": _NONE, "check_settlement": _NONE,
           "refund": (_S,), "refund_result": (_S,), "dispute": (_S,)},
    _X: {"update": (_X,), "confirm": _NONE, "capture": _NONE, "cancel": _NONE,
         "increment_authorization": _NONE, "verify_microdeposits": _NONE, "apply_customer_balance": _NONE,
         "authentication_result": _NONE, "expire_authorization": _NONE,
         "expire_action": _NONE, "check_settlement": _NONE,
           "refund": _NONE, "refund_result": _NONE, "dispute": _NONE},
}  # fmt: skip

LATER: dict[Status, dict[str, tuple[Status, ...]]] = {
    # Where an intent goes without a command, once the unknown outcome of an operation is known; nowhere by any other.
    _P: {"authorize": (_S, _RCAP, _RA, _RPM, _P), "capture": (_S, _RCAP), "increment": (_RCAP,),
         "void": (_X, _S, _RCAP, _RA, _RC, _P), "settlement": (_S, _P, _RPM), "request_funds": (_S, _RA, _RPM),
         "release_funds": (_X, _RA, _RC)},
    _RA: {"settlement": (_S, _RCAP, _RA, _RPM), "ask_funds": (_S, _RA), "apply_funds": (_S, _RA)},
    _RCAP: {"refund": (_RCAP,)},
    _S: {"refund": (_S,)},
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentIntent:
    """One intent to collect `amount` once. Immutable; `evolve` makes the next one.

    Amounts are minor units of `currency`, times are Unix seconds. `charge` is the latest attempt; earlier ones are in
    the records. `authentication` is the gateway's reference for the last one asked for, `return_url` where the buyer
    goes afterwards; `funded` is what is set aside of the customer's cash balance. `pending` is the effect whose outcome
    is unknown. `approval` is what the buyer has approved of the next confirmation, where that is the merchant's to make
    (confirmation_method=manual). `duplicate_of` is the payment that it was found to be like when it was confirmed.
    `rules` is which generation of them it goes by (`RULES` is today's): a run that an
    older release has started is replayed, and decides as it did then. `version` counts the batches of facts applied.
    """

    id: str
    account: str
    livemode: bool
    created: int
    client_secret: str
    amount: int
    currency: str
    status: Status = Status.REQUIRES_PAYMENT_METHOD
    capture_method: str = "automatic_async"
    confirmation_method: str = "automatic"
    payment_method_types: tuple[str, ...] = ("card",)
    allowed_payment_method_types: tuple[str, ...] | None = None
    excluded_payment_method_types: tuple[str, ...] | None = None
    automatic_payment_methods: dict[str, Any] | None = None
    payment_method: PaymentMethod | None = None
    payment_method_options: dict[str, Any] | None = None
    customer: str | None = None
    setup_future_usage: str | None = None
    description: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    receipt_email: str | None = None
    shipping: dict[str, Any] | None = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    application_fee_amount: int | None = None
    transfer_data: dict[str, Any] | None = None
    transfer_group: str | None = None
    on_behalf_of: str | None = None
    charge: Charge | None = None
    attempts: int = 0
    increments: int = 0
    last_payment_error: PaymentError | None = None
    next_action: NextAction | None = None
    pending: Effect | None = None
    canceled_at: int | None = None
    cancellation_reason: str | None = None
    version: int = 1
    ledger: tuple[LedgerEntry, ...] = ()
    customer_account: str | None = None
    amount_details: dict[str, Any] | None = None
    payment_details: dict[str, Any] | None = None
    hooks: dict[str, Any] | None = None
    payment_method_configuration: str | None = None
    mandate: str | None = None
    mandate_data: dict[str, Any] | None = None
    radar_options: dict[str, Any] | None = None
    declined_captures: int = 0
    authentication: str | None = None
    return_url: str | None = None
    funded: int = 0
    approval: Approval | None = None
    declined_releases: int = 0
    rules: int = 0
    duplicate_of: str | None = None

    @property
    def amount_capturable(self) -> int:
        """What may be captured now."""
        return self.charge.capturable if self.charge and self.status == Status.REQUIRES_CAPTURE else 0

    @property
    def amount_received(self) -> int:
        """What was captured."""
        return self.charge.amount_captured if self.charge else 0


def held(state: PaymentIntent) -> Charge:
    """The charge whose hold is open; only asked where the status says that there is one."""
    if state.charge is None or state.charge.authorization is None:
        raise InvariantViolation("requires_capture without a hold")
    return state.charge


def method_in_use(state: PaymentIntent) -> PaymentMethod:
    """The method an attempt is made with, or was."""
    method = state.payment_method or (state.charge.payment_method if state.charge else None)
    if method is None:
        raise InvariantViolation("an effect was decided without a payment method")
    return method


def card_options(state: PaymentIntent) -> dict[str, Any]:
    """`payment_method_options[card]`."""
    return (state.payment_method_options or {}).get("card") or {}


def captures_at_once(state: PaymentIntent) -> bool:
    """Whether an authorization takes the money, by what the intent or the type of its method says."""
    type_ = state.payment_method.type if state.payment_method else ""
    own = (state.payment_method_options or {}).get(type_) or {}
    return "manual" not in (state.capture_method, own.get("capture_method"))


def saved_for(state: PaymentIntent, type_: str | None = None) -> str | None:
    """What the method in use, or one of `type_`, is kept for: on_session, off_session, none, or None if unsaid."""
    type_ = type_ or (state.payment_method.type if state.payment_method else "")
    own = (state.payment_method_options or {}).get(type_) or {}
    usage: str | None = own.get("setup_future_usage") or state.setup_future_usage
    return usage


def terms_to_approve(state: PaymentIntent) -> Terms | None:
    """What a buyer who is sent away is asked to approve; nobody kept it by the rules of before."""
    return terms_now(state) if state.rules else None


def terms_now(state: PaymentIntent) -> Terms:
    """What the buyer would be charged at this moment."""
    method = method_in_use(state).id
    return Terms(amount=state.amount, currency=state.currency, capture=captures_at_once(state), payment_method=method)


def _unless_changed(state: PaymentIntent) -> PaymentIntent:
    """Drop what the buyer was asked to approve, or has approved, if it is not what they would be charged now.

    The answer to it is ignored when it comes, and the intent must be confirmed again.
    """
    action = state.next_action
    if action is not None and action.terms is not None and action.terms != terms_now(state):
        return replace(state, status=_RC, next_action=None)
    if state.approval is not None and (state.payment_method is None or state.approval.terms != terms_now(state)):
        return replace(state, approval=None)
    return state


def evolve(state: PaymentIntent, events: Iterable[Event], *, check_table: bool = True) -> PaymentIntent:
    """Apply facts, in order. `check_table` is off only where a state is tried out and thrown away.

    Whether the very cell of `TABLE` or `LATER` has such a step is checked by who knows the command (transitions.py).
    """
    after = state
    for event in events:
        after = _apply(after, event)
    if check_table:
        _check_invariants(state, after)
    return after


def _apply(state: PaymentIntent, event: Event) -> PaymentIntent:
    match event:
        case AttributesChanged(changes):
            return _unless_changed(_change(state, changes))
        case PaymentMethodSelected(method):
            chosen = replace(state, payment_method=method, status=_RC, next_action=None, last_payment_error=None)
            return _unless_changed(chosen)
        case ActionRequired(authentication, return_url, use_stripe_sdk):
            action = NextAction(
                type=_way_out(state, return_url, use_stripe_sdk),
                authentication=authentication.authentication,
                url=authentication.url,
                return_url=return_url,
                terms=terms_to_approve(state),
            )
            return replace(
                state, status=_RA, next_action=action, attempts=state.attempts + 1, last_payment_error=None,
                authentication=action.authentication, return_url=return_url, approval=None,
            )  # fmt: skip
        case Authenticated(authentication):
            return replace(
                state,
                status=_RC,
                next_action=None,
                approval=Approval(authentication=authentication, terms=terms_now(state)),
            )
        case VerificationRequested() | MicrodepositsMismatched():
            return _verify(state, event)
        case PaymentInstructed() | InstructionsWithdrawn() | InstructionsRestored() | FundsApplied():
            return _instruct(state, event)
        case ChargeSucceeded() | ChargeFailed() | ChargePending() | ChargeWithdrawn() | SettlementAwaited():
            return _attempt(state, event)
        case IntentCanceled(reason, at):
            return replace(state, status=_X, canceled_at=at, cancellation_reason=reason, next_action=None)
        case OutcomeUnknown() | OutcomeKnown():
            return _wait(state, event)
        case PaymentMethodSaved(customer):
            return replace(state, payment_method=replace(method_in_use(state), customer=customer))
        case MandateAccepted() | MandateEnded() | DuplicateNoticed():
            return _note(state, event)
        case PaymentMethodConsumed():
            return replace(state, payment_method=replace(method_in_use(state), consumed=True))
        case RefundRequested() | RefundSucceeded() | RefundProgressed() | RefundFailed():
            return replace(state, charge=given_back(held(state), event))
        case _:
            return _move_hold(state, event)


def _note(state: PaymentIntent, event: MandateAccepted | MandateEnded | DuplicateNoticed) -> PaymentIntent:
    match event:
        case MandateEnded():
            return replace(state, mandate=None, mandate_data=None)
        case MandateAccepted(mandate):
            return replace(state, mandate=mandate.id)
        case DuplicateNoticed(first):
            return replace(state, duplicate_of=first)


def _before_unknown(state: PaymentIntent) -> Status:
    """Where the intent was when it had to wait for the gateway's word."""
    if state.charge is not None and state.charge.capturable > 0:
        return _RCAP
    if pending_charge(state):
        return _P
    return _RA if state.next_action else _RC


def _verify(state: PaymentIntent, event: VerificationRequested | MicrodepositsMismatched) -> PaymentIntent:
    match event, state.next_action:
        case VerificationRequested(verification, expires_at), _:
            action = NextAction(
                type=VERIFY,
                authentication=verification.verification,
                url=verification.url,
                microdeposit_type=verification.microdeposit_type,
                arrival_date=verification.arrival_date,
                expires_at=expires_at,
                terms=terms_to_approve(state),
            )
            return replace(
                state, status=_RA, next_action=action, attempts=state.attempts + 1, last_payment_error=None,
                authentication=action.authentication,
            )  # fmt: skip
        case _, NextAction() as action:
            return replace(state, next_action=replace(action, tries=action.tries + 1))
        case _:
            raise InvariantViolation("microdeposits did not match, and none were asked for")


def _instruct(
    state: PaymentIntent, event: PaymentInstructed | InstructionsWithdrawn | InstructionsRestored | FundsApplied
) -> PaymentIntent:
    match event:
        case PaymentInstructed(awaited, type_, capture, check_at):
            action = NextAction(
                type=type_,
                authentication=awaited.reference,
                url=awaited.url,
                expires_at=awaited.expires_at,
                outstanding=True,
                details=awaited.details,
                check_at=check_at or awaited.expires_at,
                capture=capture,
                terms=terms_to_approve(state),
            )
            return replace(
                state, status=_RA, next_action=action, attempts=state.attempts + 1, last_payment_error=None,
                authentication=action.authentication,
            )  # fmt: skip
        case InstructionsWithdrawn():
            return replace(state, next_action=None, funded=0)
        case FundsApplied(total):
            return replace(state, funded=total)
        case InstructionsRestored(outstanding, at):
            asked = replace(outstanding.action, check_at=at)
            return replace(state, status=_RA, next_action=asked, payment_method=outstanding.payment_method)


def outstanding(state: PaymentIntent) -> Outstanding | None:
    """What the buyer was shown and can still pay with."""
    action = state.next_action
    if action is None or not action.outstanding:
        return None
    return Outstanding(action=action, payment_method=method_in_use(state))


def _attempt(
    state: PaymentIntent, event: ChargeSucceeded | ChargeFailed | ChargePending | ChargeWithdrawn | SettlementAwaited
) -> PaymentIntent:
    match event:
        case ChargeSucceeded(charge):
            return replace(
                state, status=_S if charge.captured else _RCAP, charge=charge, attempts=_counted(state, charge),
                next_action=None, last_payment_error=None, approval=None,
            )  # fmt: skip
        case ChargeFailed(failed, error):
            return replace(
                state, status=_RPM, charge=failed or state.charge, attempts=_counted(state, failed),
                payment_method=None, next_action=None, last_payment_error=error, approval=None,
                mandate=None, mandate_data=None,
            )  # fmt: skip
        case ChargePending(charge):
            return replace(
                state, status=_P, charge=charge, attempts=state.attempts + 1, next_action=None, last_payment_error=None,
                pending=None, approval=None,
            )  # fmt: skip
        case ChargeWithdrawn(charge):
            return replace(state, charge=charge)
        case SettlementAwaited(until):
            return _asked(state, until)


def _counted(state: PaymentIntent, charge: Charge | None) -> int:
    """Attempts, with this one; a charge that was pending has been counted, and so has what the buyer was shown."""
    if outstanding(state):
        return state.attempts
    known = charge is not None and state.charge is not None and state.charge.id == charge.id
    return state.attempts if known else state.attempts + 1


def _asked(state: PaymentIntent, until: int) -> PaymentIntent:
    charge, action = pending_charge(state), state.next_action
    if charge is not None:
        asked = replace(charge, settles_at=until, settlement_checks=charge.settlement_checks + 1)
        return replace(state, charge=asked)
    if action is None or not action.outstanding:
        raise InvariantViolation("a settlement was asked for, and nothing is to be settled")
    return replace(state, next_action=replace(action, check_at=until, tries=action.tries + 1))


def pending_charge(state: PaymentIntent) -> Charge | None:
    """The charge whose bank has not answered yet."""
    return state.charge if state.charge is not None and state.charge.status == "pending" else None


def parkable(state: PaymentIntent) -> bool:
    """Whether nothing happens to it by itself, and nobody but its merchant knows of it."""
    idle = state.status in (_RPM, _RC) and state.pending is None
    return idle and deadline(state) is None


def settleable(state: PaymentIntent) -> bool:
    """Whether there is anything the gateway can be asked about now, or never will be."""
    waiting = pending_charge(state) is not None or outstanding(state) is not None
    return state.status in TERMINAL or (waiting and state.pending is None)


def _way_out(state: PaymentIntent, return_url: str | None, use_stripe_sdk: bool) -> str:
    """How the buyer gets to their bank: by Stripe.js for cards, if it asks; other methods always send them away."""
    type_ = method_in_use(state).type
    if type_ == "card":
        return "redirect_to_url" if return_url and not use_stripe_sdk else "use_stripe_sdk"
    return "alipay_handle_redirect" if type_ == "alipay" else "redirect_to_url"


def _quiet(effect: Effect | None) -> bool:
    """Whether not knowing its outcome leaves the intent as it is: a refund's, or the answer to a question."""
    if isinstance(effect, MoveFunds):
        return effect.operation != "release_funds"
    return isinstance(effect, Refund | AskSettlement)


def _wait(state: PaymentIntent, event: OutcomeUnknown | OutcomeKnown) -> PaymentIntent:
    """An unknown outcome makes the intent `processing`; that of a refund only the refund, a question's nothing."""
    match event:
        case OutcomeUnknown(effect) if _quiet(effect):
            return replace(state, pending=effect)
        case OutcomeUnknown(Void() | MoveFunds() as effect) if outstanding(state):
            # Whether the buyer can still pay: if so, they are shown it again.
            return replace(state, status=_P, pending=effect)
        case OutcomeUnknown(Authorize(verification=str()) as effect):
            # Whether what the buyer said is right: if not, they are asked again.
            return replace(state, status=_P, pending=effect)
        case OutcomeUnknown(effect):
            return replace(state, status=_P, pending=effect, next_action=None)
        case OutcomeKnown() if _quiet(state.pending):
            return replace(state, pending=None)
        case OutcomeKnown():
            return replace(state, status=_before_unknown(state), pending=None)


def _move_hold(state: PaymentIntent, event: Event) -> PaymentIntent:
    charge = held(state)
    match event:
        case CaptureDeclined():
            return replace(state, declined_captures=state.declined_captures + 1)
        case ChargeDisputed(dispute):
            return replace(state, charge=replace(charge, dispute=dispute.id, charged_back=dispute.withdrawn))
        case IncrementDeclined():
            return replace(state, increments=state.increments + 1)
        case ChargeCaptured(amount, final, shares):
            taken = replace(
                charge, amount_captured=charge.amount_captured + amount, captures=charge.captures + 1, captured=final,
                shares=charge.shares or shares,
            )  # fmt: skip
            return replace(state, charge=taken, status=_S if final else _RCAP)
        case AuthorizationIncremented(amount):
            over = charge.overcapture_maximum
            most = overcapture_maximum(amount) if over is not None else None
            raised = replace(charge, amount=amount, overcapture_maximum=most)
            return replace(state, charge=raised, amount=amount, increments=state.increments + 1)
        case ReleaseDeclined(again_at):
            kept = replace(charge, release_at=again_at or charge.release_at)
            return replace(state, charge=kept, declined_releases=state.declined_releases + 1)
        case AuthorizationReleased():
            return replace(state, charge=replace(charge, voided=True))
        case _:
            raise InvariantViolation(f"{type(event).__name__} is a fact that nobody applies")


def _change(state: PaymentIntent, changes: dict[str, Any]) -> PaymentIntent:
    values = {name: value for name, value in changes.items() if name in UPDATABLE}
    if "metadata" in values:
        given = values["metadata"] or {}
        merged = {} if values["metadata"] is None else {**state.metadata, **given}
        values["metadata"] = {key: value for key, value in merged.items() if value is not None}
    if "payment_method_options" in values:
        given_options = values["payment_method_options"]
        values["payment_method_options"] = merged_options(state.payment_method_options, given_options)
    if "amount_details" in values:
        values["amount_details"] = amounts.merged(state.amount_details, values["amount_details"])
    for name in ("payment_details", "hooks", "transfer_data"):
        if values.get(name) is not None:
            merged_hash = {**(getattr(state, name) or {}), **values[name]}
            values[name] = {key: value for key, value in merged_hash.items() if value is not None} or None
    for name in ("payment_method_types", "allowed_payment_method_types", "excluded_payment_method_types"):
        if values.get(name) is not None:
            values[name] = tuple(values[name])
    return with_automatic_types(replace(state, **values))


def with_automatic_types(state: PaymentIntent) -> PaymentIntent:
    """The intent with the types that fit it now, where the merchant leaves them to us."""
    automatic = state.automatic_payment_methods or {}
    if not automatic.get("enabled"):
        return state
    types = eligible_types(
        currency=state.currency,
        amount=state.amount,
        customer=state.customer,
        manual_capture=state.capture_method == "manual",
        reusable=state.setup_future_usage == "off_session",
        redirects=automatic.get("allow_redirects", "always") == "always",
        options=state.payment_method_options or {},
        excluded=state.excluded_payment_method_types or (),
    )
    return replace(state, payment_method_types=types)


def _check_invariants(before: PaymentIntent, after: PaymentIntent) -> None:
    check(before.status not in TERMINAL or after.status == before.status, "a terminal status is terminal")
    check(after.status != _S or after.amount_received > 0, "succeeded means money was captured")
    check(after.status != _RCAP or after.amount_capturable > 0, "requires_capture means money is held")
    check((after.status == _X) == (after.canceled_at is not None), "canceled, and when, go together")
    known = after.pending is None or _quiet(after.pending)
    check(known or after.status == _P, "an unknown outcome means processing, unless the intent stays as it is")
    check(0 <= after.funded <= after.amount, "set aside at most what is to be paid")
    action = after.next_action
    terms = action.terms if action else after.approval.terms if after.approval else None
    check(terms is None or terms == terms_now(after), "what the buyer approves is what they are charged")


def advanced(state: PaymentIntent, entry: LedgerEntry | None) -> PaymentIntent:
    """The next version, with the command remembered."""
    ledger = with_entry(state.ledger, entry) if entry and entry.command_id else state.ledger
    return replace(state, version=state.version + 1, ledger=ledger)


def remembered(state: PaymentIntent, command_id: str) -> LedgerEntry | None:
    """The ledger's entry for a command that was carried out before, its error as it was told."""
    entry = next((entry for entry in state.ledger if command_id and entry.command_id == command_id), None)
    if entry is None:
        return None
    holders = (state.last_payment_error, state.charge)
    return entry.as_told([*(holder.payment_method for holder in holders if holder), state.payment_method])


def deadline(state: PaymentIntent) -> int | None:
    """When (Unix seconds) time itself will act: the hold lapses, or the bank is asked. None when no clock runs."""
    due = due_command(state)
    if state.status == _RA and state.next_action:
        return state.next_action.check_at or state.next_action.expires_at
    if due is None or state.charge is None:
        return None
    return state.charge.settles_at if isinstance(due, CheckSettlement) else state.charge.lapses_at


def due_command(state: PaymentIntent) -> ExpireAuthorization | CheckSettlement | ExpireAction | None:
    """What is done about the intent when its time is up."""
    action = state.next_action
    if state.status == _RA and action and action.outstanding:
        return CheckSettlement() if action.check_at else None
    if state.status == _RA and action and action.expires_at:
        return ExpireAction()
    if state.status == _RCAP and state.charge:
        return ExpireAuthorization()
    return CheckSettlement() if state.status == _P and pending_charge(state) else None
