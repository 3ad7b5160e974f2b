"""Bank accounts through the official SDK on real parts: refused when they cannot be one, and debited with consent."""

from typing import Any

import pytest
import stripe

from tests.e2e.conftest import Running
from tests.e2e.test_families import CONSENT, DATA, confirmed, reached

WHO = {"name": "Jenny Rosen", "email": "jenny@example.com"}


def refused(call: Any, *given: Any) -> stripe.InvalidRequestError:
    """The error that the SDK raises."""
    with pytest.raises(stripe.InvalidRequestError) as caught:
        call(*given)
    return caught.value


@pytest.mark.parametrize(
    ("type_", "details", "code", "name"),
    [
        ("sepa_debit", {"iban": "AT611904300234573202"}, "invalid_bank_account_iban", "iban"),
        ("sepa_debit", {"iban": "AT271904300000055555"}, "sepa_debit_bank_not_supported", "iban"),
        ("sepa_debit", {"iban": "AT511904300000066666"}, "sepa_debit_debits_not_supported", "iban"),
        ("us_bank_account", DATA["us_bank_account"] | {"routing_number": "zzz"}, "routing_number_invalid",
         "routing_number"),
    ],
)  # fmt: skip
def test_what_is_no_account_is_refused(
    running: Running, type_: str, details: dict[str, Any], code: str, name: str
) -> None:
    client = running.client()
    error = refused(client.v1.payment_methods.create, {"type": type_, type_: details, "billing_details": WHO})
    assert (error.http_status, error.code, error.param) == (400, code, f"{type_}[{name}]")
    error = refused(confirmed, client, type_, details)
    assert (error.code, error.param) == (code, f"payment_method_data[{type_}][{name}]")


def test_a_debit_waits_for_its_payers_consent(running: Running) -> None:
    client = running.client()
    data = {"type": "sepa_debit", "sepa_debit": {"iban": "at61 1904 3002 3457 3201"}, "billing_details": WHO}
    customer = client.v1.customers.create()
    intent = client.v1.payment_intents.create(
        {
            "amount": 2_000, "currency": "eur", "allowed_payment_method_types": ["sepa_debit"],
            "payment_method_data": data, "customer": customer.id, "setup_future_usage": "off_session",
        }
    )  # fmt: skip
    error = refused(client.v1.payment_intents.confirm, intent.id)
    assert (error.http_status, error.code, error.param) == (400, None, None)
    assert "requires a mandate, but no existing mandate was found" in str(error.user_message)
    assert client.v1.payment_intents.retrieve(intent.id).status == "requires_confirmation"
    assert client.v1.payment_intents.confirm(intent.id, {"mandate_data": CONSENT}).status == "processing"
    paid = reached(client, intent, "succeeded")
    again = client.v1.payment_intents.create(
        {
            "amount": 500, "currency": "eur", "allowed_payment_method_types": ["sepa_debit"], "customer": customer.id,
            "payment_method": paid.payment_method, "off_session": True, "confirm": True,
        }
    )  # fmt: skip
    assert again.status == "processing", "by the mandate that it was kept with"
    reached(client, again, "succeeded")


def test_amounts_verify_as_well_as_the_code(running: Running) -> None:
    client = running.client()
    asked = confirmed(client, "us_bank_account")
    assert asked.next_action.verify_with_microdeposits.microdeposit_type == "descriptor_code"
    wrong = refused(client.v1.payment_intents.verify_microdeposits, asked.id, {"amounts": [1, 2]})
    assert wrong.code == "payment_method_microdeposit_verification_amounts_mismatch"
    assert client.v1.payment_intents.verify_microdeposits(asked.id, {"amounts": [32, 45]}).status == "processing"
