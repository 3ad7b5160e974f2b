"""Which names a server answers to.

A page of anybody's may point its own name at this machine (DNS rebinding), and is then of our origin for the browser;
but its requests say by which name they came.
"""

import re
from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.apart import ASKED
from serving.protocol import Says

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

ANY = "*"

_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]/@\s]+)(?::[0-9]{1,5})?")


def name_of(host: str) -> str | None:
    """The name in a Host header, in lower case and without the port; None if it is none."""
    match = _HOST.fullmatch(host)
    return match[1].lower().rstrip(".") if match else None


class KnownHosts:
    """Answers only who asked for one of these names."""

    def __init__(self, app: ASGIApp, names: Collection[str], says: Says, remedy: str) -> None:
        """Guard `app`. `remedy` tells whoever is refused how to add a name."""
        self._app, self._names, self._says, self._remedy = app, {name.lower() for name in names}, says, remedy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let it through, or not."""
        if scope["type"] not in ASKED or ANY in self._names:
            await self._app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "")
        if name_of(host) in self._names:
            await self._app(scope, receive, send)
            return
        headers, body = self._says(421, f"This server does not answer to the name {host[:100]!r}. {self._remedy}")
        response = Response(body, status_code=421)
        response.raw_headers += headers
        await response(scope, receive, send)
