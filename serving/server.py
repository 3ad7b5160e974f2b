"""Serving an application: uvicorn with bounds (protocol.py), quiet, and quick to stop. Every port of ours is one."""

import asyncio
import resource
import sys
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE

from serving.bounds import Bounds
from serving.protocol import Says, bounded, plainly
from serving.quiet import quieten
from serving.websockets import bounded_websocket

DRAIN_SECONDS = 10
"""How long what is under way may take once we are to stop."""

FILES_WANTED = 65_536


class Server(uvicorn.Server):
    """uvicorn's, which tells the application when it is to stop, so that nobody goes on waiting for news."""

    def __init__(
        self,
        config: uvicorn.Config,
        stopping: Callable[[], None] | None = None,
        beside: uvicorn.Config | None = None,
    ) -> None:
        """Serve as `config` says; `stopping` is called once, when no new request is taken any more.

        `beside` is another port of the same application: open once this one is, and until it has ended.
        """
        super().__init__(config)
        self._stopping = stopping
        self._beside = beside
        self._open = AsyncExitStack()
        self.listening = asyncio.Event()

    async def startup(self, sockets: Any = None) -> None:
        """Open the port."""
        await super().startup(sockets)
        if self._beside is not None and self.started:
            await self._open.enter_async_context(serving(self._beside))
        self.listening.set()

    async def shutdown(self, sockets: Any = None) -> None:
        """Close the port, and end what is under way."""
        if self._stopping is not None:
            self._stopping()
        await super().shutdown(sockets)
        await self._open.aclose()


def files_max() -> int:
    """How many files and connections this process may have; as many as the system lets it ask for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_WANTED if hard == resource.RLIM_INFINITY else min(FILES_WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (OSError, ValueError):
            return soft
    return wanted


def configured(
    app: Any,
    host: str,
    port: int,
    *,
    says: Says = plainly,
    bounds: Bounds | None = None,
    drain_seconds: int = DRAIN_SECONDS,
    lifespan: bool = True,
    websockets: Collection[str] = (),
) -> uvicorn.Config:
    """uvicorn's configuration. No access log: a URL may hold a client secret. Metrics and our own lines say more.

    Without `lifespan`, the application is started and stopped by another server of it. `websockets` are the paths that
    are spoken to by WebSocket.
    """
    quieten()
    wanted = bounds or Bounds()
    limits = replace(wanted, connections=min(wanted.connections, files_max() // 2))
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=bounded(limits, says, websockets),
        ws=bounded_websocket(limits, says) if websockets else "none",
        ws_max_size=limits.websocket_bytes,
        ws_ping_interval=limits.ping_seconds,
        ws_ping_timeout=limits.ping_seconds,
        ws_per_message_deflate=False,
        lifespan="auto" if lifespan else "off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=round(limits.idle_seconds),
        timeout_graceful_shutdown=drain_seconds,
    )


def serve(
    config: uvicorn.Config, stopping: Callable[[], None] | None = None, beside: uvicorn.Config | None = None
) -> None:
    """Serve until SIGINT or SIGTERM, then end by that signal. Does not return if it cannot start."""
    server = Server(config, stopping, beside)
    try:
        server.run()
    except KeyboardInterrupt:
        return
    if not server.started:
        sys.exit(STARTUP_FAILURE)


@asynccontextmanager
async def serving(config: uvicorn.Config) -> AsyncIterator[Server]:
    """Serve beside whatever else runs in this loop, which has the signals."""
    server = Server(config)
    running = asyncio.create_task(server._serve())
    await server.listening.wait()
    try:
        yield server
    finally:
        server.should_exit = True
        await running
