"""Cards for a gateway that is to see no numbers: a number goes nowhere; what is encrypted is passed on."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from api.build import build, mount
from domain.model.gateways import FIRST
from domain.routing.candidates import Health
from gateways.tokens import Tokenizer, Tokenizing
from tests.api.conftest import Api
from tests.gateways.adyen.standing_in import Stage, on_stage

NUMBER = "type=card&card[number]=4111111111111111&card[exp_month]=3&card[exp_year]=2030&card[cvc]=737"
FIELDS = {
    "encryptedCardNumber": "test_5555444433331111", "encryptedExpiryMonth": "test_03",
    "encryptedExpiryYear": "test_2030", "encryptedSecurityCode": "test_737",
}  # fmt: skip


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path, raw_cards=False) as staged:
        yield staged


@pytest.fixture
async def shop(api: Api, stage: Stage) -> AsyncIterator[Api]:
    services = replace(api.services, tokenization=Tokenizer({"adyen": stage.gateway}))
    app = build()
    mount(app, services)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://api") as http:
        yield replace(api, http=http)


def token(fields: Any) -> str:
    return "adyen_" + base64.urlsafe_b64encode(json.dumps(fields).encode()).rstrip(b"=").decode()


async def test_a_number_is_refused_and_goes_nowhere(shop: Api, stage: Stage) -> None:
    response = await shop.post("/v1/payment_methods", NUMBER)
    assert response.status_code == 400
    error = response.json()["error"]
    assert (error["type"], error["param"]) == ("invalid_request_error", "card[number]")
    assert "4111" not in response.text
    assert stage.witness.seen == []


async def test_what_adyens_fields_have_encrypted_is_a_card(shop: Api, stage: Stage) -> None:
    response = await shop.post("/v1/payment_methods", f"type=card&card[token]={token(FIELDS)}")
    assert response.status_code == 200, response.text
    card = response.json()["card"]
    assert (card["brand"], card["last4"], card["exp_year"]) == ("mastercard", "1111", 2030)
    assert [path for path, _ in stage.witness.seen] == ["/cardDetails", "/storedPaymentMethods"]


OTHERS: list[Any] = [[], {}, {**FIELDS, "number": "4"}, {"encryptedCardNumber": 1}]


@pytest.mark.parametrize("given", ["adyen_", "adyen_x", *map(token, OTHERS)])
async def test_anything_else_is_no_token(shop: Api, stage: Stage, given: str) -> None:
    response = await shop.post("/v1/payment_methods", f"type=card&card[token]={given}")
    assert response.status_code == 400
    assert response.json()["error"]["message"].startswith("Invalid token id: adyen_")
    assert stage.witness.seen == []


async def test_a_number_that_the_default_may_take_is_not_refused_while_that_is_held_back(
    api: Api, stage: Stage
) -> None:
    """Not under its key either, which would be told so for a day."""
    healths, default = {FIRST: Health.OPEN}, cast("Tokenizing", api.tokenization)
    tokenizer = Tokenizer({FIRST: default, "adyen": stage.gateway}, healths=lambda: healths)
    app = build()
    mount(app, replace(api.services, tokenization=tokenizer))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://api") as http:
        shop = replace(api, http=http)
        held_back = await shop.post("/v1/payment_methods", NUMBER, Idempotency_Key="k")
        assert (held_back.status_code, held_back.headers["stripe-should-retry"]) == (503, "true")
        assert (api.tokenization.seen, stage.witness.seen) == ([], [])
        healths.clear()
        again = await shop.post("/v1/payment_methods", NUMBER, Idempotency_Key="k")
        assert (again.status_code, again.json()["card"]["last4"]) == (200, "1111")
