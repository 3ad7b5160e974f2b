"""Idempotency-Key: the answer of the first execution, for everybody who sends the key again. First of two layers.

The second is the workflow's ledger. A key is burnt once a request gets past validation; what fails before that leaves
it free. A request whose outcome is unknown leaves its seed, so that its repetition has the same one effect.

Browsers have keys of their own: what a merchant's server was answered is not for them, nor do they take its keys. All
keys of an account's servers are in one place, restricted ones too: a request that is repeated with a secret key's
successor must find its first try, or it would be carried out twice; and whoever may not ask is refused before that.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson

from api.dialect.errors import StripeError, invalid_request
from api.services import Services
from domain.machine.limits import unstorable
from domain.model.hashes import JsonObject
from parameters.uploads import Upload
from records import idempotency
from records.accounts import ApiKey, Kind
from records.idempotency import Claim
from records.scope import Scope

KEY_MAX = 255

BROWSERS = "\N{DOUBLE DAGGER}"
"""What keys of browsers begin with where they are kept. None of a server does: a header is Latin-1 (pipeline.py)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A key that this request holds until it answers."""

    services: Services
    scope: Scope
    key: str
    kept_as: str
    seed: str
    first: bool = True
    """No request before this one has had the key."""

    async def save(self, status: int, body: bytes) -> None:
        """The answer is final."""
        await idempotency.save(self.services.database, self.scope, self.kept_as, self.seed, status, body)

    async def release(self) -> None:
        """Nothing was executed. An earlier request that died may have done something: what it began with is kept."""
        if not self.first:
            await self.unlock()
            return
        await idempotency.release(self.services.database, self.scope, self.kept_as, self.seed)

    async def unlock(self) -> None:
        """Something may have been executed."""
        await idempotency.unlock(self.services.database, self.scope, self.kept_as, self.seed)


def fingerprint(method: str, path: str, decoded: JsonObject) -> bytes:
    """What must be equal for a key to be used again: endpoint and parameters, however they were spelled.

    Of a card number only the last four digits count, of a security code nothing: a hash of the whole could be guessed.
    """
    document = orjson.dumps(
        [method, path, _without_secrets(decoded)], option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
    )
    return hashlib.sha256(document).digest()


def _without_secrets(value: Any) -> Any:
    if isinstance(value, Upload):
        return [value.filename, value.digest]
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    if not isinstance(value, dict):
        return value
    shown = {name: _without_secrets(item) for name, item in value.items() if name != "cvc"}
    numbers = {name: str(shown[name])[-4:] for name in ("number", "account_number", "iban") if name in shown}
    return shown | numbers


def checked_key(header: str | None) -> str | None:
    """The key as sent; an empty one is none.

    Raises:
        StripeError: it is too long, or cannot be kept.
    """
    wrong = unstorable(header)
    if wrong is not None:
        raise invalid_request(f"Idempotency keys cannot contain {wrong}.")
    if header and len(header) > KEY_MAX:
        raise invalid_request(f"Idempotency keys can have at most {KEY_MAX} characters; this one has {len(header)}.")
    return header or None


def kept_as(key: str, kind: Kind) -> str:
    """Under which name a key is kept. A browser's as its digest: with its mark it could be longer than any key."""
    return BROWSERS + hashlib.sha256(key.encode()).hexdigest() if kind in ("publishable", "ephemeral") else key


async def claim(
    services: Services,
    api_key: ApiKey,
    key: str,
    print_: bytes,
    request_id: str,
    seed: str,
    now: int,
    path: str,
    *,
    reusable: bool = False,
) -> Held | Claim:
    """Take the key, or find the answer it has got. `api_key` says whose it is.

    A `reusable` key is given the answer it has got whatever is asked of the same endpoint.

    Raises:
        StripeError: it was used for something else, or is being used at this moment.
    """
    scope, name = Scope(api_key.account, api_key.livemode), kept_as(key, api_key.kind)
    found = await idempotency.claim(services.database, scope, name, print_, request_id, seed, now, path)
    if reusable and found.response_status is not None and found.path == path:
        return found
    if found.fingerprint != print_:
        # A restricted key may not know what another one has done.
        raise _used_otherwise(key, path, None if api_key.kind == "restricted" else found.path)
    if found.mine:
        first = found.seed == seed
        return Held(services=services, scope=scope, key=key, kept_as=name, seed=found.seed, first=first)
    if found.response_status is None:
        raise _in_use(key)
    return found


def _used_otherwise(key: str, path: str, first_path: str | None) -> StripeError:
    """The key was first used with something else; None, if at which endpoint is not known, or not to be told."""
    same = "with the same parameters they were first used with"
    if first_path not in (None, path):
        same = f"for the same endpoint they were first used for ('{path}' vs '{first_path}')"
    return StripeError(
        f"Keys for idempotent requests can only be used {same}. "
        f"Try using a key other than '{key}' if you meant to execute a different request.",
        type_="idempotency_error",
    )


def _in_use(key: str) -> StripeError:
    return StripeError(
        f"There is currently another in-progress request using this Idempotent Key ({key}). Retry when it has "
        "finished.",
        type_="idempotency_error",
        code="idempotency_key_in_use",
        headers={"Stripe-Should-Retry": "true"},
    )
