"""Sends one delivery over HTTP: no redirects, TLS verified (1.2 at least), bounded in time and in what is read.

On httpcore, which httpx is made of, because its network backend is where the address check has to be.
"""

import asyncio
import ssl
import time
from urllib.parse import urlsplit, urlunsplit

import certifi
import httpcore

from domain.webhooks import EXCERPT_CHARACTERS_MAX
from webhooks.addresses import GuardedBackend
from webhooks.base import Answer
from webhooks.urls import sendable

TIMEOUT_SECONDS = 10.0
"""For the whole exchange, however slowly the receiver drips. Stripe's own, undocumented, is said to be 10 to 30 s."""

CONNECTIONS_MAX = 200
KEEPALIVE_CONNECTIONS_MAX = 50
KEEPALIVE_SECONDS = 4.0
"""Below the 5 s after which common servers close an idle connection, so that we rarely send into a closing one."""

ERROR_MAX = EXCERPT_CHARACTERS_MAX
EXCERPT_BYTES_MAX = 4 * EXCERPT_CHARACTERS_MAX


def tls_context() -> ssl.SSLContext:
    """Certificates verified, by the same authorities everywhere."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class HttpSender:
    """A pool of connections to endpoints."""

    def __init__(
        self,
        *,
        allow_private: bool,
        timeout_seconds: float = TIMEOUT_SECONDS,
        backend: httpcore.AsyncNetworkBackend | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`allow_private` lets deliveries go to this machine and its network; tests hand in the other two."""
        self._timeout_seconds = timeout_seconds
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls or tls_context(),
            max_connections=CONNECTIONS_MAX,
            max_keepalive_connections=KEEPALIVE_CONNECTIONS_MAX,
            keepalive_expiry=KEEPALIVE_SECONDS,
            network_backend=GuardedBackend(backend or httpcore.AnyIOBackend(), allow_private=allow_private),
        )

    async def close(self) -> None:
        await self._pool.aclose()

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        """POST, and say what came of it."""
        start = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout_seconds):
                status, excerpt = await self._exchange(url, body, headers)
        except TimeoutError:
            return Answer(latency_ms=_since(start), error=f"no answer within {self._timeout_seconds:g} s")
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            return Answer(latency_ms=_since(start), error=f"{type(error).__name__}: {error}"[:ERROR_MAX])
        except (httpcore.UnsupportedProtocol, ValueError) as error:
            return Answer(latency_ms=_since(start), error=f"not a URL that can be sent to: {error}"[:ERROR_MAX])
        except Exception as error:
            # A fault of ours, or of a library's: the try has failed all the same, and is shown like any other.
            said = f"could not be sent: {type(error).__name__}: {error}"
            return Answer(latency_ms=_since(start), error=said[:ERROR_MAX])
        return Answer(latency_ms=_since(start), status=status, excerpt=excerpt)

    async def _exchange(self, url: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        url = sendable(_without_what_is_not_sent(url))
        sent = [(b"Host", urlsplit(url).netloc.encode("ascii"))]
        sent += [(name.encode(), value.encode()) for name, value in headers.items()]
        sent.append((b"Content-Length", str(len(body)).encode()))
        async with self._pool.stream("POST", url, headers=sent, content=body) as response:
            read = bytearray()
            async for chunk in response.aiter_stream():
                read += chunk
                if len(read) >= EXCERPT_BYTES_MAX:
                    break
            return response.status, bytes(read[:EXCERPT_BYTES_MAX]).decode(errors="replace")[:EXCERPT_CHARACTERS_MAX]


def _without_what_is_not_sent(url: str) -> str:
    """An endpoint of an older release may have a fragment, or a user's name; both were never sent."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))


def _since(start: float) -> int:
    return round((time.monotonic() - start) * 1000)
