"""The balance and its transactions over HTTP: every cent of a payment's life is there, and nobody else's."""

from typing import Any

import pytest

from domain.model.commands import ReportDispute
from domain.money.pricing import NONE
from domain.reconciliation.balance import compare
from records import accounts
from records.balance import books
from records.reconciliation import RecordsBook
from tests.api.conftest import Api, error_of

PAID = "confirm=true&payment_method=pm_card_visa"
URL = "/v1/balance_transactions"
DAYS = 3 * 86_400


async def listed(api: Api, query: str = "") -> list[dict[str, Any]]:
    response = await api.get(URL, query)
    assert response.status_code == 200, response.text
    data: list[dict[str, Any]] = response.json()["data"]
    return data


async def totals(api: Api) -> dict[str, tuple[int, int]]:
    """By currency: available, pending."""
    body = (await api.get("/v1/balance")).json()
    later = {one["currency"]: one["amount"] for one in body["pending"]}
    return {one["currency"]: (one["amount"], later[one["currency"]]) for one in body["available"]}


async def test_every_cent_of_a_payment_is_in_the_balance(api: Api) -> None:
    intent = await api.create(PAID)
    charge = intent["latest_charge"]
    refund = (await api.post("/v1/refunds", f"payment_intent={intent['id']}&amount=99")).json()
    await api.engine.notify(intent["id"], ReportDispute(charge=charge, reason="fraudulent"))
    dispute, back, taken = await listed(api)
    assert [(one["type"], one["reporting_category"], one["amount"], one["fee"], one["net"]) for one in (
        taken, back, dispute,
    )] == [
        ("charge", "charge", 1_099, 62, 1_037), ("refund", "refund", -99, 0, -99),
        ("adjustment", "dispute", -1_000, 1_500, -2_500),
    ]  # fmt: skip
    assert [one["source"] for one in (taken, back)] == [charge, refund["id"]]
    assert [one["status"] for one in (taken, back, dispute)] == ["pending", "pending", "available"]
    assert taken["fee_details"] == [
        {"amount": 62, "application": None, "currency": "usd", "description": "Stripe processing fees",
         "type": "stripe_fee"},
    ]  # fmt: skip
    assert (await totals(api)) == {"usd": (-2_500, 1_037 - 99)}
    api.clock.now += DAYS
    assert (await totals(api)) == {"usd": (1_037 - 99 - 2_500, 0)}
    assert [one["status"] for one in await listed(api)] == ["available"] * 3


async def test_an_account_that_nothing_has_moved_has_nothing(api: Api) -> None:
    body = (await api.get("/v1/balance")).json()
    assert body["available"] == [{"amount": 0, "currency": "usd", "source_types": {"card": 0}}]
    assert await listed(api) == []


async def test_a_balance_is_kept_by_currency(api: Api) -> None:
    await api.create(PAID)
    for currency in ("eur", "jpy"):
        form = f"amount=5000&currency={currency}&allowed_payment_method_types[]=card&{PAID}"
        response = await api.post("/v1/payment_intents", form)
        assert response.status_code == 200, response.text
    assert await totals(api) == {"eur": (0, 4_825), "jpy": (0, 4_825), "usd": (0, 1_037)}
    assert [one["amount"] for one in await listed(api, "currency=EUR")] == [5_000]


async def test_filters(api: Api) -> None:
    intent = await api.create(PAID)
    refund = (await api.post("/v1/refunds", f"payment_intent={intent['id']}&amount=99")).json()
    await api.engine.notify(intent["id"], ReportDispute(charge=intent["latest_charge"], reason="fraudulent"))
    dispute = (await api.get("/v1/disputes")).json()["data"][0]["id"]
    for query, types in (
        (f"source={intent['latest_charge']}", ["charge"]),
        (f"source={refund['id']}", ["refund"]),
        (f"source={dispute}", []),
        ("type=refund", ["refund"]),
        ("type=nonsense", []),
        ("currency=eur", []),
        ("created[gt]=1", ["adjustment", "refund", "charge"]),
        ("created[lt]=1", []),
        ("limit=1", ["adjustment"]),
    ):
        assert [one["type"] for one in await listed(api, query)] == types, query
    first = (await listed(api, "limit=1"))[0]["id"]
    assert [one["type"] for one in await listed(api, f"starting_after={first}")] == ["refund", "charge"]
    refused = await api.get(URL, "payout=po_1")
    assert (refused.status_code, error_of(refused)["message"]) == (400, "No such payout: 'po_1'")
    refused = await api.get(URL, "starting_after=txn_nope")
    assert error_of(refused)["message"] == "No such balance transaction: 'txn_nope'"


async def test_a_source_is_expanded_whatever_it_is(api: Api) -> None:
    intent = await api.create(PAID)
    await api.post("/v1/refunds", f"payment_intent={intent['id']}&amount=99")
    await api.engine.notify(intent["id"], ReportDispute(charge=intent["latest_charge"], reason="fraudulent"))
    shown = await listed(api, "expand[]=data.source&expand[]=data.source.payment_intent")
    assert [one["source"]["object"] for one in shown] == ["dispute", "refund", "charge"]
    assert [one["source"]["payment_intent"]["id"] for one in shown] == [intent["id"]] * 3
    refused = await api.get(URL, "expand[]=data.source.flowers")
    assert "cannot be expanded" in error_of(refused)["message"]
    nested = (await api.get(f"/v1/payment_intents/{intent['id']}", "expand[]=latest_charge.balance_transaction")).json()
    assert nested["latest_charge"]["balance_transaction"]["net"] == 1_037


async def test_who_pays_nothing_has_all_of_it(api: Api) -> None:
    assert await accounts.set_pricing(api.database, api.scope.account, NONE)
    api.clock.now += 10
    intent = await api.create(PAID)
    (one,) = await listed(api)
    assert (one["fee"], one["fee_details"], one["net"]) == (0, [], 1_099)
    await api.engine.notify(intent["id"], ReportDispute(charge=intent["latest_charge"], reason="fraudulent"))
    assert (await listed(api))[0]["net"] == -1_099


@pytest.mark.parametrize(("allowed", "status"), [("balance:read", 200), ("balance_transactions:read", 403)])
async def test_a_restricted_key_needs_to_be_allowed(api: Api, allowed: str, status: int) -> None:
    key = f"rk_test_{allowed.partition(':')[0]}_{api.scope.account}"
    await accounts.add_key(
        api.database, api.scope.account, key, "restricted", livemode=False, now=1, permissions=(allowed,)
    )
    assert (await api.get("/v1/balance", key=key)).status_code == status
    assert (await api.get(URL, key=key)).status_code == (403 if status == 200 else 200)
    expanded = await api.get(URL, "expand[]=data.source", key=key)
    assert expanded.status_code == 403
    assert (await api.get("/v1/balance", key=api.publishable)).status_code in (401, 403)


async def test_the_ledger_has_what_every_kind_of_payment_has_moved(api: Api) -> None:
    path, hold = "/v1/payment_intents", f"{PAID}&capture_method=manual"
    several = f"{hold}&payment_method_options[card][request_multicapture]=if_available"
    paid = await api.create(PAID)
    for amount in (300, 799):
        await api.post("/v1/refunds", f"payment_intent={paid['id']}&amount={amount}")
    await api.post(f"{path}/{(await api.create(hold))['id']}/cancel")
    await api.post(f"{path}/{(await api.create(hold))['id']}/capture", "amount_to_capture=400")
    parts, closed, ended = [(await api.create(several))["id"] for _ in range(3)]
    for id_ in (parts, closed, ended):
        response = await api.post(f"{path}/{id_}/capture", "amount_to_capture=300&final_capture=false")
        assert response.status_code == 200, response.text
    await api.post(f"{path}/{parts}/capture", "amount_to_capture=200&final_capture=false")
    await api.post(f"{path}/{parts}/capture", "amount_to_capture=100")
    await api.post(f"{path}/{closed}/capture", "amount_to_capture=0&final_capture=true")
    await api.post(f"{path}/{ended}/cancel")
    for how, form in (("cancel", ""), ("capture", "amount_to_capture=1000")):
        for intent in (await api.create(hold), await api.create(several)):
            await api.post(f"{path}/{intent['id']}/{how}", form, Stripe_Version="2024-06-20")
    ids = [intent["id"] for intent in (await api.get(path, "limit=100")).json()["data"]]
    book = RecordsBook(api.database)
    found = [one for payment in (await book.of(ids)).books for one in compare(payment)]
    assert (found, await book.ledger()) == ([], [])
    sums = {one.book: one.amount for one in await books(api.database) if one.account == api.scope.account}
    assert sum(sums.values()) == 0
    assert sums["gateway"] == -(400 + 600 + 300 + 300 + 2 * 1_000)
