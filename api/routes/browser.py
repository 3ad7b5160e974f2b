"""What only the browser library calls: no endpoint of Stripe's documented API, and none of the twelve."""

from api.commands import identity, send, shown
from api.dialect.auth import check_client_secret
from api.dialect.call import Call
from api.dialect.operation import Operation, Resource
from api.parameters.payment_intents import SourceCancelParameters
from api.routes.payment_intents import Body, recorded
from domain.commands import AuthenticationResult


async def source_cancel(call: Call, given: SourceCancelParameters) -> Body:
    """The buyer has closed their bank's page, and will not authenticate: the attempt has failed."""
    intent = await recorded(call)
    check_client_secret(given.client_secret, intent.client_secret)
    command = AuthenticationResult(**identity(call), authentication=given.source, authenticated=False)
    return shown(call, (await send(call, intent, command)).intent)


RESOURCE = Resource(path="/v1/payment_intents", name="browser", returns="payment_intent")

OPERATIONS: tuple[Operation, ...] = (
    RESOURCE.operation(
        "POST",
        "/{id}/source_cancel",
        "source_cancel",
        "Give up an authentication (Stripe.js's own)",
        SourceCancelParameters,
        source_cancel,
        publishable=True,
    ),
)
