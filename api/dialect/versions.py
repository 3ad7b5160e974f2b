"""Stripe-Version: a request in the words of its version, and its answer in that version's shape.

What differs between the versions is rendering/versions/, a module for each change; here is where a request meets them.
"""

import re

from api.dialect.errors import StripeError, invalid_request
from contracts.api_versions import KNOWN, LATEST
from domain.model.hashes import JsonObject
from records.accounts import ApiKey
from records.database import Database
from records.scope import Scope
from rendering.related import RelatedObjects
from rendering.versions.asking import in_todays_words
from rendering.versions.base import Failure, RequestRefused
from rendering.versions.including import include
from rendering.versions.leading_back import failed, led_back

SHOWN_MAX = 50
NAMED_BACK = re.compile(rf"[A-Za-z0-9._-]{{1,{SHOWN_MAX}}}")


def resolve(header: object, key: ApiKey) -> str:
    """The version a request asks for; the account's own, or the newest, when it does not say.

    A browser that does not say has our own library (browser/), which speaks the newest.

    Raises:
        StripeError: no such version.
    """
    if header is None:
        return LATEST if key.kind == "publishable" else key.api_version or LATEST
    # In a body it may be anything.
    version = header.split(";")[0].strip() if isinstance(header, str) else str(header)
    if version not in KNOWN:
        raise _unknown(version)
    return version


def _unknown(version: str) -> StripeError:
    """Live Stripe names it in the answer's header as well; what came in a body may be what no header takes."""
    error = invalid_request(f"Invalid Stripe API version: {version[:SHOWN_MAX]}")
    if NAMED_BACK.fullmatch(version):
        error.headers["Stripe-Version"] = version
    return error


def asked(decoded: JsonObject, operation: str, version: str) -> JsonObject:
    """The parameters of a request in today's words.

    Raises:
        StripeError: its version does not take them.
    """
    try:
        return in_todays_words(decoded, operation, version)
    except RequestRefused as refused:
        raise invalid_request(refused.message, code=refused.code, param=refused.param, status=400) from None


async def with_lists(body: JsonObject, version: str, database: Database, key: ApiKey) -> None:
    """Put in what the version always shows inside an object, in place: nothing, at the newest.

    What a restricted key may not read is left out, as `expand` would refuse it.
    """
    if version == LATEST:
        return
    hidden = frozenset(kind for kind in ("charge", "refund", "dispute") if not key.allows(f"{kind}s", "read"))
    await include(body, version, RelatedObjects(database, Scope(key.account, key.livemode)), hidden)


def answered(body: JsonObject, version: str) -> JsonObject:
    """An answer in the shape of its version."""
    return led_back(body, version)


async def refused(error: StripeError, version: str, database: Database, key: ApiKey) -> None:
    """Give an error the shape and status of its version, in place, with the objects it shows."""
    await with_lists(error.error, version, database, key)
    as_told(error, version)


def as_told(error: StripeError, version: str | None) -> None:
    """Give an error that shows no object the shape and the status of its version, in place; once."""
    if version is None or version == LATEST or error.told:
        return
    shown = {name: value for name, value in error.error.items() if value is not None}
    failure = failed(Failure(error.status, shown), version)
    error.status, error.error, error.told = failure.status, failure.error, True
