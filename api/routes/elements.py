"""What elements on a page ask: which types to offer, which methods of its customer to show, and to remove one.

Stripe.js's own, and undocumented at Stripe; no server has a use for it.
"""

from api.dialect.auth import check_client_secret
from api.dialect.call import Call
from api.dialect.errors import StripeError, invalid_request
from api.dialect.operation import Operation, Resource
from api.routes.payment_methods import detached
from api.usecases import customer_sessions, deferred
from api.usecases.customer_sessions import Opened
from domain.identifiers import SETUP_PREFIX
from domain.model.hashes import JsonObject
from domain.model.payment_intent import PaymentIntent
from domain.model.setup_intent import SetupIntent
from parameters.customer_sessions import ElementsSessionParameters, MethodRemoveParameters
from records import payment_intents, setup_intents
from rendering.customer_session import components
from rendering.payment_method import render as render_method

Body = JsonObject


async def session(call: Call, given: ElementsSessionParameters) -> Body:
    """What there is to offer: for an intent, by its client secret, or for one that is yet to be made."""
    held = await _opened(call, given.customer_session_client_secret)
    types = await _types(call, given, held)
    return {
        "object": "elements_session",
        "customer": await _customer(call, held, types) if held else None,
        "livemode": call.key.livemode,
        "payment_method_preference": {"ordered_payment_method_types": list(types)},
        "session_id": call.mint.id("elements_session_1", length=20),
    }


async def _opened(call: Call, secret: str | None) -> Opened | None:
    return None if secret is None else await customer_sessions.opened(call, secret)


async def _types(call: Call, given: ElementsSessionParameters, held: Opened | None) -> tuple[str, ...]:
    if given.deferred_intent is not None:
        return await deferred.types_of(call, given.deferred_intent, held.session.customer if held else None)
    if given.client_secret is None:
        raise invalid_request("Missing required param: client_secret.", code="parameter_missing", param="client_secret")
    intent = await _intent(call, given.client_secret)
    if held is not None:
        customer_sessions.check_customer(held, intent)
    return intent.payment_method_types


async def _intent(call: Call, secret: str) -> PaymentIntent | SetupIntent:
    """The intent of a client secret, which is how everybody has to ask here."""
    id_ = secret.partition("_secret_")[0]
    found: PaymentIntent | SetupIntent | None
    if secret.startswith(SETUP_PREFIX):
        found = await setup_intents.load(call.services.database, call.scope, id_)
    else:
        found = await payment_intents.load(call.services.database, call.scope, id_)
    title = "SetupIntent" if secret.startswith(SETUP_PREFIX) else "PaymentIntent"
    if found is None:
        text = f"The client_secret provided does not match any associated {title} on this account."
        raise invalid_request(text, code="resource_missing", param="client_secret", status=400)
    check_client_secret(secret, found.client_secret, title)
    return found


async def _customer(call: Call, held: Opened, types: tuple[str, ...]) -> Body:
    methods = await customer_sessions.shown(call, held, types)
    default = held.default if any(method.id == held.default for method in methods) else None
    return {
        "customer_session": {"components": components(held.session), "expires_at": held.session.expires},
        "default_payment_method": default,
        "payment_methods": [render_method(method) for method in methods],
    }


async def remove(call: Call, given: MethodRemoveParameters) -> Body:
    """The customer takes one of their methods away: it is theirs no more, and of no use."""
    held = await customer_sessions.opened(call, given.customer_session_client_secret)
    if not held.features.removes:
        text = "This Customer Session does not let payment methods be removed (`payment_method_remove`)."
        raise StripeError(text, param=customer_sessions.PARAM, status=403)
    id_ = call.path_id("PaymentMethod", "payment_method")
    method = await customer_sessions.check_shown(call, held, id_, in_path=True)
    return render_method(await detached(call, method))


RESOURCE = Resource(path="/v1/elements", name="elements", returns="elements_session")

OPERATIONS: tuple[Operation, ...] = (
    RESOURCE.operation(
        "GET",
        "/sessions",
        "session",
        "What elements may offer (Stripe.js's own)",
        ElementsSessionParameters,
        session,
        publishable=True,
    ),
    RESOURCE.operation(
        "POST",
        "/payment_methods/{id}/remove",
        "remove_payment_method",
        "Remove a method that a customer session shows (Stripe.js's own)",
        MethodRemoveParameters,
        remove,
        publishable=True,
        returns="payment_method",
    ),
)
