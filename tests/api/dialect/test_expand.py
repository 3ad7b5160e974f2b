"""expand: ids replaced by objects, up to four levels deep, in objects, lists and answers to a POST."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.api.conftest import Api, error_of
from tests.support.watched import Watched

INTENTS = "/v1/payment_intents"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Watched]:
    """One of its own, watched."""
    connected = Watched(database_url)
    yield connected
    await connected.close()


async def saved(api: Api) -> dict[str, Any]:
    customer = (await api.post("/v1/customers", "name=Jenny")).json()["id"]
    form = f"customer={customer}&confirm=true&payment_method=pm_card_visa&setup_future_usage=off_session"
    return await api.create(f"{form}&mandate_data[customer_acceptance][type]=offline")


def at(body: Any, path: str) -> Any:
    for name in path.split("."):
        body = body[0][name] if isinstance(body, list) else body[name]
    return body


PATHS = {
    "customer": "customer",
    "payment_method": "payment_method",
    "payment_method.customer": "customer",
    "latest_charge": "charge",
    "latest_charge.balance_transaction": "balance_transaction",
    "latest_charge.customer": "customer",
    "latest_charge.payment_intent": "payment_intent",
    "latest_charge.payment_intent.payment_method.customer": "customer",
    "latest_charge.payment_method_details.card.mandate": "mandate",
    "latest_charge.refunds": "list",
}


@pytest.mark.parametrize(("path", "kind"), PATHS.items())
async def test_one_object(api: Api, path: str, kind: str) -> None:
    intent = await saved(api)
    shown = (await api.get(f"{INTENTS}/{intent['id']}", f"expand[]={path}")).json()
    assert at(shown, path)["object"] == kind
    posted = (await api.post(f"{INTENTS}/{intent['id']}", f"description=x&expand[]={path}")).json()
    assert at(posted, path)["object"] == kind


@pytest.mark.parametrize(("path", "kind"), [(path, kind) for path, kind in PATHS.items() if path.count(".") < 3])
async def test_a_list_and_a_search(api: Api, path: str, kind: str) -> None:
    await saved(api)
    for url in (f"{INTENTS}?", f"{INTENTS}/search?query=amount%3E0&"):
        shown = (await api.get(f"{url}expand[]=data.{path}")).json()
        assert at(shown["data"], path)["object"] == kind


async def test_a_list_costs_as_many_statements_as_one_object(api: Api, database: Watched) -> None:
    for _ in range(5):
        await saved(api)
    query = "expand[]=data.customer&expand[]=data.latest_charge.customer&expand[]=data.payment_method"
    statements = []
    for limit in (1, 5):
        before = database.statements
        shown = (await api.get(INTENTS, f"limit={limit}&{query}")).json()["data"]
        assert len({intent["latest_charge"]["customer"]["id"] for intent in shown}) == limit
        statements.append(database.statements - before)
    assert statements == [5, 5], "the list, and one for each kind and level"


async def test_what_one_expands_is_not_expanded_for_another_who_asks_at_the_same_moment(
    api: Api, database: Watched
) -> None:
    intent = await saved(api)
    method, url = intent["payment_method"], f"/v1/customers/{intent['customer']}"
    await api.post(url, f"invoice_settings[default_payment_method]={method}")
    before = database.statements
    asked = ("expand[]=invoice_settings.default_payment_method", "")
    expanded, plain = await asyncio.gather(*(api.get(url, query) for query in asked))
    assert database.statements == before + 2, "one row for both, and the method"
    assert at(expanded.json(), "invoice_settings.default_payment_method")["id"] == method
    assert at(plain.json(), "invoice_settings.default_payment_method") == method


async def test_several_at_once_and_null_stays_null(api: Api) -> None:
    form = "expand[]=customer&expand[]=latest_charge&expand[]=payment_method&expand[]=review"
    shown = await api.create(form)
    assert [shown[name] for name in ("customer", "latest_charge", "payment_method", "review")] == [None] * 4


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("flowers", "cannot be expanded (flowers)."),
        ("amount", "cannot be expanded (amount)"),
        ("latest_charge.flowers", "cannot be expanded (latest_charge.flowers)."),
        ("latest_charge.amount", "cannot be expanded (latest_charge.amount)"),
        ("data.customer", "cannot be expanded (data.customer)."),
        ("a.b.c.d.e", "more than 4 levels"),
    ],
)
async def test_what_cannot_be_expanded_changes_nothing_and_burns_no_key(api: Api, path: str, text: str) -> None:
    form = "amount=1099&currency=usd"
    error = error_of(await api.post(INTENTS, f"{form}&expand[]={path}", idempotency_key="k"))
    assert text in error["message"]
    assert (error.get("code"), error.get("param")) == (None, None)
    assert (await api.get(INTENTS)).json()["data"] == []
    assert (await api.post(INTENTS, form, idempotency_key="k")).status_code == 200
