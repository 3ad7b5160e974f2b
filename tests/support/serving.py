"""An ASGI application behind a real socket, in the test's own loop, on the server that is shipped."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from serving.server import configured
from serving.server import serving as served


@asynccontextmanager
async def serving(app: Any, **more: Any) -> AsyncIterator[str]:
    """Serve `app` on a free port, with `more` of what the server can be told; gives its URL."""
    async with served(configured(app, "127.0.0.1", 0, **{"drain_seconds": 1, **more})) as server:
        host, port = server.servers[0].sockets[0].getsockname()[:2]
        yield f"http://{host}:{port}"
