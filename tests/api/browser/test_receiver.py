"""The demo shop's webhook endpoint: made once, and it keeps only what was signed with its secret a moment ago."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.browser import demo
from api.browser.receiver import BODY_BYTES_MAX, PATH, Receiver
from domain.webhooks import TOLERANCE_SECONDS, signature_header
from records import webhook_endpoints
from records.scope import Created, Cursor
from records.tables import webhook_endpoints as table
from tests.api.conftest import Api

EVENT: dict[str, Any] = {
    "id": "evt_1", "type": "charge.succeeded", "data": {"object": {"id": "ch_1", "payment_intent": "pi_1"}},
}  # fmt: skip
SHOP = "http://127.0.0.1:8000"


@dataclass
class Shop:
    """The shop, and who sends to it."""

    api: Api
    receiver: Receiver
    http: httpx.AsyncClient

    async def endpoints(self) -> list[webhook_endpoints.Endpoint]:
        found, _ = await webhook_endpoints.newest(self.api.database, self.api.scope, Cursor(), Created())
        return found

    async def send(self, event: dict[str, Any], *, secret: str | None = None, age: int = 0) -> int:
        body, (endpoint, *_) = json.dumps(event).encode(), await self.endpoints()
        secrets = endpoint.secrets if secret is None else [replace(endpoint.secrets[0], secret=secret)]
        headers = {"Stripe-Signature": signature_header(secrets, body, self.api.clock.now - age)}
        return (await self.http.post(PATH, content=body, headers=headers)).status_code

    async def shown(self, **headers: str) -> Any:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return (await self.http.get("/demo/arrived.json?payment_intent=pi_1", headers=sent)).json()


@pytest.fixture
async def shop(api: Api) -> AsyncIterator[Shop]:
    receiver, app = Receiver(replace(api.services, private_webhooks=True), api.scope, SHOP), FastAPI()
    demo.mount(app, receiver, api.secret, api.publishable)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=SHOP) as http:
        yield Shop(api, receiver, http)


async def test_opening_the_shop_twice_makes_one_endpoint(shop: Shop) -> None:
    for _ in range(2):
        assert (await shop.http.get("/demo/facts.json")).json()["webhooks"] is True
    (endpoint,) = await shop.endpoints()
    assert (endpoint.url, endpoint.enabled_events, endpoint.description) == (SHOP + PATH, ("*",), "The demo shop")


async def test_none_is_made_where_nothing_is_sent_to_this_machine(api: Api) -> None:
    assert not await Receiver(api.services, api.scope, SHOP).open()
    rows = await api.database.execute(table.select().where(api.scope.owns(table)))
    assert rows == []


async def test_what_was_signed_is_shown_once_and_to_the_page_alone(shop: Shop) -> None:
    await shop.receiver.open()
    other = {**EVENT, "id": "evt_2", "data": {"object": {"id": "pi_2"}}}
    assert [await shop.send(event, age=TOLERANCE_SECONDS) for event in (EVENT, EVENT, other)] == [200, 200, 200]
    arrived = {"id": "evt_1", "type": "charge.succeeded", "received": shop.api.clock.now}
    assert (await shop.shown(sec_fetch_site="same-origin"))["data"] == [arrived]
    assert "error" in await shop.shown(sec_fetch_site="cross-site")
    assert "error" in await shop.shown()


@pytest.mark.parametrize("wrong", [{"secret": "whsec_other"}, {"secret": ""}, {"age": TOLERANCE_SECONDS + 1}])
async def test_what_was_not_is_refused_and_not_shown(shop: Shop, wrong: dict[str, Any]) -> None:
    await shop.receiver.open()
    assert await shop.send(EVENT, **wrong) == 400
    assert (await shop.shown(sec_fetch_site="same-origin"))["data"] == []


async def test_before_there_is_an_endpoint_and_above_the_limit(shop: Shop) -> None:
    assert (
        await shop.http.post(PATH, content=b"{}", headers={"Stripe-Signature": "t=1,v1=" + "0" * 64})
    ).status_code == 400
    assert (await shop.http.post(PATH, content=b"x" * (BODY_BYTES_MAX + 1))).status_code == 413
