"""ConfirmationTokens: made by the buyer's page, or by a test; shown.

How one is used in a confirmation is api/usecases/confirmation.py.
"""

from api.dialect.call import Call
from api.dialect.errors import invalid_request, missing
from api.dialect.operation import Operation, Resource
from api.dialect.publishable import check_brought
from api.usecases import customer_sessions, payment_methods
from api.usecases.changes import attributes
from api.usecases.confirmation import TOKEN_SECONDS
from domain.model.hashes import JsonObject
from domain.model.payment_methods import PaymentMethod
from parameters import others as parameters
from records import confirmation_tokens as records
from records.codec import dump_method
from rendering.confirmation_token import render

Body = JsonObject

SAID = ("mandate_data", "metadata", "payment_method_options", "return_url", "setup_future_usage", "shipping",
        "use_stripe_sdk")  # fmt: skip


async def create(call: Call, given: parameters.ConfirmationTokenCreateParameters) -> Body:
    """Collect a payment method and what goes with it. A browser may, with the publishable key."""
    if given.payment_method is not None and given.payment_method_data is not None:
        raise invalid_request(
            "You may only specify one of these parameters: payment_method, payment_method_data.",
            code="parameters_exclusive",
            param="payment_method",
        )
    if given.payment_method_data is not None:
        method, existing = await payment_methods.draft(call, given.payment_method_data, "payment_method_data"), False
    elif given.payment_method is not None:
        method, existing = await _named(call, given.payment_method, given.customer_session_client_secret), True
    else:
        text = "Missing required param: payment_method_data."
        raise invalid_request(text, code="parameter_missing", param="payment_method_data")
    id_ = call.mint.id("ctoken_1", length=23)
    data = attributes(call, given, *SAID) | {"payment_method": dump_method(method), "existing": existing}
    await records.add(call.services.database, call.scope, id_, call.now, call.now + TOKEN_SECONDS, data)
    return render(await _known(call, id_))


async def _named(call: Call, id_: str, session: str | None) -> PaymentMethod:
    if session is not None:
        return await customer_sessions.check_shown(call, await customer_sessions.opened(call, session), id_)
    chosen = await payment_methods.choose(call, id_)
    if call.publishable:
        check_brought(new=chosen.new)
    return await payment_methods.keep(call, chosen)


async def retrieve(call: Call, given: parameters.NoParameters) -> Body:
    """One token, used or not."""
    del given
    return render(await _known(call, call.path_id("confirmation_token", "confirmation_token")))


async def _known(call: Call, id_: str) -> records.Token:
    token = await records.load(call.services.database, call.scope, id_)
    if token is None:
        raise missing("confirmation_token", id_, "confirmation_token", in_path=True)
    return token


RESOURCE = Resource(path="/v1/confirmation_tokens", name="confirmation_tokens", returns="confirmation_token")

OPERATIONS: tuple[Operation, ...] = (
    RESOURCE.operation(
        "POST",
        "",
        "create",
        "Create a confirmation token",
        parameters.ConfirmationTokenCreateParameters,
        create,
        publishable=True,
    ),
    RESOURCE.operation("GET", "/{id}", "retrieve", "Retrieve a confirmation token", parameters.NoParameters, retrieve),
    Resource(
        path="/v1/test_helpers/confirmation_tokens",
        name="test_helpers.confirmation_tokens",
        returns="confirmation_token",
    ).operation(
        "POST",
        "",
        "create",
        "Create a confirmation token, as a buyer's page would",
        parameters.ConfirmationTokenCreateParameters,
        create,
        test_only=True,
    ),
)
