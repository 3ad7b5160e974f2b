"""Search: the language, what it finds, its pages, and that it sees what was just written."""

import asyncio
import operator
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from api.dialect.errors import StripeError
from api.dialect.search import CLAUSES_MAX, parse
from records.search import Clause
from tests.api.conftest import Api, error_of

PATH = "/v1/payment_intents/search"

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ":": operator.eq, ">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le,
}  # fmt: skip


async def search(api: Api, query: str, more: str = "") -> dict[str, Any]:
    response = await api.get(PATH, f"query={quote(query)}&{more}")
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    assert body["object"] == "search_result"
    assert body["url"] == PATH
    assert body["has_more"] is (body["next_page"] is not None)
    return body


async def fill(api: Api) -> list[dict[str, Any]]:
    """Intents that differ in all that can be searched, newest first."""
    customer = (await api.post("/v1/customers")).json()["id"]
    made = []
    for number in range(12):
        api.clock.now += 1
        form = [f"amount={1_000 + 100 * (number % 4)}", f"currency={('usd', 'eur', 'jpy')[number % 3]}"]
        form += [f"customer={customer}"] if number % 2 else []
        form += [f"metadata[order]={number // 3}"] if number % 4 else []
        form += ["metadata[we\"ird]=it's \\ so"]
        form += ["payment_method=pm_card_visa"] if number % 5 == 0 else []
        response = await api.post("/v1/payment_intents", "&".join(form))
        made.append(response.json())
    return made[::-1]


def matches(intent: dict[str, Any], clause: Clause) -> bool:
    """What a clause means, said once more in Python."""
    value = intent["metadata"].get(clause.key) if clause.field == "metadata" else intent[clause.field]
    if clause.value is None:
        found = value is None
    elif clause.field in ("amount", "created"):
        found = COMPARE[clause.operator](value, int(clause.value))
    else:
        text = str(clause.value)
        found = value == text if clause.field == "customer" else value is not None and value.lower() == text.lower()
    return found is not clause.negated


QUERIES = [
    'currency:"usd"', 'currency:"EUR"', '-currency:"usd"', "currency:'jpy'", 'status:"requires_confirmation"',
    '-status:"requires_confirmation"', "amount>1100", "amount<1100", "amount>=1100", "amount<=1100", "amount:1100",
    '-amount:1100', 'amount:"1100"', "amount > 1000 AND amount < 1300", 'customer:null', '-customer:null',
    'customer:"cus_nobody"', '-customer:"cus_nobody"', 'metadata["order"]:"2"', "metadata['order']:'2'",
    '-metadata["order"]:"2"', 'metadata["order"]:null', '-metadata["order"]:null',
    'metadata["we\\"ird"]:"it\'s \\\\ so"', 'metadata["we\\"ird"]:"IT\'S \\\\ SO"', 'metadata["Order"]:"2"',
    'metadata["order"]:"2" OR metadata["order"]:"3"', 'currency:"usd" status:"requires_payment_method"',
    'currency:"usd" and -customer:null AND amount>=1000', 'currency:"usd" or currency:"eur" OR amount:1300',
    "amount>999999999999999999", "-amount>0", "created>0",
]  # fmt: skip


async def test_it_finds_what_the_query_says_and_nothing_else(api: Api) -> None:
    intents = await fill(api)
    for query in QUERIES:
        found = await search(api, query, "limit=100")
        asked = parse(query)
        some = any if asked.any_of else all
        expected = [one["id"] for one in intents if some(matches(one, clause) for clause in asked.clauses)]
        assert [one["id"] for one in found["data"]] == expected, query
        assert found["data"] == [one for one in intents if one["id"] in expected], query


async def test_by_customer_and_by_time(api: Api) -> None:
    intents = await fill(api)
    customer = next(one["customer"] for one in intents if one["customer"])
    found = await search(api, f'customer:"{customer}" AND created<={intents[4]["created"]}', "limit=100")
    assert [one["id"] for one in found["data"]] == [one["id"] for one in intents[4:] if one["customer"]]


async def test_it_sees_what_was_just_written(api: Api) -> None:
    for number in range(20):
        intent = await api.create(f"metadata[n]={number}")
        found = await search(api, f'metadata["n"]:"{number}"')
        assert [one["id"] for one in found["data"]] == [intent["id"]]
        await api.post(f"/v1/payment_intents/{intent['id']}", f"metadata[n]=was-{number}")
        assert (await search(api, f'metadata["n"]:"{number}"'))["data"] == []


async def test_pages_hold_everything_once_while_intents_are_being_created(api: Api) -> None:
    intents, page = await fill(api), ""
    seen: list[str] = []
    while True:
        pages = await asyncio.gather(search(api, "created>0", f"limit=5&{page}"), api.create())
        body = pages[0]
        seen += [one["id"] for one in body["data"]]
        if body["next_page"] is None:
            break
        page = f"page={body['next_page']}"
    known = [one["id"] for one in intents]
    assert [id_ for id_ in seen if id_ in known] == known
    assert len(set(seen)) == len(seen)


async def test_counts_when_asked_to(api: Api) -> None:
    await fill(api)
    assert "total_count" not in await search(api, 'currency:"usd"')
    counted = await search(api, 'currency:"usd"', "limit=1&expand[]=total_count")
    assert counted["total_count"] == 4


async def test_expands_and_keeps_to_its_account(api: Api) -> None:
    await fill(api)
    found = await search(api, "-customer:null", "expand[]=data.customer&limit=1")
    assert found["data"][0]["customer"]["object"] == "customer"
    error = error_of(await api.get(PATH, f"query={quote('amount>0')}&expand[]=customer"))
    assert "data.customer" in error["message"]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("", "empty string"),
        ("amount", "parse your search query at its end"),
        ("amount>", "at its end"),
        ("amount>x", "near 'x'"),
        ('status:"x', "near '\"x'"),
        ("status:succeeded", "near 'succeeded'"),
        ('(status:"x")', "near '('"[:7]),
        ('status:"x" AND', "at its end"),
        ('status="x"', "parse"),
        ('email:"x"', "unsupported search field"),
        ('customer["x"]:"y"', "unsupported search field"),
        ('metadata:"x"', "by key"),
        ('metadata["a"]>5', "Operator `>` is not supported"),
        ('status~"succ"', "Operator `~` is not supported for field `status`"),
        ('amount~"12"', "Operator `~`"),
        ('amount:"12.5"', "whole number"),
        ("amount:null", "never null"),
        ("status:5", "quotation marks"),
        ("amount:" + "9" * 30, "whole number"),
        ('status:"a" OR status:"b" AND amount>5', "cannot mix AND and OR"),
        ('status:"a" OR status:"b" amount>5', "cannot mix AND and OR"),
        (" AND ".join(["amount>1"] * (CLAUSES_MAX + 1)), f"at most {CLAUSES_MAX} clauses"),
        ("amount>1" * 1_000, "at most 5000 characters"),
    ],
)
async def test_a_bad_query_is_refused_with_the_reason(api: Api, query: str, text: str) -> None:
    error = error_of(await api.get(PATH, f"query={quote(query)}"))
    assert error["type"] == "invalid_request_error"
    assert (error.get("code"), error.get("param")) in (
        (None, None),
        ("parameter_invalid_empty", "query"),
        (None, "query"),
    )
    assert text in error["message"]


async def test_a_page_token_belongs_to_its_search(api: Api) -> None:
    await fill(api)
    page = (await search(api, "amount>0", "limit=1"))["next_page"]
    for token, query in ((page, "amount>1"), ("abc", "amount>0"), ("W10=", "amount>0"), (page[:-4], "amount>0")):
        error = error_of(await api.get(PATH, f"query={quote(query)}&page={quote(token)}"))
        assert error["param"] == "page"
    assert error_of(await api.get(PATH))["message"] == "Missing required param: query."


def test_the_limit_of_clauses_is_reached_exactly() -> None:
    assert len(parse(" OR ".join(["amount>1"] * CLAUSES_MAX)).clauses) == CLAUSES_MAX
    with pytest.raises(StripeError, match="at most"):
        parse(" OR ".join(["amount>1"] * (CLAUSES_MAX + 1)))
