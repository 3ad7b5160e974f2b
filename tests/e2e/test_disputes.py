"""Disputes through the official SDK on real parts: of cards, and of bank debits that had been paid."""

from typing import Any

import pytest

from tests.e2e.conftest import Running
from tests.e2e.test_families import confirmed, fast_forward, reached, verified
from tests.e2e.test_webhooks import written
from tests.support.receivers import wait_until

OPENED = ["charge.dispute.created", "charge.dispute.funds_withdrawn"]


def disputed(client: Any, intent: Any) -> Any:
    """Wait for the dispute; the dispute."""
    wait_until(lambda: bool(client.v1.disputes.list({"payment_intent": intent.id}).data), "a dispute", 20)
    return client.v1.disputes.list({"payment_intent": intent.id}).data[0]


@pytest.mark.parametrize(
    ("card", "reason", "status", "events"),
    [
        ("pm_card_createDispute", "fraudulent", "needs_response", OPENED),
        ("pm_card_createDisputeProductNotReceived", "product_not_received", "needs_response", OPENED),
        ("pm_card_createDisputeInquiry", "fraudulent", "warning_needs_response", OPENED[:1]),
    ],
)
def test_a_card_is_disputed_once_money_was_taken(
    running: Running, card: str, reason: str, status: str, events: list[str]
) -> None:
    client = running.client()
    intent = client.v1.payment_intents.create(
        {"amount": 2_000, "currency": "usd", "payment_method": card, "confirm": True, "capture_method": "manual"}
    )
    assert client.v1.disputes.list({"payment_intent": intent.id}).data == []
    client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 1_500})
    dispute = disputed(client, intent)
    assert (dispute.amount, dispute.reason, dispute.status) == (1_500, reason, status)
    assert dispute.evidence_details.due_by > dispute.created
    charge = client.v1.charges.retrieve(intent.latest_charge)
    assert (charge.disputed, charge.status, dispute.charge) == (True, "succeeded", charge.id)
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"
    assert [event["type"] for event in written(client, intent.id)][-len(events) :] == events
    assert client.v1.disputes.retrieve(dispute.id, {"expand": ["charge"]}).charge.id == charge.id


@pytest.mark.parametrize(
    ("type_", "details"),
    [
        ("us_bank_account", {"account_number": "000555555559", "routing_number": "110000000"}),
        ("sepa_debit", {"iban": "AT591904300235473203"}),
        ("bacs_debit", {"account_number": "55555559", "sort_code": "108800"}),
        ("au_becs_debit", {"account_number": "666666660", "bsb_number": "000000"}),
    ],
)
def test_a_debit_is_paid_and_taken_back(running: Running, type_: str, details: dict[str, Any]) -> None:
    client = running.client()
    intent = verified(client, confirmed(client, type_, details))
    if type_ == "bacs_debit":
        # This account's bank takes three minutes.
        fast_forward(client, intent, 5)
    reached(client, intent, "succeeded")
    dispute = disputed(client, intent)
    assert (dispute.amount, dispute.reason, dispute.status) == (intent.amount, "debit_not_authorized", "lost")
    told = [event["type"] for event in written(client, intent.id)]
    assert [type_ for type_ in told if type_.startswith("charge.dispute.")] == [*OPENED, "charge.dispute.closed"]
