"""`stripe logs tail`: which requests are followed, and what a session of it may say."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from api.build import build, mount
from api.dialect.request_log import RequestLog
from api.routes.stripe_cli.requests import LATE_SECONDS
from parameters.stripe_cli import DEVICE_MAX, FILTERS_MAX, VALUES_MAX, tail_of
from records import request_log
from records.accounts import ensure_account, ensure_key
from tests.api.conftest import Api, error_of
from tests.api.stripe_cli import LISTEN, SESSIONS, TAIL, Process, begun
from tests.support.sockets import Caller


@pytest.fixture
def logging(api: Api) -> Api:
    """The API, with a request log that is written when a test says so."""
    log = RequestLog(partial(request_log.write, api.database))
    services = replace(api.services, request_log=log)
    app = build()
    mount(app, services)
    api.http._transport = type(api.http._transport)(app=app, raise_app_exceptions=False)  # type: ignore[call-arg]
    api.services = services
    return api


async def tailed(api: Api, caller: Caller) -> dict[str, Any]:
    assert api.services.request_log is not None
    await api.services.request_log.write_some()
    message = await caller.told()
    assert message["type"] == "request_log_event"
    assert message["request_log_id"].startswith("resp_")
    payload: dict[str, Any] = json.loads(message["event_payload"])
    return payload


async def test_requests_are_followed(logging: Api, process: Callable[[], Process]) -> None:
    api, on = logging, process()
    caller = await on.dialled(await begun(api, f'{TAIL}&filters={{"filter_account":["self"]}}'))
    answered = await api.post("/v1/payment_intents", "amount=1&currency=usd&description=secret")
    shown = await tailed(api, caller)
    assert shown == {
        "created_at": api.clock.now, "livemode": False, "method": "POST", "status": 400, "url": "/v1/payment_intents",
        "request_id": answered.headers["request-id"],
        "error": {"type": "invalid_request_error", "code": "amount_too_small", "message": shown["error"]["message"]},
    }  # fmt: skip
    await api.get("/v1/customers")
    assert (await tailed(api, caller))["url"] == "/v1/customers"


@pytest.mark.parametrize(
    ("filters", "seen"),
    [
        ({"filter_http_method": ["GET"]}, ["/v1/customers", "/v1/customers/cus_no"]),
        ({"filter_http_method": ["get", "POST"], "filter_request_path": ["/v1/customers"]}, ["/v1/customers"] * 2),
        ({"filter_request_status": ["FAILED"]}, ["/v1/customers/cus_no"]),
        ({"filter_request_status": ["SUCCEEDED"], "filter_http_method": ["POST"]}, ["/v1/customers"]),
        ({"filter_status_code": ["404"]}, ["/v1/customers/cus_no"]),
        ({"filter_status_code_type": ["400", "500"]}, ["/v1/customers/cus_no"]),
        ({"filter_status_code_type": ["200"], "filter_status_code": ["404"]}, []),
        ({"filter_source": ["API"], "filter_status_code": ["404"]}, ["/v1/customers/cus_no"]),
        ({"filter_source": ["DASHBOARD"]}, []),
    ],
)
async def test_filters(logging: Api, filters: dict[str, list[str]], seen: list[str]) -> None:
    api = logging
    await begun(api, f"{TAIL}&filters={json.dumps(filters)}")
    await api.post("/v1/customers")
    await api.get("/v1/customers")
    await api.get("/v1/customers/cus_no")
    assert api.services.request_log is not None
    await api.services.request_log.write_some()
    rows = await request_log.tail(api.database, api.scope, api.clock.now, tail_of(filters), [], 10)
    assert [row.path for row in rows] == seen


async def test_a_request_that_took_as_long_as_one_may_is_shown_when_it_is_written(
    logging: Api, process: Callable[[], Process]
) -> None:
    api = logging
    api.services = replace(api.services, answer_seconds=19.5)
    log, late = api.services.request_log, 20 + LATE_SECONDS
    assert log is not None
    caller = await process().dialled(await begun(api, TAIL))
    began = api.clock.now

    async def answered(path: str, *, at: int) -> None:
        api.clock.now = at
        await api.get(path)
        api.clock.now = began + 100
        await log.write_some()

    await answered("/v1/customers", at=began + 100)
    assert (await caller.told())["type"] == "request_log_event"
    await answered("/v1/refunds", at=began + 99 - late)
    await answered("/v1/charges", at=began + 100 - late)
    assert json.loads((await caller.told())["event_payload"])["url"] == "/v1/charges"
    assert caller.sent.empty()


async def test_requests_of_others_and_of_before_are_not_followed(logging: Api, process: Callable[[], Process]) -> None:
    api = logging
    stranger = f"{api.scope.account}_b"
    await ensure_account(api.database, stranger, "b", 1)
    await ensure_key(api.database, stranger, f"sk_test_{stranger}", "secret", livemode=False, now=1)
    await api.get("/v1/refunds")
    api.clock.now += 1
    caller = await process().dialled(await begun(api, TAIL))
    await api.get("/v1/charges", key=f"sk_test_{stranger}")
    await api.get("/v1/customers")
    assert (await tailed(api, caller))["url"] == "/v1/customers"
    assert caller.sent.empty()


async def test_one_that_says_as_much_as_it_may_is_begun_and_one_that_says_more_is_not(logging: Api) -> None:
    def paths(count: int, size: int | None = None) -> str:
        values = ["/v1/customers"] * count
        said = json.dumps({"filter_request_path": values}, separators=(",", ":"))
        if size is not None:
            values[0] += "x" * (size - len(said))
            said = json.dumps({"filter_request_path": values}, separators=(",", ":"))
        return f"{TAIL}&filters={said}"

    most = (
        LISTEN.replace("laptop", "a" * DEVICE_MAX), paths(VALUES_MAX), paths(1, FILTERS_MAX),
    )  # fmt: skip
    for form in most:
        await begun(logging, form)
    more = (
        (LISTEN.replace("laptop", "a" * (DEVICE_MAX + 1)), "at most 255 characters"),
        (paths(VALUES_MAX + 1), "a list of at most 50 texts"),
        (paths(1, FILTERS_MAX + 1), "at most 5000 characters"),
    )
    for form, message in more:
        refused = await logging.post(SESSIONS, form)
        assert (refused.status_code, message in error_of(refused)["message"]) == (400, True), form[:80]
