"""A platform's payment method for an account that it acts for: a copy, of the same card or account at the gateway.

docs.stripe.com/connect/direct-charges-multiple-accounts.
"""

from dataclasses import replace

from api.dialect.call import Call
from api.dialect.errors import invalid_request, missing
from api.dialect.publishable import for_servers
from api.usecases.payment_methods import Chosen, method_id
from domain.model.payment_methods import PaymentMethod
from domain.model.wording import payment_method_consumed
from records import payment_methods
from records.scope import Scope

NOT_ACTING = (
    "A payment method can only be shared with a connected account: name that account in the Stripe-Account header."
)
WHOSE = (
    "The payment method you provided is attached to a customer so for security purposes you must provide the customer "
    "in the request."
)
NOBODYS = (
    "The payment method you provided is not attached to the customer {}. Attach it, and it can be shared with "
    "connected accounts."
)


async def shared(call: Call, id_: str, customer: str | None) -> Chosen:
    """A new method of the account, which is nobody's there; its platform's stays as it is.

    Raises:
        StripeError: the platform has none of this id, or it is not kept for `customer`, or a browser asks.
    """
    if call.publishable:
        raise for_servers("payment_method")
    if call.key.platform is None:
        raise invalid_request(NOT_ACTING, param="payment_method")
    platform = Scope(call.key.platform, call.key.livemode)
    method = await payment_methods.load(call.services.database, platform, id_)
    if method is None:
        raise missing("PaymentMethod", id_, "payment_method", in_path=False)
    _check(method, customer)
    copied = replace(
        method,
        id=method_id(call, "shared"),
        account=call.key.account,
        created=call.now,
        customer=None,
        metadata={},
        radar_session=None,
    )
    return Chosen(copied, new=True)


def _check(method: PaymentMethod, customer: str | None) -> None:
    if method.consumed:
        raise invalid_request(payment_method_consumed().message, param="payment_method")
    if customer is None:
        raise invalid_request(WHOSE, param="customer")
    if method.customer != customer:
        raise invalid_request(NOBODYS.format(customer), param="customer")
