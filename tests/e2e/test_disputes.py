"""Disputes through the official SDK on real parts: of cards, and of bank debits that had been paid."""

from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

from tests.e2e.conftest import SECRET, Running
from tests.e2e.test_families import confirmed, fast_forward, reached, verified
from tests.e2e.test_webhooks import written
from tests.support import patient
from tests.support.receivers import wait_until

OPENED = ["charge.dispute.created", "charge.dispute.funds_withdrawn"]


def disputed(client: Any, intent: Any) -> Any:
    """Wait for the dispute; the dispute."""
    wait_until(lambda: bool(client.v1.disputes.list({"payment_intent": intent.id}).data), "a dispute")
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


def open_dispute(client: Any, card: str = "pm_card_createDispute") -> Any:
    """A payment that was taken, and is disputed."""
    paid = {"amount": 2_000, "currency": "usd", "payment_method": card, "confirm": True}
    return disputed(client, client.v1.payment_intents.create({**paid, "allowed_payment_method_types": ["card"]}))


def stands(client: Any, dispute: Any, status: str) -> Any:
    """Wait until it does; the dispute."""
    wait_until(lambda: client.v1.disputes.retrieve(dispute.id).status == status, f"it is {status}")
    return client.v1.disputes.retrieve(dispute.id)


@pytest.mark.parametrize(
    ("card", "text", "at_first", "at_last", "nets"),
    [
        ("createDispute", "winning_evidence", "under_review", "won", [-3_500, 2_000]),
        ("createDispute", "losing_evidence", "under_review", "lost", [-3_500]),
        ("createDisputeInquiry", "winning_evidence", "warning_under_review", "warning_closed", []),
        ("createDisputeInquiry", "escalate_inquiry_evidence", "warning_under_review", "needs_response", [-3_500]),
    ],
)
def test_the_bank_decides_by_stripes_test_evidence(
    running: Running, card: str, text: str, at_first: str, at_last: str, nets: list[int]
) -> None:
    client = running.client()
    dispute = open_dispute(client, f"pm_card_{card}")
    answered = client.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": text}})
    assert (answered.status, answered.evidence_details.submission_count) == (at_first, 1)
    ended = stands(client, dispute, at_last)
    assert [one.net for one in ended.balance_transactions] == nets
    assert ended.is_charge_refundable is (at_last in ("won", "warning_closed"))
    if at_last == "won":
        assert client.v1.refunds.create({"charge": ended.charge}).status == "succeeded"


def test_a_file_is_uploaded_and_is_evidence(running: Running, tmp_path: Path) -> None:
    client = running.client()
    path = tmp_path / "receipt.pdf"
    path.write_bytes(b"%PDF-1.7 receipt")
    with path.open("rb") as content:
        file = client.v1.files.create({"purpose": "dispute_evidence", "file": content})
    assert (file.filename, file.size, file.type) == ("receipt.pdf", 16, "pdf")
    assert patient.get(file.url, auth=(SECRET, "")).content == b"%PDF-1.7 receipt"
    assert client.v1.files.retrieve(file.id) == file
    assert file.id in [one.id for one in client.v1.files.list({"purpose": "dispute_evidence"}).data]
    dispute = open_dispute(client)
    given = {"evidence": {"receipt": file.id}, "submit": False, "metadata": {"order": "6735"}}
    assert client.v1.disputes.update(dispute.id, given).evidence.receipt == file.id
    closed = client.v1.disputes.close(dispute.id)
    assert (closed.status, closed.evidence.receipt, closed.metadata["order"]) == ("lost", file.id, "6735")
    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        client.v1.disputes.close(dispute.id)


def test_nobody_answers_until_it_is_too_late(running: Running) -> None:
    client = running.client()
    dispute = open_dispute(client)
    assert client.v1.payment_intents.retrieve(dispute.payment_intent).status == "succeeded"
    left = dispute.evidence_details.due_by - dispute.created
    days = f"{running.url}/v1/test_helpers/payment_intents/{dispute.payment_intent}/fast_forward"
    assert httpx.post(days, data={"seconds": left - 3_600}, auth=(SECRET, ""), timeout=90).status_code == 200
    assert client.v1.disputes.retrieve(dispute.id).status == "needs_response"
    assert httpx.post(days, data={"seconds": 7_200}, auth=(SECRET, ""), timeout=90).status_code == 200
    assert stands(client, dispute, "lost").evidence_details.submission_count == 0
    told = [event["type"] for event in written(client, dispute.payment_intent)]
    assert [type_ for type_ in told if type_.startswith("charge.dispute.")] == [*OPENED, "charge.dispute.closed"]


def test_what_was_given_back_whole_is_not_asked_about_any_more(running: Running) -> None:
    client = running.client()
    dispute = open_dispute(client, "pm_card_createDisputeInquiry")
    client.v1.refunds.create({"charge": dispute.charge})
    stands(client, dispute, "warning_closed")


def test_an_answer_that_is_lost_is_found_out_about(running: Running) -> None:
    """The bank has it, and nobody was told: the dispute is answered once."""
    client = running.client()
    dispute = open_dispute(client)
    running.faults(drop="after", operations=["answer_dispute"])
    try:
        client.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "They got it."}})
    finally:
        running.faults()
    assert stands(client, dispute, "under_review").evidence_details.submission_count == 1
