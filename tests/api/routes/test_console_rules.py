"""Rules of routing by the console: in versions, checked, by whoever may, and never for live payments by a test key."""

import json
from dataclasses import replace
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient

from api.build import build, mount
from domain.model.gateways import GatewayProfile
from records.accounts import add_key
from records.routing_rules import versions
from tests.api.conftest import Api
from tests.support.builders import NOW

RULES = "/dashboard/v1/routing_rules"
EUROS: dict[str, Any] = {"rules": [{"name": "euros", "when": {"currency": "eur"}, "gateways": ["beta"]}]}
OTHERS: dict[str, Any] = {"rules": [{"name": "all", "split": {"simulator": 70, "beta": 30}}], "tries": 2}


async def asked(api: Api, method: str, path: str = "", key: str | None = None, **form: str) -> Any:
    """As an API answers that has two gateways."""
    services = replace(api.services, profiles=(GatewayProfile(), replace(GatewayProfile(), name="beta")))
    app = build()
    mount(app, services)
    headers = {"Authorization": f"Bearer {key or api.secret}"}
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://api") as http:
        return await http.request(method, RULES + path, data=form, headers=headers)


async def holding(api: Api) -> list[tuple[int, bool]]:
    return [(one.number, one.holds) for one in await versions(api.database, api.scope.account)]


async def test_they_are_set_in_versions_taken_back_and_ended(api: Api) -> None:
    first = await asked(api, "POST", rules=json.dumps(EUROS))
    assert first.json() == {
        "object": "routing_rules", "id": "rules_1", "created": NOW, "data": EUROS, "holds": True, "version": 1,
    }  # fmt: skip
    assert (await asked(api, "POST", rules=json.dumps(OTHERS))).json()["version"] == 2
    listed = (await asked(api, "GET")).json()
    assert [(one["version"], one["holds"], one["data"]) for one in listed["data"]] == [
        (2, True, OTHERS), (1, False, EUROS)
    ]  # fmt: skip
    again = await asked(api, "POST", rules=json.dumps(listed["data"][1]["data"]))
    assert (again.json()["version"], again.json()["data"]) == (3, EUROS)
    assert (await asked(api, "POST", "/end")).json()["holds"] is False
    assert await holding(api) == [(3, False), (2, False), (1, False)]
    nothing = await asked(api, "POST", "/end")
    assert (nothing.status_code, nothing.json()["error"]["message"]) == (400, "No rules hold.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no JSON"),
        ("[]", "object"),
        ("[" * 20_000, "no JSON"),
        (json.dumps({"rules": [{"name": "x", "gateways": ["gamma"]}]}), "gamma"),
        (json.dumps({"rules": [], "trys": 2}), "tries"),
        (" " * 65_537, "65536"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_nothing_changes(api: Api, text: str, said: str) -> None:
    await asked(api, "POST", rules=json.dumps(EUROS))
    answer = await asked(api, "POST", rules=text)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "rules")
    assert said in answer.json()["error"]["message"]
    assert await holding(api) == [(1, True)]


async def test_a_restricted_key_needs_to_be_allowed(api: Api) -> None:
    for number, (permissions, statuses) in enumerate(
        [(("dashboard:write",), (403, 403, 403)), (("routing_rules:read",), (200, 403, 403)),
         (("routing_rules:write",), (200, 200, 200))]
    ):  # fmt: skip
        key = f"rk_test_{number}"
        await add_key(
            api.database,
            api.scope.account,
            key,
            "restricted",
            False,
            NOW,
            name=None,
            permissions=permissions,
            expires=None,
        )
        found = [
            await asked(api, "GET", key=key),
            await asked(api, "POST", key=key, rules=json.dumps(EUROS)),
            await asked(api, "POST", "/end", key=key),
        ]
        assert [each.status_code for each in found] == list(statuses), permissions


async def test_where_there_are_live_keys_a_test_key_does_not_say_where_live_payments_go(api: Api) -> None:
    live: dict[str, Any] = {"name": None, "permissions": (), "expires": None}
    await add_key(api.database, api.scope.account, "sk_live_1", "secret", True, NOW, **live)
    for refused in (await asked(api, "POST", rules=json.dumps(EUROS)), await asked(api, "POST", "/end")):
        assert refused.status_code == 403
        assert "live key" in refused.json()["error"]["message"]
    assert await holding(api) == []
    assert (await asked(api, "POST", key="sk_live_1", rules=json.dumps(EUROS))).status_code == 200
