"""A platform's payment method for an account that it acts for: a copy, of the same card or account at the gateway.

docs.stripe.com/connect/direct-charges-multiple-accounts.
"""

from dataclasses import replace

from api.dialect.call import Call
from api.dialect.errors import invalid_request, missing
from api.dialect.publishable import for_servers
from api.usecases.payment_methods import MethodChoice, billing_details, method_id, unchecked
from domain.model.payment_methods import PaymentMethod
from domain.model.wording import payment_method_consumed
from parameters.method_data import BY_TYPE
from parameters.others import PaymentMethodCreate
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

OTHER_TYPE = "The payment method you provided is of type {}, not {}."


async def shared(call: Call, id_: str, given: PaymentMethodCreate) -> MethodChoice:
    """A new method of the account, which is nobody's there; its platform's stays as it is.

    Who pays by it, and how it may be shown, is as the platform's says unless it is `given`.

    Raises:
        StripeError: the platform has none of this id, or it is not kept for the customer, or a browser asks; or it is
            described as something else.
    """
    if call.publishable:
        raise for_servers("payment_method")
    if call.key.platform is None:
        raise invalid_request(NOT_ACTING, param="payment_method")
    platform = Scope(call.key.platform, call.key.livemode)
    method = await payment_methods.load(call.services.database, platform, id_)
    if method is None:
        raise missing("PaymentMethod", id_, "payment_method", in_path=False)
    _check(method, given)
    who = billing_details(method.billing_details, given.billing_details)
    copied = replace(
        method,
        card=unchecked(method.card, method.billing_details, who),
        billing_details=who,
        allow_redisplay=given.allow_redisplay or method.allow_redisplay,
        id=method_id(call, "shared"),
        account=call.key.account,
        created=call.now,
        customer=None,
        metadata={key: value for key, value in (given.metadata or {}).items() if value is not None},
        radar_session=(given.radar_options or {}).get("session"),
    )
    return MethodChoice(copied, new=True)


def _check(method: PaymentMethod, given: PaymentMethodCreate) -> None:
    if method.consumed:
        raise invalid_request(payment_method_consumed().message, param="payment_method")
    if given.customer is None:
        raise invalid_request(WHOSE, param="customer")
    if method.customer != given.customer:
        raise invalid_request(NOBODYS.format(given.customer), param="customer")
    if "type" in given.model_fields_set and given.type != method.type:
        raise invalid_request(OTHER_TYPE.format(method.type, given.type), param="type")
    described = next((name for name in ("card", *BY_TYPE) if name in given.model_fields_set), None)
    if described is not None:
        text = f"You may only specify one of these parameters: payment_method, {described}."
        raise invalid_request(text, code="parameters_exclusive", param=described)
