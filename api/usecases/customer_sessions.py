"""Customer sessions in use: what a page that has the secret of one may see, and do."""

from dataclasses import dataclass

from api.dialect.call import Call
from api.dialect.errors import invalid_request, missing
from domain.model.customer_sessions import CustomerSession, Features
from domain.model.payment_intent import PaymentIntent
from domain.model.payment_methods import PaymentMethod
from domain.model.setup_intent import SetupIntent
from records import customer_sessions, customers, payment_methods

PARAM = "customer_session_client_secret"


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that is good at this moment, of a customer who is there, and what may be done with it."""

    session: CustomerSession
    features: Features
    default: str | None
    """The method that the customer's invoices are paid with."""


async def opened(call: Call, secret: str) -> Opened:
    """The session of a secret.

    Raises:
        StripeError: there is none, its time is up, its customer is gone, or it is for other components.
    """
    session = await customer_sessions.find(call.services.database, call.scope, secret)
    if session is None:
        text = f"The {PARAM} provided does not match any Customer Session on this account."
        raise invalid_request(text, code="resource_missing", param=PARAM, status=400)
    if session.expires <= call.now:
        text = "This Customer Session has expired. Create a new one."
        raise invalid_request(text, code="customer_session_expired", param=PARAM)
    customer = await customers.load(call.services.database, call.scope, session.customer)
    if customer is None or customer["deleted"]:
        text = "The customer of this Customer Session has been deleted."
        raise invalid_request(text, code="resource_missing", param=PARAM, status=400)
    if session.features is None:
        text = "This Customer Session cannot be used here: `components[payment_element]` is not enabled."
        raise invalid_request(text, param=PARAM)
    settings = customer.get("invoice_settings") or {}
    return Opened(session, session.features, settings.get("default_payment_method"))


def check_customer(held: Opened, intent: PaymentIntent | SetupIntent) -> None:
    """Refuse a session of somebody else than who is going to pay.

    Raises:
        StripeError: it is.
    """
    if intent.customer != held.session.customer:
        text = (
            "The customer of this Customer Session is not the customer of the intent. Create both with the same "
            "customer."
        )
        raise invalid_request(text, param=PARAM)


async def shown(call: Call, held: Opened, types: tuple[str, ...]) -> list[PaymentMethod]:
    """The customer's methods that may be shown, of these types: the default one first, then the newest."""
    if not held.features.shown_max:
        return []
    found = await payment_methods.redisplayed(
        call.services.database, call.scope, held.session.customer, held.features.shown, types
    )
    found.sort(key=lambda method: method.id != held.default)
    return found[: held.features.shown_max]


async def check_shown(call: Call, held: Opened, id_: str, *, in_path: bool = False) -> PaymentMethod:
    """The method with this id, if a page that has the session may know of it.

    Raises:
        StripeError: it may not, or there is none.
    """
    method = await payment_methods.load(call.services.database, call.scope, id_)
    if method is None or method not in await shown(call, held, (method.type,)):
        raise missing("PaymentMethod", id_, "payment_method", in_path=in_path)
    return method
