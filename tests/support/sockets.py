"""A WebSocket's other side, without a server between: what the application sends, and what it is sent."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp

ANSWER_SECONDS = 60


@dataclass
class Caller:
    """Dials an application."""

    app: ASGIApp
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    query: str = ""
    subprotocols: list[str] = field(default_factory=list)
    reads: bool = True
    """Whether what it is sent is ever taken."""

    def __post_init__(self) -> None:
        self.sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._running: asyncio.Task[None] | None = None

    async def dial(self) -> dict[str, Any]:
        """The first thing that is said: that it is taken, or how the refusal begins."""
        scope = {
            "type": "websocket", "path": self.path, "raw_path": self.path.encode(), "query_string": self.query.encode(),
            "root_path": "", "scheme": "ws", "http_version": "1.1", "server": ("api", 80), "client": ("127.0.0.1", 1),
            "headers": [(name.lower().encode(), value.encode()) for name, value in self.headers.items()],
            "subprotocols": self.subprotocols, "extensions": {"websocket.http.response": {}}, "state": {},
            "asgi": {"version": "3.0", "spec_version": "2.4"},
        }  # fmt: skip
        self._said.put_nowait({"type": "websocket.connect"})
        self._running = asyncio.create_task(self._run(scope))
        return await self.next()

    async def _run(self, scope: dict[str, Any]) -> None:
        await self.app(scope, self._said.get, self._take)

    async def _take(self, message: Any) -> None:
        if message["type"] == "websocket.send" and not self.reads:
            await asyncio.Event().wait()
        self.sent.put_nowait(message)

    async def next(self) -> dict[str, Any]:
        """The next thing that is said."""
        async with asyncio.timeout(ANSWER_SECONDS):
            return await self.sent.get()

    async def told(self) -> dict[str, Any]:
        """The next message, read."""
        message = await self.next()
        assert message["type"] == "websocket.send", message
        read: dict[str, Any] = json.loads(message["text"])
        return read

    def say(self, what: Any) -> None:
        """Send text, or JSON."""
        text = what if isinstance(what, str) else json.dumps(what)
        self._said.put_nowait({"type": "websocket.receive", "text": text})

    async def refusal(self) -> tuple[int, str]:
        """Dial, and be refused: the status, and the message."""
        begins = await self.dial()
        assert begins["type"] == "websocket.http.response.start", begins
        body = await self.next()
        return begins["status"], json.loads(body["body"])["error"]["message"]

    async def hang_up(self) -> None:
        """Go, and wait until that was noticed."""
        self._said.put_nowait({"type": "websocket.disconnect", "code": 1000})
        if self._running is not None:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._running
