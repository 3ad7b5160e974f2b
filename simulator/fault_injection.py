"""Where faults are injected: between the server and the gateway's own application, which knows nothing of them."""

import asyncio
from urllib.parse import unquote

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulator.faults import FaultPlan, FaultPlans

OPERATIONS = {"tokens": "tokenize", "verifications": "verify", "operations": "retrieve", "setups": "set_up",
              "disputes": "answer_dispute"}  # fmt: skip
"""Names of operations for `_faults`, where the path does not say it."""

BODY_BYTES_MAX = 65_536
"""What is looked through for a payment's name; no request of a gateway's is larger."""


class Dropped(Response):
    """An answer that never arrives: the head promises a body, and the connection breaks."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Start an answer and leave."""
        head = [(b"content-length", b"4096"), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": head})


def operation_of(path: str) -> str:
    """What a path does, as `_faults` names it: tokenize, verify, authorize, capture, void, …, retrieve and standing."""
    parts = path.strip("/").split("/")
    if parts[0] == "authorizations":
        return parts[2] if len(parts) > 2 else ("authorize", "standing")[len(parts) - 1]
    return OPERATIONS.get(parts[0], parts[0])


class FaultInjection:
    """Misbehaves as planned, and otherwise stands aside: every payment passes here, so it costs next to nothing."""

    def __init__(self, app: ASGIApp, plans: FaultPlans) -> None:
        """Spoil what `app` would answer."""
        self._app, self._plans = app, plans

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or do not."""
        path = scope.get("path", "/_")
        if path.startswith(("/_", "/docs", "/openapi")):
            await self._app(scope, receive, send)
            return
        plan = self._plans.general
        if self._plans.by_payment:
            asked, receive = await _read(receive)
            plan = self._plans.of(f"{path}?{unquote(scope.get('query_string', b'').decode())}&{asked}")
        if not plan.applies(operation_of(path)):
            await self._app(scope, receive, send)
            return
        await self._spoil(plan, scope, receive, send)

    async def _spoil(self, plan: FaultPlan, scope: Scope, receive: Receive, send: Send) -> None:
        faults = plan.faults
        await asyncio.sleep(faults.latency_ms / 1000)
        answer: ASGIApp = self._app
        if faults.outage:
            answer = JSONResponse({"message": "outage"}, status_code=503)
        elif plan.roll(faults.error_rate):
            answer = JSONResponse({"message": "internal error"}, status_code=500)
        elif faults.drop and plan.roll(faults.drop_rate):
            if faults.drop == "after":
                await self._app(scope, receive, _nobody)
            answer = Dropped()
        await answer(scope, receive, _later(send, faults.answer_latency_ms / 1000))


async def _read(receive: Receive) -> tuple[str, Receive]:
    """What was sent, and who hands it on to whoever reads it as well."""
    messages: list[Message] = []
    size, more = 0, True
    while more and size < BODY_BYTES_MAX:
        message = await receive()
        messages.append(message)
        size += len(message.get("body", b""))
        more = message["type"] == "http.request" and message.get("more_body", False)
    sent = b"".join(message.get("body", b"") for message in messages).decode(errors="replace")

    async def again() -> Message:
        return messages.pop(0) if messages else await receive()

    return sent, again


def _later(send: Send, seconds: float) -> Send:
    """Let what was done stand for so long before its answer leaves."""
    if not seconds:
        return send

    async def late(message: Message) -> None:
        if message["type"] == "http.response.start":
            await asyncio.sleep(seconds)
        await send(message)

    return late


async def _nobody(_: Message) -> None:
    """Where an answer goes that is not given."""
