"""The simulator over HTTP: its book survives and adds up, and its faults do what they say."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulator.app import create_app
from simulator.fault_injection import operation_of
from simulator.faults import OPERATIONS
from simulator.ledger import Entry, Ledger
from simulator.schema import SCHEMA


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
async def http(path: Path) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_app(path, "http://simulator"))
    async with httpx.AsyncClient(transport=transport, base_url="http://simulator") as client:
        yield client


async def token(http: httpx.AsyncClient, reference: str = "pm_card_visa") -> str:
    answer = (await http.post("/tokens", json={"reference": reference})).json()
    return str(answer["token"])


async def authorize(http: httpx.AsyncClient, key: str = "k", **more: Any) -> httpx.Response:
    body = {"key": key, "charge": f"ch_{key}", "amount": 1_000, "currency": "usd", "capture": False}
    token_ = more.pop("token", None) or await token(http)
    return await http.post("/authorizations", json={**body, "token": token_, **more})


async def test_the_book_adds_up_and_survives_a_restart(http: httpx.AsyncClient, path: Path) -> None:
    one = (await authorize(http, "k1")).json()["authorization"]
    await authorize(http, "k2", capture=True)
    await http.post(f"/authorizations/{one}/capture", json={"key": "c1", "amount": 600})
    await http.post(f"/authorizations/{one}/refund", json={"key": "r1", "amount": 100})
    book = (await http.get("/_ledger")).json()
    assert [entry["operation"] for entry in book["entries"]] == [
        "authorize", "authorize", "capture", "capture", "refund",
    ]  # fmt: skip
    assert book["totals"]["capture"] == {"entries": 2, "amount": 1_600}
    assert [e["charge"] for e in (await http.get("/_ledger?charge=ch_k2")).json()["entries"]] == ["ch_k2", "ch_k2"]
    again = httpx.ASGITransport(app=create_app(path, "http://simulator"))
    async with httpx.AsyncClient(transport=again, base_url="http://simulator") as restarted:
        assert (await restarted.get("/_ledger")).json() == book


async def test_a_key_is_for_one_operation(http: httpx.AsyncClient) -> None:
    token_ = await token(http)
    first = await authorize(http, token=token_)
    assert (await authorize(http, token=token_)).json() == first.json()
    assert (await authorize(http, token=token_, amount=2_000)).status_code == 409
    assert len((await http.get("/_ledger")).json()["entries"]) == 1


async def test_never_more_refunded_than_captured(http: httpx.AsyncClient) -> None:
    id_ = (await authorize(http, capture=True)).json()["authorization"]
    first = await http.post(f"/authorizations/{id_}/refund", json={"key": "r1", "amount": 700})
    assert first.json()["type"] == "approved"
    second = await http.post(f"/authorizations/{id_}/refund", json={"key": "r2", "amount": 301})
    assert second.json()["type"] == "declined"


def test_the_books_own_checks(path: Path) -> None:
    ledger = Ledger(path, b"secret")
    ledger.open_authorization("a", "t", "c", "usd", 100)
    with pytest.raises(sqlite3.IntegrityError):
        ledger.change_authorization("a", captured=116)
    ledger.book(Entry("capture", "a", "c", 1, "usd", "k"))
    with pytest.raises(sqlite3.IntegrityError):
        ledger.book(Entry("capture", "a", "c", 1, "usd", "k"))
    ledger.close()


async def test_card_numbers_are_not_kept(http: httpx.AsyncClient, path: Path) -> None:
    body = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2030, "cvc": "987"}
    await http.post("/tokens", json=body)
    wrong = await http.post("/tokens", json={**body, "exp_month": "soon"})
    assert wrong.status_code == 422
    assert "4242424242424242" not in wrong.text
    stored = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"4242424242424242" not in stored


@pytest.mark.parametrize(
    ("reference", "given", "field", "check"),
    [
        ("pm_card_visa", {}, "cvc_check", "pass"),
        ("pm_card_cvcCheckFail", {}, "cvc_check", "fail"),
        ("pm_card_avsZipFail", {"postal_code_given": True}, "address_postal_code_check", "fail"),
        ("pm_card_avsZipFail", {}, "address_postal_code_check", None),
        ("pm_card_avsFail", {"line1_given": True}, "address_line1_check", "fail"),
        ("pm_card_avsUnchecked", {"line1_given": True}, "address_line1_check", "unavailable"),
    ],
)
async def test_checks(http: httpx.AsyncClient, reference: str, given: dict[str, Any], field: str, check: str) -> None:
    answer = (await authorize(http, token=await token(http, reference), **given)).json()
    assert (answer["type"], answer["checks"][field]) == ("approved", check)


@pytest.mark.parametrize(
    ("reference", "request_", "type_"),
    [
        ("pm_card_authenticationRequired", {}, "authentication_required"),
        ("pm_card_authenticationRequiredSetupForOffSession", {"off_session": True}, "approved"),
        ("pm_card_authenticationRequiredSetupForOffSession", {}, "authentication_required"),
        ("pm_card_threeDSecureOptional", {}, "approved"),
        ("pm_card_threeDSecureOptional", {"three_d_secure": "any"}, "authentication_required"),
        ("pm_card_visa", {"three_d_secure": "any"}, "approved"),
    ],
)
async def test_when_the_bank_wants_to_authenticate(
    http: httpx.AsyncClient, reference: str, request_: dict[str, Any], type_: str
) -> None:
    answer = (await authorize(http, token=await token(http, reference), **request_)).json()
    assert answer["type"] == type_


async def test_an_authentication_opens_the_way_and_the_first_answer_counts(http: httpx.AsyncClient) -> None:
    token_ = await token(http, "pm_card_authenticationRequired")
    id_ = (await authorize(http, "k1", token=token_)).json()["authentication"]
    assert (await http.post(f"/authentications/{id_}", json={"authenticated": True})).json()["state"] == "authenticated"
    assert (await http.post(f"/authentications/{id_}", json={"authenticated": False})).json()[
        "state"
    ] == "authenticated"
    assert (await authorize(http, "k2", token=token_, authentication=id_)).json()["type"] == "approved"
    assert (await http.post("/authentications/nope", json={"authenticated": True})).status_code == 404


async def test_the_banks_page_is_a_page_whoever_asks(http: httpx.AsyncClient) -> None:
    """Who follows a redirect does not always say that it takes HTML."""
    token_ = await token(http, "pm_card_authenticationRequired")
    id_ = (await authorize(http, "k1", token=token_)).json()["authentication"]
    request = http.build_request("GET", f"/authentications/{id_}")
    del request.headers["accept"]
    for shown in (await http.send(request), await http.get(f"/authentications/{id_}")):
        assert (shown.status_code, shown.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert "Complete authentication" in shown.text
    unknown = await http.get("/authentications/nope")
    assert (unknown.status_code, unknown.headers["content-type"]) == (404, "text/html; charset=utf-8")


@pytest.mark.parametrize(("faults", "status"), [({"outage": True}, 503), ({"error_rate": 1.0}, 500)])
async def test_faults_that_do_nothing(http: httpx.AsyncClient, faults: dict[str, Any], status: int) -> None:
    token_ = await token(http)
    await http.post("/_faults", json={**faults, "operations": ["authorize"], "count": 1})
    assert (await authorize(http, token=token_)).status_code == status
    assert (await http.get("/_ledger")).json()["entries"] == []
    assert (await authorize(http, token=token_)).status_code == 200, "healed after one"


@pytest.mark.parametrize(("drop", "entries"), [("before", 0), ("after", 1)])
async def test_dropped_answers(http: httpx.AsyncClient, drop: str, entries: int) -> None:
    token_ = await token(http)
    await http.post("/_faults", json={"drop": drop, "operations": ["authorize"]})
    with pytest.raises((httpx.HTTPError, AssertionError)):
        await authorize(http, token=token_)
    await http.delete("/_faults")
    assert len((await http.get("/_ledger")).json()["entries"]) == entries
    assert (await authorize(http, token=token_)).json()["type"] == "approved"
    assert len((await http.get("/_ledger")).json()["entries"]) == 1


async def test_an_answer_that_comes_long_after_the_effect(http: httpx.AsyncClient) -> None:
    token_ = await token(http)
    await http.post("/_faults", json={"answer_latency_ms": 600_000, "operations": ["authorize"]})
    asked = asyncio.create_task(authorize(http, token=token_))
    async with asyncio.timeout(60):
        while not (await http.get("/_ledger")).json()["entries"]:
            await asyncio.sleep(0)
    assert not asked.done()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked


async def test_faults_are_shown_and_checked(http: httpx.AsyncClient) -> None:
    assert (await http.post("/_faults", json={"latency_ms": 5})).json()["latency_ms"] == 5
    assert (await http.get("/_faults")).json()["latency_ms"] == 5
    assert (await authorize(http)).status_code == 200
    assert (await http.post("/_faults", json={"error_rate": 2})).status_code == 422
    assert (await http.post("/_faults", json={"mood": "bad"})).status_code == 422


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        ("/tokens", "tokenize"),
        ("/authorizations", "authorize"),
        ("/authorizations/auth_1/capture", "capture"),
        ("/operations", "retrieve"),
        ("/verifications", "verify"),
    ],
)
def test_operations_have_the_fields_names(path: str, operation: str) -> None:
    assert operation_of(path) == operation


def test_a_book_from_before_overcapture_is_upgraded_and_keeps_its_entries(path: Path) -> None:
    old = SCHEMA.replace("amount * 115 / 100", "amount").replace(",\n    reference TEXT NOT NULL DEFAULT ''", "")
    old = old.replace(", asked TEXT NOT NULL DEFAULT '{}'", "")
    assert len(old) < len(SCHEMA) - 60
    with contextlib.closing(sqlite3.connect(path)) as book:
        book.executescript(old)
        columns = "id, token, charge, currency, amount"
        book.execute(f"INSERT INTO authorizations ({columns}) VALUES ('a', 't', 'c', 'usd', 100)")
        book.commit()
    for _ in range(2):
        ledger = Ledger(path, b"secret")
        row = ledger.authorization("a")
        assert row is not None
        assert row["amount"] == 100
        ledger.change_authorization("a", captured=115)
        ledger.start_authentication(f"n{path.stat().st_mtime_ns}", "t", "c", "pi_1")
        with pytest.raises(sqlite3.IntegrityError):
            ledger.change_authorization("a", captured=116)
        ledger.close()


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ({"outage": True, "operations": ["authorise"]}, "did you mean 'authorize'?"),
        ({"outage": True, "operations": ["authorize", "nonsense"]}, "there are tokenize, verify,"),
        ({"latency": 100}, "did you mean 'latency_ms'?"),
        ({"drop": "afterwards"}, "'before' or 'after'"),
        ({"news": ["soon"]}, "'late', 'twice'"),
    ],
)
async def test_a_mistyped_fault_is_refused_and_nothing_goes_wrong(
    http: httpx.AsyncClient, faults: dict[str, Any], said: str
) -> None:
    refused = await http.post("/_faults", json=faults)
    assert refused.status_code == 422
    assert said in refused.text
    assert not (await http.get("/_faults")).json()["outage"]
    assert (await authorize(http)).status_code == 200


def test_every_operation_that_a_path_has_can_be_named(path: Path) -> None:
    app = create_app(path, "http://simulator")
    paths = {getattr(route, "path", "/_") for route in app.routes}
    named = {operation_of(path) for path in paths if not path.startswith(("/_", "/docs", "/openapi"))}
    assert named - {"{operation}"} <= set(OPERATIONS)


async def test_a_full_disk_is_said_so_and_nothing_is_half_done(path: Path) -> None:
    ledger = Ledger(path, b"secret")
    pages = ledger._db.execute("PRAGMA page_count").fetchone()[0]
    ledger._db.execute(f"PRAGMA max_page_count = {pages}")
    entry = Entry("authorize", "au_1", "ch_1", 1, "usd", "k")

    def fill() -> None:
        for number in range(10_000):
            with ledger.transaction():
                ledger.book(replace(entry, key=f"k{number}"))

    with pytest.raises(sqlite3.OperationalError, match="full"):
        fill()
    written = len(ledger.entries(None, 0, 10_000))
    ledger._db.execute(f"PRAGMA max_page_count = {pages * 10}")
    with ledger.transaction():
        ledger.book(replace(entry, key="after"))
    assert len(ledger.entries(None, 0, 10_000)) == written + 1
    ledger.close()


async def test_a_book_that_cannot_be_written_is_no_answer(http: httpx.AsyncClient, path: Path) -> None:
    token_ = await token(http)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TRIGGER full BEFORE INSERT ON entries BEGIN INSERT INTO nowhere VALUES (1); END")
        answer = await authorize(http, token=token_)
        other.execute("DROP TRIGGER full")
    assert answer.status_code == 503
    assert (await http.get("/_ledger")).json()["entries"] == []
    assert (await authorize(http, token=token_)).status_code == 200


def test_a_book_is_for_its_user_alone(path: Path) -> None:
    path.touch(0o644)
    path.chmod(0o644)
    ledger = Ledger(path, b"secret")
    with ledger.transaction():
        ledger.book(Entry("authorize", "au_1", "ch_1", 1, "usd", "k"))
    modes = {kept.name: kept.stat().st_mode & 0o777 for kept in path.parent.iterdir()}
    ledger.close()
    assert modes == dict.fromkeys(["ledger.db", "ledger.db-wal", "ledger.db-shm"], 0o600)
