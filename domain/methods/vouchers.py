"""Vouchers and codes: the buyer is shown how to pay, and pays elsewhere, in their own time, or does not.

Nothing is charged until they have. The gateway is asked when it notifies and when the time is up; until it says that
nobody paid, somebody may have. So what is shown can be taken back only with the gateway's consent.
"""

from domain.copies import replace
from domain.identifiers import gateway_key
from domain.methods import attempts
from domain.methods.attempts import Attempt
from domain.methods.families import DAY_SECONDS, TYPES
from domain.model import wording
from domain.model.commands import CheckSettlement, Confirm
from domain.model.events import (
    ChargeFailed,
    ChargeSucceeded,
    Event,
    InstructionsRestored,
    IntentCanceled,
    PaymentError,
    PaymentInstructed,
    SettlementAwaited,
)
from domain.model.gateways import hop_to
from domain.model.hashes import MethodOptions
from domain.model.next_actions import Outstanding
from domain.model.outcomes import (
    Accepted,
    Approved,
    AskSettlement,
    AuthenticationRequired,
    Authorize,
    Declined,
    FundsKnown,
    MoveFunds,
    Outcome,
    PaymentAwaited,
    RequestFunds,
    VerificationRequired,
    Void,
)
from domain.model.payment_intent import PaymentIntent, method_in_use, options_of, outstanding
from domain.refusals import InvariantViolation, Refusal

ASK_AGAIN_SECONDS = 3_600
"""A gateway that cannot say yet whether a voucher was paid in time is asked every hour."""

EXPIRY_SECONDS_MAX = {"konbini": 60 * DAY_SECONDS, "pix": 14 * DAY_SECONDS}
EXPIRY_SECONDS_MIN = {"pix": 60}
"""docs.stripe.com/api/payment_intents: how far ahead their `expires_at` may be, and has to be."""

PAID = "superseded_paid"
"""The gateway's word for: what this was to take the place of was paid a moment ago."""

EXPIRED = "expired"

_FAILURES = {
    EXPIRED: (
        "payment_intent_payment_attempt_expired",
        "The latest payment attempt of this PaymentIntent has expired: the customer did not pay in time. Provide a new "
        "payment method to attempt payment again.",
    ),
}
_FAILED = (
    "payment_intent_payment_attempt_failed",
    "The payment failed. Provide a new payment method to attempt payment again.",
)


def may_confirm(state: PaymentIntent, command: Confirm, now: int) -> Refusal | None:
    """Refuse a missing code, without which the buyer's bank is not found, and a time to pay that is not allowed."""
    type_ = method_in_use(state).type
    options = options_of(state, type_)
    if type_ == "blik" and not options.get("code"):
        return wording.option_missing("blik", "code")
    return _expiry_refusal(state, type_, options, now)


def start(state: PaymentIntent, authorization: Authorize) -> Authorize:
    """The gateway is asked for an authorization, and answers with what the buyer is to be shown."""
    return authorization


def _expiry_refusal(state: PaymentIntent, type_: str, options: MethodOptions, now: int) -> Refusal | None:
    if type_ not in EXPIRY_SECONDS_MAX:
        return None
    at = options.get("expires_at")
    least = EXPIRY_SECONDS_MIN.get(type_, 1) if state.rules else 1
    if at is None or now + least <= at <= now + EXPIRY_SECONDS_MAX[type_]:
        return None
    days = EXPIRY_SECONDS_MAX[type_] // DAY_SECONDS
    soonest = "in the future" if least == 1 else f"at least {least} seconds away"
    return Refusal(
        code=wording.INVALID_PARAMETER,
        param=f"payment_method_options[{type_}][expires_at]",
        message=f"`expires_at` must be {soonest}, and at most {days} days away.",
    )


def instructed(state: PaymentIntent, effect: Authorize, outcome: PaymentAwaited) -> PaymentInstructed:
    """The buyer is shown how to pay, as their phone wants it where they said which that is."""
    type_ = TYPES[method_in_use(state).type].next_action
    client = effect.options.get("client")
    if effect.method_type == "wechat_pay" and client in ("android", "ios"):
        type_ = f"wechat_pay_redirect_to_{client}_app"
    return PaymentInstructed(outcome, type_, effect.capture, at=hop_to(effect))


def question(state: PaymentIntent, command: CheckSettlement, now: int) -> AskSettlement | Refusal:
    """What to ask the gateway about what the buyer was shown."""
    shown = outstanding(state)
    if shown is None or command.charge not in ("", attempts.promised_charge(state)):
        return wording.nothing_to_settle(state)
    key = gateway_key(state.id, state.attempts, "settlement", shown.action.tries + 1)
    return AskSettlement(
        key=key,
        authorization=shown.action.authentication,
        at=now,
        amount=state.amount,
        charge=attempts.promised_charge(state),
        currency=state.currency,
        intent=state.id,
        gateway=shown.action.gateway,
        patience=shown.action.patience,
    )


def settle(
    state: PaymentIntent, effect: AskSettlement | MoveFunds, outcome: Outcome, now: int
) -> tuple[tuple[Event, ...], PaymentError | None]:
    """Whether the buyer has paid, as the gateway says."""
    shown = outstanding(state)
    if shown is None:
        raise InvariantViolation("a gateway knows what was paid, and nobody was shown how")
    match outcome:
        case Accepted():
            return (SettlementAwaited(now + ASK_AGAIN_SECONDS),), None
        case Approved():
            attempt = Attempt(
                charge=attempts.promised_charge(state),
                amount=state.amount,
                currency=state.currency,
                capture=shown.action.capture,
                at=hop_to(shown.action),
            )
            events = attempts.success(state, attempt, outcome, now)
            return tuple(_as_shown(event, shown) for event in events), None
        case Declined(decline_code=why):
            code, text = _FAILURES.get(why, _FAILED)
            error = PaymentError(
                type="invalid_request_error", code=code, message=text, payment_method=shown.payment_method
            )
            return (ChargeFailed(None, error),), None
        case AuthenticationRequired() | VerificationRequired() | PaymentAwaited() | FundsKnown():
            raise InvariantViolation(f"{outcome.type} does not answer {effect.operation}")


def _as_shown(event: Event, shown: Outstanding) -> Event:
    """The charge remembers what it was paid with."""
    if not isinstance(event, ChargeSucceeded):
        return event
    return ChargeSucceeded(replace(event.charge, paid_with=shown.action.details))


def withdraw(state: PaymentIntent, reason: str | None) -> Void | None:
    """What it takes to cancel: the gateway's word that the buyer cannot pay any more."""
    shown = outstanding(state)
    if shown is None:
        return None
    # What is paid in the meantime may be held, and released by a void of its own. Older runs used one key for both.
    names = ("withdrawal", shown.action.tries + 1) if state.rules else ("void", 0)
    key = gateway_key(state.id, state.attempts, *names)
    charge = attempts.promised_charge(state)
    return Void(
        key=key,
        authorization=shown.action.authentication,
        reason=reason,
        charge=charge,
        currency=state.currency,
        intent=state.id,
        gateway=shown.action.gateway,
        patience=shown.action.patience,
    )


def withdrawn(
    state: PaymentIntent, effect: Void | MoveFunds, outcome: Outcome, now: int
) -> tuple[tuple[Event, ...], PaymentError | None]:
    """Canceled; or paid before it could be, which is then found out at once."""
    if isinstance(outcome, Approved):
        return (IntentCanceled(effect.reason, now),), None
    return paid_first(state, now)


def paid_first(state: PaymentIntent, now: int) -> tuple[tuple[Event, ...], PaymentError]:
    """The buyer was quicker: the gateway is asked at once, and the caller is told."""
    type_ = method_in_use(state).type
    return (SettlementAwaited(now),), wording.paid_meanwhile(type_.replace("customer_balance", "bank transfer"))


def superseded_too_late(
    effect: Authorize | RequestFunds, outcome: Outcome, now: int
) -> tuple[tuple[Event, ...], PaymentError] | None:
    """The buyer has paid with what they had been shown, so nothing else is tried; None if that is not what happened."""
    shown = effect.supersedes
    if shown is None or not isinstance(outcome, Declined) or outcome.decline_code != PAID:
        return None
    return (InstructionsRestored(shown, now),), wording.paid_meanwhile(shown.payment_method.type)
