"""Refunds of what is in a customer's balance (`origin=customer_balance`): to their bank, or back where it was."""

from typing import Any

import pytest

from api.routes.notifications import RefundEnded
from api.routes.notifications import _hand_over as hand_over
from domain.machine.balance_refunds import ASKED_AGAIN_SECONDS
from gateways.base import GatewayUnavailable
from tests.api.conftest import Api, error_of
from tests.api.routes.test_cash_balances import INTENTS, REFUNDS, available, awaiting, customer_of, fund


async def told(api: Api, refund: dict[str, Any], status: str | None, *, succeeded: bool = False) -> None:
    """The gateway's news of a refund of a balance, twice."""
    news = RefundEnded(
        type="refund", payment_intent=refund["id"], refund=refund["id"], succeeded=succeeded, status=status
    )
    for _ in range(2):
        await hand_over(api.services, news)


async def given_back(api: Api, customer: str, form: str = "", **more: Any) -> dict[str, Any]:
    """A refund of 500 of a balance."""
    given = f"origin=customer_balance&customer={customer}&currency=usd&amount=500&{form}"
    response = await api.post(REFUNDS, given, **more)
    assert response.status_code == 200, response.text
    refund: dict[str, Any] = response.json()
    return refund


async def types_of(api: Api, refund: dict[str, Any]) -> list[str]:
    events = (await api.get("/v1/events", "limit=100")).json()["data"]
    return [one["type"] for one in reversed(events) if one["data"]["object"].get("id") == refund["id"]]


async def test_what_is_in_a_balance_goes_to_the_customers_bank(api: Api) -> None:
    customer = await customer_of(api, "email=jenny@example.com")
    await fund(api, customer, 700)
    for _ in range(2):
        refund = await given_back(api, customer, "metadata[order]=7", Idempotency_Key="back")
        assert await available(api, customer) == 200
    assert (refund["status"], refund["instructions_email"]) == ("requires_action", "jenny@example.com")
    assert (refund["charge"], refund["payment_intent"], refund["customer"]) == (None, None, customer)
    assert refund["next_action"]["display_details"]["expires_at"] == refund["created"] + 45 * 86_400
    assert refund["destination_details"]["type"] == "us_bank_transfer"
    assert [effect.key for effect in api.engine.gateway.performed] == [f"{refund['id']}/payout"]
    for status, succeeded in (("pending", False), (None, True)):
        await told(api, refund, status, succeeded=succeeded)
        now = (await api.get(f"{REFUNDS}/{refund['id']}", "expand[]=customer&expand[]=charge")).json()
        assert (now["status"], now["metadata"]) == (status or "succeeded", {"order": "7"})
    assert (now["balance_transaction"], now["customer"]["id"], await available(api, customer)) == (None, customer, 200)
    assert await types_of(api, refund) == ["refund.created", "refund.updated", "refund.updated"]
    assert error_of(await api.post(f"{REFUNDS}/{refund['id']}/cancel"))["type"] == "invalid_request_error"
    await api.post(f"{REFUNDS}/{refund['id']}", "metadata[order]=8")
    await told(api, refund, None)
    back = (await api.get(f"{REFUNDS}/{refund['id']}")).json()
    assert (back["status"], back["failure_reason"], back["metadata"]) == ("failed", "unknown", {"order": "8"})
    assert await available(api, customer) == 700
    path = f"/v1/customers/{customer}/cash_balance_transactions"
    moved = [(one["type"], one["net_amount"]) for one in (await api.get(path)).json()["data"]]
    assert moved == [("return_canceled", 500), ("return_initiated", -500), ("funded", 700)]
    assert [one["id"] for one in (await api.get(REFUNDS)).json()["data"]] == [refund["id"]]


@pytest.mark.parametrize(
    ("path", "status"), [("/v1/refunds/{}/cancel", "canceled"), ("/v1/test_helpers/refunds/{}/expire", "failed")]
)
async def test_what_is_taken_back_is_in_the_balance_and_pays_who_waits(api: Api, path: str, status: str) -> None:
    customer = await customer_of(api)
    await fund(api, customer, 500)
    refund = await given_back(api, customer, "instructions_email=other@example.com")
    waiting = await awaiting(api, customer, 400)
    assert waiting["status"] == "requires_action"
    for _ in range(2):
        assert (await api.post(path.format(refund["id"]))).json()["status"] == status
    assert (await api.get(f"{INTENTS}/{waiting['id']}")).json()["status"] == "succeeded"
    assert await available(api, customer) == 100
    await told(api, refund, None, succeeded=True)
    assert (await api.get(f"{REFUNDS}/{refund['id']}")).json()["status"] == status


async def test_once_they_have_answered_it_is_too_late(api: Api) -> None:
    customer = await customer_of(api, "email=jenny@example.com")
    await fund(api, customer, 500)
    refund = await given_back(api, customer)
    api.engine.gateway.answered.add(refund["id"])
    refused = await api.post(f"{REFUNDS}/{refund['id']}/cancel")
    assert (refused.status_code, await available(api, customer)) == (400, 0)


async def test_a_gateway_that_does_not_answer_is_asked_again(api: Api) -> None:
    customer = await customer_of(api, "email=jenny@example.com")
    await fund(api, customer, 500)
    api.engine.gateway.answers.append(GatewayUnavailable("no answer"))
    refund = await given_back(api, customer)
    assert (refund["status"], api.engine.gateway.performed) == ("requires_action", [])
    later = api.clock.now + ASKED_AGAIN_SECONDS
    mine = [one for one in await api.services.payouts.waiting((0, ""), later, 500) if one.refund.id == refund["id"]]
    assert [one.unasked for one in mine] == [True]
    await api.services.payouts.see_to(mine[0])
    assert [effect.key for effect in api.engine.gateway.performed] == [f"{refund['id']}/payout"]


@pytest.mark.parametrize(
    ("form", "code", "param"),
    [
        ("customer={}&currency=usd&amount=501", "balance_insufficient", "amount"),
        ("customer={}&currency=eur&amount=1", "balance_insufficient", "amount"),
        ("customer={}&currency=cad&amount=100", None, "currency"),
        ("customer={}&currency=usd&amount=0", "parameter_invalid_integer", "amount"),
        ("customer={}&currency=usd", "parameter_missing", "amount"),
        ("customer={}&amount=100", "parameter_missing", "currency"),
        ("currency=usd&amount=100", "parameter_missing", "customer"),
        ("customer=cus_nobody&currency=usd&amount=100", "resource_missing", "customer"),
        ("customer={}&currency=usd&amount=100&payment_intent=pi_1", "parameters_exclusive", "payment_intent"),
        ("customer={}&currency=usd&amount=100&charge=ch_1", "parameters_exclusive", "charge"),
        ("customer={}&currency=usd&amount=100&reverse_transfer=true", "parameters_exclusive", "reverse_transfer"),
        ("customer={}&currency=usd&amount=100&instructions_email=nobody", None, "instructions_email"),
    ],
)
async def test_what_cannot_be_given_back_stays(api: Api, form: str, code: str | None, param: str) -> None:
    customer = await customer_of(api, "email=jenny@example.com")
    await fund(api, customer, 500)
    response = await api.post(REFUNDS, f"origin=customer_balance&{form.format(customer)}")
    error = error_of(response)
    assert (response.status_code // 100, error["param"]) == (4, param)
    assert code is None or error["code"] == code
    assert (await api.get(REFUNDS)).json()["data"] == []
    assert (await available(api, customer), api.engine.gateway.performed) == (500, [])


async def test_a_balance_is_not_given_back_to_nobody_knows_whom(api: Api) -> None:
    customer = await customer_of(api)
    await fund(api, customer, 500)
    response = await api.post(REFUNDS, f"origin=customer_balance&customer={customer}&currency=usd&amount=100")
    assert (response.status_code, error_of(response)["param"]) == (400, "instructions_email")
    assert await available(api, customer) == 500
