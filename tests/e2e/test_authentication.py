"""3-D Secure as a buyer meets it: sent to the bank, answers, comes back. httpx is the browser; it keeps no script."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import stripe

from tests.e2e.conftest import Running
from tests.support import patient

RETURN = "https://shop.example/done?order=6735"
USD = {"amount": 1099, "currency": "usd", "return_url": RETURN, "confirm": True}
HTML = {"Accept": "text/html,application/xhtml+xml"}


def challenged(sdk: Any, card: str = "pm_card_authenticationRequired", **more: Any) -> Any:
    intent = sdk.v1.payment_intents.create({**USD, "payment_method": card, **more})
    assert (intent.status, intent.latest_charge) == ("requires_action", None)
    assert intent.next_action.type == "redirect_to_url"
    assert intent.next_action.redirect_to_url.return_url == RETURN
    return intent


def answer(intent: Any, result: str) -> httpx.Response:
    """Open the bank's page, press a button, and follow the way back up to the merchant."""
    url = intent.next_action.redirect_to_url.url
    with httpx.Client(headers=HTML, timeout=90) as browser:
        page = browser.get(url)
        assert page.status_code == 200
        assert "Complete authentication" in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
        back = browser.post(f"{url}/result", data={"result": result})
        assert back.status_code == 303
        return browser.get(back.headers["location"])


def told(response: httpx.Response) -> dict[str, str]:
    """What the merchant's page gets in its address."""
    assert response.status_code == 303, response.text
    location = response.headers["location"]
    assert location.startswith("https://shop.example/done?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def test_the_buyer_completes_it(running: Running, sdk: Any) -> None:
    intent = challenged(sdk)
    assert told(answer(intent, "complete")) == {
        "order": "6735",
        "payment_intent": intent.id,
        "payment_intent_client_secret": intent.client_secret,
        "redirect_status": "succeeded",
    }
    paid = sdk.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})
    assert (paid.status, paid.next_action) == ("succeeded", None)
    shown = paid.latest_charge.payment_method_details.card.three_d_secure
    assert (shown.authentication_flow, shown.result, shown.version) == ("challenge", "authenticated", "2.2.0")
    assert [entry["operation"] for entry in running.entries(paid.latest_charge.id)] == ["authorize", "capture"]


def test_the_buyer_fails_it_and_tries_another_card(sdk: Any) -> None:
    intent = challenged(sdk)
    assert told(answer(intent, "fail"))["redirect_status"] == "failed"
    failed = sdk.v1.payment_intents.retrieve(intent.id)
    assert (failed.status, failed.payment_method) == ("requires_payment_method", None)
    assert failed.last_payment_error.code == "payment_intent_authentication_failure"
    paid = sdk.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa", "return_url": RETURN})
    assert paid.status == "succeeded"


def test_money_is_held_after_it_and_captured(sdk: Any) -> None:
    intent = challenged(sdk, capture_method="manual")
    assert told(answer(intent, "complete"))["redirect_status"] == "succeeded"
    assert sdk.v1.payment_intents.retrieve(intent.id).status == "requires_capture"
    assert sdk.v1.payment_intents.capture(intent.id).status == "succeeded"


def test_authenticated_and_declined_all_the_same(sdk: Any) -> None:
    intent = challenged(sdk, "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds")
    assert told(answer(intent, "complete"))["redirect_status"] == "failed"
    failed = sdk.v1.payment_intents.retrieve(intent.id)
    assert (failed.status, failed.last_payment_error.decline_code) == ("requires_payment_method", "insufficient_funds")


def test_manual_confirmation_goes_back_to_the_server(sdk: Any) -> None:
    intent = challenged(sdk, confirmation_method="manual")
    assert told(answer(intent, "complete"))["redirect_status"] == "succeeded"
    assert sdk.v1.payment_intents.retrieve(intent.id).status == "requires_confirmation"


def test_abandoned_and_begun_anew(sdk: Any) -> None:
    first = challenged(sdk)
    again = sdk.v1.payment_intents.confirm(
        first.id, {"payment_method": "pm_card_authenticationRequired", "return_url": RETURN}
    )
    assert again.status == "requires_action"
    assert again.next_action.redirect_to_url.url != first.next_action.redirect_to_url.url
    with httpx.Client(headers=HTML, timeout=90) as browser:
        late = browser.post(f"{first.next_action.redirect_to_url.url}/result", data={"result": "complete"})
        assert browser.get(late.headers["location"]).status_code == 404, "what was abandoned opens nothing"
    assert sdk.v1.payment_intents.retrieve(first.id).status == "requires_action"
    assert told(answer(again, "complete"))["redirect_status"] == "succeeded"


def test_closed_without_an_answer_and_opened_again(sdk: Any) -> None:
    intent = challenged(sdk)
    assert told(answer(intent, "close"))["redirect_status"] == "failed"
    assert sdk.v1.payment_intents.retrieve(intent.id).status == "requires_action"
    assert told(answer(intent, "complete"))["redirect_status"] == "succeeded"


def test_without_friction(sdk: Any) -> None:
    card = {"number": "4000000032200000", "exp_month": 8, "exp_year": 2034, "cvc": "123"}
    method = sdk.v1.payment_methods.create({"type": "card", "card": card})
    paid = sdk.v1.payment_intents.create({**USD, "payment_method": method.id, "expand": ["latest_charge"]})
    shown = paid.latest_charge.payment_method_details.card.three_d_secure
    assert (paid.status, shown.authentication_flow, shown.result) == ("succeeded", "frictionless", "authenticated")


def test_asked_for_and_not_needed(sdk: Any) -> None:
    options = {"card": {"request_three_d_secure": "any"}}
    paid = sdk.v1.payment_intents.create(
        {**USD, "payment_method": "pm_card_visa", "payment_method_options": options, "expand": ["latest_charge"]}
    )
    shown = paid.latest_charge.payment_method_details.card.three_d_secure
    assert (paid.status, shown.result) == ("succeeded", "attempt_acknowledged")


def indian(sdk: Any, number: str) -> tuple[str, str]:
    """A customer, and their card of this number."""
    card = {"number": number, "exp_month": 8, "exp_year": 2040, "cvc": "123"}
    method = sdk.v1.payment_methods.create({"type": "card", "card": card})
    assert method.card.country == "IN"
    customer = sdk.v1.customers.create()
    return customer.id, sdk.v1.payment_methods.attach(method.id, {"customer": customer.id}).id


def test_cards_of_india(sdk: Any) -> None:
    options = {"payment_method_options": {"card": {"request_three_d_secure": "any"}}}
    assert challenged(sdk, "pm_card_in", **options).status == "requires_action"
    assert sdk.v1.payment_intents.create({**USD, "payment_method": "pm_card_in"}).status == "succeeded"
    for number in ("0123", "0297", "0248", "0263"):
        customer, method = indian(sdk, f"400000356000{number}")
        intent = challenged(sdk, method, customer=customer)
        assert told(answer(intent, "complete"))["redirect_status"] == "succeeded"
    with pytest.raises(stripe.CardError) as caught:
        sdk.v1.payment_intents.create({**USD, "payment_method": method, "customer": customer, "off_session": True})
    error: Any = caught.value.error
    assert (error.code, error.decline_code, error.charge) == ("india_recurring_payment_mandate_canceled", None, None)
    assert error.payment_intent.status == "requires_payment_method"


def test_a_named_test_card_is_good_for_a_year(sdk: Any) -> None:
    card = sdk.v1.payment_methods.retrieve("pm_card_visa").card
    now = datetime.now(UTC)  # noqa: TID251
    assert (card.exp_month, card.exp_year) == (now.month, now.year + 1)


@pytest.mark.parametrize(
    "query", ["", "payment_intent=pi_none&authentication=x", "payment_intent=%00&authentication=x"]
)
def test_a_way_back_that_leads_nowhere(running: Running, sdk: Any, query: str) -> None:
    assert patient.get(f"{running.url}/3d_secure/return?{query}").status_code == 404
    intent = challenged(sdk)
    guessed = patient.get(f"{running.url}/3d_secure/return?payment_intent={intent.id}&authentication=authn_guess")
    assert guessed.status_code == 404
    assert intent.client_secret not in guessed.text


def test_nobody_else_can_notify(running: Running, sdk: Any) -> None:
    intent = challenged(sdk)
    authentication = intent.next_action.redirect_to_url.url.rpartition("/")[2]
    body = {
        "type": "authentication",
        "payment_intent": intent.id,
        "authentication": authentication,
        "authenticated": True,
    }
    url = f"{running.url}/gateways/simulator/notifications"
    for signature in ({}, {"Gateway-Signature": f"t=1790000000,v1={'0' * 64}"}, {"Gateway-Signature": "nonsense"}):
        assert patient.post(url, json=body, headers=signature).status_code == 401
    assert sdk.v1.payment_intents.retrieve(intent.id).status == "requires_action"


def test_a_notification_that_finds_nobody_at_home_comes_again(fresh: Running) -> None:
    fresh.start()
    intent = challenged(fresh.client())
    fresh.children()["api"].kill()
    url = intent.next_action.redirect_to_url.url
    assert patient.post(f"{url}/result", data={"result": "complete"}).status_code == 303
    fresh.wait_for(fresh.ready)
    retrieve = fresh.client().v1.payment_intents.retrieve
    fresh.wait_for(lambda: retrieve(intent.id).status == "succeeded")
