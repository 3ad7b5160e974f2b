"""Restricted keys and rate limits: what is allowed happens, everything else is refused before it has any effect."""

from dataclasses import replace

import httpx
import pytest

from api.build import OPERATIONS, build, mount
from api.dialect.auth import RateLimiter
from records.accounts import RESOURCES, ApiKey, add_key, expire_key, list_keys
from tests.api.conftest import Api, error_of
from tests.support.builders import NOW


async def restricted(api: Api, *permissions: str) -> str:
    key = f"rk_test_{api.scope.account}{len(permissions)}{abs(hash(permissions))}"
    await add_key(api.database, api.scope.account, key, "restricted", False, NOW, permissions=permissions)
    return key


@pytest.mark.parametrize(
    ("permissions", "method", "path", "form", "status"),
    [
        (["payment_intents:write"], "POST", "/v1/payment_intents", "amount=100&currency=usd", 200),
        (["payment_intents:write"], "GET", "/v1/payment_intents", "", 200),
        (["payment_intents:read"], "GET", "/v1/payment_intents", "", 200),
        (["payment_intents:read"], "POST", "/v1/payment_intents", "amount=100&currency=usd", 403),
        (["*:read"], "GET", "/v1/customers", "", 200),
        (["*:read"], "POST", "/v1/customers", "", 403),
        (["*:write"], "POST", "/v1/customers", "", 200),
        (["customers:write"], "GET", "/v1/payment_intents", "", 403),
        (["customers:write"], "GET", "/v1/events", "", 403),
        (["payment_intents:read"], "GET", "/v1/payment_intents", "expand[]=data.customer", 403),
        (["payment_intents:read", "customers:read"], "GET", "/v1/payment_intents", "expand[]=data.customer", 200),
    ],
)
async def test_a_restricted_key(
    api: Api, permissions: list[str], method: str, path: str, form: str, status: int
) -> None:
    key = await restricted(api, *permissions)
    response = await api.request(method, path, form, key=key)
    assert response.status_code == status
    if status == 403:
        error = error_of(response)
        assert error["type"] == "invalid_request_error"
        assert "permission would allow" in error["message"]
        assert key not in response.text
        assert (await api.get("/v1/customers")).json()["data"] == []
        assert (await api.get("/v1/payment_intents")).json()["data"] == []


def test_what_can_be_allowed_is_what_there_is() -> None:
    assert {operation.resource for operation in OPERATIONS} == RESOURCES


async def test_a_key_is_rolled_and_revoked(api: Api) -> None:
    key = f"sk_test_rolled{api.scope.account}"
    made = await add_key(api.database, api.scope.account, key, "secret", False, NOW, name="ci")
    assert (await api.get("/v1/customers", key=key)).status_code == 200
    later = await expire_key(api.database, made.id, NOW + 60)
    assert later is not None
    assert later.expires == NOW + 60
    assert (await expire_key(api.database, made.id, NOW + 900)) == later, "it does not live longer again"
    api.clock.now = NOW + 61
    response = await api.get("/v1/customers", key=key)
    assert (response.status_code, error_of(response)["code"]) == (401, "api_key_expired")
    assert await expire_key(api.database, "key_nobody", NOW) is None
    shown = [repr(record) for record in await list_keys(api.database)]
    assert all(key not in text for text in shown)


def test_so_many_in_a_second_and_no_more() -> None:
    limiter, one = RateLimiter(3), ApiKey("acct_1", False, "secret")
    other, live = ApiKey("acct_2", False, "secret"), ApiKey("acct_1", True, "secret")
    assert [limiter.take(one, "read", NOW) for _ in range(4)] == [True, True, True, False]
    assert limiter.take(one, "write", NOW)
    assert limiter.take(other, "read", NOW)
    assert limiter.take(live, "read", NOW)
    assert limiter.take(one, "read", NOW + 1)
    assert all(RateLimiter(0).take(one, "read", NOW) for _ in range(1_000))


def test_a_platform_and_its_accounts_are_one_crowd() -> None:
    limiter, platform = RateLimiter(1), ApiKey("acct_1", False, "secret")
    acting = replace(platform, account="acct_2", platform="acct_1", connected_to="acct_1")
    own = ApiKey("acct_3", False, "secret", connected_to="acct_1")
    assert limiter.take(platform, "read", NOW)
    assert not limiter.take(acting, "read", NOW)
    assert not limiter.take(own, "read", NOW)
    assert limiter.take(replace(own, livemode=True), "read", NOW)


async def test_too_many_requests_are_told_so(api: Api) -> None:
    app = build()
    mount(app, replace(api.services, rate_limit=2))
    headers = {"Authorization": f"Bearer {api.secret}"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://api", headers=headers
    ) as http:
        form = {"amount": "100", "currency": "usd"}
        answers = [await http.post("/v1/payment_intents", data=form) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert error_of(answers[2])["code"] == "rate_limit"
        assert answers[2].headers["stripe-rate-limited-reason"] == "global-rate"
        assert len((await http.get("/v1/payment_intents")).json()["data"]) == 2
