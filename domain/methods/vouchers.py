"""Vouchers and codes: the buyer is shown how to pay, and pays elsewhere, in their own time, or does not.

Nothing is charged until they have. The gateway is asked when its news come and when the time is up; until it says that
nobody paid, somebody may have. So what is shown can be taken back only with the gateway's consent.
"""

from dataclasses import replace

from domain.identifiers import charge_id, gateway_key
from domain.methods import attempts
from domain.methods.families import DAY_SECONDS, TYPES, charge_prefix
from domain.model import wording
from domain.model.commands import CheckSettlement
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
from domain.model.next_actions import Outstanding
from domain.model.outcomes import (
    Accepted,
    Approved,
    AskSettlement,
    AuthenticationRequired,
    Authorize,
    Declined,
    FundsKnown,
    Outcome,
    PaymentAwaited,
    RequestFunds,
    VerificationRequired,
    Void,
)
from domain.model.payment_intent import PaymentIntent, method_in_use, outstanding
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


def expiry_refusal(state: PaymentIntent, now: int) -> Refusal | None:
    """Refuse a time to pay that is over, or further away than this type of voucher or code lasts."""
    type_ = method_in_use(state).type
    if type_ not in EXPIRY_SECONDS_MAX:
        return None
    options = (state.payment_method_options or {}).get(type_) or {}
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
    return PaymentInstructed(outcome, type_, effect.capture)


def question(state: PaymentIntent, command: CheckSettlement, now: int) -> AskSettlement | Refusal:
    """What to ask the gateway about what the buyer was shown."""
    shown = outstanding(state)
    if shown is None or command.charge not in ("", promised_charge(state)):
        return wording.nothing_to_settle(state)
    key = gateway_key(state.id, state.attempts, "settlement", shown.action.tries + 1)
    return AskSettlement(
        key=key,
        authorization=shown.action.authentication,
        at=now,
        amount=state.amount,
        charge=promised_charge(state),
        currency=state.currency,
    )


def promised_charge(state: PaymentIntent) -> str:
    """The charge that paying makes: it was promised with the attempt that showed the buyer how."""
    return charge_id(state.id, state.attempts, charge_prefix(method_in_use(state).type))


def settled(
    state: PaymentIntent, shown: Outstanding, authorization: Authorize, outcome: Outcome, now: int
) -> tuple[Event, ...]:
    """Whether the buyer has paid, as the gateway says. `authorization` is the attempt as it would be made now."""
    match outcome:
        case Accepted():
            return (SettlementAwaited(now + ASK_AGAIN_SECONDS),)
        case Approved():
            made = replace(authorization, charge=promised_charge(state), capture=shown.action.capture)
            events = attempts.approved(state, made, outcome, now)
            return tuple(_as_shown(event, shown) for event in events)
        case Declined(decline_code=why):
            code, text = _FAILURES.get(why, _FAILED)
            error = PaymentError(
                type="invalid_request_error", code=code, message=text, payment_method=shown.payment_method
            )
            return (ChargeFailed(None, error),)
        case AuthenticationRequired() | VerificationRequired() | PaymentAwaited() | FundsKnown():
            raise InvariantViolation(f"{outcome.type} is no answer about a settlement")


def _as_shown(event: Event, shown: Outstanding) -> Event:
    """The charge remembers what it was paid with."""
    if not isinstance(event, ChargeSucceeded):
        return event
    return ChargeSucceeded(replace(event.charge, paid_with=shown.action.details))


def withdrawal(state: PaymentIntent, reason: str | None) -> Void | None:
    """What it takes to cancel: the gateway's word that the buyer cannot pay any more."""
    shown = outstanding(state)
    if shown is None:
        return None
    # What is paid in the meantime may be held, and released by a void of its own. Older runs used one key for both.
    names = ("withdrawal", shown.action.tries + 1) if state.rules else ("void", 0)
    key = gateway_key(state.id, state.attempts, *names)
    charge = promised_charge(state)
    return Void(
        key=key, authorization=shown.action.authentication, reason=reason, charge=charge, currency=state.currency
    )


def withdrawn(
    state: PaymentIntent, effect: Void, outcome: Outcome, now: int
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
