"""Test buyers of vouchers and codes: what they do is in their e-mail address; for konbini, in a number."""

import time
from typing import Any

import httpx
import pytest

from simulator.vouchers import BY_EMAIL, BY_NUMBER, CODES, EXPIRED, LATER_SECONDS, VOUCHERS
from tests.simulator.test_app import authorize, http, path

__all__ = ["http", "path"]

FAR = 2_000_000_000
CURRENCIES = {"boleto": "brl", "konbini": "jpy", "multibanco": "eur", "oxxo": "mxn", "pix": "brl"}


async def shown(http: httpx.AsyncClient, type_: str, email: str, **options: Any) -> dict[str, Any]:
    """What the buyer is shown."""
    token = (await http.post("/tokens", json={"type": type_})).json()["token"]
    more: dict[str, Any] = {"currency": CURRENCIES.get(type_, "usd"), "reference": "pi_1", "capture": True}
    return dict((await authorize(http, token=token, email=email, options=options, **more)).json())


async def ended(http: httpx.AsyncClient, voucher: dict[str, Any], at: int) -> dict[str, Any]:
    """What is said when it is asked about at `at`."""
    path_ = f"/authorizations/{voucher['reference']}/settlement"
    return dict((await http.post(path_, json={"key": f"pi_1/{at}", "at": at})).json())


@pytest.mark.parametrize("type_", [*VOUCHERS, "pix"])
@pytest.mark.parametrize(("buyer", "seconds"), [("expire_immediately", 0), ("expire_with_delay", 180)])
async def test_what_expires_says_when(http: httpx.AsyncClient, type_: str, buyer: str, seconds: int) -> None:
    chosen = {"expires_after_seconds": 5_000} if type_ == "pix" else {"expires_after_days": 5}
    voucher = await shown(http, type_, f"jenny+{buyer}@example.com", **chosen)
    assert abs(voucher["expires_at"] - (time.time() + seconds)) < 30, "whatever was asked for"  # noqa: TID251
    if seconds:
        assert (await ended(http, voucher, 0))["type"] == "accepted"
    assert (await ended(http, voucher, voucher["expires_at"]))["decline_code"] == EXPIRED
    book = (await http.get("/_ledger")).json()["entries"]
    assert book == []


@pytest.mark.parametrize("type_", [*VOUCHERS, *CODES])
@pytest.mark.parametrize("buyer", [*BY_EMAIL, "anybody@"])
async def test_every_buyer_does_what_the_page_says(http: httpx.AsyncClient, type_: str, buyer: str) -> None:
    voucher = await shown(http, type_, f"{buyer}example.com")
    assert voucher["type"] == "payment_awaited"
    last = await ended(http, voucher, FAR)
    pays = {"succeed_immediately@"} | ({"anybody@"} if type_ in {*VOUCHERS, "pix", "blik"} else set())
    if buyer in pays:
        assert last["type"] == "approved"
    elif buyer == "fail_immediately@":
        assert last["decline_code"] == "payment_failed"
    else:
        assert last["decline_code"] == EXPIRED


@pytest.mark.parametrize("number", sorted(BY_NUMBER))
async def test_a_konbini_buyer_is_known_by_their_number(http: httpx.AsyncClient, number: str) -> None:
    voucher = await shown(http, "konbini", "anybody@example.com", confirmation_number=number)
    stores = voucher["details"]["stores"]
    assert {store["confirmation_number"] for store in stores.values()} == {number}
    seconds, reason = BY_NUMBER[number]
    last = await ended(http, voucher, FAR)
    assert (last.get("decline_code"), last["type"]) == (
        (EXPIRED, "declined") if reason or seconds is None else (None, "approved")
    )
    if reason:
        due = LATER_SECONDS if seconds == LATER_SECONDS else 0
        assert abs(voucher["expires_at"] - (time.time() + due)) < 30  # noqa: TID251


@pytest.mark.parametrize(
    ("type_", "heading", "words"), [("konbini", "Pay by Konbini", "FamilyMart"), ("oxxo", "Pay by OXXO", "Number")]
)
async def test_a_page_names_what_it_is_for_as_its_buyer_does(
    http: httpx.AsyncClient, type_: str, heading: str, words: str
) -> None:
    voucher = await shown(http, type_, "jenny@example.com")
    page = (await http.get(f"/vouchers/{voucher['reference']}")).text
    assert heading in page
    assert words in page
