"""Cards that remember what their owner has agreed to, and payments for which nobody can be asked."""

import httpx
import pytest

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
