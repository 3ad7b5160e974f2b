"""Types with the rest of an intent, and debits with their payer's consent, as requests bring them."""

from typing import Any

import pytest

from domain.model.outcomes import Accepted, Approved, VerificationRequired
from records import payment_intents
from tests.api.conftest import Api, error_of
from tests.api.test_bank_data import ACCOUNTS, form_of

INTENTS = "/v1/payment_intents"
NAMED = {"Stripe_Version": "2026-08-26.dahlia"}
"""The last version in which types can be named; from the next on they can only be allowed."""

CONSENT = "mandate_data[customer_acceptance][type]=offline"
NO_MANDATE = (
    "This PaymentIntent requires a mandate, but no existing mandate was found. Collect mandate acceptance from the "
    "customer and try again, providing acceptance data in the mandate_data parameter."
)


@pytest.mark.parametrize(
    ("form", "param", "named"),
    [
        ("currency=usd&payment_method_types[]=ideal", "currency", "ideal"),
        ("currency=usd&payment_method_types[]=card&payment_method_types[]=sepa_debit", "currency", "sepa_debit"),
        ("currency=eur&payment_method_types[]=sofort&capture_method=manual", "capture_method", '["sofort"]'),
        ("currency=usd&payment_method_types[]=us_bank_account&capture_method=manual", "capture_method", "us_bank"),
        ("currency=eur&payment_method_types[]=eps&setup_future_usage=off_session", "setup_future_usage", '["eps"]'),
        ("currency=usd&payment_method_types[]=affirm&setup_future_usage=on_session", "setup_future_usage", "affirm"),
    ],
)
@pytest.mark.parametrize("at", ["create", "update"])
async def test_what_does_not_go_together(api: Api, form: str, param: str, named: str, at: str) -> None:
    path = INTENTS
    if at == "update":
        path = f"{INTENTS}/{(await api.create())['id']}"
    answer = await api.post(path, f"amount=5000&{form}" if at == "create" else form, Idempotency_Key="once", **NAMED)
    error = error_of(answer)
    assert (answer.status_code, error["type"], error["param"]) == (400, "invalid_request_error", param)
    assert "code" not in error
    assert named in error["message"]
    if at == "create":
        assert (await api.get(INTENTS)).json()["data"] == [], "nothing was made"
        again = await api.post(INTENTS, "amount=5000&currency=usd", Idempotency_Key="once")
        assert again.status_code == 200, "and no key was used up"
    else:
        intent = (await api.get(path)).json()
        assert (intent["currency"], intent["payment_method_types"]) == ("usd", ["card"])


async def test_types_that_are_left_to_us_are_only_filtered(api: Api) -> None:
    intent = await api.create("automatic_payment_methods[enabled]=true&capture_method=manual")
    assert "us_bank_account" not in intent["payment_method_types"]
    answer = await api.post(f"{INTENTS}/{intent['id']}", "currency=eur&setup_future_usage=off_session")
    assert answer.status_code == 200
    assert {"ideal", "eps"}.isdisjoint(answer.json()["payment_method_types"])


async def debit(api: Api, type_: str, currency: str, more: str = "") -> dict[str, Any]:
    """An intent that waits to be confirmed with a bank account."""
    account = form_of(type_, ACCOUNTS[type_], within="payment_method_data")
    form = f"amount=5000&currency={currency}&allowed_payment_method_types[]={type_}&{account}&{more}"
    answer = await api.post(INTENTS, form)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


@pytest.mark.parametrize(
    ("type_", "currency"),
    [("us_bank_account", "usd"), ("sepa_debit", "eur"), ("bacs_debit", "gbp"), ("acss_debit", "cad"),
     ("au_becs_debit", "aud"), ("nz_bank_account", "nzd")],
)  # fmt: skip
@pytest.mark.parametrize("usage", ["", "setup_future_usage=off_session"])
async def test_a_debit_without_a_mandate(api: Api, type_: str, currency: str, usage: str) -> None:
    intent = await debit(api, type_, currency, usage)
    answer = await api.post(f"{INTENTS}/{intent['id']}/confirm")
    error = error_of(answer)
    assert (answer.status_code, error["type"], error["message"]) == (400, "invalid_request_error", NO_MANDATE)
    assert {"code", "param"}.isdisjoint(error)
    assert error["payment_intent"]["status"] == "requires_confirmation"
    assert api.engine.gateway.calls == 0
    assert (await api.get(f"{INTENTS}/{intent['id']}")).json() == intent
    api.engine.gateway.answers.append(Accepted(reference="auth_1"))
    confirmed = await api.post(f"{INTENTS}/{intent['id']}/confirm", CONSENT)
    assert confirmed.json()["status"] == "processing", confirmed.text


async def test_a_debit_that_is_created_and_confirmed_without_one_is_not_made(api: Api) -> None:
    account = form_of("sepa_debit", ACCOUNTS["sepa_debit"], within="payment_method_data")
    form = f"amount=5000&currency=eur&allowed_payment_method_types[]=sepa_debit&{account}&confirm=true"
    assert error_of(await api.post(INTENTS, form))["message"] == NO_MANDATE
    assert (await api.get(INTENTS)).json()["data"] == []


async def test_a_kept_account_has_its_mandate(api: Api) -> None:
    """Kept with consent, it is charged later without; and not after another's consent, which was for one payment."""
    customer = (await api.post("/v1/customers")).json()["id"]
    intent = await debit(api, "sepa_debit", "eur", f"customer={customer}&setup_future_usage=off_session")
    api.engine.gateway.answers += [Accepted(reference="auth_1"), Accepted(reference="auth_2")]
    await api.post(f"{INTENTS}/{intent['id']}/confirm", CONSENT)
    first = (await api.get(f"{INTENTS}/{intent['id']}", "expand[]=latest_charge")).json()["latest_charge"]
    await api.post(f"/v1/payment_methods/{intent['payment_method']}/attach", f"customer={customer}")
    form = (f"amount=700&currency=eur&allowed_payment_method_types[]=sepa_debit&customer={customer}&confirm=true"
            f"&payment_method={intent['payment_method']}&off_session=true&expand[]=latest_charge")  # fmt: skip
    again = await api.post(INTENTS, form)
    assert again.json()["status"] == "processing", again.text
    mandate = first["payment_method_details"]["sepa_debit"]["mandate"]
    assert again.json()["latest_charge"]["payment_method_details"]["sepa_debit"]["mandate"] == mandate


async def test_an_attached_account_without_a_mandate_has_none(api: Api) -> None:
    customer = (await api.post("/v1/customers")).json()["id"]
    method = (await api.post("/v1/payment_methods", form_of("sepa_debit", ACCOUNTS["sepa_debit"]))).json()["id"]
    await api.post(f"/v1/payment_methods/{method}/attach", f"customer={customer}")
    api.engine.gateway.answers.append(Accepted(reference="auth_1"))
    form = (
        f"amount=700&currency=eur&allowed_payment_method_types[]=sepa_debit&customer={customer}&payment_method={method}"
    )
    once = await api.post(INTENTS, f"{form}&confirm=true&{CONSENT}")
    assert once.json()["status"] == "processing", once.text
    error = error_of(await api.post(INTENTS, f"{form}&confirm=true"))
    assert error["message"] == NO_MANDATE, "the consent was to one payment"


@pytest.mark.parametrize("told", ["", "[infer_from_client]=true"])
async def test_the_payers_own_browser_is_their_consent(api: Api, told: str) -> None:
    intent = await debit(api, "us_bank_account", "usd")
    api.engine.gateway.answers.append(Accepted(reference="auth_1"))
    form = f"client_secret={intent['client_secret']}"
    if told:
        acceptance = "mandate_data[customer_acceptance]"
        form += f"&{acceptance}[type]=online&{acceptance}[online]{told}"
    confirmed = await api.post(f"{INTENTS}/{intent['id']}/confirm", form, key=api.publishable, user_agent="Browser/1")
    assert confirmed.json()["status"] == "processing", confirmed.text
    stored = await payment_intents.load(api.database, api.scope, intent["id"])
    assert stored is not None
    assert stored.mandate_data == {
        "customer_acceptance": {"type": "online", "online": {"ip_address": "127.0.0.1", "user_agent": "Browser/1"}}
    }


async def test_a_server_infers_nothing(api: Api) -> None:
    intent = await debit(api, "us_bank_account", "usd")
    acceptance = "mandate_data[customer_acceptance]"
    form = f"{acceptance}[type]=online&{acceptance}[online][infer_from_client]=true"
    error = error_of(await api.post(f"{INTENTS}/{intent['id']}/confirm", form))
    assert error["param"] == "mandate_data[customer_acceptance][online][infer_from_client]"
    assert api.engine.gateway.calls == 0


async def test_amounts_verify_an_account_to_which_a_code_was_sent(api: Api) -> None:
    intent = await debit(api, "us_bank_account", "usd")
    sent = VerificationRequired(
        verification="verif_1", microdeposit_type="descriptor_code", arrival_date=1, url="https://bank.example"
    )
    api.engine.gateway.answers += [sent, Accepted(reference="auth_1"), Approved(authorization="auth_1")]
    await api.post(f"{INTENTS}/{intent['id']}/confirm", CONSENT)
    path = f"{INTENTS}/{intent['id']}/verify_microdeposits"
    one = error_of(await api.post(path, "amounts[]=32"))
    assert (one["code"], one["param"]) == ("payment_method_microdeposit_verification_amounts_invalid", "amounts")
    verified = await api.post(path, "amounts[]=32&amounts[]=45")
    assert verified.json()["status"] == "processing", verified.text


@pytest.mark.parametrize(
    ("form", "code", "message"),
    [
        ("amount=499&currency=brl&payment_method_types[]=boleto", "amount_too_small", "at least R$ 5.00 brl"),
        ("amount=5000000&currency=brl&payment_method_types[]=boleto", "amount_too_large",
         "no more than R$ 49,999.99 brl"),
        ("amount=1000001&currency=mxn&payment_method_types[]=oxxo", "amount_too_large", "no more than $10,000.00 mxn"),
        ("amount=4999&currency=vnd", "amount_too_small", "at least 5,000 vnd"),
        ("amount=1000000000000&currency=idr", "amount_too_large", "no more than 9,999,999,999.99"),
    ],
)  # fmt: skip
async def test_an_amount_that_cannot_be_charged_so(api: Api, form: str, code: str, message: str) -> None:
    answer = await api.post(INTENTS, form, **NAMED)
    error = error_of(answer)
    assert (answer.status_code, error["code"], error["param"]) == (400, code, "amount")
    assert error["message"] == f"Amount must be {message}"
    assert (await api.get(INTENTS)).json()["data"] == [], "nothing was made"


@pytest.mark.parametrize("form", ["amount=999999999999&currency=idr", "amount=5000&currency=vnd"])
async def test_an_amount_that_can(api: Api, form: str) -> None:
    answer = await api.post(INTENTS, f"{form}&confirm=true&payment_method=pm_card_visa&return_url=https://shop.example")
    assert answer.json()["status"] == "succeeded", answer.text
