"""What elements offer before there is an intent: what an intent would take that is made like that."""

import pytest

from tests.api.conftest import Api, error_of

PATH = "/v1/elements/sessions"


def deferred(**said: object) -> str:
    return "&".join(f"deferred_intent[{name}]={value}" for name, value in said.items())


async def offered(api: Api, **said: object) -> list[str]:
    response = await api.get(PATH, deferred(**said), key=api.publishable)
    assert response.status_code == 200, response.text
    types: list[str] = response.json()["payment_method_preference"]["ordered_payment_method_types"]
    return types


@pytest.mark.parametrize(
    "said",
    [
        {"amount": 1_000, "currency": "usd"},
        {"amount": 1_000, "currency": "EUR"},
        {"amount": 1_000, "currency": "eur", "setup_future_usage": "off_session"},
        {"amount": 1_000, "currency": "eur", "capture_method": "manual"},
        {"amount": 9_900_000, "currency": "usd"},
        {"amount": 1_000, "currency": "eur", "excluded_payment_method_types][": "ideal"},
    ],
)
async def test_a_payment_offers_what_its_intent_takes(api: Api, said: dict[str, object]) -> None:
    form = "&".join(f"{name.replace('][', '[]')}={value}" for name, value in said.items())
    made = (await api.request("POST", "/v1/payment_intents", form)).json()
    assert await offered(api, mode="payment", **said) == made["payment_method_types"]


async def test_a_setup_offers_what_can_be_kept(api: Api) -> None:
    made = (await api.request("POST", "/v1/setup_intents", "")).json()
    assert await offered(api, mode="setup") == made["payment_method_types"]
    kept = await offered(api, mode="setup", currency="usd")
    assert set(kept) < set(made["payment_method_types"]), "nobody pays dollars by what takes only euros"
    assert await offered(api, mode="subscription", currency="usd", amount=0) == kept


async def test_a_subscription_offers_what_can_be_kept_and_paid_with(api: Api) -> None:
    types = await offered(api, mode="subscription", amount=1_000, currency="eur")
    assert types == await offered(api, mode="payment", amount=1_000, currency="eur", setup_future_usage="off_session")


async def test_a_configuration_is_named_or_is_the_accounts_own(api: Api) -> None:
    said = {"mode": "payment", "amount": 1_000, "currency": "usd"}
    form = "klarna[display_preference][preference]=off&alipay[display_preference][preference]=on"
    named = (await api.post("/v1/payment_method_configurations", f"name=x&{form}")).json()["id"]
    by_name = await offered(api, **said, payment_method_configuration=named)
    assert ("klarna" in by_name, "alipay" in by_name) == (False, True)
    assert ("klarna" in await offered(api, **said)) is True
    own = (await api.get("/v1/payment_method_configurations", "limit=10")).json()["data"]
    default = next(one["id"] for one in own if one["is_default"])
    await api.post(f"/v1/payment_method_configurations/{default}", form)
    assert await offered(api, **said) == by_name


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("", "client_secret"),
        (deferred(mode="x"), "deferred_intent[mode]"),
        (deferred(mode="payment", currency="usd"), "deferred_intent[amount]"),
        (deferred(mode="payment", amount=100), "deferred_intent[currency]"),
        (deferred(mode="subscription", amount=100), "deferred_intent[currency]"),
        (deferred(mode="payment", amount=-1, currency="usd"), "deferred_intent[amount]"),
        (deferred(mode="payment", amount=100, currency="xxx"), "deferred_intent[currency]"),
        (deferred(mode="setup", payment_method_configuration="pmc_x"), "payment_method_configuration"),
    ],
)
async def test_what_is_refused(api: Api, query: str, param: str) -> None:
    response = await api.get(PATH, query, key=api.publishable)
    assert (response.status_code, error_of(response)["param"]) == (400, param)


async def test_an_intent_says_itself_what_it_takes(api: Api) -> None:
    intent = await api.create("allowed_payment_method_types[]=card&allowed_payment_method_types[]=link")
    response = await api.get(PATH, f"client_secret={intent['client_secret']}", key=api.publishable)
    shown = response.json()["payment_method_preference"]["ordered_payment_method_types"]
    assert (shown, response.json()["customer"]) == (["card", "link"], None)
