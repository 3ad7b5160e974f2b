"""Customers' money: who has some stays, what comes in pays what it is for, and all of it can be read afterwards."""

from typing import Any

import pytest

from api.routes.notifications import RefundEnded
from api.routes.notifications import _hand_over as hand_over
from api.usecases import funding
from domain.model.commands import CheckSettlement
from gateways.base import BankTransfer
from tests.api.conftest import Api, error_of

INTENTS = "/v1/payment_intents"
REFUNDS = "/v1/refunds"
TRANSFER = (
    "allowed_payment_method_types[]=customer_balance&payment_method_options[customer_balance][funding_type]=bank_transfer"
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


async def test_who_has_money_set_aside_stays(api: Api) -> None:
    customer = await customer_of(api)
    intent = await awaiting(api, customer, 2_000)
    await fund(api, customer, 700)
    refused = await api.request("DELETE", f"/v1/customers/{customer}")
    assert (refused.status_code, await available(api, customer)) == (400, 0)
    assert "set aside" in error_of(refused)["message"]
    assert "deleted" not in (await api.get(f"/v1/customers/{customer}")).json()
    assert (await api.post(f"{INTENTS}/{intent['id']}/cancel")).json()["status"] == "canceled"
    assert await available(api, customer) == 700
    assert (await awaiting(api, customer, 700))["status"] == "succeeded"
    assert (await api.request("DELETE", f"/v1/customers/{customer}")).json()["deleted"] is True


async def test_what_comes_in_for_somebody_who_is_gone_has_a_way_out(api: Api) -> None:
    customer = await customer_of(api)
    intent = await awaiting(api, customer, 2_000)
    assert (await api.request("DELETE", f"/v1/customers/{customer}")).json()["deleted"] is True
    details = {"type": "us_bank_transfer"}
    transfer = BankTransfer(id=f"trf_{customer}", owner=customer, amount=700, currency="usd", reference=None,
                            details=details)  # fmt: skip
    assert await funding.take(api.services, transfer) is not None
    assert (await api.post(f"{INTENTS}/{intent['id']}/cancel")).json()["status"] == "canceled"
    back = f"origin=customer_balance&customer={customer}&currency=usd&amount=500"
    assert error_of(await api.post(REFUNDS, back))["param"] == "instructions_email"
    refund = (await api.post(REFUNDS, f"{back}&instructions_email=jenny@example.com")).json()
    assert (refund["status"], refund["customer"]) == ("requires_action", customer)
    assert await available(api, customer) == 200


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


async def paid(api: Api, email: str = "") -> dict[str, Any]:
    """A PaymentIntent of 2000 that a transfer has paid."""
    customer = await customer_of(api, email and f"email={email}")
    await fund(api, customer, 2_000)
    intent = await awaiting(api, customer, 2_000)
    assert intent["status"] == "succeeded"
    return intent


async def refunded(api: Api, intent: dict[str, Any], form: str) -> dict[str, Any]:
    response = await api.post(REFUNDS, f"payment_intent={intent['id']}&{form}")
    assert response.status_code == 200, response.text
    refund: dict[str, Any] = response.json()
    return refund


async def left(api: Api, intent: dict[str, Any]) -> int:
    """What of the charge was not given back."""
    charge = (await api.get(f"{INTENTS}/{intent['id']}", "expand[]=latest_charge")).json()["latest_charge"]
    return int(charge["amount_captured"] - charge["amount_refunded"])


async def test_nobody_is_asked_who_has_no_email(api: Api) -> None:
    intent = await paid(api)
    response = await api.post(REFUNDS, f"payment_intent={intent['id']}")
    assert (response.status_code, error_of(response)["param"]) == (400, "instructions_email")
    assert (await api.get(REFUNDS)).json()["data"] == []
    assert (await left(api, intent), await available(api, intent["customer"])) == (2_000, 0)


async def test_a_bank_transfer_goes_back_to_the_customers_bank(api: Api) -> None:
    intent = await paid(api, "jenny@example.com")
    refund = await refunded(api, intent, "amount=500")
    sent = {"email_sent_at": refund["created"], "email_sent_to": "jenny@example.com"}
    limit = refund["created"] + 45 * 86_400
    assert refund["next_action"] == {
        "display_details": {"email_sent": sent, "expires_at": limit}, "type": "display_details",
    }  # fmt: skip
    assert (refund["status"], refund["instructions_email"]) == ("requires_action", "jenny@example.com")
    assert (refund["destination_details"]["type"], refund["balance_transaction"]) == ("us_bank_transfer", None)
    assert (await left(api, intent), await available(api, intent["customer"])) == (1_500, 0)
    for told, status in ((("pending", False), "pending"), ((None, True), "succeeded")):
        news = RefundEnded(
            type="refund", payment_intent=intent["id"], refund=refund["id"], succeeded=told[1], status=told[0]
        )
        for _ in range(2):
            await hand_over(api.services, news)
        now = (await api.get(f"{REFUNDS}/{refund['id']}")).json()
        assert (now["status"], "next_action" in now) == (status, False)
    assert error_of(await api.post(f"{REFUNDS}/{refund['id']}/cancel"))["type"] == "invalid_request_error"
    late = RefundEnded(
        type="refund", payment_intent=intent["id"], refund=refund["id"], succeeded=False, status="pending"
    )
    await hand_over(api.services, late)
    assert (await api.get(f"{REFUNDS}/{refund['id']}")).json()["status"] == "succeeded"
    assert await left(api, intent) == 1_500


@pytest.mark.parametrize(
    ("path", "status"), [("/v1/refunds/{}/cancel", "canceled"), ("/v1/test_helpers/refunds/{}/expire", "failed")]
)
async def test_until_they_have_answered_it_can_be_taken_back(api: Api, path: str, status: str) -> None:
    intent = await paid(api)
    refund = await refunded(api, intent, "instructions_email=other@example.com")
    assert await left(api, intent) == 0
    for _ in range(2):
        ended = (await api.post(path.format(refund["id"]))).json()
        assert ended["status"] == status
    assert await left(api, intent) == 2_000
    again = await refunded(api, intent, "instructions_email=other@example.com")
    api.engine.gateway.answered.add(again["id"])
    refused = await api.post(path.format(again["id"]))
    assert refused.status_code == 400
    assert (await api.get(f"{REFUNDS}/{again['id']}")).json()["status"] == "requires_action"
    assert await left(api, intent) == 0


@pytest.mark.parametrize("giving_up", ["", "/cancel"])
async def test_what_one_gives_up_pays_another(api: Api, giving_up: str) -> None:
    customer = await customer_of(api)
    first, second = await awaiting(api, customer, 2_000), await awaiting(api, customer, 700)
    await fund(api, customer, 800)
    assert (await read(api, first))["status"] == "requires_action"
    response = await api.post(f"{INTENTS}/{first['id']}{giving_up}", "" if giving_up else "amount=2500")
    assert response.status_code == 200
    status = "canceled" if giving_up else "requires_confirmation"
    assert (response.json()["status"], response.json()["amount"]) == (status, 2_000 if giving_up else 2_500)
    assert (await api.get(f"{INTENTS}/{second['id']}")).json()["status"] == "succeeded"
    assert await available(api, customer) == 100
    if not giving_up:
        again = (await api.post(f"{INTENTS}/{first['id']}/confirm")).json()
        shown = again["next_action"]["display_bank_transfer_instructions"]
        assert (again["status"], shown["amount_remaining"]) == ("requires_action", 2_400)
        await fund(api, customer, 2_400)
        assert (await read(api, first))["amount_received"] == 2_500
    assert await available(api, customer) == (100 if giving_up else 0)


async def fresh(api: Api, customer: str, form: str = TRANSFER) -> dict[str, Any]:
    """A PaymentIntent of 2000 that nobody has confirmed."""
    response = await api.post(INTENTS, f"amount=2000&currency=usd&customer={customer}&{form}")
    assert response.status_code == 200, response.text
    intent: dict[str, Any] = response.json()
    assert intent["status"] == "requires_payment_method"
    return intent


@pytest.mark.parametrize("mode", ["automatic", "manual"])
@pytest.mark.parametrize(
    "form", [TRANSFER, "allowed_payment_method_types[]=card&allowed_payment_method_types[]=customer_balance"]
)
async def test_what_there_is_pays_what_nobody_has_confirmed(api: Api, mode: str, form: str) -> None:
    customer = await customer_of(api, f"cash_balance[settings][reconciliation_mode]={mode}")
    await fund(api, customer, 2_300)
    intent = await fresh(api, customer, form)
    for _ in range(2):
        path = f"{INTENTS}/{intent['id']}/apply_customer_balance"
        response = await api.post(path, "currency=usd", Idempotency_Key=f"apply-{intent['id']}")
        assert response.status_code == 200, response.text
        paid = response.json()
        assert (paid["status"], paid["amount_received"], paid["next_action"]) == ("succeeded", 2_000, None)
    assert await available(api, customer) == 300
    method = (await api.get(f"/v1/payment_methods/{paid['payment_method']}")).json()
    assert (method["type"], method["customer"]) == ("customer_balance", None)
    charge = (await api.get(f"/v1/charges/{paid['latest_charge']}")).json()
    assert charge["payment_method_details"]["type"] == "customer_balance"


async def test_a_part_is_applied_and_the_rest_awaited(api: Api) -> None:
    customer = await customer_of(api, "cash_balance[settings][reconciliation_mode]=manual")
    await fund(api, customer, 700)
    intent = await fresh(api, customer)
    path = f"{INTENTS}/{intent['id']}/apply_customer_balance"
    some = (await api.post(path, "amount=500")).json()
    shown = some["next_action"]["display_bank_transfer_instructions"]
    assert (some["status"], shown["amount_remaining"], await available(api, customer)) == (
        "requires_action",
        1_500,
        200,
    )
    await fund(api, customer, 1_300)
    paid = (await api.post(path)).json()
    assert (paid["status"], await available(api, customer)) == ("succeeded", 0)


@pytest.mark.parametrize(
    ("form", "given", "code", "param"),
    [
        (TRANSFER, "", "balance_insufficient", "amount"),
        (TRANSFER, "amount=2001", None, None),
        (TRANSFER, "amount=500&currency=eur", None, None),
        (TRANSFER, "amount=0", "parameter_invalid_integer", "amount"),
        ("allowed_payment_method_types[]=card", "", "payment_intent_unexpected_state", None),
        (
            "allowed_payment_method_types[]=customer_balance",
            "amount=500",
            "parameter_missing",
            "payment_method_options[customer_balance][funding_type]",
        ),
    ],
)
async def test_what_cannot_be_applied_leaves_the_balance_alone(
    api: Api, form: str, given: str, code: str | None, param: str | None
) -> None:
    customer = await customer_of(api)
    await fund(api, customer, 600)
    intent = await fresh(api, customer, form)
    response = await api.post(f"{INTENTS}/{intent['id']}/apply_customer_balance", given)
    error = error_of(response)
    assert (response.status_code, error.get("code"), error.get("param")) == (400, code, param)
    assert await available(api, customer) == 600
    now = (await api.get(f"{INTENTS}/{intent['id']}")).json()
    assert (now["status"], now["payment_method"], now["latest_charge"]) == ("requires_payment_method", None, None)
    assert (await api.post(f"{INTENTS}/{intent['id']}/cancel")).json()["status"] == "canceled"
    assert await available(api, customer) == 600


async def test_nobody_has_no_balance(api: Api) -> None:
    intent = (await api.post(INTENTS, f"amount=2000&currency=usd&{TRANSFER}")).json()
    response = await api.post(f"{INTENTS}/{intent['id']}/apply_customer_balance")
    assert (response.status_code, error_of(response)["param"]) == (400, "customer")
