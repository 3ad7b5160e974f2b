"""SetupIntents with the official SDK, unmodified, through every real part: what is set up pays afterwards."""

import time
from typing import Any

import httpx
import pytest
import stripe

from tests.e2e.conftest import PUBLISHABLE, Running
from tests.support import patient

CONSENT = {"customer_acceptance": {"type": "offline"}}
CARDS = {"allowed_payment_method_types": ["card"]}
OFF = {**CARDS, "amount": 1099, "currency": "usd", "off_session": True, "confirm": True}
RETURN = {"return_url": "https://shop.example/done"}


def until(sdk: Any, id_: str, status: str) -> Any:
    """The intent, once it has come there."""
    deadline = time.monotonic() + 60
    while (setup := sdk.v1.setup_intents.retrieve(id_)).status != status:
        assert time.monotonic() < deadline, setup.status
        time.sleep(0.05)
    return setup


def answer(running: Running, setup: Any, *, authenticated: bool = True) -> None:
    """As the buyer does at their bank."""
    asked = setup.next_action
    url = asked.redirect_to_url.url if asked.type == "redirect_to_url" else asked.use_stripe_sdk["stripe_js"]
    assert patient.post(url, json={"authenticated": authenticated}).status_code == 200


def test_a_card_is_saved_and_charged_later(sdk: Any) -> None:
    customer = sdk.v1.customers.create().id
    setup = sdk.v1.setup_intents.create({**CARDS, "customer": customer, "usage": "off_session"})
    done = sdk.v1.setup_intents.confirm(
        setup.id, {"payment_method": "pm_card_visa", "expand": ["latest_attempt", "payment_method"]}
    )
    assert (done.status, done.latest_attempt.status) == ("succeeded", "succeeded")
    assert done.payment_method.customer == customer
    assert done.payment_method.card.checks.cvc_check == "pass"
    paid = sdk.v1.payment_intents.create({**OFF, "customer": customer, "payment_method": done.payment_method.id})
    assert paid.status == "succeeded"
    # Others' clocks were moved: what they wrote is of a time to come, and stands first.
    kinds = {"types": ["setup_intent.created", "setup_intent.succeeded"], "limit": 100}
    told = [event.type for event in sdk.v1.events.list(kinds).data if event.data.object.id == setup.id]
    assert told == ["setup_intent.succeeded", "setup_intent.created"]
    assert [one.id for one in sdk.v1.setup_attempts.list({"setup_intent": setup.id}).data] == [done.latest_attempt.id]


@pytest.mark.parametrize(
    ("card", "code", "decline"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
    ],
)
def test_a_card_that_declines_is_not_set_up(sdk: Any, card: str, code: str, decline: str) -> None:
    setup = sdk.v1.setup_intents.create(CARDS)
    with pytest.raises(stripe.CardError) as caught:
        sdk.v1.setup_intents.confirm(setup.id, {"payment_method": card})
    error: Any = caught.value.error
    assert (caught.value.http_status, error.code, error.decline_code) == (402, code, decline)
    assert error.setup_intent.status == "requires_payment_method"
    assert error.setup_intent.last_setup_error.code == code
    assert sdk.v1.setup_attempts.list({"setup_intent": setup.id}).data[0].status == "failed"


def test_a_card_that_is_set_up_and_declines_afterwards(sdk: Any) -> None:
    customer = sdk.v1.customers.create().id
    setup = sdk.v1.setup_intents.create(
        {**CARDS, "customer": customer, "payment_method": "pm_card_chargeCustomerFail", "confirm": True}
    )
    assert setup.status == "succeeded"
    with pytest.raises(stripe.CardError) as caught:
        sdk.v1.payment_intents.create({**OFF, "customer": customer, "payment_method": setup.payment_method})
    assert caught.value.code == "card_declined"


def test_a_card_that_asks_its_owner_until_it_is_set_up(running: Running, sdk: Any) -> None:
    customer = sdk.v1.customers.create().id
    card = sdk.v1.payment_methods.create({"type": "card", "card": {"token": "tok_authenticationRequiredOnSetup"}}).id
    sdk.v1.payment_methods.attach(card, {"customer": customer})
    with pytest.raises(stripe.CardError) as caught:
        sdk.v1.payment_intents.create({**OFF, "customer": customer, "payment_method": card})
    assert caught.value.code == "authentication_required"
    setup = sdk.v1.setup_intents.create({"customer": customer, "payment_method": card, "confirm": True, **RETURN})
    assert (setup.status, setup.next_action.type) == ("requires_action", "redirect_to_url")
    answer(running, setup)
    done = until(sdk, setup.id, "succeeded")
    assert done.payment_method == card
    paid = sdk.v1.payment_intents.create({**OFF, "customer": customer, "payment_method": card})
    assert paid.status == "succeeded"


def test_a_buyer_who_does_not_prove_who_they_are(running: Running, sdk: Any) -> None:
    setup = sdk.v1.setup_intents.create({**CARDS, "payment_method": "pm_card_threeDSecure2Required", "confirm": True})
    assert setup.next_action.type == "use_stripe_sdk"
    answer(running, setup, authenticated=False)
    failed = until(sdk, setup.id, "requires_payment_method")
    assert failed.last_setup_error.code == "setup_intent_authentication_failure"
    assert failed.last_setup_error.message == (
        "The latest attempt to set up the payment method has failed because authentication failed."
    )


def test_the_page_of_the_bank_leads_back_to_the_shop(running: Running, sdk: Any) -> None:
    setup = sdk.v1.setup_intents.create({"payment_method": "pm_card_threeDSecure2Required", "confirm": True, **RETURN})
    url = setup.next_action.redirect_to_url.url
    assert patient.get(url).status_code == 200
    back = patient.post(f"{url}/result", data={"result": "complete"})
    assert back.status_code == 303
    shop = patient.get(back.headers["location"])
    where = httpx.URL(shop.headers["location"])
    assert (where.host, where.params["setup_intent"]) == ("shop.example", setup.id)
    assert (where.params["redirect_status"], where.params["setup_intent_client_secret"]) == (
        "succeeded", setup.client_secret,
    )  # fmt: skip


def test_an_account_is_proven_and_debited_later(running: Running, sdk: Any) -> None:
    customer = sdk.v1.customers.create().id
    account = {"routing_number": "110000000", "account_number": "000123456789", "account_holder_type": "individual"}
    data = {"type": "us_bank_account", "us_bank_account": account, "billing_details": {"name": "Jenny Rosen"}}
    setup = sdk.v1.setup_intents.create(
        {
            "customer": customer,
            "allowed_payment_method_types": ["us_bank_account"],
            "payment_method_data": data,
            "confirm": True,
            "mandate_data": CONSENT,
        }
    )
    asked = setup.next_action.verify_with_microdeposits
    assert (setup.status, asked.microdeposit_type) == ("requires_action", "descriptor_code")
    assert patient.get(asked.hosted_verification_url).status_code == 200
    with pytest.raises(stripe.InvalidRequestError) as caught:
        sdk.v1.setup_intents.verify_microdeposits(setup.id, {"descriptor_code": "SM99XX"})
    assert caught.value.code == "payment_method_microdeposit_verification_descriptor_code_mismatch"
    done = sdk.v1.setup_intents.verify_microdeposits(
        setup.id, {"descriptor_code": "SM11AA", "expand": ["mandate", "payment_method"]}
    )
    assert (done.status, done.mandate.status, done.mandate.type) == ("succeeded", "active", "multi_use")
    assert done.payment_method.customer == customer
    paid = sdk.v1.payment_intents.create(
        {**OFF, "customer": customer, "payment_method": done.payment_method.id,
         "allowed_payment_method_types": ["us_bank_account"]}
    )  # fmt: skip
    assert paid.status == "processing", "the account is known, and so is the consent"


def test_an_account_behind_a_bank_redirect_is_kept_as_a_debit(running: Running, sdk: Any) -> None:
    customer = sdk.v1.customers.create().id
    setup = sdk.v1.setup_intents.create(
        {
            "customer": customer,
            "allowed_payment_method_types": ["ideal"],
            "payment_method_data": {"type": "ideal", "billing_details": {"name": "J", "email": "j@example.com"}},
            "confirm": True,
            "mandate_data": CONSENT,
            **RETURN,
        }
    )
    answer(running, setup)
    until(sdk, setup.id, "succeeded")
    done = sdk.v1.setup_intents.retrieve(
        setup.id, {"expand": ["latest_attempt.payment_method_details.ideal.generated_sepa_debit"]}
    )
    kept = done.latest_attempt.payment_method_details.ideal.generated_sepa_debit
    assert (kept.type, kept.customer) == ("sepa_debit", customer)
    paid = sdk.v1.payment_intents.create(
        {**OFF, "currency": "eur", "customer": customer, "payment_method": kept.id,
         "allowed_payment_method_types": ["sepa_debit"]}
    )  # fmt: skip
    assert paid.status == "processing"


@pytest.mark.parametrize(
    ("type_", "currency", "given"),
    [
        ("sepa_debit", "eur", {"iban": "DE89370400440532013000"}),
        ("bacs_debit", "gbp", {"sort_code": "108800", "account_number": "00012345"}),
        ("au_becs_debit", "aud", {"bsb_number": "000000", "account_number": "000123456"}),
    ],
)
def test_debits_are_set_up_at_once(sdk: Any, type_: str, currency: str, given: dict[str, str]) -> None:
    customer = sdk.v1.customers.create().id
    who = {"name": "J", "email": "j@example.com", "address": {"line1": "1 Street", "city": "C", "country": "GB",
                                                            "postal_code": "E1"}}  # fmt: skip
    form = {
        "customer": customer, "allowed_payment_method_types": [type_], "confirm": True, "mandate_data": CONSENT,
        "payment_method_data": {"type": type_, type_: given, "billing_details": who},
    }  # fmt: skip
    setup = sdk.v1.setup_intents.create(form)
    assert (setup.status, setup.mandate is not None) == ("succeeded", True)
    single = sdk.v1.setup_intents.create({**form, "single_use": {"amount": 500, "currency": currency}})
    mandate = sdk.v1.mandates.retrieve(single.single_use_mandate)
    assert (mandate.type, mandate.single_use.amount, single.mandate) == ("single_use", 500, None)
    paid = sdk.v1.payment_intents.create(
        {**OFF, "currency": currency, "customer": customer, "payment_method": setup.payment_method,
         "allowed_payment_method_types": [type_]}
    )  # fmt: skip
    assert paid.status == "processing"


def test_a_wallet_agrees_once(running: Running, sdk: Any) -> None:
    customer = sdk.v1.customers.create().id
    setup = sdk.v1.setup_intents.create(
        {"customer": customer, "allowed_payment_method_types": ["paypal"], "payment_method_data": {"type": "paypal"},
         "confirm": True, "mandate_data": CONSENT, **RETURN}
    )  # fmt: skip
    answer(running, setup)
    done = until(sdk, setup.id, "succeeded")
    paid = sdk.v1.payment_intents.create(
        {**OFF, "customer": customer, "payment_method": done.payment_method, "allowed_payment_method_types": ["paypal"],
         **RETURN}
    )  # fmt: skip
    assert paid.status == "succeeded", "nobody is sent away who is not there"


def test_a_browser_with_its_secret(running: Running, sdk: Any) -> None:
    setup = sdk.v1.setup_intents.create({**CARDS, "metadata": {"order": "1"}})
    secret = {"client_secret": setup.client_secret}
    url = f"{running.url}/v1/setup_intents/{setup.id}"
    seen = patient.get(url, params=secret, auth=(PUBLISHABLE, "")).json()
    assert "metadata" not in seen
    form = secret | {"payment_method_data[type]": "card", "payment_method_data[card][number]": "4242424242424242",
                     "payment_method_data[card][exp_month]": "12", "payment_method_data[card][exp_year]": "2034",
                     "payment_method_data[card][cvc]": "123"}  # fmt: skip
    done = patient.post(f"{url}/confirm", data=form, auth=(PUBLISHABLE, "")).json()
    assert done["status"] == "succeeded"
    canceled = sdk.v1.setup_intents.cancel(sdk.v1.setup_intents.create().id, {"cancellation_reason": "duplicate"})
    assert canceled.cancellation_reason == "duplicate"
    token = sdk.v1.test_helpers.confirmation_tokens.create({"payment_method": "pm_card_visa"})
    by_token = sdk.v1.setup_intents.create({"confirm": True, "confirmation_token": token.id, **RETURN})
    assert by_token.status == "succeeded"
    assert sdk.v1.confirmation_tokens.retrieve(token.id).setup_intent == by_token.id
