"""Declines as live Stripe words them (tests/fidelity/live_declines.py): in the 402, on the intent, on the charge."""

import pytest

from domain.model.outcomes import AuthenticationRequired, Declined
from rendering.schemas import ERROR_DETAILS
from tests.api.conftest import Api, error_of
from tests.fidelity.live_declines import DECLINING, TOLD, Declining

INTENTS = "/v1/payment_intents"


UNPAID = {
    "amount_captured": 0, "amount_refunded": 0, "balance_transaction": None, "captured": False, "paid": False,
    "receipt_url": None, "refunded": False, "status": "failed",
}  # fmt: skip
"""What a declined charge says, as recorded."""


def told(declining: Declining) -> Declined:
    """The gateway's answer."""
    return Declined(
        decline_code=declining.decline_code,
        network_decline_code=declining.network_decline_code,
        network_advice_code=declining.network_advice_code,
    )


@pytest.mark.parametrize("declining", [*DECLINING, *TOLD], ids=lambda one: one.card)
async def test_a_decline_reads_as_live(api: Api, declining: Declining) -> None:
    api.engine.gateway.answers = [told(declining)]
    response = await api.post(INTENTS, "amount=2000&currency=usd&confirm=true&payment_method=pm_card_visa")
    error = error_of(response)
    assert response.status_code == 402
    intent, method = error.pop("payment_intent"), error.pop("payment_method")
    charge = error.pop("charge")
    assert error == declining.said()
    assert (method["object"], charge) == ("payment_method", intent["latest_charge"])
    kept = intent["last_payment_error"]
    assert kept == {**declining.said(), "charge": charge, "payment_method": method, "payment_method_type": "card"}
    assert set(kept) <= set(ERROR_DETAILS["properties"]), "the reference says all that is shown"
    shown = (await api.get(f"/v1/charges/{charge}")).json()
    outcome = shown["outcome"]
    for name in ("advice_code", "network_advice_code", "network_decline_code"):
        assert outcome[name] == getattr(declining, name), name
    assert (outcome["type"], outcome["network_status"]) == ("issuer_declined", "declined_by_network")
    assert outcome["reason"] == declining.decline_code
    generic = declining.decline_code == "generic_decline"
    returned = f"The bank returned the decline code `{declining.decline_code}`."
    nothing = "The bank did not return any further details with this decline."
    assert outcome["seller_message"] == (nothing if generic else returned)
    assert (shown["failure_code"], shown["failure_message"]) == (declining.code, declining.message)
    assert {name: shown[name] for name in UNPAID} == UNPAID
    assert shown["payment_method_details"]["card"]["amount_authorized"] is None
    assert "capture_before" not in shown["payment_method_details"]["card"]


@pytest.mark.parametrize("declining", [*DECLINING, *TOLD], ids=lambda one: one.card)
async def test_a_card_that_cannot_be_kept_reads_as_live(api: Api, declining: Declining) -> None:
    """Attaching asks the bank as well; what is not to blame there is an empty string, and nothing is kept."""
    method = (await api.post("/v1/payment_methods", "type=card&card[token]=tok_visa")).json()
    customer = (await api.post("/v1/customers")).json()["id"]
    api.tokenization.answer = told(declining)
    response = await api.post(f"/v1/payment_methods/{method['id']}/attach", f"customer={customer}")
    error = error_of(response)
    assert (response.status_code, error) == (402, {"param": "", **declining.said()})
    assert (await api.get(f"/v1/payment_methods/{method['id']}")).json()["customer"] is None
    assert (await api.get("/v1/events", "type=payment_method.attached")).json()["data"] == []


async def test_error_on_requires_action_says_what_to_do(api: Api) -> None:
    api.engine.gateway.answers = [AuthenticationRequired(authentication="a", url="https://bank.example")]
    form = "amount=2000&currency=usd&confirm=true&payment_method=pm_card_visa&error_on_requires_action=true"
    error = error_of(await api.post(INTENTS, form))
    assert (error["code"], error["decline_code"]) == ("authentication_required", "authentication_not_handled")
    assert error["message"] == (
        "This payment required an authentication action to complete, but `error_on_requires_action` was set. When "
        "you're ready, you can upgrade your integration to handle actions at "
        "https://stripe.com/docs/payments/payment-intents/upgrade-to-handle-actions."
    )


async def test_what_was_kept_from_its_bank_says_so(api: Api) -> None:
    """As recorded of live Stripe, of cards that Radar blocks."""
    api.engine.gateway.answers = [
        Declined(decline_code="fraudulent", blocked=True, risk_level="highest", risk_score=91)
    ]
    form = "amount=2000&currency=usd&confirm=true&payment_method=pm_card_visa"
    error = error_of(await api.post(INTENTS, form))
    outcome = (await api.get(f"/v1/charges/{error['charge']}")).json()["outcome"]
    assert outcome == {
        "advice_code": None, "network_advice_code": None, "network_decline_code": None,
        "network_status": "not_sent_to_network", "reason": "highest_risk_level", "risk_level": "highest",
        "risk_score": 91, "seller_message": "Stripe blocked this payment as too risky.", "type": "blocked",
    }  # fmt: skip


async def test_other_codes_are_worded_too(api: Api) -> None:
    """incorrect_zip, which no test card of Stripe's has, and a code that nobody knows."""
    form = "amount=2000&currency=usd&confirm=true&payment_method=pm_card_visa"
    api.engine.gateway.answers = [Declined(decline_code="incorrect_zip"), Declined(decline_code="no_such_code")]
    error = error_of(await api.post(INTENTS, form))
    assert (error["code"], error["param"]) == ("incorrect_zip", "address_zip")
    assert error["message"].startswith("Your card could not be authorized using the postal code provided.")
    error = error_of(await api.post(INTENTS, form))
    assert (error["code"], error["decline_code"], "advice_code" in error) == ("card_declined", "no_such_code", False)
    assert error["message"] == "Your card was declined."
