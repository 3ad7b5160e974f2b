"""The client of `make bench`: a slow moment does not end a run, is counted, and hides nothing that went wrong."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from bench.client import ATTEMPTS_MAX, REPEATED, Client

Answer = tuple[int, dict[str, object]]
PAID: dict[str, object] = {"id": "pi_1", "status": "succeeded"}


@pytest.fixture(autouse=True)
def nothing_repeated() -> None:
    REPEATED.clear()


@asynccontextmanager
async def answering(*answers: Answer, then: Answer = (200, PAID)) -> AsyncIterator[tuple[Client, list[str]]]:
    """A server that answers so, in this order, and afterwards always `then`; with what it was asked."""
    left, asked = list(answers), list[str]()

    async def answer(request: web.Request) -> web.Response:
        asked.append(f"{request.method} {request.path_qs} {(await request.read()).decode()}".strip())
        status, body = left.pop(0) if left else then
        return web.Response(status=status, text=json.dumps(body), content_type="application/json")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    try:
        async with Client(port, repeat_seconds=0) as client:
            yield client, asked
    finally:
        await runner.cleanup()


ASKS: dict[str, Callable[[Client], object]] = {
    "POST /pay amount=5": lambda client: client.post("/pay", amount=5),
    "GET /pay?limit=1": lambda client: client.get("/pay", limit=1),
    "DELETE /pay": lambda client: client.delete("/pay"),
}


@pytest.mark.parametrize("said", ASKS)
async def test_who_is_refused_for_a_moment_comes_again_and_is_counted(said: str) -> None:
    async with answering((503, {}), (429, {}), (503, {})) as (client, asked):
        assert await ASKS[said](client) in (PAID, None)  # type: ignore[misc]
    assert asked == [said] * 4
    assert REPEATED == {503: 2, 429: 1}


async def test_what_was_done_in_spite_of_a_503_is_done() -> None:
    refused: dict[str, object] = {"error": {"code": "payment_intent_unexpected_state", "payment_intent": PAID}}
    async with answering((503, {}), then=(400, refused)) as (client, asked):
        assert await client.post("/capture") == PAID
    assert len(asked) == 2


@pytest.mark.parametrize("code", ["payment_intent_unexpected_state", "parameter_missing"])
async def test_who_is_wrong_at_the_first_try_is_wrong(code: str) -> None:
    async with answering(then=(400, {"error": {"code": code, "payment_intent": PAID}})) as (client, asked):
        with pytest.raises(aiohttp.ClientResponseError, match="400"):
            await client.post("/capture")
    assert len(asked) == 1
    assert not REPEATED


@pytest.mark.parametrize(("status", "tries"), [(500, 1), (402, 1), (503, ATTEMPTS_MAX)])
async def test_a_run_ends_with_what_does_not_pass(status: int, tries: int) -> None:
    async with answering(then=(status, {})) as (client, asked):
        with pytest.raises(aiohttp.ClientResponseError, match=str(status)):
            await client.get("/pay")
    assert len(asked) == tries
    assert REPEATED.total() == tries - 1
