"""Customer sessions: what is made, what its secret shows and does, and that it is all of it."""

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from api.routes.customer_sessions import SECONDS
from parameters.customer_sessions import SHOWN_MAX
from records.customer_sessions import KEPT_SECONDS, table
from tests.api.conftest import Api, error_of
from tests.api.routes.test_ephemeral_keys import with_card
from tests.support.builders import NOW

PATH, FEATURES = "/v1/customer_sessions", "components[payment_element][features]"
ON = "components[payment_element][enabled]=true"
REDISPLAY = f"{FEATURES}[payment_method_redisplay]=enabled"
REMOVE = f"{FEATURES}[payment_method_remove]=enabled"
ALL = "&".join(f"{FEATURES}[payment_method_allow_redisplay_filters][]={each}" for each in ("always", "unspecified"))
DEFERRED = "deferred_intent[mode]=payment&deferred_intent[amount]=1000&deferred_intent[currency]=usd"


async def session(api: Api, customer: str, *features: str) -> str:
    response = await api.post(PATH, "&".join((f"customer={customer}", ON, *features)))
    assert response.status_code == 200, response.text
    return str(response.json()["client_secret"])


async def asked(api: Api, secret: str, query: str = DEFERRED) -> Any:
    return await api.get(
        "/v1/elements/sessions", f"{query}&customer_session_client_secret={secret}", key=api.publishable
    )


async def shown(api: Api, secret: str, query: str = DEFERRED) -> list[str]:
    response = await asked(api, secret, query)
    assert response.status_code == 200, response.text
    return [method["id"] for method in response.json()["customer"]["payment_methods"]]


async def remove(api: Api, method: str, secret: str) -> Any:
    form = f"customer_session_client_secret={secret}"
    return await api.post(f"/v1/elements/payment_methods/{method}/remove", form, key=api.publishable)


@dataclass
class Two:
    """A customer with a card, and another one with another."""

    customer: str
    method: str
    other: str
    others_method: str


@pytest.fixture
async def two(api: Api) -> Two:
    return Two(*await with_card(api), *await with_card(api))


async def test_it_says_of_every_component_what_it_may(api: Api, two: Two) -> None:
    made = (await api.post(PATH, f"customer={two.customer}&{ON}&components[pricing_table][enabled]=true")).json()
    assert made["client_secret"].startswith("cuss_secret_")
    assert (made["customer"], made["expires_at"], "id" in made) == (two.customer, NOW + SECONDS, False)
    parts = made["components"]
    assert {name for name, part in parts.items() if part["enabled"]} == {"payment_element", "pricing_table"}
    assert parts["customer_sheet"] == parts["mobile_payment_element"] == {"enabled": False, "features": None}
    assert parts["payment_element"]["features"] == {
        "payment_method_allow_redisplay_filters": ["always"], "payment_method_redisplay": "disabled",
        "payment_method_redisplay_limit": 3, "payment_method_remove": "disabled", "payment_method_save": "disabled",
        "payment_method_save_usage": None,
    }  # fmt: skip
    named = f"customer={two.customer}&expand[]=customer&components[customer_sheet][enabled]=true"
    assert (await api.post(PATH, named)).json()["customer"]["id"] == two.customer


@pytest.mark.parametrize(
    ("form", "param", "code"),
    [
        ("", "components", "parameter_missing"),
        (f"{ON}&customer=", "customer", "parameter_invalid_empty"),
        (f"{ON}&customer=cus_x", "customer", "resource_missing"),
        (f"{ON}&customer_account=acct_x", "customer_account", "resource_missing"),
        (ON, "customer", "parameter_missing"),
        ("customer=cus_x&components[payment_element][enabled]=false", "components", None),
        ("customer=cus_x&components[buy_button][x]=1", "components[buy_button][x]", "parameter_unknown"),
        (f"{ON}&{FEATURES}[payment_method_redisplay]=yes", f"{FEATURES}[payment_method_redisplay]", None),
        (f"{ON}&{FEATURES}[payment_method_redisplay_limit]=0", f"{FEATURES}[payment_method_redisplay_limit]",
         "parameter_invalid_integer"),
        (f"{ON}&{FEATURES}[payment_method_redisplay_limit]={SHOWN_MAX + 1}",
         f"{FEATURES}[payment_method_redisplay_limit]", "parameter_invalid_integer"),
    ],
)  # fmt: skip
async def test_what_is_refused(api: Api, form: str, param: str, code: str | None) -> None:
    response = await api.post(PATH, form)
    error = error_of(response)
    assert (response.status_code, error.get("param"), error.get("code")) == (400, param, code)
    assert await api.database.execute(select(table.c.id).where(api.scope.owns(table))) == []


async def test_only_a_server_makes_one(api: Api, two: Two) -> None:
    assert (await api.post(PATH, f"customer={two.customer}&{ON}", key=api.publishable)).status_code == 401


async def test_it_shows_what_was_allowed_and_as_many_the_default_first(api: Api, two: Two) -> None:
    newer = []
    for redisplay in ("always", "always", "limited"):
        form = f"type=card&card[token]=tok_visa&allow_redisplay={redisplay}"
        newer.append((await api.post("/v1/payment_methods", form)).json()["id"])
        await api.post(f"/v1/payment_methods/{newer[-1]}/attach", f"customer={two.customer}")
    assert await shown(api, await session(api, two.customer)) == []
    always = await session(api, two.customer, REDISPLAY)
    assert await shown(api, always) == [newer[1], newer[0]]
    everything = await session(api, two.customer, REDISPLAY, ALL)
    assert await shown(api, everything) == [newer[1], newer[0], two.method]
    await api.post(f"/v1/customers/{two.customer}", f"invoice_settings[default_payment_method]={two.method}")
    answer = (await asked(api, everything)).json()["customer"]
    assert (answer["default_payment_method"], answer["payment_methods"][0]["id"]) == (two.method, two.method)
    assert (await asked(api, always)).json()["customer"]["default_payment_method"] is None, "it is not shown"
    few = await session(api, two.customer, REDISPLAY, f"{FEATURES}[payment_method_redisplay_limit]=1")
    assert await shown(api, few) == [newer[1]]
    assert await shown(api, everything, "deferred_intent[mode]=setup&deferred_intent[currency]=usd") != []


async def test_a_browser_is_not_told_who_it_is(api: Api, two: Two) -> None:
    secret = await session(api, two.customer, REDISPLAY, ALL)
    text = (await asked(api, secret)).text
    assert two.method in text
    assert two.customer not in text
    assert secret not in text


async def test_it_goes_with_an_intent_of_the_same_customer(api: Api, two: Two) -> None:
    secret = await session(api, two.customer, REDISPLAY, ALL)
    for customer, status in ((two.customer, 200), (two.other, 400), (None, 400)):
        intent = await api.create(f"customer={customer}" if customer else "")
        response = await asked(api, secret, f"client_secret={intent['client_secret']}")
        assert response.status_code == status
        assert (two.method in response.text) == (status == 200)
    setup = (await api.post("/v1/setup_intents", f"customer={two.customer}")).json()
    assert await shown(api, secret, f"client_secret={setup['client_secret']}") == [two.method]


async def test_a_wrong_client_secret_shows_nothing(api: Api, two: Two) -> None:
    secret = await session(api, two.customer, REDISPLAY, ALL)
    intent = await api.create(f"customer={two.customer}")
    for wrong in (f"{intent['id']}_secret_x", "pi_x_secret_x", "seti_x_secret_x", "x", intent["id"]):
        response = await asked(api, secret, f"client_secret={wrong}")
        assert (response.status_code, error_of(response)["param"]) == (400, "client_secret"), wrong
        assert two.method not in response.text
    assert error_of(await asked(api, secret, ""))["code"] == "parameter_missing"


@pytest.mark.parametrize("secret", ["cuss_secret_x", "", "x" * 255])
async def test_a_secret_of_nobodys(api: Api, two: Two, secret: str) -> None:
    assert (await asked(api, secret)).status_code == 400
    assert (await remove(api, two.method, secret)).status_code == 400
    assert (await api.get(f"/v1/payment_methods/{two.method}")).json()["customer"] == two.customer


async def test_its_half_hour_passes(api: Api, two: Two) -> None:
    secret = await session(api, two.customer, REDISPLAY, ALL, REMOVE)
    api.clock.now = NOW + SECONDS - 1
    assert await shown(api, secret) == [two.method]
    api.clock.now = NOW + SECONDS
    for response in (await asked(api, secret), await remove(api, two.method, secret)):
        assert (response.status_code, error_of(response)["code"]) == (400, "customer_session_expired")
    assert (await api.get(f"/v1/payment_methods/{two.method}")).json()["customer"] == two.customer
    api.clock.now = NOW + SECONDS + KEPT_SECONDS + 1
    await session(api, two.customer)
    assert error_of(await asked(api, secret))["code"] == "resource_missing", "it is forgotten by now"


async def test_a_method_is_removed_where_that_is_allowed_and_it_is_shown(api: Api, two: Two) -> None:
    kept = f"/v1/payment_methods/{two.method}"
    tried = [
        (await session(api, two.customer, REDISPLAY, ALL), two.method, 403),
        (await session(api, two.customer, REDISPLAY, REMOVE), two.method, 404),  # It is not shown: `unspecified`.
        (await session(api, two.customer, ALL, REMOVE), two.method, 404),  # None is shown.
        (await session(api, two.other, REDISPLAY, ALL, REMOVE), two.method, 404),
        (await session(api, two.customer, REDISPLAY, ALL, REMOVE), two.others_method, 404),
        (await session(api, two.customer, REDISPLAY, ALL, REMOVE), "pm_x", 404),
    ]
    for secret, method, status in tried:
        assert (await remove(api, method, secret)).status_code == status
    assert (await api.get(kept)).json()["customer"] == two.customer
    assert (await api.get(f"/v1/payment_methods/{two.others_method}")).json()["customer"] == two.other
    removed = await remove(api, two.method, tried[-1][0])
    assert (removed.status_code, removed.json()["id"]) == (200, two.method)
    assert (await api.get(kept)).json()["customer"] is None
    assert await shown(api, tried[-1][0]) == []
    assert (await api.get("/v1/events")).json()["data"][0]["type"] == "payment_method.detached"


async def test_what_is_beyond_the_limit_is_not_shown_and_nothing_is_done_with_it(api: Api, two: Two) -> None:
    newer = (await api.post("/v1/payment_methods", "type=card&card[token]=tok_visa")).json()["id"]
    await api.post(f"/v1/payment_methods/{newer}/attach", f"customer={two.customer}")
    limit = f"{FEATURES}[payment_method_redisplay_limit]=1"
    secret = await session(api, two.customer, REDISPLAY, ALL, REMOVE, limit)
    assert await shown(api, secret) == [newer]
    assert (await remove(api, two.method, secret)).status_code == 404
    form = f"payment_method={two.method}&customer_session_client_secret={secret}"
    assert (await api.post("/v1/confirmation_tokens", form, key=api.publishable)).status_code == 400
    assert (await api.get(f"/v1/payment_methods/{two.method}")).json()["customer"] == two.customer
    assert (await remove(api, newer, secret)).status_code == 200


async def test_a_session_of_something_else_opens_nothing(api: Api, two: Two) -> None:
    form = f"customer={two.customer}&components[customer_sheet][enabled]=true"
    secret = (await api.post(PATH, form)).json()["client_secret"]
    assert (await asked(api, secret)).status_code == 400


async def test_a_deleted_customer_has_none(api: Api, two: Two) -> None:
    secret = await session(api, two.customer, REDISPLAY, ALL)
    await api.request("DELETE", f"/v1/customers/{two.customer}")
    assert error_of(await asked(api, secret))["param"] == "customer_session_client_secret"


async def test_a_confirmation_token_takes_what_it_shows(api: Api, two: Two) -> None:
    path, form = "/v1/confirmation_tokens", f"payment_method={two.method}"
    secret = await session(api, two.customer, REDISPLAY, ALL)
    others = await session(api, two.other, REDISPLAY, ALL)
    hidden = await session(api, two.customer)
    for refused in ("", "&customer_session_client_secret=x", f"&customer_session_client_secret={others}",
                    f"&customer_session_client_secret={hidden}"):  # fmt: skip
        response = await api.post(path, form + refused, key=api.publishable)
        assert response.status_code == 400
        assert "last4" not in response.text
    token = await api.post(path, f"{form}&customer_session_client_secret={secret}", key=api.publishable)
    assert token.status_code == 200
    intent = await api.create(f"customer={two.customer}")
    confirming = f"confirmation_token={token.json()['id']}&client_secret={intent['client_secret']}"
    paid = await api.post(f"/v1/payment_intents/{intent['id']}/confirm", confirming, key=api.publishable)
    assert paid.json()["status"] == "succeeded"
    assert paid.json()["payment_method"] == two.method


async def test_a_repeated_request_makes_one(api: Api, two: Two) -> None:
    form = f"customer={two.customer}&{ON}"
    first = (await api.post(PATH, form, Idempotency_Key="k")).json()
    assert (await api.post(PATH, form, Idempotency_Key="k")).json() == first
    assert first["client_secret"] != await session(api, two.customer)
