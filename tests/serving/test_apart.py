"""One application on two ports: what is operators' is on theirs alone."""

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from serving.apart import Apart, Internal
from serving.protocol import plainly

PATHS = Internal(alone=("/metrics", "/codec"), both=("/healthz",))


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse(f"shown {Request(scope).url.path}")(scope, receive, send)


async def ask(path: str, *, internal: bool) -> httpx.Response:
    transport = httpx.ASGITransport(Apart(app, PATHS, plainly, internal=internal))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as http:
        return await http.get(path)


@pytest.mark.parametrize(("path", "public", "internal"), [
    ("/metrics", 404, 200), ("/metrics/", 404, 200), ("/codec", 404, 200), ("/codec/decode", 404, 200),
    ("/codec/login?token=canary", 404, 200), ("/healthz", 200, 200), ("/metricsx", 200, 404), ("/v1/charges", 200, 404),
    ("/", 200, 404), ("/healthz/x", 200, 404),
])  # fmt: skip
async def test_each_path_is_where_it_belongs(path: str, public: int, internal: int) -> None:
    for wanted, is_internal in ((public, False), (internal, True)):
        answer = await ask(path, internal=is_internal)
        assert answer.status_code == wanted, is_internal
        assert ("shown" in answer.text) == (wanted == 200)
        assert "canary" not in answer.text or wanted == 200
