"""Which names a server answers to."""

from typing import Any

import httpx
import pytest

from serving.hosts import ANY, LOOPBACK, KnownHosts
from serving.protocol import plainly


async def answered(scope: Any, receive: Any, send: Any) -> None:
    del receive
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


async def ask(host: str, *names: str) -> httpx.Response:
    guarded = KnownHosts(answered, names, plainly, "Set this.")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(guarded), base_url="http://x") as http:
        return await http.get("/", headers={"Host": host})


@pytest.mark.parametrize(
    "host", ["localhost", "LocalHost:8000", "localhost.", "127.0.0.1:65535", "[::1]", "[::1]:8000"]
)
async def test_loopback_is_asked_for_by_its_names(host: str) -> None:
    assert (await ask(host, *LOOPBACK)).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost@evil.example", "localhost/evil",
     "localhost:80:80", "[::1].evil.example", "127.0.0.2", "evil localhost", "0.0.0.0"],
)  # fmt: skip
async def test_and_by_no_other(host: str) -> None:
    refused = await ask(host, *LOOPBACK)
    assert refused.status_code == 421
    assert "Set this." in refused.text


async def test_another_name_can_be_added_and_any_allowed() -> None:
    assert (await ask("Shop.example", *LOOPBACK, "shop.example")).status_code == 200
    assert (await ask("evil.example", ANY)).status_code == 200
