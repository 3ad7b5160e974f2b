"""API keys: made, listed, rolled and revoked by whoever has a secret one. A key is shown once, when it is made.

A restricted key sees them, if it may; it makes none, or it could allow itself what it was not allowed.
"""

from collections.abc import Iterable

from api.dialect.auth import account_invalid
from api.dialect.call import Call
from api.dialect.errors import StripeError, invalid_request, missing
from api.dialect.minting import new_seed
from api.dialect.operation import Operation, Resource
from domain.identifiers import digest62
from domain.model.hashes import JsonObject
from parameters.console import KeyCreateParameters, KeyRollParameters
from parameters.others import NoParameters
from records import accounts as records

Body = JsonObject
PATH = "/dashboard/v1/api_keys"
PREFIXES: dict[records.Kind, str] = {"secret": "sk", "publishable": "pk", "restricted": "rk"}
SECRET_LENGTH = 32


def render(key: records.KeyRecord, *, revealed: str | None = None) -> Body:
    """The object; the key itself only where it has just been made."""
    shown = {
        "id": key.id,
        "object": "api_key",
        "created": key.created,
        "expires": key.expires,
        "hint": f"{_prefix(key.kind, livemode=key.livemode)}…{key.hint}",
        "kind": key.kind,
        "livemode": key.livemode,
        "name": key.name,
        "permissions": list(key.permissions),
    }
    return shown | ({"key": revealed} if revealed else {})


def _prefix(kind: records.Kind, *, livemode: bool) -> str:
    return f"{PREFIXES[kind]}_{'live' if livemode else 'test'}_"


def _check_trusted(call: Call) -> None:
    if call.key.kind != "secret":
        raise StripeError("Only a secret key makes, rolls and revokes API keys.", status=403)
    if call.idempotency_key is not None:
        # Its answer would be kept, and the key in it.
        raise invalid_request("API keys are made and changed without an Idempotency-Key.")


def _check_grantable(call: Call, permissions: Iterable[str]) -> None:
    """What is allowed by name only is given by who runs the installation, and by no key."""
    if call.key.livemode and any(one.partition(":")[0] in records.BY_NAME for one in permissions):
        raise StripeError("`perdure keys create` alone makes live keys that may do this.", status=403)


async def list_all(call: Call, given: NoParameters) -> Body:
    """Those of the account, in the mode of the key that asks."""
    del given
    keys = await records.list_keys(call.services.database, call.scope)
    return {"object": "list", "data": [render(key) for key in keys], "has_more": False, "url": PATH}


async def create(call: Call, given: KeyCreateParameters) -> Body:
    """Make one; the answer shows it, and no later one does."""
    _check_trusted(call)
    if (given.kind == "restricted") != bool(given.permissions):
        raise invalid_request(
            "A restricted key needs to be told what it may do, and no other key is.", param="permissions"
        )
    _check_grantable(call, given.permissions or ())
    kind: records.Kind = given.kind  # type: ignore[assignment]
    expires = call.now + given.expires_in if given.expires_in else None
    return await _made(call, kind, given.name, tuple(given.permissions or ()), expires)


async def roll(call: Call, given: KeyRollParameters) -> Body:
    """Make one like it, and let the old one end."""
    _check_trusted(call)
    id_ = call.path_id("api_key")
    for key in await records.list_keys(call.services.database, call.scope):
        if key.id == id_:
            # Before it ends: whoever rolls a key is shown the new one, and has what that may do.
            _check_grantable(call, key.permissions)
    old = await _ended(call, call.now + given.overlap_seconds)
    return await _made(call, old.kind, old.name, old.permissions, None)


async def revoke(call: Call, given: NoParameters) -> Body:
    """End it now; other processes notice within seconds."""
    del given
    _check_trusted(call)
    return render(await _ended(call, call.now))


async def _made(
    call: Call, kind: records.Kind, name: str | None, permissions: tuple[str, ...], expires: int | None
) -> Body:
    key = _prefix(kind, livemode=call.key.livemode) + digest62(new_seed(), length=SECRET_LENGTH)
    try:
        made = await records.add_key(
            call.services.database, call.key.account, key, kind, call.key.livemode, call.now,
            name=name, permissions=permissions, expires=expires,
        )  # fmt: skip
    except records.NotOpened:
        raise account_invalid(call.shown_key, call.key.account) from None
    return render(made, revealed=key)


async def _ended(call: Call, at: int) -> records.KeyRecord:
    id_ = call.path_id("api_key")
    ended = await records.expire_key(call.services.database, id_, at, call.scope)
    if ended is None:
        raise missing("api_key", id_, "id", in_path=True)
    return ended


RESOURCE = Resource(path=PATH, name="api_keys", returns="api_key")

OPERATIONS: tuple[Operation, ...] = (
    RESOURCE.operation("GET", "", "list", "List API keys", NoParameters, list_all, is_list=True),
    RESOURCE.operation("POST", "", "create", "Make an API key", KeyCreateParameters, create),
    RESOURCE.operation("POST", "/{id}/roll", "roll", "Replace an API key", KeyRollParameters, roll),
    RESOURCE.operation("POST", "/{id}/revoke", "revoke", "End an API key", NoParameters, revoke),
)
