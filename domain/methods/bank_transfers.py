"""Bank transfers: the customer sends money to an account of their own here, and it pays their open PaymentIntents.

Whose money it is, and what it is set aside for, is kept by the cash balances (records/cash_balances.py), one customer's
at a time; a PaymentIntent only asks how much is set aside for it. So one balance pays several intents, none twice.
"""

from typing import Literal

from domain.copies import replace
from domain.identifiers import digest62, gateway_key
from domain.methods import attempts
from domain.methods.attempts import Attempt
from domain.methods.families import DAY_SECONDS, TRANSFER, TYPES, Family
from domain.model import wording
from domain.model.commands import ApplyCustomerBalance, CheckSettlement, Confirm
from domain.model.events import Event, FundsApplied, IntentCanceled, PaymentError, PaymentInstructed, SettlementAwaited
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
from domain.model.payment_intent import PaymentIntent, captures_at_once, method_in_use, options_of, outstanding
from domain.money.currencies import CURRENCIES
from domain.refusals import InvariantViolation, Refusal

CURRENCY = {
    "us_bank_transfer": "usd", "eu_bank_transfer": "eur", "gb_bank_transfer": "gbp", "jp_bank_transfer": "jpy",
    "mx_bank_transfer": "mxn",
}  # fmt: skip

ASK_AGAIN_SECONDS = DAY_SECONDS
"""Money that comes in is told of; should the notification be lost, it is found a day later."""

INSUFFICIENT = "insufficient_funds"
"""The cash balances' word for: there is not as much as was asked for."""


def by_transfer(state: PaymentIntent) -> bool:
    """Whether the intent is paid, or to be paid, by bank transfer."""
    return TYPES[method_in_use(state).type].family is Family.TRANSFER


def awaited(state: PaymentIntent) -> bool:
    """Whether the buyer was told where to send money."""
    shown = outstanding(state)
    return shown is not None and shown.action.type == TRANSFER


def reference(intent: str) -> str:
    """What a sender writes so that the transfer pays this very intent."""
    return digest62("bank_transfer", intent, length=12).upper()


def may_confirm(state: PaymentIntent, command: Confirm, now: int) -> Refusal | None:
    """Refuse to be paid by transfer without knowing whose and which account the money is to go to."""
    return refusal(state)


def refusal(state: PaymentIntent) -> Refusal | None:
    """Refuse to be paid by transfer without knowing whose and which account the money is to go to."""
    options = options_of(state, "customer_balance")
    transfer = options.get("bank_transfer") or {}
    if refused := owner_refusal(state):
        return refused
    if options.get("funding_type") != "bank_transfer":
        return wording.option_missing("customer_balance", "funding_type")
    type_ = transfer.get("type")
    if type_ is None or type_ not in CURRENCY:
        return wording.option_missing("customer_balance", "bank_transfer")
    if state.currency != CURRENCY[type_]:
        return wording.currency_not_of_type(type_, state.currency, frozenset({CURRENCY[type_]}))
    if type_ == "eu_bank_transfer" and not (transfer.get("eu_bank_transfer") or {}).get("country"):
        return wording.option_missing("customer_balance", "bank_transfer][eu_bank_transfer][country")
    return None


def owner_refusal(state: PaymentIntent) -> Refusal | None:
    """Refuse to be paid from nobody's balance."""
    if state.customer is not None:
        return None
    text = "A customer is required to pay with `customer_balance`: pass the `customer` parameter."
    return Refusal(code="parameter_missing", param="customer", message=text)


def start(state: PaymentIntent, authorization: Authorize) -> RequestFunds:
    """No bank is asked: the balance is, and the buyer is told where to send the rest."""
    return request(state)


def request(state: PaymentIntent) -> RequestFunds:
    """Set aside what there is, and what will come."""
    options = options_of(state, "customer_balance")
    return RequestFunds(
        key=gateway_key(state.id, state.attempts + 1, "funds"),
        intent=state.id,
        account=state.account,
        livemode=state.livemode,
        customer=state.customer or "",
        amount=state.amount,
        currency=state.currency,
        reference=reference(state.id),
        transfer={**(options.get("bank_transfer") or {})},
    )


def question(state: PaymentIntent, command: CheckSettlement, now: int) -> MoveFunds | Refusal:
    """Ask how much is set aside by now."""
    if command.charge:
        return wording.nothing_to_settle(state)
    return _move(state, "ask_funds")


def application(state: PaymentIntent, command: ApplyCustomerBalance) -> MoveFunds | Refusal:
    """Set aside what the merchant says, or all that is missing."""
    if not awaited(state):
        return wording.cannot_apply_customer_balance(state)
    amount = amount_to_apply(state, command)
    return amount if isinstance(amount, Refusal) else replace(_move(state, "apply_funds"), amount=amount)


def amount_to_apply(state: PaymentIntent, command: ApplyCustomerBalance) -> int | Refusal:
    """How much (minor units) the merchant wants to be set aside; never more than is missing."""
    remaining = state.amount - state.funded
    amount = remaining if command.amount is None else command.amount
    if command.currency is not None and command.currency.lower() != state.currency:
        text = f"This PaymentIntent is paid from its customer's balance in {state.currency}, its own currency."
        return Refusal(message=text)
    if amount < 1:
        text = "This value must be greater than or equal to 1."
        return Refusal(code="parameter_invalid_integer", param="amount", message=text)
    if amount > remaining:
        money = CURRENCIES[state.currency].format(remaining)
        return Refusal(message=f"Only {money} remains to be paid.")
    return amount


def withdraw(state: PaymentIntent, reason: str | None) -> MoveFunds:
    """What it takes to cancel: the money goes back to the customer's balance."""
    return replace(_move(state, "release_funds"), reason=reason)


def _move(state: PaymentIntent, operation: Literal["ask_funds", "apply_funds", "release_funds"]) -> MoveFunds:
    key = gateway_key(state.id, state.attempts, operation, state.version)
    return MoveFunds(key=key, intent=state.id, operation=operation)


def requested(state: PaymentIntent, effect: RequestFunds, outcome: Outcome, now: int) -> tuple[Event, ...]:
    """Paid at once from what was there; or the buyer is told where to send the rest."""
    if not isinstance(outcome, FundsKnown):
        raise InvariantViolation(f"{outcome.type} does not answer {effect.operation}")
    if outcome.applied >= effect.amount:
        return _paid(state, attempts.next_charge(state), now)
    where = PaymentAwaited(reference=effect.reference, url=outcome.url, details=outcome.details)
    told = PaymentInstructed(where, TRANSFER, capture=True, check_at=now + ASK_AGAIN_SECONDS)
    return (told, FundsApplied(outcome.applied, partial=True)) if outcome.applied else (told,)


def shortfall(state: PaymentIntent, effect: RequestFunds) -> PaymentError | None:
    """What it means that there is not as much as was to be applied; None if that was not asked."""
    if effect.applying is None:
        return None
    error = wording.balance_insufficient(effect.applying, state.currency)
    return replace(error, payment_method=method_in_use(state))


def settle(
    state: PaymentIntent, effect: AskSettlement | MoveFunds, outcome: Outcome, now: int
) -> tuple[tuple[Event, ...], PaymentError | None]:
    """How much is set aside by now; when it is all, that was the charge."""
    match outcome:
        case FundsKnown(applied=applied) if applied >= state.amount:
            return _paid(state, attempts.promised_charge(state), now), None
        case FundsKnown(applied=applied):
            more = (FundsApplied(applied, partial=True),) if applied != state.funded else ()
            return (*more, SettlementAwaited(now + ASK_AGAIN_SECONDS)), None
        case (
            Approved() | Accepted() | Declined() | AuthenticationRequired() | VerificationRequired() | PaymentAwaited()
        ):
            raise InvariantViolation(f"{outcome.type} does not answer {effect.operation}")


def applied(
    state: PaymentIntent, effect: MoveFunds, outcome: Outcome, now: int
) -> tuple[tuple[Event, ...], PaymentError | None]:
    """The merchant's own application: what was asked for was there, or nothing was taken."""
    if isinstance(outcome, Declined):
        return (), wording.balance_insufficient(effect.amount, state.currency)
    return settle(state, effect, outcome, now)


def withdrawn(
    state: PaymentIntent, effect: Void | MoveFunds, outcome: Outcome, now: int
) -> tuple[tuple[Event, ...], PaymentError | None]:
    """The money is back in the balance; or it had paid already."""
    match outcome:
        case FundsKnown(applied=0):
            return (FundsApplied(0, partial=False), IntentCanceled(effect.reason, now)), None
        case Declined() | FundsKnown():
            return (SettlementAwaited(now),), wording.paid_meanwhile("bank transfer")
        case Approved() | Accepted() | AuthenticationRequired() | VerificationRequired() | PaymentAwaited():
            raise InvariantViolation(f"{outcome.type} does not answer {effect.operation}")


def _paid(state: PaymentIntent, charge: str, now: int) -> tuple[Event, ...]:
    attempt = Attempt(charge=charge, amount=state.amount, currency=state.currency, capture=captures_at_once(state))
    whole = FundsApplied(state.amount, partial=False)
    events = attempts.success(state, attempt, Approved(authorization=reference(state.id)), now)
    return whole, *events
