"""Adyen's errors: ONE table of what each leaves us knowing, and nothing else decides it.

An error may be the stored answer of a key for ever, although something was done (`IOEXCEPTION_RECEIVED`); only the
header `transient-error: true` promises that nothing was, and that the same key counts as new. Sources: Adyen's OpenAPI
(ServiceError, AdditionalDataCommon.RequestedTestErrorResponseCode), docs.adyen.com, api-idempotency and errors.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from gateways.base import (
    GatewayError,
    GatewayNotAsked,
    GatewayRateLimited,
    GatewayRejected,
    GatewayUnavailable,
    GatewayUndecided,
)

PAUSE_SECONDS = 2.0
"""Before a rate limited, or a throttled, request is tried again: Adyen says no number."""

TEXT_CHARACTERS_MAX = 120
"""How much of Adyen's message gets into an error, and so into the log."""

ANY = frozenset[str]()


class Verdict(StrEnum):
    """What is known after an error."""

    AGAIN = "again"
    """Unknown; the same request under the same key will tell."""
    BUSY = "busy"
    """Likewise, and it is there: it is at it."""
    NEVER_AGAIN = "never_again"
    """Unknown, and the key has nothing else to say: a notification tells, or a cancel by reference."""
    NOTHING_DONE = "nothing_done"
    """The same key counts as new; another gateway may be asked as well."""
    WAIT = "wait"
    """Nothing was done, and we are too fast."""
    REFUSED = "refused"
    """Nothing was done, and never will be: the request makes no sense there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What it is about: `statuses`, `codes` (`errorCode`; none is any), `transient` and `kind` (`errorType`)."""

    name: str
    statuses: range | frozenset[int]
    codes: frozenset[str] = ANY
    transient: bool | None = None
    kind: str | None = None
    says: str = ""
    verdict: Verdict

    def fits(self, status: int, error: "Error") -> bool:
        """Whether an error is of this row."""
        return (
            status in self.statuses
            and (not self.codes or error.code in self.codes)
            and self.transient in (None, error.transient)
            and self.kind in (None, error.kind)
            and self.says in error.message.lower()
        )


@dataclass(frozen=True, slots=True)
class Error:
    """What Adyen says of an error. `transient` is None without the header; `read`: it is one of Adyen's own."""

    code: str
    message: str
    kind: str
    transient: bool | None
    read: bool = True


_BUSY = frozenset({HTTPStatus.CONFLICT.value, HTTPStatus.UNPROCESSABLE_ENTITY.value})
_OURS = frozenset({HTTPStatus.UNAUTHORIZED.value, HTTPStatus.FORBIDDEN.value, HTTPStatus.NOT_FOUND.value})
_SENSELESS = frozenset({400, 405, 406, 410, 411, 412, 413, 414, 415, 422})
_ERRORS = range(400, 600)

ROWS: tuple[Row, ...] = (
    Row(name="the first request is still under way", statuses=_BUSY, codes=frozenset({"704"}), transient=True,
        verdict=Verdict.BUSY),
    Row(name="processed or in progress, and not to be repeated", statuses=_BUSY, codes=frozenset({"704"}),
        verdict=Verdict.NEVER_AGAIN),
    Row(name="transient: nothing was done", statuses=_ERRORS, transient=True, verdict=Verdict.NOTHING_DONE),
    Row(name="keys cannot be looked up", statuses=frozenset({503}), codes=frozenset({"703"}),
        verdict=Verdict.NOTHING_DONE),
    Row(name="too many requests", statuses=frozenset({429}), verdict=Verdict.WAIT),
    Row(name="too many requests, by its text", statuses=_ERRORS, codes=frozenset({"00_500"}), says="too many requests",
        verdict=Verdict.WAIT),
    Row(name="our credentials, our roles, our address", statuses=_OURS, verdict=Verdict.NOTHING_DONE),
    Row(name="another request was made under the key", statuses=frozenset({409}), verdict=Verdict.NEVER_AGAIN),
    Row(name="the request makes no sense", statuses=_SENSELESS, verdict=Verdict.REFUSED),
    Row(name="the account is not set up for it", statuses=frozenset({500}), codes=frozenset({"905"}),
        kind="configuration", verdict=Verdict.REFUSED),
    Row(name="an error that is kept under the key", statuses=range(500, 600), verdict=Verdict.NEVER_AGAIN),
    Row(name="an error nobody has described", statuses=_ERRORS, verdict=Verdict.NEVER_AGAIN),
)  # fmt: skip
"""The first that fits. What is no error of Adyen's own (a proxy's page, half an answer) is AGAIN: see `verdict`."""


def read(body: Any, headers: Mapping[str, str]) -> Error:
    """The error in an answer's body: Adyen's ServiceError, or RFC 7807 as its newer interfaces have it."""
    transient = {"true": True, "false": False}.get(headers.get("transient-error", "").strip().lower())
    if not isinstance(body, dict) or not ({"errorCode", "errorType"} & body.keys()):
        return Error("", "", "", transient, read=False)
    message = body.get("message") or body.get("detail") or body.get("title") or ""
    code, kind = body.get("errorCode") or "", body.get("errorType") or ""
    return Error(str(code), str(message)[:TEXT_CHARACTERS_MAX], str(kind), transient)


def verdict(status: int, error: Error) -> tuple[Verdict, str]:
    """What is known after this answer, and the name of the row that says so."""
    if status not in _ERRORS:
        return Verdict.AGAIN, "no answer of a kind that Adyen gives"
    if not error.read and error.transient is None and status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # Of somebody between us and Adyen: nothing is kept under the key that we know of.
        return Verdict.AGAIN, "no error of Adyen's own"
    row = next(row for row in ROWS if row.fits(status, error))
    return row.verdict, row.name


def raised(path: str, status: int, error: Error) -> tuple[Verdict, GatewayError]:
    """The verdict, and what the port raises for it."""
    known, name = verdict(status, error)
    text = ascii(f"{path.rsplit('/', 1)[-1]}: {status} {error.code}: {name}")[1:-1]
    match known:
        case Verdict.NOTHING_DONE:
            return known, GatewayNotAsked(text)
        case Verdict.WAIT:
            return known, GatewayRateLimited(text, PAUSE_SECONDS)
        case Verdict.REFUSED:
            return known, GatewayRejected(text)
        case Verdict.BUSY:
            return known, GatewayUndecided(text)
        case Verdict.AGAIN | Verdict.NEVER_AGAIN:
            return known, GatewayUnavailable(text)
