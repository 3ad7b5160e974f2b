"""A publishable key sees what is for the buyer, and changes what the buyer decides."""

import json
from typing import Any, get_args

import pytest

from api.dialect.errors import StripeError
from api.dialect.publishable import BUYERS_OPTIONS, OPTIONS_DECIDED_ONCE, USAGE, buyers, without_the_merchants
from domain.model.outcomes import Declined
from parameters.hashes import Shaped
from parameters.method_options import BY_TYPE
from tests.api.conftest import Api, error_of
from tests.support.builders import make_intent

INTENTS = "/v1/payment_intents"
SECRETS = ("internal-note", "jenny@merchant.example")


async def with_a_saved_method(api: Api) -> dict[str, Any]:
    """An intent whose customer and method have what the merchant keeps for himself."""
    customer = (await api.post("/v1/customers", f"email={SECRETS[1]}&metadata[note]={SECRETS[0]}")).json()["id"]
    method = (await api.post("/v1/payment_methods/pm_card_visa/attach", f"customer={customer}")).json()["id"]
    await api.post(f"/v1/payment_methods/{method}", f"metadata[note]={SECRETS[0]}")
    return await api.create(f"customer={customer}&payment_method={method}&metadata[note]={SECRETS[0]}")


@pytest.mark.parametrize("path", ["payment_method.customer", "customer", "latest_charge", "latest_charge.customer"])
async def test_what_the_merchant_keeps_cannot_be_expanded(api: Api, path: str) -> None:
    intent = await with_a_saved_method(api)
    query = f"client_secret={intent['client_secret']}&expand[]={path}"
    answer = await api.get(f"{INTENTS}/{intent['id']}", query, key=api.publishable)
    assert answer.status_code == 400
    assert "cannot be expanded" in error_of(answer)["message"]
    assert not [secret for secret in SECRETS if secret in answer.text]


async def test_what_the_buyer_has_brought_can_be(api: Api) -> None:
    intent = await with_a_saved_method(api)
    query = f"client_secret={intent['client_secret']}&expand[]=payment_method"
    answer = await api.get(f"{INTENTS}/{intent['id']}", query, key=api.publishable)
    method = answer.json()["payment_method"]
    assert (method["card"]["last4"], method["customer"], method["metadata"]) == ("4242", None, {})
    assert not [secret for secret in SECRETS if secret in answer.text]


async def test_nor_does_a_decline_tell(api: Api) -> None:
    intent = await with_a_saved_method(api)
    api.engine.gateway.answers.append(Declined(decline_code="generic_decline"))
    form = f"client_secret={intent['client_secret']}&return_url=https://shop.example"
    declined = await api.post(f"{INTENTS}/{intent['id']}/confirm", form, key=api.publishable)
    assert declined.status_code == 402
    assert error_of(declined)["payment_method"]["customer"] is None
    assert not [secret for secret in SECRETS if secret in declined.text]
    shown = await api.get(f"{INTENTS}/{intent['id']}", f"client_secret={intent['client_secret']}", key=api.publishable)
    assert not [secret for secret in SECRETS if secret in json.dumps(shown.json())]


@pytest.mark.parametrize(("before", "wanted"), [("off_session", "on_session"), ("off_session", ""), ("on_session", "")])
async def test_what_a_method_is_kept_for_is_not_lowered(api: Api, before: str, wanted: str) -> None:
    intent = await api.create(f"setup_future_usage={before}&payment_method=pm_card_visa")
    form = f"client_secret={intent['client_secret']}&setup_future_usage={wanted}&return_url=https://shop.example"
    refused = await api.post(f"{INTENTS}/{intent['id']}/confirm", form, key=api.publishable)
    assert (refused.status_code, error_of(refused)["param"]) == (400, "setup_future_usage")
    assert (await api.get(f"{INTENTS}/{intent['id']}")).json() == intent


BACK = "return_url=https://shop.example"
PLAN = "payment_method_options[card][installments][plan]"


async def refused_for_a_browser(api: Api, intent: dict[str, Any], form: str) -> dict[str, Any]:
    """The error of a confirmation that has no effect whatever."""
    sent = f"client_secret={intent['client_secret']}&{BACK}&{form}"
    refused = await api.post(f"{INTENTS}/{intent['id']}/confirm", sent, key=api.publishable)
    assert refused.status_code == 400, refused.text
    assert (await api.get(f"{INTENTS}/{intent['id']}")).json() == intent
    assert api.engine.gateway.performed == []
    return error_of(refused)


async def confirmed_by_a_browser(api: Api, intent: dict[str, Any], form: str) -> dict[str, Any]:
    sent = f"client_secret={intent['client_secret']}&{BACK}&{form}"
    done = await api.post(f"{INTENTS}/{intent['id']}/confirm", sent, key=api.publishable)
    assert done.status_code == 200, done.text
    seen: dict[str, Any] = (await api.get(f"{INTENTS}/{intent['id']}")).json()
    return seen


@pytest.mark.parametrize(
    ("said", "param"),
    [
        ("[card][moto]=true", "[card][moto]"),
        ("[card][three_d_secure][cryptogram]=A&payment_method_options[card][three_d_secure][transaction_id]=x"
         "&payment_method_options[card][three_d_secure][version]=2.2.0", "[card][three_d_secure]"),
        ("[card][request_three_d_secure]=automatic", "[card][request_three_d_secure]"),
        ("[card][request_three_d_secure]=any", "[card][request_three_d_secure]"),
        ("[card]=", "[card]"),
        ("[card][capture_method]=manual", "[card][capture_method]"),
        ("[klarna][capture_method]=", "[klarna][capture_method]"),
        ("[card][require_cvc_recollection]=false", "[card][require_cvc_recollection]"),
        ("[card][installments][enabled]=true", "[card][installments]"),
        ("[card][installments][plan][type]=fixed_count", "[card][installments]"),
        ("[us_bank_account][verification_method]=instant", "[us_bank_account][verification_method]"),
        ("[acss_debit][mandate_options][payment_schedule]=sporadic", "[acss_debit][mandate_options]"),
        ("[boleto][expires_after_days]=60", "[boleto][expires_after_days]"),
        ("[pix][expires_after_seconds]=60", "[pix][expires_after_seconds]"),
    ],
)  # fmt: skip
async def test_what_only_the_merchant_says_of_a_payment(api: Api, said: str, param: str) -> None:
    options = "payment_method_options[card][request_three_d_secure]=any"
    intent = await api.create(f"payment_method=pm_card_visa&{options}")
    error = await refused_for_a_browser(api, intent, f"payment_method_options{said}")
    assert (error["code"], error["param"]) == ("secret_key_required", f"payment_method_options{param}")


@pytest.mark.parametrize("type_", sorted(BY_TYPE))
async def test_an_option_is_the_merchants_unless_it_is_known_to_be_a_buyers(type_: str) -> None:
    shape = next(part for part in get_args(get_args(BY_TYPE[type_])[0])[0].__metadata__ if isinstance(part, Shaped))
    known = BUYERS_OPTIONS.get(type_, set()) | OPTIONS_DECIDED_ONCE.get(type_, set())
    assert known <= set(shape.model.model_fields)
    for name in set(shape.model.model_fields) - known - {USAGE}:
        with pytest.raises(StripeError):
            buyers(make_intent(), {"payment_method_options": {type_: {name: {}}}})


@pytest.mark.parametrize(
    ("create", "said", "options"),
    [
        ("", "[card][network]=visa", {"network": "visa"}),
        (f"{PLAN[:-6]}[enabled]=true", f"{PLAN[22:]}[type]=fixed_count&{PLAN}[count]=3", {}),
        ("payment_method_options[card][setup_future_usage]=on_session", "[card][setup_future_usage]=off_session",
         {"setup_future_usage": "off_session"}),
    ],
)  # fmt: skip
async def test_what_a_buyer_says_of_a_payment(api: Api, create: str, said: str, options: dict[str, Any]) -> None:
    intent = await api.create(f"payment_method=pm_card_visa&{create}")
    paid = await confirmed_by_a_browser(api, intent, f"payment_method_options{said}")
    assert paid["status"] == "succeeded"
    shown = paid["payment_method_options"]["card"]
    assert {name: shown[name] for name in options} == options
    if "installments" in create:
        charge = (await api.get(f"/v1/charges/{paid['latest_charge']}")).json()
        plan = {"count": 3, "interval": None, "type": "fixed_count"}
        assert charge["payment_method_details"]["card"]["installments"]["plan"] == plan
        assert shown["installments"]["enabled"] is True


async def test_what_a_buyer_may_choose_unless_the_merchant_has(api: Api) -> None:
    transfer = "payment_method_options[customer_balance][bank_transfer]"
    customer = (await api.post("/v1/customers")).json()["id"]
    types = f"customer={customer}&allowed_payment_method_types[]=customer_balance"
    funding = "payment_method_options[customer_balance][funding_type]=bank_transfer"
    decided = await api.create(f"{types}&{funding}&{transfer}[type]=us_bank_transfer")
    data = f"payment_method_data[type]=customer_balance&{funding}"
    error = await refused_for_a_browser(api, decided, f"{data}&{transfer}[type]=gb_bank_transfer")
    assert (error["code"], error["param"]) == ("payment_intent_invalid_parameter", transfer)
    api.engine.gateway.performed.clear()
    open_ = await api.create(types)
    said = f"client_secret={open_['client_secret']}&{data}&{transfer}[type]=us_bank_transfer"
    asked = await api.post(f"{INTENTS}/{open_['id']}/confirm", said, key=api.publishable)
    assert asked.json()["status"] == "requires_action", asked.text


@pytest.mark.parametrize(
    ("create", "wanted"),
    [
        ("setup_future_usage=off_session", "none"),
        ("setup_future_usage=off_session", "on_session"),
        ("payment_method_options[card][setup_future_usage]=off_session", "on_session"),
        ("payment_method_options[card][setup_future_usage]=off_session", ""),
        ("payment_method_options[card][setup_future_usage]=none", "off_session"),
    ],
)
async def test_nor_is_it_lowered_for_one_type(api: Api, create: str, wanted: str) -> None:
    intent = await api.create(f"payment_method=pm_card_visa&{create}")
    form = f"payment_method_options[card][setup_future_usage]={wanted}"
    error = await refused_for_a_browser(api, intent, form)
    assert error["param"] == "payment_method_options[card][setup_future_usage]"


async def test_nor_does_a_confirmation_token_say_what_its_browser_may_not(api: Api) -> None:
    card = "payment_method_data[type]=card&payment_method_data[card][token]=tok_visa"
    where = "shipping[name]=Mallory&shipping[address][line1]=Elsewhere 1"
    token = (await api.post("/v1/confirmation_tokens", f"{card}&{where}", key=api.publishable)).json()["id"]
    intent = await api.create("shipping[name]=Jenny&shipping[address][line1]=Main St 1")
    assert (await refused_for_a_browser(api, intent, f"confirmation_token={token}"))["param"] == "shipping"
    plan = (await api.post("/v1/confirmation_tokens", f"{card}&{PLAN}[type]=fixed_count", key=api.publishable)).json()
    error = await refused_for_a_browser(api, await api.create(), f"confirmation_token={plan['id']}")
    assert error["param"] == "payment_method_options[card][installments]"
    moto = await api.post(
        "/v1/confirmation_tokens", f"{card}&payment_method_options[card][moto]=1", key=api.publishable
    )
    assert error_of(moto)["code"] == "parameter_unknown"


LINKED = (
    "[type]=us_bank_account&{0}[billing_details][name]=Jenny&{0}[us_bank_account][account_holder_type]=individual"
    "&{0}[us_bank_account][financial_connections_account]=fca_x"
)


async def test_only_a_server_says_that_an_account_is_linked(api: Api) -> None:
    data = f"payment_method_data{LINKED.format('payment_method_data')}"
    name = "us_bank_account][financial_connections_account]"
    intent = await api.create("allowed_payment_method_types[]=us_bank_account")
    error = await refused_for_a_browser(api, intent, data)
    assert (error["code"], error["param"]) == ("secret_key_required", f"payment_method_data[{name}")
    token = error_of(await api.post("/v1/confirmation_tokens", data, key=api.publishable))
    assert token["param"] == f"payment_method_data[{name}"
    itself = data.replace("payment_method_data[type]", "type").replace(
        "payment_method_data[billing_details]", "billing_details"
    )
    itself = itself.replace("payment_method_data[us_bank_account]", "us_bank_account")
    method = error_of(await api.post("/v1/payment_methods", itself, key=api.publishable))
    assert method["param"] == "us_bank_account[financial_connections_account]"
    assert (await api.post("/v1/payment_methods", itself)).status_code == 200
    assert len(await api.methods()) == 1


async def test_a_browser_tells_of_no_consent_on_paper(api: Api) -> None:
    paper = "mandate_data[customer_acceptance][type]=offline"
    error = await refused_for_a_browser(api, await api.create("payment_method=pm_card_visa"), paper)
    assert (error["code"], error["param"]) == ("secret_key_required", "mandate_data[customer_acceptance][type]")
    card = "payment_method_data[type]=card&payment_method_data[card][token]=tok_visa"
    token = error_of(await api.post("/v1/confirmation_tokens", f"{card}&{paper}", key=api.publishable))
    assert token["param"] == "mandate_data[customer_acceptance][type]"


async def test_a_browser_is_shown_no_method_that_it_has_not_brought(api: Api) -> None:
    intent = await with_a_saved_method(api)
    method = intent["payment_method"]
    refused = await api.post("/v1/confirmation_tokens", f"payment_method={method}", key=api.publishable)
    error = error_of(refused)
    assert (error["code"], error["param"]) == ("secret_key_required", "payment_method")
    assert intent["customer"] not in refused.text
    named = await api.post("/v1/confirmation_tokens", "payment_method=pm_card_visa", key=api.publishable)
    assert named.json()["payment_method_preview"]["card"]["last4"] == "4242"


async def test_a_preview_in_an_answer_for_a_browser_has_no_customer() -> None:
    shown = {"data": [{"payment_method_preview": {"customer": "cus_1", "metadata": {"a": "b"}, "type": "card"}}]}
    preview = without_the_merchants(shown)["data"][0]["payment_method_preview"]
    assert preview == {"customer": None, "metadata": {}, "type": "card"}


async def test_nor_whose_another_method_is(api: Api) -> None:
    saved = await with_a_saved_method(api)
    mine = await api.create(f"customer={(await api.post('/v1/customers')).json()['id']}")
    for intent in (await api.create(), mine):
        error = await refused_for_a_browser(api, intent, f"payment_method={saved['payment_method']}")
        assert "attached to a customer" in error["message"]
        assert not [id_ for id_ in (saved["customer"], mine["customer"]) if id_ in str(error)]
