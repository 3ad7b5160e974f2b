"""Every error of the fact sheet, row by row: status, type, code, param, the words clients match on, what comes along.

And after each: nothing has changed. Rows about microdeposits and bank transfers come with those methods.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import update

from domain.model.outcomes import AuthenticationRequired, Declined
from gateways.base import GatewayUnavailable
from records import payment_methods
from records.accounts import ensure_key
from records.scope import Cursor
from records.tables import api_keys
from tests.api.conftest import Api, error_of
from tests.support.builders import NOW

INTENTS = "/v1/payment_intents"
CARD = "payment_method=pm_card_visa"
HELD = f"{CARD}&capture_method=manual&confirm=true"

STATES: dict[str, str] = {
    "requires_payment_method": "",
    "requires_confirmation": CARD,
    "requires_action": f"{CARD}&confirm=true&return_url=https://shop.example",
    "requires_capture": HELD,
    "incrementable": f"{HELD}&payment_method_options[card][request_incremental_authorization]=if_available",
    "succeeded": f"{CARD}&confirm=true",
    "canceled": "",
}


BANK_ACCOUNT = (
    "payment_method_data[type]=us_bank_account&payment_method_data[us_bank_account][routing_number]=110000000"
    "&payment_method_data[us_bank_account][account_number]=000123456789&payment_method_data[billing_details][name]=J"
)


@dataclass
class Row:
    """One error: in which state, by which request, and all that is said."""

    state: str
    request: str
    code: str | None
    text: str
    param: str | None = None
    status: int = 400
    type: str = "invalid_request_error"
    shows_intent: bool = True
    also: dict[str, Any] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        """Types can be named in older versions."""
        return {"Stripe_Version": "2026-08-26.dahlia"} if "?payment_method_types" in self.request else {}

    def __str__(self) -> str:
        return f"{self.state}: {self.request or 'update'}"[:80]


UNEXPECTED = "payment_intent_unexpected_state"

ILLEGAL = [  # 4.4: commands that the state forbids
    Row(
        "requires_payment_method",
        "capture?",
        UNEXPECTED,
        "could not be captured because it has a status of requires_pa",
    ),
    Row("requires_confirmation", "capture?", UNEXPECTED, "Only a PaymentIntent with one of the following statuses"),
    Row("canceled", "capture?", UNEXPECTED, "status of canceled"),
    Row("succeeded", "capture?", UNEXPECTED, "has been released"),
    Row(
        "succeeded", "cancel?", UNEXPECTED, "You cannot cancel this PaymentIntent because it has a status of succeeded"
    ),
    Row("canceled", "cancel?", UNEXPECTED, "requires_reauthorization"),
    Row("succeeded", "confirm?", UNEXPECTED, "has already succeeded after being previously confirmed"),
    Row(
        "canceled",
        f"confirm?{CARD}",
        UNEXPECTED,
        "payment_method could not be updated because it has a status of ca",
        "payment_method",
    ),
    Row(
        "canceled", "confirm?", UNEXPECTED, "You cannot confirm this PaymentIntent because it has a status of canceled"
    ),
    Row("requires_capture", "confirm?", UNEXPECTED, "status of requires_capture"),
    Row(
        "requires_payment_method",
        "confirm?",
        UNEXPECTED,
        "missing a payment method. You can either update the PaymentIntent",
    ),
    Row(
        "requires_capture",
        "?amount=2000",
        UNEXPECTED,
        "This PaymentIntent's amount could not be updated because it has a status of requires_capture",
        "amount",
    ),
    Row(
        "succeeded",
        "?amount=2000",
        UNEXPECTED,
        "requires_payment_method, requires_confirmation, requires_action",
        "amount",
    ),
    Row("canceled", "?currency=eur", UNEXPECTED, "currency could not be updated", "currency"),
    Row("succeeded", f"?{CARD}", UNEXPECTED, "payment_method could not be updated", "payment_method"),
    Row("succeeded", "verify_microdeposits?amounts[]=32&amounts[]=45", UNEXPECTED, "cannot verify microdeposits"),
    Row("succeeded", "apply_customer_balance?", UNEXPECTED, "cannot apply a customer balance"),
    Row("requires_payment_method", "increment_authorization?amount=2000", UNEXPECTED, "could not be incremented"),
    # 5.1: captures
    Row(
        "requires_capture",
        "capture?amount_to_capture=0",
        "parameter_invalid_integer",
        "greater than or equal to 1",
        "amount",
    ),
    Row("requires_capture", "capture?amount_to_capture=-1", None, "Invalid non-negative integer", "amount_to_capture"),
    Row(
        "requires_capture",
        "capture?amount_to_capture=1100",
        "amount_too_large",
        "greater than the amount you can capture",
    ),
    Row(
        "requires_capture",
        "capture?final_capture=false",
        "payment_intent_invalid_parameter",
        "multiple captures",
        "final_capture",
    ),
    # 6: increments
    Row(
        "requires_capture", "increment_authorization?amount=2000", "payment_intent_invalid_parameter", "cannot be incr"
    ),
    Row(
        "incrementable",
        "increment_authorization?amount=1099",
        "payment_intent_invalid_parameter",
        "greater than",
        "amount",
    ),
    # payment methods that do not fit
    Row(
        "requires_payment_method",
        "?payment_method=pm_none",
        "resource_missing",
        "No such PaymentMethod: 'pm_none'",
        "payment_method",
        shows_intent=False,
    ),
    Row(
        "requires_payment_method",
        "confirm?payment_method_data[type]=affirm",
        "payment_intent_incompatible_payment_method",
        "(affirm) is not allowed",
        "payment_method",
    ),
    Row(
        "requires_payment_method",
        "confirm?payment_method_types[]=affirm&payment_method_data[type]=affirm",
        "parameter_missing",
        "`affirm` redirects your customer",
        "return_url",
    ),
    Row(
        "requires_payment_method",
        "confirm?payment_method_types[]=ideal&payment_method_data[type]=ideal&return_url=https://shop.example",
        "payment_method_currency_mismatch",
        "`usd` cannot be used with the payment method type `ideal`",
        "payment_method",
    ),
    Row(
        "requires_payment_method",
        f"confirm?payment_method_types[]=us_bank_account&{BANK_ACCOUNT}&capture_method=manual",
        "payment_intent_invalid_parameter",
        "`us_bank_account` does not support `capture_method=manual`",
        "capture_method",
    ),
    Row(
        "requires_payment_method",
        "?customer=cus_none",
        "resource_missing",
        "No such customer: 'cus_none'",
        "customer",
        shows_intent=False,
    ),
    Row(
        "requires_confirmation",
        "confirm?amount_to_confirm=1",
        "payment_intent_invalid_parameter",
        "1099",
        "amount_to_confirm",
    ),
    Row(
        "requires_confirmation",
        "confirm?statement_descriptor=SHOP 1",
        "parameter_unknown",
        "statement_descriptor",
        "statement_descriptor",
    ),
    Row(
        "requires_confirmation", "cancel?reason=x", "parameter_unknown", "Received unknown parameter: reason", "reason"
    ),
    Row(
        "requires_confirmation",
        "?flowers=x",
        "parameter_unknown",
        "Received unknown parameter: flowers",
        "flowers",
        shows_intent=False,
    ),
]


async def in_state(api: Api, state: str) -> dict[str, Any]:
    if state == "requires_action":
        api.engine.gateway.answers = [AuthenticationRequired(authentication="authn_1", url="https://bank.example")]
    intent = await api.create(STATES[state])
    if state == "canceled":
        intent = (await api.post(f"{INTENTS}/{intent['id']}/cancel")).json()
    assert intent["status"] == {"incrementable": "requires_capture"}.get(state, state)
    return intent


async def stored(api: Api, intent: dict[str, Any]) -> tuple[Any, int]:
    return (await api.get(f"{INTENTS}/{intent['id']}")).json(), len(api.engine.gateway.performed)


@pytest.mark.parametrize("row", ILLEGAL, ids=str)
async def test_what_a_state_forbids(api: Api, row: Row) -> None:
    intent = await in_state(api, row.state)
    before = await stored(api, intent)
    command, _, form = row.request.partition("?")
    response = await api.post(f"{INTENTS}/{intent['id']}" + (f"/{command}" if command else ""), form, **row.headers)
    error = error_of(response)
    assert (response.status_code, error["type"]) == (row.status, row.type)
    assert (error.get("code"), error.get("param")) == (row.code, row.param)
    assert row.text in error["message"]
    assert error.get("payment_intent") == (before[0] if row.shows_intent else None)
    assert error.get("doc_url") == (row.code and f"https://stripe.com/docs/error-codes/{row.code.replace('_', '-')}")
    assert await stored(api, intent) == before, "nothing has changed"


OK = "amount=1099&currency=usd"

INVALID: list[tuple[str, str | None, str | None, str]] = [  # 10.4, 10.8, 10.9: what makes no sense, wherever it is sent
    (f"{OK}&amout=5", "parameter_unknown", "amout", "Received unknown parameter: amout. Did you mean amount?"),
    (f"{OK}&flowers=5", "parameter_unknown", "flowers", "Received unknown parameter: flowers"),
    (f"{OK}&a=1&b=2", "parameter_unknown", "a", "Received unknown parameters: a, b"),
    (f"{OK}&shipping[nam]=x", "parameter_unknown", "shipping[nam]", "Did you mean shipping[name]?"),
    (
        f"{OK}&payment_method_options[card][request_multicaptur]=never",
        "parameter_unknown",
        "payment_method_options[card][request_multicaptur]",
        "Did you mean payment_method_options[card][request_multicapture]?",
    ),
    (
        f"{OK}&amount_details[line_items][0][unit_price]=1",
        "parameter_unknown",
        "amount_details[line_items][0][unit_price]",
        "Received unknown parameter: amount_details[line_items][0][unit_price]",
    ),
    ("currency=usd", "parameter_missing", "amount", "Missing required param: amount."),
    ("amount=5", "parameter_missing", "currency", "Missing required param: currency."),
    (f"{OK}&shipping[name]=x", "parameter_missing", "shipping[address]", "Missing required param: shipping[address]."),
    ("amount=abc&currency=usd", "parameter_invalid_integer", "amount", "Invalid integer: abc"),
    ("amount=1.5&currency=usd", "parameter_invalid_integer", "amount", "Invalid integer: 1.5"),
    ("amount=0&currency=usd", "parameter_invalid_integer", "amount", "greater than or equal to"),
    ("amount=-5&currency=usd", "parameter_invalid_integer", "amount", "Setup Intent"),
    ("amount=49&currency=usd", "amount_too_small", "amount", "Amount must be at least $0.50 usd"),
    ("amount=100000000&currency=usd", "amount_too_large", "amount", "no more than $999,999.99"),
    (f"amount={'9' * 30}&currency=usd", "parameter_invalid_integer", "amount", "Invalid integer"),
    ("amount=500&currency=xyz", None, "currency", "Invalid currency: xyz"),
    ("amount=500&currency=", "parameter_invalid_empty", "currency", "empty string for 'currency'"),
    (f"{OK}&description=", "parameter_invalid_empty", "description", "empty string"),
    (
        f"{OK}&capture_method=later",
        None,
        "capture_method",
        "Invalid capture_method: must be one of automatic, automatic_async, or manual",
    ),
    (f"{OK}&confirm=maybe", None, "confirm", "Invalid boolean: 'maybe'"),
    (f"{OK}&shipping=home", None, "shipping", "Invalid object"),
    (f"{OK}&excluded_payment_method_types=card", None, "excluded_payment_method_types", "Invalid array"),
    (f"{OK}&metadata=x", None, "metadata", "Invalid hash"),
    (f"{OK}&metadata[{'k' * 41}]=x", None, "metadata", "at most 40 characters"),
    (f"{OK}&metadata[k]={'v' * 501}", None, "metadata", "at most 500 characters"),
    (f"{OK}&{'&'.join(f'metadata[k{n}]=v' for n in range(51))}", None, "metadata", "at most 50 keys"),
    (f"{OK}&description={'x' * 1_001}", None, "description", "at most 1000 characters"),
    (f"{OK}&receipt_email=nobody", "email_invalid", "receipt_email", "Invalid email address: nobody"),
    (f"{OK}&confirm=true&return_url=nowhere&{CARD}", "url_invalid", "return_url", "Not a valid URL: nowhere"),
    (f"{OK}&confirm=true&return_url=javascript:alert(1)&{CARD}", "url_invalid", "return_url", "Not a valid URL"),
    (f"{OK}&return_url=https://shop.example", None, "return_url", "`confirm=true`"),
    (f"{OK}&off_session=true", None, "off_session", "`confirm=true`"),
    (f"{OK}&mandate=mandate_1", None, "mandate", "`confirm=true`"),
    (f"{OK}&{CARD}&payment_method_data[type]=affirm", "parameters_exclusive", "payment_method", "only specify one"),
    (f"{OK}&payment_method_data[type]=sepa_debit", "parameter_missing", "payment_method_data[sepa_debit]", "Missing"),
    (
        f"{OK}&payment_method_data[type]=sepa_debit&payment_method_data[sepa_debit][ibam]=x",
        "parameter_unknown",
        "payment_method_data[sepa_debit][ibam]",
        "Did you mean payment_method_data[sepa_debit][iban]?",
    ),
    (f"{OK}&allowed_payment_method_types[]=cash", None, "allowed_payment_method_types[0]", "must be one of"),
    (
        f"{OK}&allowed_payment_method_types[]=card&excluded_payment_method_types[]=card",
        "parameters_exclusive",
        "allowed_payment_method_types",
        "only specify one",
    ),
    (f"{OK}&confirm=true", UNEXPECTED, None, "missing a payment method"),
    (
        f"{OK}&confirm=true&{CARD}&automatic_payment_methods[enabled]=true",
        None,
        None,
        "configured to accept payment methods enabled in your Dashboard",
    ),
    (
        f"{OK}&confirm=true&{CARD}&statement_descriptor=SHOP 1",
        None,
        "statement_descriptor",
        "statement_descriptor_suffix",
    ),
    (f"{OK}&statement_descriptor=ABCD", None, "statement_descriptor", "at least 5 characters"),
    (f"{OK}&statement_descriptor=12345", None, "statement_descriptor", "at least one letter"),
    (f"{OK}&statement_descriptor_suffix=A*B", None, "statement_descriptor_suffix", "cannot contain the character '*'"),
    (f"{OK}&statement_descriptor_suffix={'x' * 23}", None, "statement_descriptor_suffix", "at most 22 characters"),
    (f"{OK}&expand[]=flowers", None, None, "This property cannot be expanded (flowers)."),
    (f"{OK}&expand[]=amount", None, None, "This property cannot be expanded (amount)"),
    (f"{OK}&expand[]=latest_charge.amount", None, None, "cannot be expanded (latest_charge.amount)"),
    (f"{OK}&expand[]=a.b.c.d.e", None, None, "more than 4 levels"),
]


@pytest.mark.parametrize(("form", "code", "param", "text"), INVALID)
async def test_what_makes_no_sense(api: Api, form: str, code: str | None, param: str | None, text: str) -> None:
    response = await api.post(INTENTS, form)
    error = error_of(response)
    assert (response.status_code, error["type"]) == (400, "invalid_request_error")
    assert (error.get("code"), error.get("param")) == (code, param)
    assert text in error["message"]
    assert (await api.get(INTENTS)).json()["data"] == [], "nothing was created"
    assert await payment_methods.newest(api.database, api.scope, Cursor(), None) == ([], False), "nor a method for it"
    assert api.engine.gateway.performed == []


async def test_payment_methods_of_others(api: Api) -> None:
    one, two = [(await api.post("/v1/customers")).json()["id"] for _ in range(2)]
    method = (await api.post("/v1/payment_methods", "type=card&card[token]=tok_visa")).json()["id"]
    await api.post(f"/v1/payment_methods/{method}/attach", f"customer={one}")
    error = error_of(await api.post(INTENTS, f"{OK}&payment_method={method}"))
    assert (error["code"], error["param"]) == ("parameter_missing", "source")
    error = error_of(await api.post(INTENTS, f"{OK}&payment_method={method}&customer={two}"))
    assert (error.get("code"), error["param"]) == (None, "payment_method")
    assert "does not belong to the Customer" in error["message"]
    await api.post(f"/v1/payment_methods/{method}/detach")
    error = error_of(await api.post(INTENTS, f"{OK}&payment_method={method}"))
    assert "may not be used again" in error["message"]
    await api.request("DELETE", f"/v1/customers/{two}")
    error = error_of(await api.post(INTENTS, f"{OK}&customer={two}"))
    assert (error["code"], error["param"]) == ("resource_missing", "customer")
    unnamed = error_of(await api.post(f"{INTENTS}/{(await api.create(f'customer={one}'))['id']}/confirm"))
    assert f"To confirm the PaymentIntent with {one}" in unnamed["message"]


async def test_declines_say_all_there_is_to_say(api: Api) -> None:
    """4.6: a 402 with the charge, the codes, the method, and the intent inside; optional keys absent, not null."""
    api.engine.gateway.answers = [Declined(decline_code="insufficient_funds", network_decline_code="51")]
    response = await api.post(INTENTS, f"{OK}&{CARD}&confirm=true")
    error = error_of(response)
    assert (response.status_code, error["type"], error["code"]) == (402, "card_error", "card_declined")
    assert (error["decline_code"], error["network_decline_code"]) == ("insufficient_funds", "51")
    assert error["charge"] == error["payment_intent"]["latest_charge"]
    assert error["payment_method"]["type"] == "card"
    intent = error["payment_intent"]
    assert (intent["status"], intent["payment_method"]) == ("requires_payment_method", None)
    said = {key: value for key, value in error.items() if key != "payment_intent"}
    assert intent["last_payment_error"] == {**said, "payment_method_type": "card"}
    api.engine.gateway.answers = [AuthenticationRequired(authentication="a", url="https://bank.example")]
    refused = await api.post(f"{INTENTS}/{intent['id']}/confirm", f"{CARD}&error_on_requires_action=true")
    error = error_of(refused)
    assert (refused.status_code, error["code"]) == (402, "authentication_required")
    assert error["decline_code"] == "authentication_not_handled"


async def test_keys(api: Api) -> None:
    """10.5: no key, a wrong one, one whose time is up, one of the browser's, one of the other mode."""
    await ensure_key(api.database, api.scope.account, f"sk_live_{api.scope.account}", "secret", livemode=True, now=NOW)
    intent = (await api.create())["id"]
    live = await api.get(f"{INTENTS}/{intent}", key=f"sk_live_{api.scope.account}")
    assert live.status_code == 404
    assert error_of(live)["message"] == (
        f"No such payment_intent: '{intent}'; a similar object exists in test mode, but a live mode key was used to "
        "make this request."
    )
    assert (await api.get(f"{INTENTS}/pi_none", key=f"sk_live_{api.scope.account}")).json()["error"]["message"] == (
        "No such payment_intent: 'pi_none'"
    )
    helper = "/v1/test_helpers/confirmation_tokens"
    assert (await api.post(helper, key=f"sk_live_{api.scope.account}")).status_code == 403
    api.clock.now += 1_000
    await api.database.execute(update(api_keys).where(api_keys.c.account == api.scope.account).values(expires=NOW + 9))
    expired = await api.get(f"{INTENTS}/{intent}")
    assert (expired.status_code, error_of(expired)["code"]) == (401, "api_key_expired")
    await api.database.execute(update(api_keys).where(api_keys.c.account == api.scope.account).values(expires=None))
    for key, code in (("sk_test_nobody_at_all", None), (api.publishable, "secret_key_required")):
        response = await api.post(INTENTS, OK, key=key)
        assert (response.status_code, error_of(response).get("code")) == (401, code)
        assert response.headers["www-authenticate"] == 'Basic realm="Stripe"'


async def test_no_answer_is_a_503_to_repeat(api: Api) -> None:
    api.engine.gateway.answers = [GatewayUnavailable("away")]
    response = await api.post(INTENTS, f"{OK}&{CARD}&confirm=true", idempotency_key="k1")
    assert (response.status_code, error_of(response)["type"]) == (503, "api_error")
    assert response.headers["stripe-should-retry"] == "true"
    again = await api.post(INTENTS, f"{OK}&{CARD}&confirm=true", idempotency_key="k1")
    assert again.json()["status"] == "succeeded"
