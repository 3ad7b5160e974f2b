"""Journeys with the official SDK, unmodified, over HTTP, through every real part."""

from typing import Any

import httpx
import pytest
import stripe

from tests.e2e.conftest import PUBLISHABLE, SECRET, Running
from tests.fidelity.live_declines import DECLINING, Declining
from tests.support import patient

USD = {"amount": 1099, "currency": "usd"}


def test_create_confirm_succeeded(running: Running, sdk: Any) -> None:
    created = sdk.v1.payment_intents.create({**USD, "metadata": {"order": "6735"}})
    assert created.status == "requires_payment_method"
    paid = sdk.v1.payment_intents.confirm(
        created.id, {"payment_method": "pm_card_visa", "expand": ["latest_charge", "payment_method"]}
    )
    assert paid.status == "succeeded"
    assert paid.latest_charge.payment_method_details.card.brand == "visa"
    assert [e["operation"] for e in running.entries(paid.latest_charge.id)] == ["authorize", "capture"]
    assert sdk.v1.payment_intents.retrieve(created.id).amount_received == 1099


def test_hold_and_capture(sdk: Any) -> None:
    held = sdk.v1.payment_intents.create(
        {**USD, "capture_method": "manual", "payment_method": "pm_card_mastercard", "confirm": True}
    )
    assert (held.status, held.amount_capturable) == ("requires_capture", 1099)
    assert sdk.v1.payment_intents.retrieve(held.id).status == "requires_capture"
    captured = sdk.v1.payment_intents.capture(held.id, {"amount_to_capture": 1000})
    assert (captured.status, captured.amount_received) == ("succeeded", 1000)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/flowers"),
        ("GET", "/v1/payment_intents/"),
        ("POST", "/v1/payment_intents//confirm"),
        ("PUT", "/v1/payment_intents"),
        ("DELETE", "/v1/payment_intents/pi_1"),
    ],
)
def test_a_url_that_nobody_knows_is_a_stripe_error(running: Running, method: str, path: str) -> None:
    answer = httpx.request(method, running.url + path, auth=(SECRET, ""), timeout=90)
    assert answer.status_code == 404
    error = answer.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert f"Unrecognized request URL ({method}: {path})" in error["message"]


def test_an_empty_id_is_a_stripe_error(sdk: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL") as caught:
        sdk.v1.payment_intents.retrieve("")
    assert caught.value.http_status == 404


def test_decline_then_another_card(sdk: Any) -> None:
    intent = sdk.v1.payment_intents.create(USD)
    with pytest.raises(stripe.CardError) as caught:
        sdk.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa_chargeDeclinedInsufficientFunds"})
    error: Any = caught.value.error
    assert (caught.value.http_status, error.code, error.decline_code) == (402, "card_declined", "insufficient_funds")
    assert error.payment_intent.status == "requires_payment_method"
    assert error.payment_intent.last_payment_error.payment_method.card.last4 == "9995"
    paid = sdk.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert paid.status == "succeeded"
    history = sdk.v1.charges.list({"payment_intent": intent.id}).data
    assert [(charge.status, charge.failure_code) for charge in history] == [
        ("succeeded", None),
        ("failed", "card_declined"),
    ]


@pytest.mark.parametrize("declining", DECLINING, ids=lambda one: one.card)
def test_declines_by_test_card(sdk: Any, declining: Declining) -> None:
    with pytest.raises(stripe.CardError) as caught:
        sdk.v1.payment_intents.create({**USD, "payment_method": f"pm_card_{declining.card}", "confirm": True})
    body: Any = caught.value.json_body
    error = body["error"]
    objects = {"charge", "payment_intent", "payment_method", "request_log_url"}
    assert {name: value for name, value in error.items() if name not in objects} == declining.said()
    assert error["request_log_url"].endswith(f"/dashboard/logs/{caught.value.request_id}")
    charge = sdk.v1.charges.retrieve(error["charge"])
    assert (charge.status, charge.paid, charge.failure_code) == ("failed", False, declining.code)
    assert charge.outcome.network_decline_code == declining.network_decline_code


def test_a_payment_that_is_too_risky_is_declined_before_any_network_is_asked(sdk: Any) -> None:
    with pytest.raises(stripe.CardError) as caught:
        sdk.v1.payment_intents.create({**USD, "payment_method": "pm_card_radarBlock", "confirm": True})
    body: Any = caught.value.json_body
    error = body["error"]
    assert (error["code"], error["decline_code"], error["message"]) == (
        "card_declined", "fraudulent", "Your card was declined.",
    )  # fmt: skip
    assert "network_decline_code" not in error


@pytest.mark.parametrize("setup", [{}, {"payment_method": "pm_card_visa"},
                                   {"payment_method": "pm_card_visa", "confirm": True, "capture_method": "manual"},
                                   {"payment_method": "pm_card_authenticationRequired", "confirm": True,
                                    "return_url": "https://shop.example"}])  # fmt: skip
def test_cancel_from_every_status_that_allows_it(sdk: Any, setup: dict[str, object]) -> None:
    intent = sdk.v1.payment_intents.create({**USD, **setup})
    canceled = sdk.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
    assert (canceled.status, canceled.cancellation_reason, canceled.amount_capturable) == ("canceled", "abandoned", 0)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        sdk.v1.payment_intents.cancel(intent.id)
    assert caught.value.code == "payment_intent_unexpected_state"


def test_a_voided_hold_is_in_the_simulators_book(running: Running, sdk: Any) -> None:
    held = sdk.v1.payment_intents.create(
        {**USD, "capture_method": "manual", "payment_method": "pm_card_visa", "confirm": True}
    )
    sdk.v1.payment_intents.cancel(held.id)
    assert [e["operation"] for e in running.entries(str(held.latest_charge))] == ["authorize", "void"]


def test_a_card_number_and_a_customer(sdk: Any) -> None:
    card = {"number": "5555555555554444", "exp_month": 12, "exp_year": 2031, "cvc": "123"}
    method = sdk.v1.payment_methods.create({"type": "card", "card": card})
    customer = sdk.v1.customers.create({"email": "jenny@example.com"})
    sdk.v1.payment_methods.attach(method.id, {"customer": customer.id})
    intent = sdk.v1.payment_intents.create(
        {**USD, "customer": customer.id, "payment_method": method.id, "confirm": True, "off_session": True}
    )
    assert intent.status == "succeeded"
    assert [m.id for m in sdk.v1.customers.payment_methods.list(customer.id).data] == [method.id]
    assert [i.id for i in sdk.v1.payment_intents.list({"customer": customer.id}).data] == [intent.id]


def test_auto_pagination(sdk: Any) -> None:
    customer = sdk.v1.customers.create({})
    made = [sdk.v1.payment_intents.create({**USD, "customer": customer.id}).id for _ in range(7)]
    page = sdk.v1.payment_intents.list({"customer": customer.id, "limit": 3})
    assert [intent.id for intent in page.auto_paging_iter()] == made[::-1]


def test_a_browser_confirms_with_the_client_secret(running: Running, sdk: Any) -> None:
    intent = sdk.v1.payment_intents.create(USD)
    form = {"client_secret": str(intent.client_secret), "payment_method_data[type]": "card",
            "payment_method_data[card][number]": "4242424242424242", "payment_method_data[card][exp_month]": "12",
            "payment_method_data[card][exp_year]": "31", "payment_method_data[card][cvc]": "123"}  # fmt: skip
    url = f"{running.url}/v1/payment_intents/{intent.id}/confirm"
    answer = patient.post(url, data=form, auth=(PUBLISHABLE, ""))
    assert answer.json()["status"] == "succeeded"
    assert "metadata" not in answer.json()


def test_idempotency_keys(sdk: Any) -> None:
    options = {"idempotency_key": "order-6735"}
    first = sdk.v1.payment_intents.create(USD, options)
    assert sdk.v1.payment_intents.create(USD, options).id == first.id
    with pytest.raises(stripe.IdempotencyError):
        sdk.v1.payment_intents.create({**USD, "amount": 2000}, options)


def test_a_key_that_was_used_elsewhere_and_one_that_was_used_for_nothing(sdk: Any) -> None:
    options = {"idempotency_key": "order-6736"}
    with pytest.raises(stripe.InvalidRequestError, match="greater than or equal to the minimum charge amount"):
        sdk.v1.payment_intents.create({**USD, "amount": 0}, options)
    with pytest.raises(stripe.InvalidRequestError, match="No such customer: 'cus_nope'"):
        sdk.v1.payment_intents.create({**USD, "customer": "cus_nope"}, options)
    sdk.v1.payment_intents.create(USD, options)
    with pytest.raises(stripe.IdempotencyError) as caught:
        sdk.v1.customers.create({}, options)
    assert "('/v1/customers' vs '/v1/payment_intents')" in str(caught.value)


def test_what_is_not_there_blames_what_live_stripe_blames(sdk: Any) -> None:
    v1 = sdk.v1
    for ask, what, param, status in (
        (v1.refunds.create, {"charge": "ch_nope"}, "id", 404),
        (v1.refunds.retrieve, "re_nope", "refund", 404),
        (v1.payment_methods.list, {"customer": "cus_nope"}, "customer", 400),
        (v1.charges.list, {"payment_intent": "pi_nope"}, "payment_intent", 400),
    ):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            ask(what)
        assert (caught.value.http_status, caught.value.code) == (status, "resource_missing")
        assert caught.value.param == param


def test_customers_and_charges_are_searched(sdk: Any) -> None:
    customer = sdk.v1.customers.create(
        {"name": "Jenny Rosen", "email": "Jenny@Rosen.example", "metadata": {"City": "Ulm"}}
    )
    paid = sdk.v1.payment_intents.create(
        {**USD, "customer": customer.id, "payment_method": "pm_card_visa", "confirm": True, "metadata": {"City": "Ulm"}}
    )
    for query in ("email~'rosen.EXAMPLE'", 'metadata["City"]:"ULM"'):
        assert [one.id for one in sdk.v1.customers.search({"query": query}).auto_paging_iter()] == [customer.id]
    charges = sdk.v1.charges.search({"query": f'customer:"{customer.id}" AND status:"succeeded"'})
    assert [one.id for one in charges.auto_paging_iter()] == [paid.latest_charge]
    with pytest.raises(stripe.InvalidRequestError, match="unsupported search field"):
        sdk.v1.customers.search({"query": "emial:'x'"})


@pytest.mark.parametrize("version", ["2022-11-15", "2025-09-30.clover"])
def test_older_versions(running: Running, version: str) -> None:
    sdk = running.client(stripe_version=version)
    parameters = {**USD, "allowed_payment_method_types": ["card"], "payment_method": "pm_card_visa", "confirm": True}
    intent = sdk.v1.payment_intents.create(parameters)
    assert intent.status == "succeeded"
    assert intent.last_response is not None
    assert intent.last_response.headers["stripe-version"] == version


def test_lost_answers_become_processing_and_then_the_truth(running: Running, sdk: Any) -> None:
    intent = sdk.v1.payment_intents.create(USD)
    running.faults(drop="after", operations=["authorize", "retrieve"])
    try:
        waiting = sdk.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
        assert waiting.status == "processing"
    finally:
        running.faults()
    running.wait_for(lambda: sdk.v1.payment_intents.retrieve(intent.id).status == "succeeded")
    charge = str(sdk.v1.payment_intents.retrieve(intent.id).latest_charge)
    assert [e["operation"] for e in running.entries(charge)] == ["authorize", "capture"]


@pytest.mark.parametrize(
    ("card", "later"),
    [
        ("pm_card_visa", "succeeded"),
        ("pm_card_authenticationRequired", "authentication_required"),
        ("pm_card_chargeCustomerFail", "card_declined"),
    ],
)
def test_a_saved_card_is_charged_without_its_owner_or_as_its_bank_wishes(sdk: Any, card: str, later: str) -> None:
    customer = sdk.v1.customers.create({"email": "jenny@example.com"})
    method = sdk.v1.payment_methods.attach(card, {"customer": customer.id})
    assert [saved.id for saved in sdk.v1.customers.payment_methods.list(customer.id).data] == [method.id]
    off_session = {**USD, "customer": customer.id, "payment_method": method.id, "confirm": True, "off_session": True}
    if later == "succeeded":
        assert sdk.v1.payment_intents.create(off_session).status == "succeeded"
        return
    with pytest.raises(stripe.CardError) as caught:
        sdk.v1.payment_intents.create(off_session)
    assert caught.value.code == later
    intent: Any = caught.value.error.payment_intent  # type: ignore[union-attr]
    assert (intent.status, intent.payment_method) == ("requires_payment_method", None)


def test_setup_future_usage_attaches_the_card_and_consent_makes_a_mandate(sdk: Any) -> None:
    customer = sdk.v1.customers.create({"email": "jenny@example.com"})
    saving = {**USD, "customer": customer.id, "setup_future_usage": "off_session", "expand": ["latest_charge"]}
    saving |= {"payment_method": "pm_card_visa", "confirm": True}
    kept = sdk.v1.payment_intents.create(saving)
    assert kept.latest_charge.payment_method_details.card.mandate is None
    first = sdk.v1.payment_intents.create({**saving, "mandate_data": {"customer_acceptance": {"type": "offline"}}})
    assert sdk.v1.payment_methods.retrieve(first.payment_method).customer == customer.id
    mandate = sdk.v1.mandates.retrieve(first.latest_charge.payment_method_details.card.mandate)
    assert (mandate.payment_method, mandate.type, mandate.status) == (first.payment_method, "multi_use", "active")
    again = {**USD, "customer": customer.id, "payment_method": first.payment_method, "off_session": True}
    assert sdk.v1.payment_intents.create({**again, "confirm": True, "mandate": mandate.id}).status == "succeeded"
