"""Applying a customer's balance: the command, with a payment method of its type for an intent that has none."""

from api.dialect.call import Call
from api.usecases import payment_methods
from api.usecases.commands import identity
from api.usecases.payment_methods import MethodChoice
from domain.machine import balance_payment
from domain.model.commands import ApplyCustomerBalance
from domain.model.payment_intent import PaymentIntent
from domain.model.payment_methods import PaymentMethod
from parameters.method_data import MethodData
from parameters.payment_intents import ApplyCustomerBalanceParameters


async def chosen(call: Call, intent: PaymentIntent) -> MethodChoice | None:
    """The method that the command brings along, if the intent has none."""
    if not balance_payment.lacks_method(intent):
        return None
    drafted = await payment_methods.draft(call, MethodData(type=balance_payment.TYPE), "payment_method_data")
    return MethodChoice(drafted, new=True)


def command(call: Call, method: PaymentMethod | None, given: ApplyCustomerBalanceParameters) -> ApplyCustomerBalance:
    """What is asked for."""
    said = given.given("amount", "currency")
    return ApplyCustomerBalance(**identity(call), **said, payment_method=method)
