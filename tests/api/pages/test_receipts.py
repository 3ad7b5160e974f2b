"""Receipts: where a charge says they are, what they show, and that nobody sees one by guessing."""

import re
from dataclasses import replace

import pytest

from api.pages.method_names import called, described
from domain.model.outcomes import Declined
from domain.model.payment_methods import Card, PaymentMethod
from parameters.common import METHOD_TYPES
from settings import ROOT
from tests.api.conftest import Api

INTENTS = "/v1/payment_intents"
PAY = "amount=2000&currency=usd&payment_method=pm_card_visa&confirm=true"


async def address(api: Api, form: str = PAY) -> str:
    response = await api.post(INTENTS, f"{form}&expand[]=latest_charge")
    assert response.status_code == 200, response.text
    return str(response.json()["latest_charge"]["receipt_url"])


async def shown(api: Api, address: str) -> str:
    response = await api.http.get(address)
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert response.headers["cache-control"] == "no-store"
    return response.text


async def test_it_opens_without_a_key_and_says_what_was_paid(api: Api) -> None:
    text = await shown(api, await address(api, f"{PAY}&description=Order <7>"))
    for line in ("Receipt from ", "$20.00 USD", "Visa ending in 4242", "Order &lt;7&gt;", "Amount paid"):
        assert line in text, line
    assert "Refunded" not in text


async def test_it_is_as_things_stand_now(api: Api) -> None:
    held = await address(api, f"{PAY}&capture_method=manual")
    assert "Amount held" in await shown(api, held)
    charge = held.split("/")[-2]
    intent = (await api.get(f"/v1/charges/{charge}")).json()["payment_intent"]
    await api.post(f"{INTENTS}/{intent}/capture", "amount_to_capture=1500")
    await api.post("/v1/refunds", f"charge={charge}&amount=500")
    text = await shown(api, held)
    for line in ("$15.00 USD", "Refunded</dt><dd>$5.00 USD", "Paid after refunds</dt><dd>$10.00 USD"):
        assert line in text, line


async def test_it_stays_where_it_is_and_events_tell_of_it(api: Api) -> None:
    first = await address(api)
    charge = first.split("/")[-2]
    assert first.startswith(f"http://api/receipts/{charge}/")
    assert (await api.get(f"/v1/charges/{charge}")).json()["receipt_url"] == first
    (event,) = (await api.get("/v1/events", "type=charge.succeeded")).json()["data"]
    assert event["data"]["object"]["receipt_url"] == first
    assert await address(api) != first


async def test_behind_a_balancer_it_is_where_buyers_reach_the_api(api: Api) -> None:
    object.__setattr__(api.services, "public_url", "https://pay.example")
    first = await address(api)
    assert first.startswith("https://pay.example/receipts/ch_")
    assert "$20.00 USD" in await shown(api, first.replace("https://pay.example", ""))


async def test_a_charge_that_failed_has_none(api: Api) -> None:
    api.engine.gateway.answers.append(Declined(decline_code="generic_decline"))
    error = (await api.post(INTENTS, PAY)).json()["error"]
    assert (await api.get(f"/v1/charges/{error['charge']}")).json()["receipt_url"] is None


@pytest.mark.parametrize("token", ["", "x", "0" * 32, "%00", "é", "x" * 2_000])
async def test_nobody_sees_one_by_guessing(api: Api, token: str) -> None:
    charge = (await address(api)).split("/")[-2]
    for id_ in (charge, "ch_none", "%00", "x" * 400):
        response = await api.http.get(f"http://api/receipts/{id_}/{token}")
        assert response.status_code == 404
        assert "20.00" not in response.text


FORM = (ROOT / "browser" / "src" / "frame" / "methods.ts").read_text().partition("const CALLED")[2].partition("};")[0]
ON_THE_FORM = dict(re.findall(r'(\w+): "([^"]+)"', FORM))


def test_the_form_s_names_are_found_in_its_source() -> None:
    assert len(ON_THE_FORM) > 20


@pytest.mark.parametrize("type_", METHOD_TYPES)
def test_every_way_to_pay_is_called_what_people_call_it(type_: str) -> None:
    name = called(type_)
    assert name == ON_THE_FORM.get(type_, name), "as where it was chosen"
    assert re.fullmatch(r"[A-Za-z0-9 ()-]+", name), "no type's name"
    method = PaymentMethod(id="pm_1", account="acct_1", livemode=False, created=1, token="", type=type_)
    assert described(method) == name
    assert described(replace(method, details={"last4": "3201"})) == f"{name} ending in 3201"


@pytest.mark.parametrize(
    ("brand", "name"),
    [("amex", "American Express"), ("cartes_bancaires", "Cartes Bancaires"), ("jcb", "JCB"), ("visa", "Visa")],
)
def test_a_card_is_called_by_its_network(brand: str, name: str) -> None:
    card = Card(brand=brand, last4="8431", exp_month=1, exp_year=2030, funding="credit", country="US", fingerprint="f")
    method = PaymentMethod(id="pm_1", account="acct_1", livemode=False, created=1, token="", card=card)
    assert described(method) == f"{name} ending in 8431"
