"""Fields as live Stripe shows them: what a charge, its refund, its balance transaction and its card say."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.methods.families import TYPES
from domain.model.outcomes import Approved
from domain.model.refunds import ChargeRefund
from rendering.refund import CALLED, render
from tests.api.conftest import Api
from tests.fidelity.response_types import faults

INTENTS, METHODS, REFUNDS = "/v1/payment_intents", "/v1/payment_methods", "/v1/refunds"
PAID = "confirm=true&payment_method=pm_card_visa&expand[]=latest_charge"
NUMBER = "card[number]=4242424242424242&card[exp_month]=8&card[exp_year]=2034"
ADDRESS = "billing_details[address]"


async def made(api: Api, path: str, form: str = "", query: str = "") -> dict[str, Any]:
    answer = await api.post(path, "&".join(part for part in (form, query) if part))
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_statement_is_in_capital_letters(api: Api) -> None:
    charge = (await api.create(f"{PAID}&statement_descriptor_suffix=order 23 Lisbon 2026"))["latest_charge"]
    assert charge["calculated_statement_descriptor"] == "PERDURE* ORDER 23 LISB"
    assert charge["statement_descriptor_suffix"] == "order 23 Lisbon 2026"
    assert (await api.create(PAID))["latest_charge"]["calculated_statement_descriptor"] == "PERDURE"


@pytest.mark.parametrize(("description", "text"), [("Book", "REFUND FOR CHARGE (Book)"), ("", "REFUND FOR CHARGE")])
async def test_money_is_available_at_midnight_and_a_refund_says_of_what(api: Api, description: str, text: str) -> None:
    intent = await api.create(f"{PAID}&description={description}" if description else PAID)
    given = await made(api, REFUNDS, f"payment_intent={intent['id']}&amount=99", "expand[]=balance_transaction")
    back = given["balance_transaction"]
    assert back["description"] == text
    charge = await api.get(f"/v1/charges/{intent['latest_charge']['id']}", "expand[]=balance_transaction")
    for transaction in (back, charge.json()["balance_transaction"]):
        at, created = (datetime.fromtimestamp(transaction[name], UTC) for name in ("available_on", "created"))
        assert (at.hour, at.minute, at.second) == (0, 0, 0)
        assert (at.date() - created.date()).days == 2


@pytest.mark.parametrize("reason", ["fraudulent", "duplicate", ""])
async def test_a_refund_for_fraud_is_a_report(api: Api, reason: str) -> None:
    intent = await api.create(PAID)
    assert intent["latest_charge"]["fraud_details"] == {}
    await made(api, REFUNDS, f"payment_intent={intent['id']}&amount=9" + (f"&reason={reason}" if reason else ""))
    await made(api, REFUNDS, f"payment_intent={intent['id']}&amount=9")
    charge = (await api.get(f"/v1/charges/{intent['latest_charge']['id']}")).json()
    assert charge["fraud_details"] == ({"user_report": "fraudulent"} if reason == "fraudulent" else {})


async def checks_of(api: Api, form: str) -> dict[str, Any]:
    checks: dict[str, Any] = (await made(api, METHODS, f"type=card&{form}"))["card"]["checks"]
    return checks


async def test_what_nobody_has_checked_yet(api: Api) -> None:
    nothing = {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": None}
    assert await checks_of(api, NUMBER) == nothing
    assert await checks_of(api, f"{NUMBER}&card[cvc]=123") == nothing | {"cvc_check": "unchecked"}
    assert await checks_of(api, "card[token]=tok_visa") == nothing | {"cvc_check": "unchecked"}
    postal = await checks_of(api, f"{NUMBER}&{ADDRESS}[postal_code]=12345")
    assert postal == nothing | {"address_postal_code_check": "unchecked"}
    line = await checks_of(api, f"{NUMBER}&{ADDRESS}[line1]=1 High Street")
    assert line == nothing | {"address_line1_check": "unchecked"}


async def test_a_bank_checks_what_is_attached_and_what_is_changed_is_unchecked_again(api: Api) -> None:
    customer = (await made(api, "/v1/customers"))["id"]
    method = await made(api, METHODS, f"type=card&{NUMBER}&card[cvc]=123&{ADDRESS}[postal_code]=12345")
    api.tokenization.answer = Approved(
        authorization="",
        checks={"cvc_check": "pass", "address_postal_code_check": "fail", "address_line1_check": "pass"},
    )
    kept = await made(api, f"{METHODS}/{method['id']}/attach", f"customer={customer}")
    assert kept["card"]["checks"] == {
        "address_line1_check": None, "address_postal_code_check": "fail", "cvc_check": "pass"
    }  # fmt: skip
    moved = await made(api, f"{METHODS}/{method['id']}", f"{ADDRESS}[postal_code]=54321&{ADDRESS}[city]=Lisbon")
    assert moved["card"]["checks"]["address_postal_code_check"] == "unchecked"
    assert moved["card"]["checks"]["cvc_check"] == "pass"
    same = await made(api, f"{METHODS}/{method['id']}", f"{ADDRESS}[city]=Porto")
    assert same["card"]["checks"] == moved["card"]["checks"]


async def test_risk_is_assessed_of_cards(api: Api) -> None:
    api.engine.gateway.answers = [Approved(authorization="a", risk_level="elevated", risk_score=68)]
    outcome = (await api.create(PAID))["latest_charge"]["outcome"]
    assert (outcome["risk_level"], outcome["risk_score"]) == ("elevated", 68)
    form = "amount=2000&currency=usd&allowed_payment_method_types[]=link&payment_method_data[type]=link&confirm=true"
    outcome = (await made(api, INTENTS, form, "expand[]=latest_charge"))["latest_charge"]["outcome"]
    assert outcome["risk_level"] == "not_assessed"
    assert "risk_score" not in outcome


def refund_of(type_: str, **more: Any) -> dict[str, Any]:
    given = {"status": "succeeded", **more}
    refund = ChargeRefund(
        id="re_3x", charge="py_3x", payment_intent="pi_3x", payment_method="pm_1x", created=1, amount=5,
        currency="eur", method_type=type_, **given,
    )  # fmt: skip
    shown = render(refund)
    assert faults(shown) == []
    details: dict[str, Any] = shown["destination_details"]
    return details


REFERENCED = {"reference": None, "reference_status": "pending"}


@pytest.mark.parametrize(
    ("type_", "shown"),
    [
        ("us_bank_account", {"us_bank_transfer": REFERENCED, "type": "us_bank_transfer"}),
        ("sepa_debit", {"eu_bank_transfer": REFERENCED, "type": "eu_bank_transfer"}),
        ("ideal", {"eu_bank_transfer": REFERENCED, "type": "eu_bank_transfer"}),
        ("bacs_debit", {"gb_bank_transfer": REFERENCED, "type": "gb_bank_transfer"}),
        ("au_becs_debit", {"au_bank_transfer": {}, "type": "au_bank_transfer"}),
        ("klarna", {"klarna": REFERENCED, "type": "klarna"}),
        ("swish", {"swish": {"network_decline_code": None, **REFERENCED}, "type": "swish"}),
        ("cashapp", {"cashapp": {}, "type": "cashapp"}),
        ("revolut_pay", {"revolut": {}, "type": "revolut"}),
        ("crypto", {"crypto": {"reference": None}, "type": "crypto"}),
    ],
)  # fmt: skip
def test_where_a_refund_went(type_: str, shown: dict[str, Any]) -> None:
    assert refund_of(type_) == shown


@pytest.mark.parametrize(
    ("type_", "more"),
    [
        ("us_bank_account", {"us_bank_transfer": {"reference": "r1", "reference_status": "available"}}),
        ("swish", {"swish": {"network_decline_code": None, "reference": "r1", "reference_status": "available"}}),
        ("crypto", {"crypto": {"reference": "r1"}}),
        ("cashapp", {"cashapp": {}}),
        ("card", {"card": {"reference": "r1", "reference_status": "available",
                           "reference_type": "acquirer_reference_number", "type": "refund"}}),
    ],
)  # fmt: skip
def test_a_reference_that_has_come_is_shown_where_stripe_has_one(type_: str, more: dict[str, Any]) -> None:
    details = refund_of(type_, reference="r1")
    assert details == {"type": details["type"], **more}


def test_a_bank_account_that_was_asked_for_by_e_mail_has_a_reference_too() -> None:
    given = {"by_email": True, "instructions_email": "a@example.com"}
    assert refund_of("customer_balance", **given)["eu_bank_transfer"] == {"reference": None, "reference_status": None}
    named = refund_of("customer_balance", reference="r1", **given)
    assert named["eu_bank_transfer"] == {"reference": "r1", "reference_status": "available"}


@pytest.mark.parametrize(("status", "kind"), [("succeeded", "refund"), ("pending", "pending"), ("failed", "refund")])
def test_a_cards_refund_has_a_reference_that_is_to_come(status: str, kind: str) -> None:
    assert refund_of("card", status=status) == {
        "card": {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": kind},
        "type": "card",
    }


@pytest.mark.parametrize("type_", sorted(TYPES))
def test_every_way_back_is_called_what_stripe_calls_it(type_: str) -> None:
    details = refund_of(type_)
    assert details["type"] == CALLED.get(type_, type_)
    assert set(details) <= {"type", details["type"]}


async def test_a_confirmation_token_says_what_it_has_not(api: Api) -> None:
    token = await made(api, "/v1/confirmation_tokens", "payment_method_data[type]=klarna"
                       "&payment_method_data[billing_details][email]=a@example.com"
                       "&payment_method_data[billing_details][address][country]=DE")  # fmt: skip
    assert token["mandate_data"] is None
    assert token["payment_method"] is None
