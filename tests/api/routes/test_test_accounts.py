"""Accounts that tests ask for: empty, with keys that work; and not where nobody has allowed them."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from api.build import build, mount
from records.accounts import add_key
from tests.api.conftest import Api, error_of
from tests.support.builders import NOW

PATH = "/v1/test_helpers/accounts"


def client(api: Api, **services: Any) -> httpx.AsyncClient:
    mount(app := build(), replace(api.services, **services))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://api")


def bearer(key: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}", **more}


async def test_an_account_of_ones_own_is_empty_and_its_keys_work(api: Api) -> None:
    await api.create()
    async with client(api, test_accounts=True) as http:
        made = await http.post(PATH, data={"name": "a test"}, headers=bearer(api.secret))
        other = (await http.post(PATH, headers=bearer(api.secret))).json()
        account = made.json()
        assert (made.status_code, account["object"], account["name"]) == (200, "test_account", "a test")
        assert account["id"] != other["id"] != api.scope.account
        own = bearer(account["secret_key"])
        assert (await http.get("/v1/payment_intents", headers=own)).json()["data"] == []
        form = {"amount": "5000", "currency": "usd", "allowed_payment_method_types[]": "card"}
        intent = (await http.post("/v1/payment_intents", data=form, headers=own)).json()
        assert (await http.get(f"/v1/payment_intents/{intent['id']}", headers=bearer(api.secret))).status_code == 404
        seen = await http.get(
            f"/v1/payment_intents/{intent['id']}",
            params={"client_secret": intent["client_secret"]},
            headers=bearer(account["publishable_key"]),
        )
        assert (seen.status_code, seen.json()["amount"]) == (200, 5000)


async def test_the_same_key_is_given_the_same_account(api: Api) -> None:
    async with client(api, test_accounts=True) as http:
        asked = bearer(api.secret, **{"Idempotency-Key": "one account"})
        assert (await http.post(PATH, headers=asked)).json() == (await http.post(PATH, headers=asked)).json()


@pytest.mark.parametrize(
    ("allowed", "kind", "livemode", "status"),
    [
        (False, "secret", False, 403),
        (True, "secret", True, 403),
        (True, "publishable", False, 401),
        (True, "restricted", False, 403),
    ],
)
async def test_nor_is_it_made_by_who_may_not(api: Api, allowed: bool, kind: Any, livemode: bool, status: int) -> None:
    key = f"{kind}_{allowed}_{livemode}_{api.scope.account}"
    permissions = ("payment_intents:write",) if kind == "restricted" else ()
    await add_key(api.database, api.scope.account, key, kind, livemode, NOW, permissions=permissions)
    async with client(api, test_accounts=allowed) as http:
        refused = await http.post(PATH, headers=bearer(key))
    assert refused.status_code == status, refused.text
    assert "secret_key" not in refused.json()
    if not allowed:
        assert "PERDURE_TEST_ACCOUNTS" in error_of(refused)["message"]
