"""Cards that remember what their owner has agreed to, and payments for which nobody can be asked."""

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulator.app import create_app
from tests.simulator.test_app import authorize, http, path, token

__all__ = ["http", "path"]

ON_SETUP = "pm_card_authenticationRequiredOnSetup"
REQUIRED = "pm_card_authenticationRequired"


async def authenticated(http: httpx.AsyncClient, card: str, *, saving: bool) -> None:
    """Pay with a card, its owner at the desk."""
    first = (await authorize(http, f"a{saving}", token=card, saving=saving)).json()
    assert first["type"] == "authentication_required"
    await http.post(f"/authentications/{first['authentication']}", json={"authenticated": True})
    proven = {"token": card, "saving": saving, "authentication": first["authentication"]}
    assert (await authorize(http, f"b{saving}", **proven)).json()["type"] == "approved"


async def test_a_card_that_was_set_up_is_charged_while_its_owner_is_away(http: httpx.AsyncClient) -> None:
    card = await token(http, ON_SETUP)
    away = {"token": card, "off_session": True}
    assert (await authorize(http, "k1", **away)).json()["type"] == "authentication_required"
    await authenticated(http, card, saving=False)
    assert (await authorize(http, "k2", **away)).json()["type"] == "authentication_required", "paid, not set up"
    await authenticated(http, card, saving=True)
    assert (await authorize(http, "k3", **away)).json()["type"] == "approved"
    present = (await authorize(http, "k4", token=card)).json()
    assert present["type"] == "authentication_required", "who is there is asked"


async def test_others_ask_always(http: httpx.AsyncClient) -> None:
    card = await token(http, REQUIRED)
    await authenticated(http, card, saving=True)
    again = await authorize(http, "k", token=card, off_session=True)
    assert again.json()["type"] == "authentication_required"


@pytest.mark.parametrize("card", [ON_SETUP, REQUIRED])
async def test_nobody_is_asked_by_mail_or_telephone(http: httpx.AsyncClient, card: str) -> None:
    assert (await authorize(http, token=await token(http, card), moto=True)).json()["type"] == "approved"


async def test_only_a_card_that_remembers_says_so(http: httpx.AsyncClient) -> None:
    for card, remembers in ((ON_SETUP, True), (REQUIRED, False), ("pm_card_visa", False)):
        answer = (await http.post("/tokens", json={"reference": card})).json()
        assert answer["remembers"] is remembers


async def set_up(http: httpx.AsyncClient, key: str, card: str, **more: Any) -> dict[str, Any]:
    """Make a card good for later."""
    body = {"key": key, "attempt": f"setatt_{key[5]}", "token": card, **more}
    return dict((await http.post("/setups", json=body)).raise_for_status().json())


async def booked(http: httpx.AsyncClient, **query: Any) -> list[tuple[str, str, str]]:
    """What the book has been set up by: key, attempt, token."""
    answer = (await http.get("/_ledger/setups", params=query)).raise_for_status().json()
    return [(one["key"], one["attempt"], one["token"]) for one in answer["setups"]]


async def test_what_was_set_up_is_booked_once_and_nothing_else_is(http: httpx.AsyncClient) -> None:
    card, no, asks = await token(http), await token(http, "pm_card_chargeDeclined"), await token(http, ON_SETUP)
    for _ in range(2):
        assert (await set_up(http, "seti_1/1/set_up", card))["type"] == "approved"
    assert (await set_up(http, "seti_2/1/set_up", no))["type"] == "declined"
    asked = await set_up(http, "seti_10/1/set_up", asks)
    one = ("seti_1/1/set_up", "setatt_1", card)
    assert await booked(http) == [one]
    await http.post(f"/authentications/{asked['authentication']}", json={"authenticated": True})
    proven = {"authentication": asked["authentication"]}
    await set_up(http, "seti_10/1/set_up/authenticated", asks, **proven)
    two = ("seti_10/1/set_up/authenticated", "setatt_1", asks)
    assert await booked(http) == [one, two]
    assert await booked(http, setup_intent="seti_1") == [one], "not of one whose id goes on"
    assert await booked(http, limit=1) == [one]
    assert await booked(http, after=1) == [two]
    assert (await http.get("/_ledger")).json()["entries"] == [], "no money moves"


async def test_a_book_from_before_knows_what_was_set_up(http: httpx.AsyncClient, path: Path) -> None:
    card = await token(http)
    await set_up(http, "seti_1/1/set_up", card)
    await set_up(http, "seti_2/1/set_up", await token(http, "pm_card_chargeDeclined"))
    with contextlib.closing(sqlite3.connect(path)) as book:
        book.executescript("DROP TABLE setups; PRAGMA user_version = 8;")
    again = httpx.ASGITransport(app=create_app(path, "http://simulator"))
    async with httpx.AsyncClient(transport=again, base_url="http://simulator") as restarted:
        assert await booked(restarted) == [("seti_1/1/set_up", "setatt_1", card)]
