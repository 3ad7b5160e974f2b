"""Applying a customer's balance: the command, with a payment method of its type for an intent that has none."""

from api import payment_methods
from api.commands import identity
from api.dialect.call import Call
from api.parameters.method_data import MethodData
from api.parameters.payment_intents import ApplyCustomerBalanceParameters
from domain import applying
from domain.commands import ApplyCustomerBalance
from domain.payment_intent import PaymentIntent


async def command(call: Call, intent: PaymentIntent, given: ApplyCustomerBalanceParameters) -> ApplyCustomerBalance:
    """What is asked for; the method is written down, as a confirmation's is that brings its data along."""
    method = None
    if applying.lacks_method(intent):
        method = await payment_methods.make(call, MethodData(type=applying.TYPE), "payment_method_data")
    said = given.given("amount", "currency")
    return ApplyCustomerBalance(**identity(call), **said, payment_method=method)
