"""Customers' money: who has some stays, what comes in pays what it is for, and all of it can be read afterwards."""

from typing import Any

from api import funding
from domain.commands import CheckSettlement
from tests.api.conftest import Api, error_of

INTENTS = "/v1/payment_intents"
TRANSFER = (
    "payment_method_types[]=customer_balance&payment_method_options[customer_balance][funding_type]=bank_transfer"
    "&payment_method_options[customer_balance][bank_transfer][type]=us_bank_transfer"
)


async def customer_of(api: Api, form: str = "") -> str:
    customer: dict[str, Any] = (await api.post("/v1/customers", form)).json()
    return str(customer["id"])


async def awaiting(api: Api, customer: str, amount: int, **more: Any) -> dict[str, Any]:
    """A PaymentIntent that waits for a bank transfer, or is paid by what there is."""
    form = (
        f"amount={amount}&currency=usd&customer={customer}&confirm=true"
        f"&payment_method_data[type]=customer_balance&{TRANSFER}"
    )
    response = await api.post(INTENTS, form, **more)
    assert response.status_code == 200, response.text
    intent: dict[str, Any] = response.json()
    return intent


async def fund(api: Api, customer: str, amount: int, currency: str = "usd") -> None:
    path = f"/v1/test_helpers/customers/{customer}/fund_cash_balance"
    response = await api.post(path, f"amount={amount}&currency={currency}")
    assert response.status_code == 200, response.text


async def available(api: Api, customer: str) -> int:
    balance: dict[str, Any] = (await api.get(f"/v1/customers/{customer}/cash_balance")).json()
    return int((balance["available"] or {}).get("usd", 0))


async def read(api: Api, intent: dict[str, Any]) -> dict[str, Any]:
    """The intent, as it is after it has looked for money."""
    if intent["status"] == "requires_action":
        await api.services.engine.notify(intent["id"], CheckSettlement())
    found: dict[str, Any] = (await api.get(f"{INTENTS}/{intent['id']}")).json()
    return found


async def test_a_transfer_that_adds_up_exactly_pays_those_together(api: Api) -> None:
    customer = await customer_of(api)
    intents = [await awaiting(api, customer, amount) for amount in (5_000, 1_000, 2_000)]
    await fund(api, customer, 3_000)
    assert [(await read(api, intent))["status"] for intent in intents] == ["requires_action", "succeeded", "succeeded"]
    assert await available(api, customer) == 0


async def test_who_has_money_stays(api: Api) -> None:
    customer = await customer_of(api)
    await fund(api, customer, 300)
    refused = await api.request("DELETE", f"/v1/customers/{customer}")
    assert refused.status_code == 400
    assert "positive cash balance" in error_of(refused)["message"]
    assert "deleted" not in (await api.get(f"/v1/customers/{customer}")).json()
    assert (await awaiting(api, customer, 300))["status"] == "succeeded"
    assert (await api.request("DELETE", f"/v1/customers/{customer}")).json()["deleted"] is True


async def test_what_comes_in_after_a_deletion_can_be_read(api: Api) -> None:
    customer = await customer_of(api)
    intent = await awaiting(api, customer, 1_000)
    assert (await api.request("DELETE", f"/v1/customers/{customer}")).status_code == 200
    transfer = await api.services.funding.simulate_transfer(f"late/{customer}", customer, 1_300, "usd", None)
    await funding.take(api.services, transfer)
    assert (await read(api, intent))["status"] == "succeeded"
    assert await available(api, customer) == 300
    path = f"/v1/customers/{customer}/cash_balance_transactions"
    assert [one["type"] for one in (await api.get(path)).json()["data"]] == ["applied_to_payment", "funded"]
    assert (await api.post(f"/v1/customers/{customer}/funding_instructions")).status_code in (400, 404)
