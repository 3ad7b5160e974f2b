"""Searching charges and customers, and what is equal however its letters are written. The language: test_search.py."""

from typing import Any
from urllib.parse import quote

import pytest

from domain.model.outcomes import Declined
from tests.api.conftest import Api, error_of

PAID = "payment_method=pm_card_visa&confirm=true"


async def search(api: Api, what: str, query: str, more: str = "") -> list[str]:
    path = f"/v1/{what}/search"
    response = await api.get(path, f"query={quote(query)}&limit=100&{more}")
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    assert (body["object"], body["url"]) == ("search_result", path)
    for one in body["data"]:
        assert (await api.get(f"/v1/{what}/{one['id']}")).json() == one, "as it is when it is retrieved"
    return [one["id"] for one in body["data"]]


async def test_metadata_is_found_however_it_is_written(api: Api) -> None:
    """docs.stripe.com/search: `:` is an exact, case insensitive match."""
    made = await api.create("metadata[City]=New York&metadata[Street]=\u00c9toile")
    other = await api.create("metadata[City]=New Jersey")
    for value in ("New York", "NEW YORK", "new york"):
        assert await search(api, "payment_intents", f'metadata["City"]:"{value}"') == [made["id"]]
    assert await search(api, "payment_intents", 'metadata["Street"]:"\u00c9toile"') == [made["id"]]
    assert await search(api, "payment_intents", '-metadata["City"]:"NEW YORK"') == [other["id"]]
    for query in ('metadata["city"]:"New York"', 'metadata["City"]:"New"'):
        assert await search(api, "payment_intents", query) == [], "keys are as written, and values whole"


async def test_customers(api: Api) -> None:
    forms = (
        "name=Jenny Rosen&email=Jenny@Example.com&metadata[Tier]=Gold",
        "name=Jo&phone=555",
        "email=jo@example.com",
    )
    jenny, phoned, unnamed = [(await api.post("/v1/customers", form)).json()["id"] for form in forms]
    gone = (await api.post("/v1/customers", "name=Jenny Rosen")).json()["id"]
    await api.request("DELETE", f"/v1/customers/{gone}")
    for query, found in {
        'email:"jenny@example.com"': [jenny],
        'email:"JENNY@EXAMPLE.COM"': [jenny],
        'email~"example"': [unnamed, jenny],
        "email:null": [phoned],
        "-email:null": [unnamed, jenny],
        'name:"jenny rosen"': [jenny],
        'name~"ENNY"': [jenny],
        '-name~"enny"': [unnamed, phoned],
        'phone:"555"': [phoned],
        'metadata["Tier"]:"gold"': [jenny],
        'metadata["Tier"]:null': [unnamed, phoned],
        '-metadata["Tier"]:null': [jenny],
        "created>0": [unnamed, phoned, jenny],
        'name:"Jo" OR email~"jo@"': [unnamed, phoned],
        'name:"Jo" AND email~"jo@"': [],
    }.items():
        assert await search(api, "customers", query) == found, query


async def test_charges(api: Api) -> None:
    customer = (await api.post("/v1/customers")).json()["id"]
    first = (await api.create(f"{PAID}&customer={customer}&metadata[Order]=A1"))["latest_charge"]
    second = (await api.create(PAID))["latest_charge"]
    await api.post("/v1/refunds", f"charge={second}")
    third = (await api.create(PAID))["latest_charge"]
    await api.post("/v1/refunds", f"charge={third}&amount=99")
    api.engine.gateway.answers = [Declined(decline_code="generic_decline")]
    response = await api.post("/v1/payment_intents", f"amount=5000&currency=eur&{PAID}")
    failed = error_of(response)["charge"]
    for query, found in {
        'status:"failed"': [failed],
        "amount>1099": [failed],
        'currency:"USD"': [third, second, first],
        f'customer:"{customer}"': [first],
        "-customer:null": [first],
        'refunded:"true"': [second],
        'refunded:"false" AND status:"succeeded"': [third, first],
        'disputed:"true"': [],
        '-disputed:"true"': [failed, third, second, first],
        'metadata["Order"]:"a1"': [first],
        'metadata["Order"]:null': [failed, third, second],
        'payment_method_details.card.last4:"4242"': [failed, third, second, first],
        '-payment_method_details.card.brand:"visa"': [],
        "payment_method_details.card.exp_year<2000": [],
    }.items():
        assert await search(api, "charges", query) == found, query
    counted = await api.get("/v1/charges/search", f"query={quote('amount>1')}&expand[]=total_count&limit=1")
    assert counted.json()["total_count"] == 4
    expanded = await api.get("/v1/charges/search", f"query={quote('amount>1')}&expand[]=data.payment_intent&limit=1")
    assert expanded.json()["data"][0]["payment_intent"]["object"] == "payment_intent"


@pytest.mark.parametrize(
    ("what", "query", "text"),
    [
        ("payment_intents", "emial:'x'", "unsupported search field"),
        ("customers", "emial:'x'", "unsupported search field"),
        ("customers", "status:'x'", "Supported fields: created, email, name, phone"),
        ("customers", 'email~"ab"', "at least 3 characters"),
        ("customers", "created:null", "never null"),
        ("charges", 'disputed:"maybe"', "'true' or 'false'"),
        ("charges", "disputed:null", "never null"),
        ("charges", 'status~"fail"', "Operator `~` is not supported"),
    ],
)
async def test_what_cannot_be_searched_is_refused_with_neither_code_nor_param(
    api: Api, what: str, query: str, text: str
) -> None:
    response = await api.get(f"/v1/{what}/search", f"query={quote(query)}")
    error = error_of(response)
    assert (response.status_code, error.get("code"), error.get("param")) == (400, None, None)
    assert text in error["message"]
    old = await api.get(f"/v1/{what}/search", f"query={quote('created>0')}", Stripe_Version="2020-03-02")
    assert error_of(old)["message"].startswith("Search is not supported on api version 2020-03-02.")


async def test_a_page_of_customers_and_the_next(api: Api) -> None:
    made = [(await api.post("/v1/customers", "name=Jenny")).json()["id"] for _ in range(5)]
    seen, page = [], ""
    for _ in range(3):
        query = f"query={quote('created>0')}&limit=2{page}"
        body = (await api.get("/v1/customers/search", query)).json()
        seen += [one["id"] for one in body["data"]]
        page = f"&page={body['next_page']}"
    assert (seen, body["has_more"]) == (made[::-1], False)
