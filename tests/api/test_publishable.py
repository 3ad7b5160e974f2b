"""A publishable key sees what is for the buyer, and changes what the buyer decides."""

import json
from typing import Any

import pytest

from domain.outcomes import Declined
from tests.api.conftest import Api, error_of

INTENTS = "/v1/payment_intents"
SECRETS = ("internal-note", "jenny@merchant.example")


async def with_a_saved_method(api: Api) -> dict[str, Any]:
    """An intent whose customer and method have what the merchant keeps for himself."""
    customer = (await api.post("/v1/customers", f"email={SECRETS[1]}&metadata[note]={SECRETS[0]}")).json()["id"]
    method = (await api.post("/v1/payment_methods/pm_card_visa/attach", f"customer={customer}")).json()["id"]
    await api.post(f"/v1/payment_methods/{method}", f"metadata[note]={SECRETS[0]}")
    return await api.create(f"customer={customer}&payment_method={method}&metadata[note]={SECRETS[0]}")


@pytest.mark.parametrize("path", ["payment_method.customer", "customer", "latest_charge", "latest_charge.customer"])
async def test_what_the_merchant_keeps_cannot_be_expanded(api: Api, path: str) -> None:
    intent = await with_a_saved_method(api)
    query = f"client_secret={intent['client_secret']}&expand[]={path}"
    answer = await api.get(f"{INTENTS}/{intent['id']}", query, key=api.publishable)
    assert answer.status_code == 400
    assert "cannot be expanded" in error_of(answer)["message"]
    assert not [secret for secret in SECRETS if secret in answer.text]


async def test_what_the_buyer_has_brought_can_be(api: Api) -> None:
    intent = await with_a_saved_method(api)
    query = f"client_secret={intent['client_secret']}&expand[]=payment_method"
    answer = await api.get(f"{INTENTS}/{intent['id']}", query, key=api.publishable)
    method = answer.json()["payment_method"]
    assert (method["card"]["last4"], method["customer"], method["metadata"]) == ("4242", None, {})
    assert not [secret for secret in SECRETS if secret in answer.text]


async def test_nor_does_a_decline_tell(api: Api) -> None:
    intent = await with_a_saved_method(api)
    api.engine.gateway.answers.append(Declined(decline_code="generic_decline"))
    form = f"client_secret={intent['client_secret']}&return_url=https://shop.example"
    declined = await api.post(f"{INTENTS}/{intent['id']}/confirm", form, key=api.publishable)
    assert declined.status_code == 402
    assert error_of(declined)["payment_method"]["customer"] is None
    assert not [secret for secret in SECRETS if secret in declined.text]
    shown = await api.get(f"{INTENTS}/{intent['id']}", f"client_secret={intent['client_secret']}", key=api.publishable)
    assert not [secret for secret in SECRETS if secret in json.dumps(shown.json())]


@pytest.mark.parametrize(("before", "wanted"), [("off_session", "on_session"), ("off_session", ""), ("on_session", "")])
async def test_what_a_method_is_kept_for_is_not_lowered(api: Api, before: str, wanted: str) -> None:
    intent = await api.create(f"setup_future_usage={before}&payment_method=pm_card_visa")
    form = f"client_secret={intent['client_secret']}&setup_future_usage={wanted}&return_url=https://shop.example"
    refused = await api.post(f"{INTENTS}/{intent['id']}/confirm", form, key=api.publishable)
    assert (refused.status_code, error_of(refused)["param"]) == (400, "setup_future_usage")
    assert (await api.get(f"{INTENTS}/{intent['id']}")).json() == intent
