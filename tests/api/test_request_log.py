"""The request log: what is kept of a request, and what is not; who sees it; and that nobody waits for it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import httpx
import orjson
import pytest
from structlog.testing import capture_logs

from api.build import build, mount
from api.dialect.masking import MASK, masked, masked_text
from api.dialect.request_log import REQUEST_BYTES_MAX, RequestLog
from domain.model.outcomes import Declined
from records import request_log as records
from records.accounts import add_key, ensure_account, ensure_key
from records.base import RecordsRefused, RecordsUnavailable
from records.request_log import LoggedRequest
from tests.api.conftest import Api, error_of
from tests.support.builders import NOW

LOGS = "/dashboard/v1/request_logs"
NUMBER = "4242424242424242"


class Logged:
    """An API with a request log, which is written when the test says so."""

    def __init__(self, api: Api, http: httpx.AsyncClient, log: RequestLog) -> None:
        self.api, self.http, self.log = api, http, log

    async def find(self, id_: str) -> dict[str, Any]:
        assert await self.log.write_some()
        found: dict[str, Any] = (await self.http.get(f"{LOGS}/{id_}")).json()
        return found

    async def ids(self, query: str = "") -> list[str]:
        assert await self.log.write_some()
        answer = await self.http.get(f"{LOGS}?limit=100&{query}")
        assert answer.status_code == 200, answer.text
        return [each["id"] for each in answer.json()["data"]]


def client(api: Api, log: RequestLog | None, key: str | None = None) -> httpx.AsyncClient:
    mount(app := build(), replace(api.services, request_log=log))
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
        base_url="http://api",
        headers={"Authorization": f"Bearer {key or api.secret}"},
    )


@pytest.fixture
async def logged(api: Api) -> AsyncIterator[Logged]:
    log = RequestLog(partial(records.write, api.database))
    async with client(api, log) as http:
        yield Logged(api, http, log)


CREATE = {
    "amount": "1099", "currency": "usd", "allowed_payment_method_types[]": "card", "confirm": "true",
    "payment_method_data[type]": "card", "payment_method_data[card][number]": NUMBER,
    "payment_method_data[card][exp_month]": "12", "payment_method_data[card][exp_year]": "2034",
    "payment_method_data[card][cvc]": "987", "payment_method_data[billing_details][name]": "Jenny Rosen",
    "payment_method_data[billing_details][email]": "jenny@example.com", "metadata[order]": "6735",
}  # fmt: skip


async def test_a_payment_is_a_row_without_what_is_secret_or_personal(logged: Logged) -> None:
    made = await logged.http.post("/v1/payment_intents", data=CREATE, headers={"Idempotency-Key": "order-6735"})
    body = made.json()
    found = await logged.find(made.headers["request-id"])
    assert made.status_code == 200, made.text
    wanted = {
        "method": "POST", "path": "/v1/payment_intents", "operation": "payment_intents.create", "status": 200,
        "idempotency_key": "order-6735", "object_id": body["id"],
    }  # fmt: skip
    assert {name: found[name] for name in wanted} == wanted
    assert (found["created"], found["livemode"], found["payment_intent"]) == (NOW, False, body["id"])
    assert (found["replayed"], found["original_request"], found["error_code"]) == (False, None, None)
    assert found["request"]["amount"] == "1099"
    assert found["request"]["metadata"] == {"order": "6735"}
    assert found["request"]["payment_method_data"]["card"] == {
        "number": MASK, "exp_month": "12", "exp_year": "2034", "cvc": MASK
    }  # fmt: skip
    assert found["response"]["client_secret"] == MASK
    assert found["response"]["amount_received"] == 1099
    text = orjson.dumps(found).decode()
    for secret in (NUMBER, "987", "Jenny", "jenny@", body["client_secret"], logged.api.secret):
        assert secret not in text
    assert found["key"] == f"sk_test_{'*' * 8}{logged.api.secret[-4:]}"


async def test_a_decline_says_why_and_where_to_look(logged: Logged) -> None:
    made = await logged.http.post(
        "/v1/payment_intents", data={"amount": 1099, "currency": "usd", "allowed_payment_method_types[]": "card"}
    )
    logged.api.engine.gateway.answers = [Declined(decline_code="insufficient_funds")]
    path = f"/v1/payment_intents/{made.json()['id']}/confirm"
    sent: dict[str, Any] = {"headers": {"Idempotency-Key": "again"}, "data": {"payment_method": "pm_card_visa"}}
    declined = await logged.http.post(path, **sent)
    again = await logged.http.post(path, **sent)
    id_ = declined.headers["request-id"]
    assert error_of(declined)["request_log_url"] == f"http://api/dashboard/logs/{id_}"
    assert again.content == declined.content, "byte for byte, the address of the first request as well"
    found = await logged.find(id_)
    assert (found["status"], found["error_code"], found["decline_code"]) == (402, "card_declined", "insufficient_funds")
    assert found["error_message"] == error_of(declined)["message"]
    repeated = await logged.find(again.headers["request-id"])
    assert (repeated["replayed"], repeated["original_request"]) == (True, id_)
    assert await logged.ids("error_code=insufficient_funds") == [again.headers["request-id"], id_]


async def test_lists_by_everything_a_page_at_a_time(logged: Logged) -> None:
    made = await logged.http.post("/v1/customers", data={"description": "a"})
    customer = made.json()["id"]
    read = await logged.http.get(f"/v1/customers/{customer}")
    missing = await logged.http.get("/v1/payment_intents/pi_none")
    refused = await logged.http.post("/v1/payment_intents", data={"amount": "x"})
    ids = [each.headers["request-id"] for each in (refused, missing, read, made)]
    assert await logged.ids() == ids
    assert await logged.ids("status=failed") == ids[:2]
    assert await logged.ids("status=404") == [ids[1]]
    assert await logged.ids("status=2xx&method=POST") == [ids[3]]
    assert await logged.ids(f"object={customer}") == ids[2:]
    assert await logged.ids("operation=customers.retrieve") == [ids[2]]
    assert await logged.ids("path=/v1/payment_intents") == ids[:2]
    assert await logged.ids("path=/v1/payment%25") == [], "a percent sign stands for itself"
    assert await logged.ids(f"created[gt]={NOW}") == []
    first = (await logged.http.get(f"{LOGS}?limit=2")).json()
    assert first["has_more"] is True
    assert "request" not in first["data"][0], "bodies are for who looks at one"
    assert await logged.ids(f"starting_after={first['data'][1]['id']}") == ids[2:]
    assert (await logged.find(ids[2]))["response"] is None, "what was read can be read again"
    nonsense = await logged.http.get(f"{LOGS}?status=many")
    assert (nonsense.status_code, error_of(nonsense)["param"]) == (400, "status")


async def test_the_log_is_its_accounts_alone_and_takes_a_permission(logged: Logged) -> None:
    api = logged.api
    made = await logged.http.post("/v1/customers", data={"description": "a"})
    id_ = made.headers["request-id"]
    await logged.find(id_)
    other = f"{api.scope.account}_other"
    await ensure_account(api.database, other, "other", 1)
    await ensure_key(api.database, other, f"sk_test_{other}", "secret", livemode=False, now=1)
    key = f"rk_test_{other}"
    await add_key(api.database, api.scope.account, key, "restricted", False, NOW, permissions=("customers:write",))
    for key, status in ((f"sk_test_{other}", 404), (f"rk_test_{other}", 403), (api.publishable, 401), ("sk_no", 401)):
        answer = await logged.http.get(f"{LOGS}/{id_}", headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == status, (key, answer.text)
        assert "customers" not in answer.json()


async def test_nobodys_request_is_not_kept_and_says_no_address(logged: Logged) -> None:
    nobody = await logged.http.get("/v1/customers", headers={"Authorization": "Bearer sk_test_nobody"})
    assert nobody.status_code == 401
    assert "request_log_url" not in error_of(nobody)
    assert await logged.ids() == []
    assert await logged.ids() == [], "nor what the console asks of the log itself"


async def test_what_is_asked_for_a_connected_account_says_no_address(logged: Logged) -> None:
    made = await logged.http.post("/v1/accounts", data={"type": "custom"})
    acting = {"Stripe-Account": made.json()["id"]}
    assert "request_log_url" not in error_of(await logged.http.get("/v1/customers/cus_none", headers=acting))
    assert "request_log_url" in error_of(await logged.http.get("/v1/customers/cus_none"))


async def test_without_a_log_errors_name_no_page(api: Api) -> None:
    async with client(api, None) as http:
        assert "request_log_url" not in error_of(await http.get("/v1/customers/cus_none"))


async def test_a_large_body_is_not_kept_and_its_size_is(logged: Logged) -> None:
    values = {f"metadata[k{index}]": "v" * 480 for index in range(40)}
    made = await logged.http.post("/v1/customers", data=values)
    found = await logged.find(made.headers["request-id"])
    assert made.status_code == 200
    assert (found["request"], found["request_bytes"] > REQUEST_BYTES_MAX) == (None, True)
    assert found["response_bytes"] == len(made.content)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a" * 7, "a" * 7),
        ("pi_3ABCDEFGHIJKLMNOPQRSTUVW", "pi_3ABCDEFGHIJKLMNOPQRSTUVW"),
        ("order 123456789012", "order 123456789012"),
        ("4242 4242 4242 4242 is mine", f"{MASK} is mine"),
        ("4242-4242-4242-4242", MASK),
        ("pi_1_secret_abc", f"pi_1{MASK}"),
        ("rk_live_abc and whsec_def", f"{MASK} and {MASK}"),
        ("email:'jenny@example.com'", f"email:'{MASK}'"),
        ("@" * 20_000, "@" * 20_000),
        ("a" * 20_000 + "@", "a" * 20_000 + "@"),
    ],
)
def test_text_is_kept_without_what_looks_like_a_secret(text: str, kept: str) -> None:
    assert masked_text(text) == kept


def test_names_and_numbers_are_masked_wherever_they_are() -> None:
    given = {
        "a": [{"email": "x"}],
        "name": "",
        "phone": None,
        "dob": {"day": 1},
        NUMBER: 1,
        "n": int(NUMBER),
        "ok": True,
    }
    assert masked(given) == {
        "a": [{"email": MASK}], "name": "", "phone": None, "dob": MASK, MASK: 1, "n": MASK, "ok": True
    }  # fmt: skip


class Store:
    """A database that does as it is told."""

    def __init__(self, *answers: Exception | None) -> None:
        self.answers, self.rows = list(answers), list[LoggedRequest]()

    async def write(self, rows: Sequence[LoggedRequest]) -> None:
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        self.rows += rows


async def test_a_database_that_is_away_is_waited_for_and_its_queue_has_bounds(api: Api) -> None:
    store = Store(RecordsUnavailable("away"))
    log = RequestLog(store.write, waiting_max=2)
    with capture_logs() as lines:
        async with client(api, log) as http:
            answers = [await http.get("/v1/customers") for _ in range(2)]
            assert await log.write_some() is False
            answers += [await http.get("/v1/customers") for _ in range(2)]
            assert await log.write_some() is True
            answers.append(await http.get("/v1/customers"))
            await log.close()
    assert {each.status_code for each in answers} == {200}, "nobody has noticed"
    wanted = [answers[index].headers["request-id"] for index in (0, 1, 4)]
    assert [row.id for row in store.rows] == wanted
    assert [line["event"] for line in lines if line["log_level"] != "debug"] == ["request log full"], (
        "once, however many there are"
    )


async def test_one_that_cannot_be_stored_is_said_and_passed_over(api: Api) -> None:
    store = Store(RecordsRefused("of the batch"), None, RecordsRefused("of one"))
    log = RequestLog(store.write)
    with capture_logs() as lines:
        async with client(api, log) as http:
            answers = [await http.get("/v1/customers") for _ in range(3)]
            assert await log.write_some() is True
    ids = [answer.headers["request-id"] for answer in answers]
    assert [row.id for row in store.rows] == [ids[0], ids[2]]
    said = [line for line in lines if line["log_level"] != "debug"]
    assert [(line["event"], line["request"], line["why"]) for line in said] == [
        ("request log refused", ids[1], "of one")
    ]


@pytest.mark.parametrize("path", ["/v1/customers/%00", "/v1/customers/%ED%A0%80", "/v1/customers/cus%20_secret_x"])
async def test_whatever_is_asked_can_be_stored(logged: Logged, path: str) -> None:
    with capture_logs() as lines:
        answer = await logged.http.get(path)
        found = await logged.find(answer.headers["request-id"])
    assert found["status"] == answer.status_code == 404
    assert "_secret_x" not in str(found)
    assert [line for line in lines if line["log_level"] != "debug"] == []


async def test_it_is_written_by_itself_and_twice_is_once(api: Api) -> None:
    written = asyncio.Event()

    async def write(rows: Sequence[LoggedRequest]) -> None:
        await records.write(api.database, rows)
        await records.write(api.database, rows)
        written.set()

    log = RequestLog(write, pause_seconds=0.01)
    running = asyncio.create_task(log.run())
    async with client(api, log) as http:
        answer = await http.get("/v1/customers")
        async with asyncio.timeout(60):
            await written.wait()
        found = (await http.get(f"{LOGS}?limit=100")).json()["data"]
    running.cancel()
    assert [each["id"] for each in found] == [answer.headers["request-id"]]
