"""Tokens and payment method domains over HTTP, and what Stripe's CLI asks of events."""

import pytest

from domain.model.outcomes import Declined
from records.accounts import ensure_account, ensure_key
from tests.api.conftest import Api, error_of

CARD = "card[number]=4242 4242 4242 4242&card[exp_month]=8&card[exp_year]=2034"
WHO = "card[name]=Jenny&card[address_line1]=Main Street 1&card[address_zip]=1000&card[address_country]=PT"
SALE = "amount=1099&currency=usd&allowed_payment_method_types[]=card"
BY_TOKEN = "type=card&card[token]={}"


async def made(api: Api, form: str = f"{CARD}&card[cvc]=123&{WHO}") -> str:
    response = await api.post("/v1/tokens", form)
    assert response.status_code == 200, response.text
    return str(response.json()["id"])


async def test_a_card_is_typed_once_and_paid_with_once(api: Api) -> None:
    token = (await api.get(f"/v1/tokens/{await made(api)}")).json()
    card = token["card"]
    assert (token["id"][:5], token["type"], token["used"]) == ("tok_1", "card", False)
    assert (card["id"][:6], card["brand"], card["last4"], card["cvc_check"]) == ("card_1", "Visa", "4242", "unchecked")
    assert (card["name"], card["address_zip"], card["address_zip_check"]) == ("Jenny", "1000", "unchecked")
    assert "4242424242424242" not in str(token)
    method = (await api.post("/v1/payment_methods", BY_TOKEN.format(token["id"]))).json()
    assert (method["card"]["fingerprint"], method["card"]["last4"]) == (card["fingerprint"], "4242")
    assert (method["billing_details"]["name"], method["billing_details"]["address"]["line1"]) == (
        "Jenny",
        "Main Street 1",
    )
    assert (await api.get(f"/v1/tokens/{token['id']}")).json()["used"] is True
    again = await api.post("/v1/payment_methods", BY_TOKEN.format(token["id"]))
    error = error_of(again)
    assert (again.status_code, error["code"]) == (400, "token_already_used")
    assert error["message"] == f"You cannot use a Stripe token more than once: {token['id']}."


@pytest.mark.parametrize(
    ("version", "shown"), [("2026-10-28.endive", False), ("2014-10-07", False), ("2014-09-08", True)]
)
async def test_a_browser_is_not_told_which_cards_are_the_same(api: Api, version: str, shown: bool) -> None:
    form = f"{CARD}&card[cvc]=123"
    made = (await api.post("/v1/tokens", form, key=api.publishable, Stripe_Version=version)).json()
    assert ("fingerprint" in made["card"]) is shown
    assert made["card"]["last4"] == "4242"
    assert "fingerprint" in (await api.get(f"/v1/tokens/{made['id']}")).json()["card"]


async def test_a_payment_is_made_by_a_token(api: Api) -> None:
    form = f"confirm=true&payment_method_data[type]=card&payment_method_data[card][token]={await made(api)}"
    assert (await api.create(form))["status"] == "succeeded"


async def test_what_was_said_with_the_method_goes_before_what_was_said_with_the_token(api: Api) -> None:
    form = f"{BY_TOKEN.format(await made(api))}&billing_details[name]=Ann"
    details = (await api.post("/v1/payment_methods", form)).json()["billing_details"]
    assert (details["name"], details["address"]["postal_code"]) == ("Ann", "1000")


async def test_a_repeated_request_uses_the_token_once(api: Api) -> None:
    form = BY_TOKEN.format(await made(api))
    first = (await api.post("/v1/payment_methods", form, Idempotency_Key="k")).json()
    assert (await api.post("/v1/payment_methods", form, Idempotency_Key="k")).json() == first


REFUSED = [
    ("/v1/payment_intents/{held}/confirm", "payment_method_data"),
    ("/v1/payment_intents/{debit}/confirm", "payment_method_data"),
    ("/v1/setup_intents/{setup}/confirm", "payment_method_data"),
    ("/v1/payment_intents", "amount=1&currency=usd&confirm=true&payment_method_data"),
]


@pytest.mark.parametrize(("path", "form"), REFUSED)
async def test_what_is_refused_uses_no_token_up(api: Api, path: str, form: str) -> None:
    ids = {
        "held": (await api.create("confirm=true&payment_method=pm_card_visa&capture_method=manual"))["id"],
        "debit": (await api.create("allowed_payment_method_types[]=us_bank_account"))["id"],
        "setup": (await api.post("/v1/setup_intents", "allowed_payment_method_types[]=us_bank_account")).json()["id"],
    }
    token = await made(api)
    data = f"{form}[type]=card&payment_method_data[card][token]={token}"
    assert (await api.post(path.format(**ids), data)).status_code == 400
    assert (await api.get(f"/v1/tokens/{token}")).json()["used"] is False
    assert (await api.post("/v1/payment_methods", BY_TOKEN.format(token))).status_code == 200
    assert (await api.post(path.format(**ids), data)).status_code == 400
    assert (await api.get(f"/v1/tokens/{token}")).json()["used"] is True, "it is another's, and is not given back"


async def test_what_is_declined_has_used_it(api: Api) -> None:
    token = await made(api)
    api.engine.gateway.answers.append(Declined(decline_code="insufficient_funds"))
    form = f"{SALE}&confirm=true&payment_method_data[type]=card&payment_method_data[card][token]={token}"
    assert (await api.post("/v1/payment_intents", form)).status_code == 402
    assert (await api.get(f"/v1/tokens/{token}")).json()["used"] is True


@pytest.mark.parametrize("typed", ["number=4242424242424242", "exp_month=8", "exp_year=2034", "cvc=123"])
async def test_a_card_is_a_token_or_typed_and_never_both(api: Api, typed: str) -> None:
    token = await made(api)
    response = await api.post("/v1/payment_methods", f"{BY_TOKEN.format(token)}&card[{typed.replace('=', ']=')}")
    error = error_of(response)
    assert (response.status_code, error["code"], error["param"]) == (400, "parameters_exclusive", "card[token]")
    assert (await api.get(f"/v1/tokens/{token}")).json()["used"] is False


@pytest.mark.parametrize(
    ("form", "code", "param"),
    [
        ("bank_account[routing_number]=zzz", "routing_number_invalid", "bank_account[routing_number]"),
        ("bank_account[routing_number]=110000001", "routing_number_invalid", "bank_account[routing_number]"),
        ("bank_account[account_number]=12", "account_number_invalid", "bank_account[account_number]"),
        ("bank_account[account_number]=abc", "account_number_invalid", "bank_account[account_number]"),
    ],
)
async def test_a_bank_account_that_can_be_none_gets_no_token(api: Api, form: str, code: str, param: str) -> None:
    response = await api.post("/v1/tokens", f"{ACCOUNT}&{form}")
    error = error_of(response)
    assert (response.status_code, error["code"], error["param"]) == (400, code, param)


@pytest.mark.parametrize(
    ("form", "param", "words"),
    [
        ("card[address_country]=Germany", "card[address_country]", "Country 'Germany' is unknown."),
        ("card[currency]=zzz", "card[currency]", "Invalid currency: zzz."),
    ],
)
async def test_what_is_said_of_a_card_is_what_a_payment_method_takes(
    api: Api, form: str, param: str, words: str
) -> None:
    error = error_of(await api.post("/v1/tokens", f"{CARD}&{form}"))
    assert (error["param"], error["message"].startswith(words)) == (param, True)


async def test_a_test_cards_token_is_never_used_up(api: Api) -> None:
    for _ in range(2):
        assert (await api.post("/v1/payment_methods", BY_TOKEN.format("tok_visa"))).status_code == 200


@pytest.mark.parametrize("token", ["tok_1nope", "tok_nope", "card_1"])
async def test_there_is_no_such_token(api: Api, token: str) -> None:
    response = await api.post("/v1/payment_methods", BY_TOKEN.format(token))
    error = error_of(response)
    assert (response.status_code, error["param"], error["message"]) == (400, "token", f"Invalid token id: {token}")
    assert (await api.get(f"/v1/tokens/{token}")).status_code == 404


async def test_a_browser_makes_tokens_and_sees_none(api: Api) -> None:
    response = await api.post("/v1/tokens", CARD, key=api.publishable)
    assert response.status_code == 200
    assert (await api.get(f"/v1/tokens/{response.json()['id']}", key=api.publishable)).status_code == 401


ACCOUNT = "bank_account[country]=US&bank_account[account_number]=000123456789&bank_account[routing_number]=110000000"


async def test_a_bank_account_is_no_card(api: Api) -> None:
    id_ = await made(api, f"{ACCOUNT}&bank_account[account_holder_name]=Jenny")
    token = (await api.get(f"/v1/tokens/{id_}")).json()
    account = token["bank_account"]
    assert (token["type"], account["account_holder_name"], account["status"]) == ("bank_account", "Jenny", "new")
    assert "000123456789" not in str(token)
    response = await api.post("/v1/payment_methods", BY_TOKEN.format(id_))
    assert error_of(response)["message"] == f"Invalid token id: {id_}"
    assert (await api.get(f"/v1/tokens/{id_}")).json()["used"] is False


@pytest.mark.parametrize(
    ("form", "status", "param"),
    [
        ("", 400, None),
        (f"{CARD}&{ACCOUNT}", 400, None),
        ("card[number]=4242424242424242&card[exp_month]=8", 400, "card[exp_year]"),
        ("card[number]=4242424242424241&card[exp_month]=8&card[exp_year]=2034", 402, "number"),
        (f"{CARD}&card[colour]=red", 400, "card[colour]"),
        (
            "bank_account[country]=DE&bank_account[account_number]=1&bank_account[routing_number]=1",
            400,
            "bank_account[country]",
        ),
    ],
)
async def test_what_is_no_token_is_refused(api: Api, form: str, status: int, param: str | None) -> None:
    response = await api.post("/v1/tokens", form)
    assert (response.status_code, error_of(response).get("param")) == (status, param)


async def test_a_token_is_of_no_use_to_anybody_else(api: Api) -> None:
    id_, other = await made(api), f"{api.scope.account}_o"
    await ensure_account(api.database, other, "o", 1)
    await ensure_key(api.database, other, f"sk_test_{other}", "secret", livemode=False, now=1)
    response = await api.post("/v1/payment_methods", BY_TOKEN.format(id_), key=f"sk_test_{other}")
    assert error_of(response)["message"] == f"Invalid token id: {id_}"
    assert (await api.get(f"/v1/tokens/{id_}")).json()["used"] is False


@pytest.mark.parametrize("form", ["source=tok_visa", "card=tok_visa", "card[number]=4242424242424242"])
async def test_customers_take_no_sources_any_more(api: Api, form: str) -> None:
    customer = (await api.post("/v1/customers", "name=J")).json()
    for path in ("/v1/customers", f"/v1/customers/{customer['id']}"):
        response = await api.post(path, form)
        assert response.status_code == 400
        assert "has reached end of life" in error_of(response)["message"]
    assert [one["id"] for one in (await api.get("/v1/customers")).json()["data"]] == [customer["id"]]


async def test_a_domain_is_registered_once(api: Api) -> None:
    path = "/v1/payment_method_domains"
    domain = (await api.post(path, "domain_name=Shop.Example")).json()
    assert (domain["domain_name"], domain["enabled"], domain["apple_pay"]) == (
        "shop.example",
        True,
        {"status": "active"},
    )
    assert (await api.post(path, "domain_name=shop.example")).json() == domain
    mine = f"{path}/{domain['id']}"
    off = (await api.post(mine, "enabled=false")).json()
    assert (off["enabled"], off["google_pay"]["status"]) == (False, "inactive")
    assert (
        (await api.post(mine)).json()
        == (await api.post(f"{mine}/validate")).json()
        == (await api.get(mine)).json()
        == off
    )
    await api.post(path, "domain_name=other.example")
    assert [one["domain_name"] for one in (await api.get(path, "enabled=false")).json()["data"]] == ["shop.example"]
    assert len((await api.get(path)).json()["data"]) == 2
    for wrong in ("shop..example", "-a.example", "https://shop.example", "a" * 260):
        assert error_of(await api.post(path, f"domain_name={wrong}"))["param"] == "domain_name"
    assert error_of(await api.get(f"{path}/pmd_1x"))["message"] == "No such payment_method_domain: 'pmd_1x'"


async def test_an_event_is_delivered_again_as_stripes_cli_asks(api: Api) -> None:
    await api.create()
    event = (await api.get("/v1/events")).json()["data"][0]
    path = f"/v1/events/{event['id']}/retry"
    assert (await api.post(path)).json()["id"] == event["id"]
    assert (await api.post(path, f"account={api.scope.account}")).status_code == 200
    assert (await api.post(path, "for_stripecli=true")).json()["id"] == event["id"]
    assert error_of(await api.post(path, "account=acct_other"))["code"] == "resource_missing"
    assert error_of(await api.post(path, "webhook_endpoint=we_x"))["param"] == "webhook_endpoint"
