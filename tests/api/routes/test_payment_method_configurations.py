"""Payment method configurations, and the payments that go by them, in the versions that have them by default."""

from typing import Any

import pytest

from domain.methods.offered import default_id
from records.accounts import ensure_key
from tests.api.conftest import Api, error_of
from tests.fidelity.parameter_types import parameters_of
from tests.support.builders import NOW

CONFIGURATIONS, INTENTS = "/v1/payment_method_configurations", "/v1/payment_intents"
DOLLARS = "amount=10000&currency=usd"
USUAL = ["card", "klarna", "link", "affirm", "cashapp", "amazon_pay"]
BEFORE, SINCE, NEWEST = "2022-11-15", "2023-08-16", "2026-10-28.endive"
OURS = {"allow_redirects": "always", "enabled": True}


def switch(name: str, preference: str) -> str:
    return f"{name}[display_preference][preference]={preference}"


async def default(api: Api) -> dict[str, Any]:
    (one,) = (await api.get(CONFIGURATIONS)).json()["data"]
    found: dict[str, Any] = one
    return found


async def an_intent(api: Api, form: str = "", version: str = NEWEST) -> dict[str, Any]:
    response = await api.request("POST", INTENTS, f"{DOLLARS}&{form}", Stripe_Version=version)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def test_an_account_has_one_to_begin_with(api: Api) -> None:
    one = await default(api)
    assert (one["id"], one["name"]) == (default_id(api.scope.account, False), "Default")
    assert (one["active"], one["is_default"], one["parent"], one["application"]) == (True, True, None, None)
    on = {"available": True, "display_preference": {"overridable": None, "preference": "on", "value": "on"}}
    off = {"available": False, "display_preference": {"overridable": None, "preference": "off", "value": "off"}}
    assert (one["card"], one["apple_pay"], one["us_bank_account"]) == (on, on, off)
    assert (await api.get(f"{CONFIGURATIONS}/{one['id']}")).json() == one


async def test_it_is_there_by_its_id_before_anybody_has_looked(api: Api) -> None:
    intent = await an_intent(api)
    id_ = intent["payment_method_configuration_details"]["id"]
    assert (await api.get(f"{CONFIGURATIONS}/{id_}")).json()["is_default"] is True


async def test_they_are_made_changed_and_listed(api: Api) -> None:
    made = (
        await api.post(CONFIGURATIONS, f"name=Ideal only&{switch('klarna', 'off')}&{switch('ideal', 'none')}")
    ).json()
    assert (made["name"], made["is_default"], made["klarna"]["available"]) == ("Ideal only", False, False)
    assert made["ideal"]["display_preference"] == {"overridable": None, "preference": "none", "value": "on"}
    changed = (await api.post(f"{CONFIGURATIONS}/{made['id']}", f"active=false&{switch('zip', 'on')}")).json()
    assert (changed["active"], changed["zip"]["available"], changed["klarna"]["available"]) == (False, True, False)
    assert (await api.get(f"{CONFIGURATIONS}/{made['id']}")).json() == changed
    ids = [one["id"] for one in (await api.get(CONFIGURATIONS)).json()["data"]]
    assert set(ids) == {made["id"], default_id(api.scope.account, False)}
    active = (await api.get(CONFIGURATIONS, "active=true")).json()["data"]
    assert [one["id"] for one in active] == [default_id(api.scope.account, False)]
    paged = (await api.get(CONFIGURATIONS, f"starting_after={ids[0]}&limit=1")).json()
    assert ([one["id"] for one in paged["data"]], paged["has_more"]) == (ids[1:], False)
    assert (await api.get(CONFIGURATIONS, "application=ca_1")).json()["data"] == []


async def test_a_child_goes_by_its_parent_where_it_says_nothing(api: Api) -> None:
    parent = (await api.post(CONFIGURATIONS, f"name=P&{switch('zip', 'on')}&{switch('klarna', 'off')}")).json()
    child = (await api.post(CONFIGURATIONS, f"parent={parent['id']}&{switch('klarna', 'on')}")).json()
    assert (child["parent"], child["zip"]["available"], child["klarna"]["available"]) == (parent["id"], True, True)
    assert child["zip"]["display_preference"]["overridable"] is True
    intent = await an_intent(api, f"payment_method_configuration={child['id']}")
    assert intent["payment_method_configuration_details"] == {"id": child["id"], "parent": parent["id"]}


async def test_one_request_one_configuration(api: Api) -> None:
    first = await api.post(CONFIGURATIONS, "name=A", Idempotency_Key="k")
    again = await api.post(CONFIGURATIONS, "name=A", Idempotency_Key="k")
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")
    assert len((await api.get(CONFIGURATIONS)).json()["data"]) == 2


@pytest.mark.parametrize(
    ("method", "path", "form", "status", "code", "param"),
    [
        ("GET", "/pmc_none", "", 404, "resource_missing", "payment_method_configuration"),
        ("POST", "/pmc_none", "active=true", 404, "resource_missing", "payment_method_configuration"),
        ("POST", "", "parent=pmc_none", 400, "resource_missing", "parent"),
        ("POST", "", switch("card", "off"), 400, None, "card[display_preference][preference]"),
        ("POST", "", switch("ideal", "maybe"), 400, None, "ideal[display_preference][preference]"),
        ("POST", "", switch("gold", "on"), 400, "parameter_unknown", "gold"),
        ("POST", "", "ideal=on", 400, None, "ideal"),
        ("POST", "/{default}", "active=false", 400, None, "active"),
    ],
)
async def test_what_cannot_be(
    api: Api, method: str, path: str, form: str, status: int, code: str | None, param: str
) -> None:
    before = await default(api)
    response = await api.request(method, CONFIGURATIONS + path.format(default=before["id"]), form)
    error = error_of(response)
    assert (response.status_code, error.get("code"), error["param"]) == (status, code, param)
    assert await default(api) == before, "and nothing was made"


async def test_a_restricted_key_needs_its_permission(api: Api) -> None:
    key = f"rk_test_{api.scope.account}"
    await ensure_key(api.database, api.scope.account, f"pk_test_x{api.scope.account}", "publishable", False, NOW)
    refused = await api.get(CONFIGURATIONS, key=api.publishable)
    assert refused.status_code == 401
    from records.accounts import add_key

    allowed = ("payment_method_configurations:read",)
    await add_key(api.database, api.scope.account, key, "restricted", False, NOW, permissions=allowed)
    assert (await api.get(CONFIGURATIONS, key=key)).status_code == 200
    assert (await api.post(CONFIGURATIONS, "name=A", key=key)).status_code == 403


@pytest.mark.parametrize("name", ["create", "update"])
def test_every_switch_of_stripes_is_there(name: str) -> None:
    from api.build import OPERATIONS

    (operation,) = (one for one in OPERATIONS if one.name == f"payment_method_configurations.{name}")
    spec = parameters_of(f"PaymentMethodConfiguration{name.capitalize()}Params")
    assert set(operation.parameters.model_fields) == set(spec.fields)


class TestByDefault:
    """Who says nothing of types."""

    @pytest.mark.parametrize("version", [SINCE, "2024-06-20", "2026-08-26.dahlia", NEWEST])
    async def test_leaves_them_to_the_account(self, api: Api, version: str) -> None:
        intent = await an_intent(api, version=version)
        assert (intent["automatic_payment_methods"], intent["payment_method_types"]) == (OURS, USUAL)
        own = {"id": default_id(api.scope.account, False), "parent": None}
        assert intent["payment_method_configuration_details"] == own

    @pytest.mark.parametrize("version", ["2019-02-11", "2020-08-27", BEFORE])
    async def test_took_cards_before(self, api: Api, version: str) -> None:
        intent = await an_intent(api, version=version)
        assert (intent["automatic_payment_methods"], intent["payment_method_types"]) == (None, ["card"])
        assert intent["payment_method_configuration_details"] is None
        paid = await api.request("POST", f"{INTENTS}/{intent['id']}/confirm", "payment_method=pm_card_visa")
        assert paid.json()["status"] == "succeeded", paid.text

    @pytest.mark.parametrize("version", [BEFORE, SINCE, NEWEST])
    async def test_or_says_so_in_any_version(self, api: Api, version: str) -> None:
        intent = await an_intent(api, "automatic_payment_methods[enabled]=true", version)
        assert (intent["automatic_payment_methods"], intent["payment_method_types"]) == (OURS, USUAL)

    async def test_needs_a_way_back_to_confirm(self, api: Api) -> None:
        intent = await an_intent(api)
        path = f"{INTENTS}/{intent['id']}/confirm"
        response = await api.post(path, "payment_method=pm_card_visa")
        error = error_of(response)
        assert (response.status_code, error["payment_intent"]) == (400, intent)
        assert "you must provide a `return_url`" in error["message"]
        assert {"code", "param"}.isdisjoint(error)
        assert api.engine.gateway.calls == 0
        paid = await api.post(path, "payment_method=pm_card_visa&return_url=https://shop.example")
        assert paid.json()["status"] == "succeeded", paid.text

    @pytest.mark.parametrize(
        "form",
        ["off_session=true", "return_url=https://shop.example", "automatic_payment_methods[allow_redirects]=never"
         "&automatic_payment_methods[enabled]=true", "allowed_payment_method_types[]=card"],
    )  # fmt: skip
    async def test_or_says_that_nobody_goes_away(self, api: Api, form: str) -> None:
        intent = await an_intent(api, f"payment_method=pm_card_visa&confirm=true&{form}")
        assert intent["status"] == "succeeded"

    async def test_goes_by_what_the_account_has_changed_at_once(self, api: Api) -> None:
        before = await an_intent(api)
        one = await default(api)
        await api.post(f"{CONFIGURATIONS}/{one['id']}", f"{switch('link', 'off')}&{switch('us_bank_account', 'on')}")
        intent = await an_intent(api)
        assert intent["payment_method_types"] == [
            "card",
            "klarna",
            "affirm",
            "cashapp",
            "amazon_pay",
            "us_bank_account",
        ]
        changed = await api.post(f"{INTENTS}/{before['id']}", "amount=12000")
        assert changed.json()["payment_method_types"] == USUAL, "what was there goes on as it was"


class TestByConfiguration:
    """Who names a configuration."""

    async def test_takes_what_it_offers(self, api: Api) -> None:
        made = (await api.post(CONFIGURATIONS, f"name=A&{switch('klarna', 'off')}")).json()
        intent = await an_intent(api, f"payment_method_configuration={made['id']}", BEFORE)
        assert intent["automatic_payment_methods"] == OURS
        assert intent["payment_method_types"] == [name for name in USUAL if name != "klarna"]
        assert intent["payment_method_configuration_details"] == {"id": made["id"], "parent": None}

    async def test_may_name_another_later(self, api: Api) -> None:
        made = (await api.post(CONFIGURATIONS, f"name=A&{switch('klarna', 'off')}")).json()
        intent = await an_intent(api)
        changed = await api.post(f"{INTENTS}/{intent['id']}", f"payment_method_configuration={made['id']}")
        assert "klarna" not in changed.json()["payment_method_types"]

    async def test_that_nobody_has_or_that_is_off_is_refused(self, api: Api) -> None:
        made = (await api.post(CONFIGURATIONS, "name=A")).json()
        await api.post(f"{CONFIGURATIONS}/{made['id']}", "active=false")
        for id_, code in (("pmc_none", "resource_missing"), (made["id"], None)):
            error = error_of(await api.post(INTENTS, f"{DOLLARS}&payment_method_configuration={id_}"))
            assert (error.get("code"), error["param"]) == (code, "payment_method_configuration")
        assert (await api.get(INTENTS)).json()["data"] == []


EXCLUSIVE = [
    ("allowed_payment_method_types[]=card&payment_method_types[]=card", "2026-08-26.dahlia"),
    ("allowed_payment_method_types[]=card&excluded_payment_method_types[]=link", NEWEST),
    ("allowed_payment_method_types[]=card&automatic_payment_methods[enabled]=true", NEWEST),
    ("allowed_payment_method_types[]=card&payment_method_configuration=pmc_1", NEWEST),
    ("payment_method_types[]=card&automatic_payment_methods[enabled]=true", "2026-08-26.dahlia"),
    ("payment_method_types[]=card&payment_method_configuration=pmc_1", "2026-08-26.dahlia"),
]


class TestWhoSaysWhichTypes:
    """Named in older versions, allowed or excluded in all."""

    @pytest.mark.parametrize(("form", "version"), EXCLUSIVE)
    async def test_says_it_in_one_way(self, api: Api, form: str, version: str) -> None:
        error = error_of(await api.post(INTENTS, f"{DOLLARS}&{form}", Stripe_Version=version))
        assert (error["code"], "only specify one" in error["message"]) == ("parameters_exclusive", True)
        assert (await api.get(INTENTS)).json()["data"] == []

    @pytest.mark.parametrize("version", [BEFORE, SINCE, "2026-08-26.dahlia"])
    async def test_may_name_them_until_endive(self, api: Api, version: str) -> None:
        intent = await an_intent(api, "payment_method_types[]=card", version)
        assert (intent["payment_method_types"], intent["automatic_payment_methods"]) == (["card"], None)
        left = await an_intent(api, version=SINCE)
        named = await api.post(f"{INTENTS}/{left['id']}", "payment_method_types[]=klarna", Stripe_Version=version)
        assert (named.json()["payment_method_types"], named.json()["automatic_payment_methods"]) == (["klarna"], None)

    @pytest.mark.parametrize("at", ["", "/{id}", "/{id}/confirm"])
    @pytest.mark.parametrize("version", ["2026-09-30.endive", NEWEST])
    async def test_is_refused_from_endive_on(self, api: Api, at: str, version: str) -> None:
        intent = await an_intent(api)
        path = INTENTS + at.format(id=intent["id"])
        form = f"{'' if at else DOLLARS}&payment_method_types[]=card".strip("&")
        error = error_of(await api.post(path, form, Stripe_Version=version))
        assert (error["code"], error["param"]) == ("payment_method_types_no_longer_supported", "payment_method_types")
        assert (await api.get(INTENTS)).json()["data"] == [intent]

    async def test_what_is_allowed_and_does_not_fit_is_left_out(self, api: Api) -> None:
        intent = await an_intent(api, "allowed_payment_method_types[]=ideal&allowed_payment_method_types[]=card")
        assert intent["allowed_payment_method_types"] == ["ideal", "card"]
        assert (intent["payment_method_types"], intent["automatic_payment_methods"]) == (["card"], None)
        euros = await api.post(f"{INTENTS}/{intent['id']}", "currency=eur")
        assert euros.json()["payment_method_types"] == ["ideal", "card"]
        nothing = await api.post(INTENTS, f"{DOLLARS}&allowed_payment_method_types[]=ideal")
        assert error_of(nothing)["message"].startswith("No valid payment method types for this Payment Intent.")

    async def test_what_is_excluded_is_not_offered(self, api: Api) -> None:
        intent = await an_intent(api, "excluded_payment_method_types[]=klarna")
        assert (intent["excluded_payment_method_types"], intent["automatic_payment_methods"]) == (["klarna"], OURS)
        assert intent["payment_method_types"] == [name for name in USUAL if name != "klarna"]

    async def test_cannot_leave_them_to_us_and_have_no_action(self, api: Api) -> None:
        form = f"{DOLLARS}&payment_method=pm_card_visa&confirm=true&error_on_requires_action=true"
        back = "return_url=https://shop.example"
        error = error_of(await api.request("POST", INTENTS, f"{form}&{back}"))
        assert (error["param"], "managed through the Dashboard" in error["message"]) == (
            "error_on_requires_action",
            True,
        )
        assert (await api.post(INTENTS, form)).json()["status"] == "succeeded"
