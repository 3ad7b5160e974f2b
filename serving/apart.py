"""Two ports for one application: one for everybody, and one for operators, which alone has paths that are theirs."""

from collections.abc import Collection
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.protocol import Says

ASKED = ("http", "websocket")
"""What has a path and headers. Both are refused by an answer over HTTP."""


@dataclass(frozen=True, slots=True)
class Internal:
    """Paths that are not for everybody, whatever is below them included; and those that both ports have."""

    alone: Collection[str]
    both: Collection[str] = ()

    def has(self, path: str) -> bool:
        """Whether the internal port answers there."""
        return self.hides(path) or path in self.both

    def hides(self, path: str) -> bool:
        """Whether the other port does not."""
        return any(path == each or path.startswith(f"{each}/") for each in self.alone)


class Apart:
    """One of the two ports: what is not its own is not there."""

    def __init__(self, app: ASGIApp, paths: Internal, says: Says, *, internal: bool) -> None:
        """Before `app`; `says` words the refusal."""
        self._app, self._paths, self._says, self._internal = app, paths, says, internal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let it through, or say that there is nothing."""
        if scope["type"] not in ASKED or self._shows(scope["path"]):
            await self._app(scope, receive, send)
            return
        message = f"Unrecognized request URL ({scope.get('method', 'GET')}: {scope['path'][:200]})."
        headers, body = self._says(404, message)
        response = Response(body, status_code=404)
        response.raw_headers += headers
        await response(scope, receive, send)

    def _shows(self, path: str) -> bool:
        return self._paths.has(path) if self._internal else not self._paths.hides(path)
