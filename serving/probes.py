"""What probes are told, by any process: it lives, it can answer, and how its parts are. Nothing is looked at here."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

LIVE, READY, HEALTH = "/healthz", "/readyz", "/health"

Ready = Callable[[], Awaitable[str | None]]
"""Why this process cannot answer yet, or any more; None if it can."""

Look = Callable[[], Awaitable[Mapping[str, str | None]]]
"""Each part with the reason why it is not well; None if it is."""


def liveness() -> Response:
    """Who answers lives. One that does not is to be started anew."""
    return JSONResponse({"status": "ok"})


def readiness(why: str | None) -> Response:
    """Of this process alone: what all of them miss is no reason to take one of them out of a balancer."""
    if why is None:
        return JSONResponse({"status": "ok"})
    return JSONResponse({"status": "unavailable", "failing": why}, status_code=503)


def health(parts: Mapping[str, str | None]) -> Response:
    """Every part by name; 503 if one of them is not well."""
    shown = {
        name: {"status": "ok"} if why is None else {"status": "failing", "reason": why} for name, why in parts.items()
    }
    well = all(why is None for why in parts.values())
    return JSONResponse({"status": "ok" if well else "failing", "parts": shown}, status_code=200 if well else 503)


class Probed:
    """An application with probes before it."""

    def __init__(self, app: ASGIApp, ready: Ready, look: Look) -> None:
        """What is no probe is `app`'s."""
        self._app, self._ready, self._look = app, ready, look

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a probe, or hand it on."""
        asked = Request(scope).url.path if scope["type"] == "http" else ""
        if asked == LIVE:
            await liveness()(scope, receive, send)
        elif asked == READY:
            await readiness(await self._ready())(scope, receive, send)
        elif asked == HEALTH:
            await health(await self._look())(scope, receive, send)
        else:
            await self._app(scope, receive, send)
