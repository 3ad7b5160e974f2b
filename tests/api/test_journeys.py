"""A journey in each of a dozen versions: answers and webhooks hold to that version's types, and to the sheet."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from contracts.api_versions import LATEST
from domain.model.outcomes import Declined
from records import webhook_endpoints
from records.outbox import PostgresOutbox
from rendering.related import renderer
from tests.api.conftest import Api
from tests.fidelity.older_types import TYPES, faults

VERSIONS = (
    "2018-11-08", "2019-02-11", "2020-08-27", "2022-08-01", "2022-11-15", "2023-08-16", "2024-04-10", "2024-06-20",
    "2024-09-30.acacia", "2025-03-31.basil", "2025-09-30.clover", "2026-03-25.dahlia", "2026-08-26.dahlia", LATEST,
)  # fmt: skip
INTENTS = "/v1/payment_intents"


class Shop:
    """A merchant whose requests are all in one version; every answer is looked at."""

    def __init__(self, api: Api, version: str) -> None:
        self.api, self.version = api, version

    async def ask(self, method: str, path: str, form: str = "", status: int = 200) -> Any:
        answer = await self.api.request(method, path, form, Stripe_Version=self.version)
        assert (answer.status_code, answer.headers["stripe-version"]) == (status, self.version), answer.text
        return self.looked_at(answer.json())

    def looked_at(self, body: Any) -> Any:
        if self.version in TYPES:
            assert list(faults(body, self.version)) == []
        for shown in intents_in(body):
            assert ("charges" in shown) == (self.version < "2022-11-15")
            assert ("invoice" in shown) == (self.version < "2025-03-31.basil")
            assert ("next_source_action" in shown) == (self.version < "2019-02-11")
        return body

    @property
    def unpaid(self) -> str:
        return "requires_source" if self.version < "2019-02-11" else "requires_payment_method"


def intents_in(body: Any) -> Iterator[dict[str, Any]]:
    if isinstance(body, list):
        for inner in body:
            yield from intents_in(inner)
    elif isinstance(body, dict):
        if body.get("object") == "payment_intent":
            yield body
        for name, inner in body.items():
            if name != "previous_attributes":
                yield from intents_in(inner)


@pytest.fixture(params=VERSIONS)
async def shop(api: Api, request: pytest.FixtureRequest) -> Shop:
    return Shop(api, request.param)


async def test_a_payment_and_its_refund(shop: Shop) -> None:
    customer = await shop.ask("POST", "/v1/customers", "email=jenny@example.com")
    made = await shop.ask("POST", INTENTS, f"amount=1099&currency=usd&customer={customer['id']}")
    assert made["status"] == shop.unpaid
    assert made["capture_method"] == ("automatic" if shop.version < "2024-04-10" else "automatic_async")
    form = "payment_method=pm_card_visa&return_url=https://shop.example"
    paid = await shop.ask("POST", f"{INTENTS}/{made['id']}/confirm", form)
    assert (paid["status"], paid["amount_received"]) == ("succeeded", 1099)
    charge = paid["latest_charge"]
    refund = await shop.ask("POST", "/v1/refunds", f"charge={charge}&amount=99&expand[]=charge")
    assert (refund["charge"]["amount_refunded"], refund["status"]) == (99, "succeeded")
    shown = await shop.ask("GET", f"{INTENTS}/{made['id']}", "expand[]=latest_charge&expand[]=customer")
    assert (shown["latest_charge"]["id"], shown["customer"]["email"]) == (charge, "jenny@example.com")
    if shop.version < "2022-11-15":
        assert shown["charges"]["data"][0]["refunds"]["data"][0]["id"] == refund["id"]
        assert shown["latest_charge"]["refunds"]["total_count"] == 1
    listed = await shop.ask("GET", INTENTS, f"customer={customer['id']}")
    assert [one["id"] for one in listed["data"]] == [made["id"]]
    for path in ("/v1/charges", "/v1/refunds", "/v1/customers"):
        assert len((await shop.ask("GET", path))["data"]) == 1


async def test_a_decline_and_then_another_card(shop: Shop) -> None:
    made = await shop.ask("POST", INTENTS, "amount=1099&currency=usd")
    shop.api.engine.gateway.answers.append(Declined(decline_code="insufficient_funds"))
    form = "payment_method=pm_card_visa&return_url=https://shop.example"
    error = (await shop.ask("POST", f"{INTENTS}/{made['id']}/confirm", form, 402))["error"]
    assert (error["code"], error["decline_code"]) == ("card_declined", "insufficient_funds")
    assert (error["payment_intent"]["status"], error["payment_method"]["type"]) == (shop.unpaid, "card")
    paid = await shop.ask("POST", f"{INTENTS}/{made['id']}/confirm", form)
    assert paid["status"] == "succeeded"
    if shop.version < "2022-11-15":
        assert [one["paid"] for one in paid["charges"]["data"]] == [True, False]


async def test_a_hold_that_is_taken_and_one_that_is_not(shop: Shop) -> None:
    form = "amount=1099&currency=usd&capture_method=manual&confirm=true&payment_method=pm_card_visa"
    form += "&return_url=https://shop.example"
    held = await shop.ask("POST", INTENTS, form)
    assert (held["status"], held["amount_capturable"]) == ("requires_capture", 1099)
    taken = await shop.ask("POST", f"{INTENTS}/{held['id']}/capture")
    assert (taken["status"], taken["amount_received"]) == ("succeeded", 1099)
    other = await shop.ask("POST", INTENTS, form)
    dropped = await shop.ask("POST", f"{INTENTS}/{other['id']}/cancel")
    assert (dropped["status"], dropped["amount_capturable"]) == ("canceled", 0)
    refused = await shop.ask("POST", f"{INTENTS}/{other['id']}/capture", status=400)
    assert refused["error"]["code"] == "payment_intent_unexpected_state"


async def test_its_webhooks(shop: Shop) -> None:
    form = f"url=https://shop.example/hook&enabled_events[]=*&api_version={shop.version}"
    endpoint = await shop.ask("POST", "/v1/webhook_endpoints", form)
    # The endpoint's version decides, and not that of the request.
    made = await shop.api.create("payment_method=pm_card_visa&confirm=true&return_url=https://shop.example")
    await shop.api.post("/v1/refunds", f"payment_intent={made['id']}&amount=99")
    database = shop.api.database
    outbox, render = PostgresOutbox(database), renderer(database)
    listed = await webhook_endpoints.deliveries_of(database, shop.api.scope, endpoint["id"], _page(), None, None)
    told = set()
    for row in listed.rows:
        delivery = await outbox.load(row.id, endpoint["id"])
        assert delivery is not None
        event = orjson.loads(await render(delivery.event, delivery.api_version))
        assert (event["api_version"], event["object"]) == (shop.version, "event")
        shop.looked_at(event["data"]["object"])
        told.add(event["type"])
    assert {"payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "charge.refunded"} <= told


def _page() -> Any:
    from records.scope import Cursor

    return Cursor(limit=100)
