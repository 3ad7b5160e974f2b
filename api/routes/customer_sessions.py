"""Customer sessions: made by a server, for a page of a customer's; shown once."""

from api.dialect.call import Call
from api.dialect.errors import invalid_request, missing
from api.dialect.operation import Resource
from api.usecases.changes import existing_customer
from domain.model.customer_sessions import ENABLED, CustomerSession
from domain.model.hashes import JsonObject
from parameters.customer_sessions import CustomerSessionCreateParameters
from records import customer_sessions as records
from rendering.customer_session import FEATURES, render

SECONDS = 1_800
"""How long one is good for, as at Stripe."""


async def create(call: Call, given: CustomerSessionCreateParameters) -> JsonObject:
    """Make one for a customer, with what its page may show and do. The secret is shown this once."""
    if given.customer_account is not None:
        raise missing("account", given.customer_account, "customer_account", in_path=False)
    if given.customer is None:
        raise invalid_request("Missing required param: customer.", code="parameter_missing", param="customer")
    components = _enabled(given.components)
    await existing_customer(call, given.customer)
    session = CustomerSession(
        id=call.mint.id("cuss_1"),
        account=call.key.account,
        livemode=call.key.livemode,
        created=call.now,
        customer=given.customer,
        expires=call.now + SECONDS,
        components=components,
    )
    secret = call.mint.id(records.PREFIX, "customer_session", 40)
    await records.add(call.services.database, session, secret)
    return render(session, secret)


def _enabled(given: JsonObject) -> dict[str, JsonObject]:
    """Each component that is on, with its features: as they were said, or as they are when nobody says anything.

    Raises:
        StripeError: none is on, or one says how methods are kept that keeps none.
    """
    found: dict[str, JsonObject] = {}
    for name, component in given.items():
        if component["enabled"]:
            found[name] = FEATURES.get(name, {}) | component.get("features", {})
    if not found:
        raise invalid_request("At least one component must be enabled.", param="components")
    saving = found.get("mobile_payment_element", {})
    override = "payment_method_save_allow_redisplay_override"
    if saving.get(override) is not None and saving["payment_method_save"] == ENABLED:
        param = f"components[mobile_payment_element][features][{override}]"
        raise invalid_request("This can only be set when `payment_method_save` is `disabled`.", param=param)
    return found


RESOURCE = Resource(path="/v1/customer_sessions", name="customer_sessions", returns="customer_session")

OPERATIONS = (
    RESOURCE.operation("POST", "", "create", "Create a customer session", CustomerSessionCreateParameters, create),
)
