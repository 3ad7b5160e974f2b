"""The simulator's book of what was set up, read as reconciliation reads it: in pages, whole and by SetupIntent."""

from pathlib import Path

import httpx
import pytest

from domain.reconciliation.books import MethodSetUp
from gateways import book as module
from gateways.base import GatewayUnavailable
from gateways.book import SimulatorBook
from simulator.app import create_app
from tests.support.serving import serving


async def set_up(url: str, key: str, attempt: str) -> str:
    """Set a fresh Visa up; its token."""
    async with httpx.AsyncClient(base_url=url) as http:
        token = str((await http.post("/tokens", json={"reference": "pm_card_visa"})).json()["token"])
        answer = await http.post("/setups", json={"key": key, "attempt": attempt, "token": token})
        assert answer.json()["type"] == "approved"
        return token


async def test_it_is_read_in_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    async with serving(create_app(tmp_path / "book.db", "http://simulator")) as url:
        wanted = (("seti_1", "a"), ("seti_2", "b"), ("seti_1", "c"), ("seti_11", "d"), ("seti_1", "e"))
        made = [
            (intent, MethodSetUp(attempt=attempt, token=await set_up(url, f"{intent}/1/set_up{attempt}", attempt)))
            for intent, attempt in wanted
        ]
        book = SimulatorBook(url)
        try:
            mine = [one for intent, one in made if intent == "seti_1"]
            whole = await book.whole()
            assert whole.setups == {"seti_1": mine, "seti_2": [made[1][1]], "seti_11": [made[3][1]]}
            assert (whole.charges, whole.transfers) == ({}, {}), "no money moves"
            assert await book.setups(["seti_1", "seti_nobody"]) == {"seti_1": mine}
            assert await book.setups([]) == {}
        finally:
            await book.close()


async def test_a_gateway_that_is_away_has_no_book() -> None:
    book = SimulatorBook("http://127.0.0.1:9")
    with pytest.raises(GatewayUnavailable):
        await book.setups(["seti_1"])
    await book.close()
