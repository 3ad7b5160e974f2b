"""Every payment method type that can be charged, through success and failure, by the official SDK on real parts."""

from typing import Any

import pytest
import stripe

from domain.methods.families import TYPES, Family
from tests.e2e.conftest import PUBLISHABLE, Running
from tests.e2e.test_webhooks import written
from tests.support import patient
from tests.support.receivers import wait_until

RETURN = "https://shop.example/back"
DATA: dict[str, dict[str, Any]] = {
    "acss_debit": {"account_number": "000123456789", "institution_number": "000", "transit_number": "11000"},
    "au_becs_debit": {"account_number": "000123456", "bsb_number": "000000"},
    "bacs_debit": {"account_number": "00012345", "sort_code": "108800"},
    "fpx": {"bank": "maybank2u"},
    "nz_bank_account": {"account_number": "0000001", "bank_code": "11", "branch_code": "0000", "suffix": "010"},
    "payto": {"pay_id": "a@example.com"},
    "sepa_debit": {"iban": "AT611904300234573201"},
    "sofort": {"country": "DE"},
    "us_bank_account": {"account_number": "000123456789", "routing_number": "110000000",
                        "account_holder_type": "individual"},
}  # fmt: skip
AMOUNTS = {"krw": 20_000, "jpy": 20_000, "huf": 200_000, "czk": 20_000}
CONSENT = {"customer_acceptance": {"type": "offline"}}

REDIRECTS = sorted(name for name, type_ in TYPES.items() if type_.family is Family.REDIRECT)
DEBITS = sorted(name for name, type_ in TYPES.items() if type_.family is Family.DEBIT)
MANUAL = sorted(name for name in REDIRECTS if TYPES[name].manual_capture)

AT_A_TERMINAL = frozenset({"interac_present"})
"""Types whose buyer stands in front of the merchant."""

PENDING = ["payment_intent.created", "payment_intent.processing", "charge.pending"]


def currency_of(type_: str) -> str:
    return sorted(TYPES[type_].currencies or {"usd"})[0]


def confirmed(client: Any, type_: str, details: dict[str, Any] | None = None, **more: Any) -> Any:
    """A PaymentIntent of this type, confirmed when it is created."""
    currency = currency_of(type_)
    data = {
        "type": type_,
        type_: details or DATA.get(type_, {}),
        "billing_details": {"name": "Jenny Rosen", "email": "jenny@example.com"},
    }
    if TYPES[type_].family is Family.REDIRECT:
        more["return_url"] = RETURN
    elif TYPES[type_].family is Family.DEBIT:
        more["mandate_data"] = CONSENT
    return client.v1.payment_intents.create(
        {
            "amount": max(AMOUNTS.get(currency, 2_000), TYPES[type_].least), "currency": currency,
            "allowed_payment_method_types": [type_],
            "payment_method_data": data, "confirm": True, **more,
        }
    )  # fmt: skip


def verified(client: Any, intent: Any) -> Any:
    """Say what was deposited, where that is asked."""
    action = intent.next_action
    if intent.status != "requires_action" or action.type != "verify_with_microdeposits":
        return intent
    by_code = action.verify_with_microdeposits.microdeposit_type == "descriptor_code"
    said = {"descriptor_code": "SM11AA"} if by_code else {"amounts": [32, 45]}
    return client.v1.payment_intents.verify_microdeposits(intent.id, said)


def reached(client: Any, intent: Any, status: str) -> Any:
    """Wait for the status; the intent then."""
    wait_until(lambda: client.v1.payment_intents.retrieve(intent.id).status == status, status)
    return client.v1.payment_intents.retrieve(intent.id)


def answered(intent: Any, *, authorized: bool) -> None:
    """What the buyer does where they are sent."""
    assert intent.status == "requires_action"
    action = intent.next_action
    shown = action.redirect_to_url if action.type == "redirect_to_url" else action[action.type]
    assert shown.return_url == RETURN
    page = patient.get(shown.url, headers={"Accept": "text/html"})
    assert "Authorize test payment" in page.text
    patient.post(shown.url, json={"authenticated": authorized}).raise_for_status()


def test_every_type_of_stripes_that_is_taken_online_is_charged_here() -> None:
    from parameters.method_data import BY_TYPE

    assert set(BY_TYPE) | {"card"} == set(TYPES) | AT_A_TERMINAL
    assert AT_A_TERMINAL.isdisjoint(TYPES)


@pytest.mark.parametrize("type_", REDIRECTS)
def test_a_redirect_ends_as_the_buyer_decides(running: Running, type_: str) -> None:
    client = running.client()
    intent = confirmed(client, type_)
    assert intent.latest_charge is None
    answered(intent, authorized=True)
    paid = reached(client, intent, "succeeded")
    charge = client.v1.charges.retrieve(paid.latest_charge)
    assert charge.id.startswith("py_")
    assert charge.payment_method_details.type == type_
    assert paid.amount_received == intent.amount
    booked = [entry["operation"] for entry in running.entries(charge.id)]
    assert booked == (["debit"] if TYPES[type_].delayed else ["authorize", "capture"])
    assert charge.balance_transaction is not None
    assert client.v1.balance_transactions.retrieve(charge.balance_transaction).amount == intent.amount
    given_up = confirmed(client, type_)
    answered(given_up, authorized=False)
    failed = reached(client, given_up, "requires_payment_method")
    assert failed.last_payment_error.code == "payment_intent_authentication_failure"
    assert failed.last_payment_error.payment_method.type == type_


@pytest.mark.parametrize("type_", MANUAL)
def test_what_can_be_held_is_captured_later(running: Running, type_: str) -> None:
    client = running.client()
    intent = confirmed(client, type_, capture_method="manual")
    answered(intent, authorized=True)
    held = reached(client, intent, "requires_capture")
    assert held.amount_capturable == intent.amount
    assert client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 1_000}).amount_received == 1_000


def test_link_needs_nothing_of_the_buyer(running: Running) -> None:
    assert confirmed(running.client(), "link").status == "succeeded"


@pytest.mark.parametrize("type_", DEBITS)
def test_a_debit_is_processing_until_its_bank_has_paid(running: Running, type_: str) -> None:
    client = running.client()
    asked = confirmed(client, type_)
    intent = verified(client, asked)
    assert (asked.status == "requires_action") == TYPES[type_].microdeposits
    assert intent.status == "processing"
    assert intent.next_action is None
    assert intent.processing is None
    pending = client.v1.charges.retrieve(intent.latest_charge)
    assert (pending.status, pending.paid, pending.balance_transaction) == ("pending", False, None)
    paid = reached(client, intent, "succeeded")
    assert paid.latest_charge == pending.id
    told = [event["type"] for event in written(client, intent.id) if event["type"] != "payment_intent.requires_action"]
    assert told == [*PENDING, "charge.succeeded", "payment_intent.succeeded"]
    assert [entry["operation"] for entry in running.entries(pending.id)] == ["debit"]
    refund = client.v1.refunds.create({"payment_intent": intent.id, "amount": 500})
    assert refund.status == "succeeded"


SOURCE_LIMIT = "charge_exceeds_source_limit"
RETURNED = [
    ("us_bank_account", {"account_number": "000111111113", "routing_number": "110000000"}, "account_closed"),
    ("us_bank_account", {"account_number": "000111111116", "routing_number": "110000000"}, "no_account"),
    ("us_bank_account", {"account_number": "000222222227", "routing_number": "110000000"}, "insufficient_funds"),
    ("us_bank_account", {"account_number": "000333333335", "routing_number": "110000000"}, "debit_not_authorized"),
    ("us_bank_account", {"account_number": "000444444440", "routing_number": "110000000"}, "invalid_currency"),
    (
        "us_bank_account",
        {"account_number": "000777777771", "routing_number": "110000000"},
        "charge_exceeds_source_limit",
    ),
    ("sepa_debit", {"iban": "AT861904300235473202"}, "payment_intent_payment_attempt_failed"),
    ("sepa_debit", {"iban": "AT981904300002222227"}, "insufficient_funds"),
    ("sepa_debit", {"iban": "AT981904300000343434"}, "charge_exceeds_source_limit"),
    ("sepa_debit", {"iban": "AT601904300000121212"}, "charge_exceeds_weekly_limit"),
    ("bacs_debit", {"account_number": "33333335", "sort_code": "108800"}, "debit_not_authorized"),
    ("bacs_debit", {"account_number": "22222227", "sort_code": "108800"}, "insufficient_funds"),
    ("bacs_debit", {"account_number": "00033333", "sort_code": "108800"}, "billing_invalid_mandate"),
    ("au_becs_debit", {"account_number": "111111113", "bsb_number": "000000"}, "account_closed"),
    ("au_becs_debit", {"account_number": "111111116", "bsb_number": "000000"}, "no_account"),
    ("au_becs_debit", {"account_number": "222222227", "bsb_number": "000000"}, "refer_to_customer"),
    ("au_becs_debit", {"account_number": "333333335", "bsb_number": "000000"}, "debit_not_authorized"),
]


@pytest.mark.parametrize(("type_", "details", "code"), RETURNED)
def test_a_debit_that_comes_back(running: Running, type_: str, details: dict[str, Any], code: str) -> None:
    client = running.client()
    intent = verified(client, confirmed(client, type_, details))
    failed = reached(client, intent, "requires_payment_method")
    assert (failed.last_payment_error.code, failed.last_payment_error.charge) == (code, intent.latest_charge)
    assert failed.payment_method is None
    assert failed.amount_received == 0
    charge = client.v1.charges.retrieve(intent.latest_charge)
    found = "incorrect_account_holder_name" if code == "payment_intent_payment_attempt_failed" else code
    assert (charge.status, charge.failure_code) == ("failed", found)
    assert [event["type"] for event in written(client, intent.id)][-2:] == [
        "charge.failed", "payment_intent.payment_failed",
    ]  # fmt: skip
    assert running.entries(charge.id) == []


NAMES = [
    ("pm_acssDebit_success", "succeeded", None), ("pm_acssDebit_noAccount", "requires_payment_method", "no_account"),
    ("pm_bacsDebit_success", "succeeded", None),
    ("pm_bacsDebit_exceedsWeeklyLimit", "requires_payment_method", SOURCE_LIMIT),
    ("pm_auBecsDebit_success", "succeeded", None),
    ("pm_auBecsDebit_exceedsTransactionLimit", "requires_payment_method", "charge_exceeds_transaction_limit"),
    ("pm_nzBankAccount_success", "succeeded", None),
    ("pm_nzBankAccount_noAccount", "requires_payment_method", "no_account"),
    ("pm_sepaDebit_success_fr", "succeeded", None),
    ("pm_sepaDebit_insufficientFunds_nl", "requires_payment_method", "insufficient_funds"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "status", "code"), NAMES)
def test_a_test_account_is_paid_from_by_its_name(running: Running, name: str, status: str, code: str | None) -> None:
    client = running.client()
    type_ = client.v1.payment_methods.retrieve(name).type
    intent = client.v1.payment_intents.create(
        {
            "amount": 2_000, "currency": currency_of(type_), "allowed_payment_method_types": [type_],
            "payment_method": name, "confirm": True, "mandate_data": CONSENT,
        }
    )  # fmt: skip
    assert intent.status == "processing"
    ended = reached(client, intent, status)
    assert (ended.last_payment_error.code if ended.last_payment_error else None) == code


def fast_forward(client: Any, intent: Any, days: int) -> Any:
    path = f"/v1/test_helpers/payment_intents/{intent.id}/fast_forward"
    return client.raw_request("post", path, seconds=days * 86_400)


def test_a_bank_that_takes_days_is_asked_when_they_are_over(running: Running) -> None:
    client = running.client()
    intent = confirmed(client, "sepa_debit", {"iban": "AT321904300235473204"})
    assert intent.status == "processing"
    fast_forward(client, intent, 5)
    assert reached(client, intent, "succeeded").amount_received == intent.amount


def test_a_bank_that_never_answers_leaves_it_processing(running: Running) -> None:
    client = running.client()
    intent = client.v1.payment_intents.create(
        {
            "amount": 2_000, "currency": "usd", "allowed_payment_method_types": ["us_bank_account"], "confirm": True,
            "payment_method": "pm_usBankAccount_processing", "mandate_data": CONSENT,
        }
    )  # fmt: skip
    intent = verified(client, intent)
    for _ in range(2):
        fast_forward(client, intent, 5)
        assert client.v1.payment_intents.retrieve(intent.id).status == "processing"
    for command in ("confirm", "capture"):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            getattr(client.v1.payment_intents, command)(intent.id)
        assert caught.value.code == "payment_intent_unexpected_state"
    canceled = client.v1.payment_intents.cancel(intent.id)
    assert (canceled.status, canceled.amount_received) == ("canceled", 0)
    charge = client.v1.charges.retrieve(intent.latest_charge)
    assert (charge.status, charge.paid) == ("failed", False)
    assert running.entries(charge.id) == []
    told = [event["type"] for event in written(client, intent.id)]
    assert told[-2:] == ["charge.failed", "payment_intent.canceled"]


def test_a_debit_that_was_paid_can_not_be_canceled_any_more(running: Running) -> None:
    client = running.client()
    intent = reached(client, confirmed(client, "sepa_debit"), "succeeded")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.cancel(intent.id)
    assert caught.value.code == "payment_intent_unexpected_state"


def test_the_consent_to_a_debit_is_a_mandate(running: Running) -> None:
    client = running.client()
    customer = client.v1.customers.create({"email": "a@example.com"})
    intent = confirmed(client, "sepa_debit", customer=customer.id, setup_future_usage="off_session")
    paid = reached(client, intent, "succeeded")
    method = client.v1.payment_methods.retrieve(paid.payment_method)
    assert method.customer == customer.id
    told = [event.to_dict() for event in client.v1.events.list({"type": "mandate.updated"}).data]
    mandate = next(event["data"]["object"] for event in told if event["data"]["object"]["payment_method"] == method.id)
    assert (mandate["status"], mandate["type"]) == ("active", "multi_use")
    again = client.v1.payment_intents.create(
        {
            "amount": 900, "currency": "eur", "customer": customer.id, "allowed_payment_method_types": ["sepa_debit"],
            "payment_method": method.id, "mandate": mandate["id"], "off_session": True, "confirm": True,
        }
    )  # fmt: skip
    assert reached(client, again, "succeeded").amount_received == 900


def test_a_browser_may_confirm_a_redirect(running: Running) -> None:
    client = running.client()
    intent = client.v1.payment_intents.create(
        {"amount": 2_000, "currency": "eur", "allowed_payment_method_types": ["ideal"]}
    )
    browser = running.client(api_key=PUBLISHABLE)
    confirmed_there = browser.v1.payment_intents.confirm(
        intent.id,
        {"client_secret": intent.client_secret, "payment_method_data": {"type": "ideal"}, "return_url": RETURN},
    )
    answered(confirmed_there, authorized=True)
    reached(client, intent, "succeeded")


def unverified(client: Any, type_: str = "us_bank_account", **details: Any) -> Any:
    return confirmed(client, type_, {**DATA[type_], **details})


def refused(client: Any, intent: Any, **said: Any) -> Any:
    """Say something wrong; the error."""
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.verify_microdeposits(intent.id, said)
    return caught.value


def test_microdeposits_are_asked_for_as_stripe_asks(running: Running) -> None:
    client = running.client()
    action = unverified(client).next_action.verify_with_microdeposits
    assert action.microdeposit_type == "descriptor_code"
    assert action.hosted_verification_url.startswith(f"{running.url}/microdeposits?")
    other = unverified(client, "acss_debit").next_action.verify_with_microdeposits
    assert other.microdeposit_type == "amounts"
    assert other.arrival_date > action.arrival_date


@pytest.mark.parametrize(
    ("type_", "wrong", "code", "most"),
    [
        ("acss_debit", {"amounts": [1, 2]}, "payment_method_microdeposit_verification_amounts_mismatch", 3),
        ("us_bank_account", {"descriptor_code": "SM00ZZ"},
         "payment_method_microdeposit_verification_descriptor_code_mismatch", 10),
    ],
)  # fmt: skip
def test_so_many_wrong_tries_and_no_more(running: Running, type_: str, wrong: Any, code: str, most: int) -> None:
    client = running.client()
    intent = unverified(client, type_)
    for left in range(most - 1, 0, -1):
        error = refused(client, intent, **wrong)
        assert (error.http_status, error.code) == (400, code)
        assert f"{left} attempt" in error.user_message
        assert client.v1.payment_intents.retrieve(intent.id).status == "requires_action"
    last = refused(client, intent, **wrong)
    assert last.code == "payment_method_microdeposit_verification_attempts_exceeded"
    over = client.v1.payment_intents.retrieve(intent.id)
    assert (over.status, over.last_payment_error.code) == ("requires_payment_method", last.code)
    assert refused(client, intent, **wrong).code == "payment_intent_unexpected_state"
    assert over.latest_charge is None


@pytest.mark.parametrize(
    ("details", "said", "code"),
    [
        ({}, {"descriptor_code": "SM33CC"}, "payment_method_microdeposit_verification_attempts_exceeded"),
        ({}, {"descriptor_code": "SM44DD"}, "payment_method_microdeposit_verification_timeout"),
        ({"account_number": "000666666661"}, {"descriptor_code": "SM11AA"}, "payment_method_microdeposit_failed"),
    ],
)
def test_values_that_end_it(running: Running, details: Any, said: Any, code: str) -> None:
    client = running.client()
    intent = unverified(client, **details)
    assert refused(client, intent, **said).code == code
    failed = client.v1.payment_intents.retrieve(intent.id)
    assert (failed.status, failed.last_payment_error.code) == ("requires_payment_method", code)


def test_what_makes_no_sense_costs_no_try(running: Running) -> None:
    client = running.client()
    intent = unverified(client, "acss_debit")
    invalid = "payment_method_microdeposit_verification_amounts_invalid"
    assert refused(client, intent, amounts=[32]).code == invalid
    assert refused(client, intent, descriptor_code="SM11AA").code == "parameter_missing"
    assert refused(client, intent).code == "parameter_missing"
    assert client.v1.payment_intents.verify_microdeposits(intent.id, {"amounts": [45, 32]}).status == "processing"


def test_an_unverified_account_eleven_days_later(running: Running) -> None:
    client = running.client()
    intent = unverified(client)
    fast_forward(client, intent, 11)
    failed = reached(client, intent, "requires_payment_method")
    assert failed.last_payment_error.code == "payment_method_microdeposit_verification_timeout"
    types = [event["type"] for event in written(client, intent.id)]
    assert types == ["payment_intent.created", "payment_intent.requires_action", "payment_intent.payment_failed"]


def test_an_account_is_verified_once(running: Running) -> None:
    client = running.client()
    customer = client.v1.customers.create({})
    first = confirmed(client, "us_bank_account", customer=customer.id, setup_future_usage="off_session")
    paid = reached(client, verified(client, first), "succeeded")
    again = client.v1.payment_intents.create(
        {
            "amount": 900, "currency": "usd", "customer": customer.id, "payment_method": paid.payment_method,
            "allowed_payment_method_types": ["us_bank_account"], "confirm": True, "mandate_data": CONSENT,
        }
    )  # fmt: skip
    assert again.status == "processing"


def test_a_browser_verifies_with_the_client_secret(running: Running) -> None:
    client, browser = running.client(), running.client(api_key=PUBLISHABLE)
    intent = unverified(client)
    said = {"descriptor_code": "sm11aa".upper(), "client_secret": intent.client_secret}
    assert browser.v1.payment_intents.verify_microdeposits(intent.id, said).status == "processing"


def test_the_hosted_page_takes_it_too(running: Running) -> None:
    client = running.client()
    intent = unverified(client)
    url = intent.next_action.verify_with_microdeposits.hosted_verification_url
    assert "starts with SM" in patient.get(url).text
    assert patient.post(url, data={"code": "S" * 3_000}).status_code == 413
    assert patient.post(url, content=iter([b"code=SM11AA"])).status_code == 413, "nor without saying how much it is"
    assert patient.post(url, data={"code": "<script>"}).status_code == 400
    wrong = patient.post(url, data={"code": "SM00ZZ"})
    assert (wrong.status_code, "9 attempts left" in wrong.text) == (400, True)
    assert "is verified" in patient.post(url, data={"code": "SM11AA"}).text
    assert patient.get(url).status_code == 404 or "does not wait" in patient.get(url).text
    assert patient.get(url.replace("verif_", "verif_0")).status_code == 404
    reached(client, intent, "succeeded")


def test_an_account_shown_by_its_own_bank_needs_no_deposits(running: Running) -> None:
    client = running.client()
    options = {"us_bank_account": {"verification_method": "instant"}}
    linked = {"financial_connections_account": "fca_1", "account_holder_type": "individual"}
    intent = confirmed(client, "us_bank_account", linked, payment_method_options=options)
    assert intent.status == "processing"
    reached(client, intent, "succeeded")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        confirmed(client, "us_bank_account", payment_method_options=options)
    assert caught.value.param == "payment_method_options[us_bank_account][verification_method]"
    asked = confirmed(
        client, "us_bank_account", payment_method_options={"us_bank_account": {"verification_method": "microdeposits"}}
    )
    assert asked.next_action.type == "verify_with_microdeposits"
