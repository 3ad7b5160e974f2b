"""What an ephemeral key may do: see its customer, and the methods that are theirs, keep one and remove one.

It is on a buyer's phone, so it is held to this list, operation by operation; whatever is not on it is refused.
"""

from collections.abc import Awaitable, Callable

from api.dialect.errors import StripeError, invalid_request, missing
from domain.model.hashes import JsonObject
from parameters.hashes import Parameters
from records import payment_methods
from records.accounts import ApiKey
from records.database import Database
from records.scope import Scope

Asked = JsonObject
Holds = Callable[[Database, ApiKey, Asked, Parameters], Awaitable[bool]]


async def _in_path(database: Database, key: ApiKey, path: Asked, given: Parameters) -> bool:
    del database, given
    return path.get("id") == key.customer


async def _named(database: Database, key: ApiKey, path: Asked, given: Parameters) -> bool:
    del database, path
    return getattr(given, "customer", None) == key.customer


async def _theirs(database: Database, key: ApiKey, path: Asked, given: Parameters) -> bool:
    del given
    method = await payment_methods.load(database, Scope(key.account, key.livemode), str(path.get("id")))
    return method is not None and method.customer == key.customer


ALLOWED: dict[str, Holds] = {
    "customers.retrieve": _in_path,
    "customers.list_payment_methods": _in_path,
    "customers.retrieve_payment_method": _in_path,
    "payment_methods.list": _named,
    "payment_methods.attach": _named,
    "payment_methods.detach": _theirs,
}
"""By operation: how it is seen that it is about the key's own customer."""


def denied() -> StripeError:
    """An ephemeral key cannot do this."""
    text = "This API call cannot be made with an ephemeral API key. Please use a secret API key."
    return StripeError(text, status=403)


async def check(database: Database, key: ApiKey, operation: str, path: Asked, given: Parameters) -> None:
    """Let through what is the customer's of an ephemeral key, without expansions; keys of other kinds are not held.

    Raises:
        StripeError: it may not do this, or not with that.
    """
    if key.kind != "ephemeral":
        return
    holds = ALLOWED.get(operation)
    if holds is None or given.expand:
        raise denied()
    if not await holds(database, key, path, given):
        if holds is _named and not getattr(given, "customer", None):
            raise invalid_request("Missing required param: customer.", code="parameter_missing", param="customer")
        about = getattr(given, "customer", None) if holds is _named else path.get("id")
        kind = "PaymentMethod" if holds is _theirs else "customer"
        raise missing(kind, str(about)[:255], "id", in_path=True)
