"""The hosted pages: what each is about, when it is due, and what is copied from it."""

from domain.model.outcomes import VerificationRequired
from tests.api.conftest import Api

ACCOUNT = (
    "payment_method_data[type]=us_bank_account&payment_method_data[billing_details][name]=Jenny"
    "&payment_method_data[us_bank_account][routing_number]=110000000"
    "&payment_method_data[us_bank_account][account_number]=000123456789"
    "&payment_method_data[us_bank_account][account_holder_type]=individual"
    "&mandate_data[customer_acceptance][type]=offline"
)


async def test_a_buyer_sees_what_the_deposits_are_for_and_when_they_come(api: Api) -> None:
    api.engine.gateway.answers = [
        VerificationRequired(
            verification="ver_1",
            microdeposit_type="descriptor_code",
            arrival_date=1_790_100_000,
            url="https://x.example",
        )
    ]
    order = "amount=1099&currency=usd&description=Two+mugs&allowed_payment_method_types[]=us_bank_account"
    form = f"{order}&confirm=true&{ACCOUNT}"
    made = (await api.post("/v1/payment_intents", form)).json()
    page = (await api.request("GET", f"/microdeposits?payment_intent={made['id']}&verification=ver_1")).text
    for text in ("10.99 USD", "<dt>Merchant</dt>", "Two mugs", '<time datetime="2026-09-22">'):
        assert text in page
    assert made["client_secret"] not in page
