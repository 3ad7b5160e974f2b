"""The corpus of exchanges (tests/fidelity/exchanges.txt), each against the API."""

from typing import Any

import pytest

from domain.model.outcomes import Approved, AuthenticationRequired, Declined, Outcome
from tests.api.conftest import Api
from tests.fidelity.exchanges import ABSENT, BEFORE, SETUP_VERSION, Exchange, exchanges

BANKS: dict[str, Outcome] = {
    "declining": Declined(decline_code="generic_decline"),
    "declined": Declined(decline_code="generic_decline"),
    "approving": Approved(authorization="auth_1", checks={"cvc_check": "pass", "address_line1_check": None}),
    "asked": AuthenticationRequired(authentication="authn_1", url="https://bank.example"),
}


async def ask(api: Api, request: str, **headers: str) -> Any:
    method, _, target = request.partition(" ")
    path, _, form = target.partition("?")
    return await api.request(method, path, form, **headers)


async def before(api: Api, name: str) -> dict[str, str]:
    """The ids of what is there."""
    if name in BANKS:
        api.engine.gateway.answers.append(BANKS[name])
    if not BEFORE[name]:
        return {}
    made = (await ask(api, BEFORE[name], Stripe_Version=SETUP_VERSION)).json()
    made = made.get("error", {}).get("payment_intent", made)
    if made["object"] != "payment_intent":
        return {made["object"].replace("payment_", ""): made["id"]}
    charge = made["latest_charge"]
    transaction = (await api.get(f"/v1/charges/{charge}")).json().get("balance_transaction") if charge else None
    if name == "refunded":
        refund = (await ask(api, f"POST /v1/refunds?charge={charge}")).json()
        return {"charge": charge, "refund": refund["id"], "refunded": refund["balance_transaction"]}
    found = {"intent": made["id"], "charge": charge, "method": made["payment_method"], "transaction": transaction}
    return {name: id_ for name, id_ in found.items() if id_}


def at(body: Any, path: str) -> Any:
    for name in path.split("."):
        if isinstance(body, list):
            body = body[int(name)]
        elif not isinstance(body, dict) or name not in body:
            return ABSENT
        else:
            body = body[name]
    return body


def filled(value: Any, ids: dict[str, str]) -> Any:
    if not isinstance(value, str):
        return value
    for name, id_ in ids.items():
        value = value.replace(f"{{{name}}}", id_)
    return value


@pytest.mark.parametrize("exchange", exchanges(), ids=lambda one: one.id)
async def test_it_is_as_at_stripe(api: Api, exchange: Exchange) -> None:
    ids = await before(api, exchange.after)
    response = await ask(api, filled(exchange.request, ids), Stripe_Version=exchange.version)
    assert response.status_code == exchange.status, response.text
    body = response.json()
    wrong = {path: at(body, path) for path, value in exchange.right.items() if at(body, path) != filled(value, ids)}
    assert wrong == {}
