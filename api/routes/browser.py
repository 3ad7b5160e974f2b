"""What only the browser library calls: no endpoint of Stripe's documented API, and none of the twelve."""

from api.dialect.auth import check_client_secret
from api.dialect.call import Call
from api.dialect.errors import invalid_request
from api.dialect.operation import Operation, Resource
from api.dialect.publishable import check_linked
from api.routes import setup_intents as setups
from api.routes.payment_intents import Body, recorded_intent
from api.usecases import payment_methods, setup_commands
from api.usecases.commands import body_of, identity, send
from domain.model.commands import AuthenticationResult, Update
from parameters.payment_intents import CollectBankAccountParameters, SourceCancelParameters

LINKED = "us_bank_account"


async def source_cancel(call: Call, given: SourceCancelParameters) -> Body:
    """The buyer has closed their bank's page, and will not authenticate: the attempt has failed."""
    intent = await recorded_intent(call)
    check_client_secret(given.client_secret, intent.client_secret)
    command = AuthenticationResult(**identity(call), authentication=given.source, authenticated=False)
    return body_of(call, (await send(call, intent, command)).intent)


async def collect_bank_account(call: Call, given: CollectBankAccountParameters) -> Body:
    """The buyer has linked a bank account, which the intent is to be paid from."""
    intent = await recorded_intent(call)
    check_client_secret(given.client_secret, intent.client_secret)
    _check_type(given)
    check_linked(intent)
    method = await payment_methods.make(call, given.payment_method_data, "payment_method_data", linked=True)
    return body_of(call, (await send(call, intent, Update(**identity(call), payment_method=method))).intent)


async def setup_source_cancel(call: Call, given: SourceCancelParameters) -> Body:
    """The buyer has closed their bank's page, and the method is not set up."""
    intent = await setups.recorded(call)
    check_client_secret(given.client_secret, intent.client_secret, "SetupIntent")
    command = AuthenticationResult(**identity(call), authentication=given.source, authenticated=False)
    return await setup_commands.send(call, intent, command)


async def setup_collect_bank_account(call: Call, given: CollectBankAccountParameters) -> Body:
    """The buyer has linked a bank account, which is to be set up."""
    intent = await setups.recorded(call)
    check_client_secret(given.client_secret, intent.client_secret, "SetupIntent")
    _check_type(given)
    check_linked(intent)
    method = await payment_methods.make(call, given.payment_method_data, "payment_method_data", linked=True)
    return await setup_commands.send(call, intent, Update(**identity(call), payment_method=method))


def _check_type(given: CollectBankAccountParameters) -> None:
    if given.payment_method_data.type != LINKED:
        raise invalid_request(f"Only a {LINKED} can be linked.", param="payment_method_data[type]")


RESOURCE = Resource(path="/v1/payment_intents", name="browser", returns="payment_intent")
SETUPS = Resource(path="/v1/setup_intents", name="browser.setups", returns="setup_intent")

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
    RESOURCE.operation(
        "POST",
        "/{id}/collect_bank_account",
        "collect_bank_account",
        "Attach a linked bank account (Stripe.js's own)",
        CollectBankAccountParameters,
        collect_bank_account,
        publishable=True,
        test_only=True,
    ),
    SETUPS.operation(
        "POST",
        "/{id}/source_cancel",
        "source_cancel",
        "Give up an authentication (Stripe.js's own)",
        SourceCancelParameters,
        setup_source_cancel,
        publishable=True,
    ),
    SETUPS.operation(
        "POST",
        "/{id}/collect_bank_account",
        "collect_bank_account",
        "Set up a linked bank account (Stripe.js's own)",
        CollectBankAccountParameters,
        setup_collect_bank_account,
        publishable=True,
        test_only=True,
    ),
)
