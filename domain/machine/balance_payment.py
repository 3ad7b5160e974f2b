"""Applying a customer's balance before anybody was asked to send money: a confirmation by `customer_balance`.

It takes what the merchant says, or all, whichever way the balance is reconciled; and nothing, if there is less. Where
it is all, nobody has to be told where to send the rest. What is awaited already is methods/bank_transfers.py.
docs.stripe.com/api/payment_intents/apply_customer_balance.
"""

from domain.copies import replace
from domain.machine import confirmation, suitability
from domain.machine.evolution import evolve
from domain.machine.table import TABLE
from domain.methods import bank_transfers
from domain.methods.registry import type_refusal
from domain.model import wording
from domain.model.commands import ApplyCustomerBalance, Confirm
from domain.model.events import Event, PaymentMethodSelected
from domain.model.outcomes import RequestFunds
from domain.model.payment_intent import PaymentIntent
from domain.model.payment_methods import PaymentMethod
from domain.refusals import Refusal

TYPE = "customer_balance"


def takes(state: PaymentIntent) -> bool:
    """Whether the intent may be paid from a balance as it is: nothing else was chosen, and the type is accepted."""
    chosen = state.payment_method.type if state.payment_method else TYPE
    return chosen == TYPE and TYPE in state.payment_method_types


def lacks_method(state: PaymentIntent) -> bool:
    """Whether a command must bring the method along."""
    return state.payment_method is None and takes(state) and bool(TABLE[state.status]["apply_customer_balance"])


def payment(
    state: PaymentIntent, command: ApplyCustomerBalance, attempts_max: int
) -> tuple[tuple[Event, ...], RequestFunds] | Refusal:
    """What it takes. The method is the intent's own, or else the command's."""
    if not state.rules or not takes(state):
        return wording.cannot_apply_customer_balance(state)
    method = state.payment_method or command.payment_method
    if method is None:
        return wording.missing_payment_method(state)
    if method.type != TYPE:
        return wording.cannot_apply_customer_balance(state)
    if state.attempts >= attempts_max:
        text = f"This PaymentIntent was tried {attempts_max} times, which is the most."
        return Refusal(code=wording.UNEXPECTED_STATE, message=text)
    events = (PaymentMethodSelected(method),) if state.payment_method is None else ()
    after = evolve(state, events, check_table=False)
    amount = bank_transfers.amount_to_apply(after, command)
    if isinstance(amount, Refusal):
        return amount
    refusal = _refusal(after, method) or _rest_refusal(after, amount)
    return refusal or (events, replace(bank_transfers.request(after), applying=amount))


def _refusal(state: PaymentIntent, method: PaymentMethod) -> Refusal | None:
    """Refuse what a confirmation with this method would be refused for."""
    confirm = Confirm(payment_method=method)
    return (
        confirmation.payment_method_refusal(state)
        or type_refusal(state)
        or bank_transfers.owner_refusal(state)
        or suitability.refusal(state, confirm)
    )


def _rest_refusal(state: PaymentIntent, amount: int) -> Refusal | None:
    """Refuse to leave a rest that nobody can be told where to send."""
    return bank_transfers.refusal(state) if amount < state.amount else None
