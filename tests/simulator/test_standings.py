"""What an answer says that it was asked, what stands in the book, and that books from before this was said go on."""

import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulator.app import create_app
from simulator.schema import VERSION

Body = dict[str, Any]
OXXO = {"type": "oxxo", "details": {}}
SEPA = {"type": "sepa_debit", "details": {"iban": "AT611904300234573201"}}


@contextlib.asynccontextmanager
async def bank_at(path: Path) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_app(path, "http://simulator"))
    async with httpx.AsyncClient(transport=transport, base_url="http://simulator") as client:
        yield client


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
async def http(path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with bank_at(path) as client:
        yield client


async def authorize(http: httpx.AsyncClient, key: str = "k", of: Body | None = None, **more: Any) -> Body:
    token = (await http.post("/tokens", json=of or {"reference": "pm_card_visa"})).json()["token"]
    body = {"key": key, "charge": f"ch_{key}", "amount": 1_000, "currency": "usd", "capture": False, "token": token}
    return dict((await http.post("/authorizations", json={**body, **more})).json())


async def post(http: httpx.AsyncClient, id_: str, operation: str, key: str, **more: Any) -> httpx.Response:
    return await http.post(f"/authorizations/{id_}/{operation}", json={"key": key, **more})


async def standing(http: httpx.AsyncClient, id_: str) -> Body:
    found = (await http.get(f"/authorizations/{id_}")).json()
    return {name: found[name] for name in ("authorized", "held", "captured", "refunded", "released", "awaited")}


def stands(**amounts: int) -> Body:
    names = ("held", "captured", "refunded", "released", "awaited")
    return {"authorized": 1_000, **dict.fromkeys(names, 0), **amounts}


async def test_every_answer_says_what_it_was_asked_and_so_does_a_look_up(http: httpx.AsyncClient) -> None:
    first = await authorize(http)
    asked = {"key": "k", "operation": "authorize", "charge": "ch_k", "amount": 1_000, "currency": "usd"}
    assert first["asked"] == {**asked, "capture": False, "token": first["asked"]["token"]}
    id_ = first["authorization"]
    about = {"authorization": id_, "charge": "ch_k", "currency": "usd"}
    captured = await post(http, id_, "capture", "c", amount=400, final=False)
    assert captured.json()["asked"] == {"key": "c", "operation": "capture", "amount": 400, "final": False, **about}
    too_much = await post(http, id_, "capture", "d", amount=4_000)
    assert too_much.json()["type"] == "declined"
    assert too_much.json()["asked"] == {"key": "d", "operation": "capture", "amount": 4_000, "final": True, **about}
    refunded = await post(http, id_, "refund", "r", amount=100, refund="re_1")
    assert refunded.json()["asked"] == {"key": "r", "operation": "refund", "amount": 100, "refund": "re_1", **about}
    voided = await post(http, id_, "void", "v")
    assert voided.json()["asked"] == {"key": "v", "operation": "void", **about}
    for key, answer in (("c", captured), ("d", too_much), ("r", refunded), ("v", voided)):
        assert (await http.get("/operations", params={"key": key})).content == answer.content
    again = await post(http, id_, "capture", "c", amount=400, final=False)
    assert again.content == captured.content, "byte for byte, whatever has become of the hold since"


@pytest.mark.parametrize("operation", ["capture", "increment", "refund", "void", "settlement"])
async def test_nothing_is_done_about_what_nobody_authorized(http: httpx.AsyncClient, operation: str) -> None:
    amount = {} if operation in ("void", "settlement") else {"amount": 1}
    assert (await post(http, "auth_unknown", operation, "k", **amount)).status_code == 404
    assert (await http.get("/operations", params={"key": "k"})).status_code == 404
    assert (await http.get("/authorizations/auth_unknown")).status_code == 404
    assert (await http.get("/_ledger")).json()["entries"] == []


async def test_a_hold_that_was_raised_and_taken_beyond_itself(http: httpx.AsyncClient) -> None:
    id_ = (await authorize(http))["authorization"]
    await post(http, id_, "increment", "i", amount=1_200)
    assert await standing(http, id_) == stands(authorized=1_200, held=1_200)
    await post(http, id_, "capture", "c", amount=1_300, over=True)
    assert await standing(http, id_) == stands(authorized=1_200, captured=1_300)


async def test_a_debit_is_awaited_and_then_taken_or_called_back(http: httpx.AsyncClient) -> None:
    taken = (await authorize(http, "k1", SEPA, currency="eur", capture=True))["reference"]
    back = (await authorize(http, "k2", SEPA, currency="eur", capture=True))["reference"]
    assert await standing(http, taken) == stands(awaited=1_000)
    settled = (await post(http, taken, "settlement", "s", at=2**40)).json()
    assert settled["type"] == "approved"
    about = {"authorization": taken, "charge": "ch_k1", "currency": "eur"}
    assert settled["asked"] == {"key": "s", "operation": "settlement", "amount": 1_000, **about}
    assert await standing(http, taken) == stands(captured=1_000)
    await post(http, back, "void", "v")
    assert await standing(http, back) == stands()


async def test_a_voucher_is_awaited_and_then_paid_or_over(http: httpx.AsyncClient) -> None:
    soon = {"email": "succeed_immediately@example.com", "currency": "mxn", "capture": True}
    paid = (await authorize(http, "k1", OXXO, **soon))["reference"]
    over = (await authorize(http, "k2", OXXO, **{**soon, "email": "fill_never@example.com"}))["reference"]
    assert await standing(http, paid) == stands(awaited=1_000)
    assert (await post(http, paid, "settlement", "s1", at=2**31)).json()["type"] == "approved"
    assert await standing(http, paid) == stands(captured=1_000)
    assert (await post(http, over, "settlement", "s2", at=2**40)).json()["type"] == "declined"
    assert await standing(http, over) == stands()


async def test_how_a_payment_ended_is_one_question_whenever_it_is_asked(http: httpx.AsyncClient) -> None:
    id_ = (await authorize(http, "k", SEPA, currency="eur", capture=True))["reference"]
    first = await post(http, id_, "settlement", "s", at=0)
    assert (await post(http, id_, "settlement", "s", at=60)).content == first.content
    other = (await authorize(http, "k2", SEPA, currency="eur", capture=True))["reference"]
    assert (await post(http, other, "settlement", "s", at=0)).status_code == 409


def aged(path: Path) -> None:
    """Make the book one of version 5: no operation says what it was asked."""
    with contextlib.closing(sqlite3.connect(path)) as book:
        book.executescript("ALTER TABLE operations DROP COLUMN asked; PRAGMA user_version = 5;")
        book.execute("UPDATE operations SET fingerprint = 'with its time' WHERE operation = 'settlement'")
        book.commit()


async def test_a_book_from_before_says_what_it_knows_and_still_knows_its_keys(path: Path) -> None:
    async with bank_at(path) as http:
        hold = await authorize(http)
        id_, token = hold["authorization"], hold["asked"]["token"]
        await post(http, id_, "increment", "i", amount=1_500)
        await post(http, id_, "capture", "c", amount=400, final=False)
        await post(http, id_, "capture", "d", amount=4_000)
        await post(http, id_, "void", "v")
        voucher = await authorize(
            http, "o", OXXO, currency="mxn", capture=True, email="succeed_immediately@example.com"
        )
        debit = await authorize(http, "b", SEPA, currency="eur", capture=True)
        await post(http, debit["reference"], "settlement", "s", at=0)
    aged(path)
    for _ in range(2):
        async with bank_at(path) as http:

            async def said(key: str, http: httpx.AsyncClient = http) -> Body:
                return dict((await http.get("/operations", params={"key": key})).json()["asked"])

            about = {"authorization": id_, "charge": "ch_k", "currency": "usd"}
            partial = {"partial": True}
            moved = {**partial, **about, "key": "k", "operation": "authorize", "amount": 1_000}
            assert await said("k") == moved
            assert await said("c") == {**moved, "key": "c", "operation": "capture", "amount": 400}
            assert await said("i") == {**partial, **about, "key": "i", "operation": "increment"}
            assert await said("v") == {**partial, **about, "key": "v", "operation": "void"}
            assert await said("d") == {**partial, "key": "d", "operation": "capture"}
            of = {**partial, "operation": "authorize", "amount": 1_000}
            shown = {"key": "o", "charge": "ch_o", "currency": "mxn", "token": voucher["asked"]["token"]}
            assert await said("o") == {**of, **shown}
            owed = {"key": "b", "charge": "ch_b", "currency": "eur", "token": debit["asked"]["token"]}
            assert await said("b") == {**of, **owed}
            again = await post(http, id_, "capture", "c", amount=400, final=False)
            assert (again.status_code, again.json()["type"]) == (200, "approved")
            assert (await post(http, id_, "capture", "c", amount=401, final=False)).status_code == 409
            body = {"key": "k", "charge": "ch_k", "amount": 1_000, "currency": "usd", "capture": False, "token": token}
            assert (await http.post("/authorizations", json=body)).json()["authorization"] == id_
            later = await post(http, debit["reference"], "settlement", "s", at=60)
            assert later.json()["type"] == "accepted", "the question was asked at another time, and is the same"
    with contextlib.closing(sqlite3.connect(path)) as book:
        assert book.execute("PRAGMA user_version").fetchone()[0] == VERSION
