"""Requests from inside the process: what they are answered, and where their buyers are sent."""

from typing import Any

import pytest

from api.build import build, mount
from api.dialect.inside import requester
from tests.api.conftest import Api

PAID = {
    "amount": 1099, "currency": "usd", "confirm": True, "payment_method": "pm_card_visa",
    "allowed_payment_method_types": ["card"], "expand": ["latest_charge"],
}  # fmt: skip


@pytest.mark.parametrize("public", ["", "https://pay.example"])
async def test_their_buyers_reach_the_api_where_that_was_said(api: Api, public: str) -> None:
    object.__setattr__(api.services, "public_url", public)
    mount(app := build(), api.services)
    answered = await requester(app, api.secret, "https://inside.example/pay")("/v1/payment_intents", "nexus/1", PAID)
    assert answered.status == 200, answered.body
    assert answered.body["latest_charge"]["receipt_url"].startswith("https://inside.example/pay/receipts/ch_")


async def test_nobody_outside_says_where(api: Api) -> None:
    object.__setattr__(api.services, "public_url", "https://pay.example")
    form = "amount=1099&currency=usd&confirm=true&payment_method=pm_card_visa&expand[]=latest_charge"
    names = ("perdure.address", "perdure_address", "X-Forwarded-Host", "Forwarded")
    said: dict[str, Any] = dict.fromkeys(names, "https://evil.example")
    paid = (await api.post("/v1/payment_intents", form, **said)).json()
    assert paid["latest_charge"]["receipt_url"].startswith("https://pay.example/receipts/ch_")
