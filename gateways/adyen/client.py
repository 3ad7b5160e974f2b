"""Adyen over HTTP: one request, one answer, or what the table of errors says. Holds no rules and retries nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp
import orjson
from opentelemetry.trace import SpanKind, get_tracer

from gateways.adyen.account import AdyenAccount
from gateways.adyen.errors import Verdict, raised, read
from gateways.base import GatewayError, GatewayNotAsked, GatewayUnavailable
from gateways.hearing import Hearing, Say, say_nothing

TIMEOUT_SECONDS = 30.0
"""As long as Adyen's own libraries wait (Python: http_timeout, Node: config.ts)."""

CONNECTIONS_MAX = 100
TRACER = get_tracer("perdure.gateway")


class Silenced(GatewayUnavailable):
    """Unknown, and no repetition under this key will say more: wait for a notification."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body of an answer that is no error."""

    status: int
    body: Mapping[str, Any]


class AdyenClient:
    """Speaks for one account."""

    def __init__(self, account: AdyenAccount, timeout_seconds: float = TIMEOUT_SECONDS, say: Say = say_nothing) -> None:
        """Say by `say` when Adyen falls silent."""
        self._account = account
        self._hearing = Hearing(say, account.name)
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()

    def _http(self) -> aiohttp.ClientSession:
        """The pool of connections, made on first use: it belongs to the loop that runs then."""
        if self._session is None:
            connections = aiohttp.TCPConnector(limit=CONNECTIONS_MAX)
            self._session = aiohttp.ClientSession(connector=connections, timeout=self._timeout)
        return self._session

    async def post(self, path: str, body: bytes, key: str | None) -> Answer:
        """Ask, under an idempotency key; a redirect is not followed.

        Raises:
            Silenced: unknown, for good.
            GatewayError: as the table of errors says (errors.py).
        """
        headers = {"Content-Type": "application/json", "X-API-Key": self._account.api_key}
        if key is not None:
            headers["Idempotency-Key"] = key
        status, told, content = await self._send("POST", path, headers, body)
        if status in (HTTPStatus.OK, HTTPStatus.CREATED):
            said = _json(content)
            if not isinstance(said, dict):
                raise GatewayUnavailable(f"{_name(path)}: an answer that is no JSON object")
            return Answer(status, said)
        known, error = raised(path, status, read(_json(content), told))
        raise Silenced(str(error)) if known is Verdict.NEVER_AGAIN else error

    async def forget(self, id_: str, shopper: str) -> None:
        """Delete a stored card: it cannot be charged any more. What is gone already is no error.

        Raises:
            GatewayError: it may still be there.
        """
        headers = {"X-API-Key": self._account.api_key}
        query = {"merchantAccount": self._account.merchant, "shopperReference": shopper}
        path = f"/storedPaymentMethods/{id_}"
        status, told, content = await self._send("DELETE", path, headers, None, query)
        if status not in (HTTPStatus.NO_CONTENT, HTTPStatus.OK, HTTPStatus.NOT_FOUND):
            raise raised("/storedPaymentMethods", status, read(_json(content), told))[1]

    async def _send(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None, query: dict[str, str] | None = None
    ) -> tuple[int, Mapping[str, str], bytes]:
        name = _name(path)
        try:
            with TRACER.start_as_current_span(f"adyen {method} {name}", kind=SpanKind.CLIENT):
                async with self._http().request(
                    method, self._account.url + path, headers=headers, data=body, params=query, allow_redirects=False
                ) as answer:
                    content = await answer.read()
                    status, told = answer.status, answer.headers
        except aiohttp.ClientConnectorError as error:
            # No connection, so no byte was sent.
            raise self._unheard(GatewayNotAsked(f"{name}: {type(error).__name__}")) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise self._unheard(GatewayUnavailable(f"{name}: {type(error).__name__}")) from error
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._hearing.unheard(f"{name}: {status}")
        else:
            self._hearing.heard()
        return status, told, content

    def _unheard(self, error: GatewayError) -> GatewayError:
        self._hearing.unheard(str(error))
        return error


def _name(path: str) -> str:
    """What is asked, without references: for spans, errors and logs."""
    parts = path.strip("/").split("/")
    return parts[-1] if len(parts) != 2 or parts[0] != "storedPaymentMethods" else parts[0]


def _json(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except ValueError:
        return None
