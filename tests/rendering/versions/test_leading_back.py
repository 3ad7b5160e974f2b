"""Answers led back: what no exchange of the corpus shows, and what holds of all."""

from typing import Any

import pytest

from contracts.api_versions import KNOWN, LATEST
from rendering.versions.asking import in_todays_words
from rendering.versions.base import Failure
from rendering.versions.changes.told_changes import differences
from rendering.versions.including import Found, include
from rendering.versions.leading_back import event_led_back, failed, led_back, objects_in

INTENT: dict[str, Any] = {
    "id": "pi_1", "object": "payment_intent", "cancellation_reason": "expired", "last_payment_error": None,
    "latest_charge": "ch_1", "metadata": {"object": "charge"}, "next_action": None, "payment_method_types": ["card"],
    "status": "canceled",
}  # fmt: skip
CHARGE: dict[str, Any] = {
    "id": "ch_1", "object": "charge", "amount_captured": 0, "amount_refunded": 0, "captured": False,
    "failure_code": "payment_method_customer_decline",
    "payment_method_details": {"type": "klarna", "klarna": {}}, "source": None, "statement_descriptor": None,
    "status": "failed",
}  # fmt: skip
DISPUTE: dict[str, Any] = {
    "id": "dp_1", "object": "dispute", "balance_transaction": "txn_1",
    "balance_transactions": [{"object": "balance_transaction", "source": "ch_1"}],
    "evidence": {"uncategorized_text": "sent"}, "evidence_details": {"due_by": 7}, "status": "warning_closed",
}  # fmt: skip


def test_the_newest_version_is_handed_back_untouched() -> None:
    assert led_back(INTENT, LATEST) is INTENT
    event = {"object": "event"}
    assert event_led_back(event, LATEST) is event


@pytest.mark.parametrize("whole", [INTENT, CHARGE, DISPUTE], ids=lambda one: one["object"])
def test_every_version_leads_every_object_back_and_leaves_what_it_was_handed_alone(whole: dict[str, Any]) -> None:
    for version in KNOWN:
        before = repr(whole)
        shown = led_back(whole, version)
        assert repr(whole) == before
        assert (shown["id"], shown["object"]) == (whole["id"], whole["object"])
        assert list(shown)[2:] == sorted(list(shown)[2:])


def test_what_a_bank_cannot_tell_of_a_card_was_called_unchecked() -> None:
    card = {"id": "card_1", "object": "card", "address_line1_check": "unavailable", "address_zip_check": "fail",
            "brand": "Visa", "cvc_check": "unchecked"}  # fmt: skip
    older = led_back(card, "2014-12-17")
    assert (older["address_line1_check"], older["address_zip_check"], older["cvc_check"]) == ("unchecked", "fail", None)
    assert led_back(card, "2014-12-22") == card


def test_a_hold_that_expired_was_canceled_automatically() -> None:
    assert led_back(INTENT, "2025-02-24.acacia")["cancellation_reason"] == "automatic"
    assert led_back(INTENT, "2025-03-31.basil")["cancellation_reason"] == "expired"


def test_what_a_merchant_writes_is_no_object_of_stripes() -> None:
    assert led_back(INTENT, "2011-01-01")["metadata"] == {"object": "charge"}
    assert [one["object"] for one in objects_in(INTENT)] == ["payment_intent"]


def test_an_event_is_in_the_version_of_its_own() -> None:
    event = {"object": "event", "data": {"object": INTENT}}
    assert led_back({"object": "list", "data": [event]}, "2018-11-08")["data"] == [event]


@pytest.mark.parametrize(
    ("type_", "last", "first"), [("klarna", "2022-11-15", "2023-08-16"), ("ideal", "2022-08-01", "2022-11-15")]
)
def test_why_a_payment_failed_was_not_always_told(type_: str, last: str, first: str) -> None:
    error = {"code": "payment_method_customer_decline", "payment_method": {"type": type_}, "message": "No."}
    charge = CHARGE | {"payment_method_details": {"type": type_}}
    for version, code in ((last, "payment_intent_payment_attempt_failed"), (first, "payment_method_customer_decline")):
        assert led_back(charge, version)["failure_code"] == code
        assert led_back(INTENT | {"last_payment_error": error}, version)["last_payment_error"]["code"] == code
        assert failed(Failure(400, error), version).error["code"] == code
    card = error | {"payment_method": {"type": "card"}}
    assert failed(Failure(400, card), last).error["code"] == "payment_method_customer_decline"


@pytest.mark.parametrize(
    ("result", "version", "shown"),
    [
        ("exempted", "2022-08-01", {"result": "exempted"}),
        ("exempted", "2020-08-27", {"result": "attempt_acknowledged"}),
        ("authenticated", "2020-03-02", {"authenticated": True, "result": "authenticated", "succeeded": True}),
        ("failed", "2020-03-02", {"authenticated": False, "result": "failed", "succeeded": False}),
    ],
)
def test_how_a_buyer_was_authenticated(result: str, version: str, shown: dict[str, Any]) -> None:
    card = {"type": "card", "card": {"three_d_secure": {"result": result}}}
    charge = led_back(CHARGE | {"payment_method_details": card}, version)
    assert charge["payment_method_details"]["card"]["three_d_secure"] == shown


def test_disputes_of_long_ago() -> None:
    assert led_back(DISPUTE, "2015-02-10")["status"] == "warning_closed"
    assert led_back(DISPUTE, "2015-01-26")["status"] == "warning_under_review"
    assert led_back(DISPUTE, "2014-12-08")["evidence_details"] == {"due_by": 7}
    older = led_back(DISPUTE, "2014-11-20")
    assert (older["evidence"], older["evidence_due_by"], "evidence_details" in older) == ("sent", 7, False)
    assert len(led_back(DISPUTE, "2014-08-20")["balance_transactions"]) == 1
    older = led_back(DISPUTE, "2014-08-04")
    assert (older["balance_transaction"], "balance_transactions" in older) == ("txn_1", False)


def test_statuses_of_errors() -> None:
    forbidden = Failure(403, {"message": "The provided key 'rk_' does not have the required permissions"})
    assert [failed(forbidden, one).status for one in ("2016-10-19", "2016-07-06")] == [403, 401]
    other = Failure(403, {"message": "This test helper can only be used with a test mode API key."})
    assert failed(other, "2016-07-06").status == 403
    often = Failure(429, {"code": "rate_limit", "message": "Request rate limit exceeded."})
    assert [failed(often, one).status for one in ("2015-09-08", "2015-09-03")] == [429, 400]
    busy = Failure(429, {"code": "lock_timeout", "message": "Busy."})
    assert failed(busy, "2015-09-03").status == 429


def test_the_event_of_a_renewed_card_and_of_its_request() -> None:
    event = {"type": "payment_method.automatically_updated", "request": {"id": "req_1", "idempotency_key": "k"}}
    assert event_led_back(dict(event), "2020-08-27") == event
    assert event_led_back(dict(event), "2020-03-02")["type"] == "payment_method.card_automatically_updated"
    assert event_led_back(dict(event), "2017-05-25")["request"] == event["request"]
    assert event_led_back(dict(event), "2017-04-06")["request"] == "req_1"


def test_whose_an_event_is() -> None:
    event = {"type": "charge.succeeded", "account": "acct_1", "request": {"id": None, "idempotency_key": None}}
    assert event_led_back(dict(event), "2017-05-25")["account"] == "acct_1"
    older = event_led_back(dict(event), "2017-04-06")
    assert (older["user_id"], "account" in older) == ("acct_1", False)
    own = {name: value for name, value in event.items() if name != "account"}
    assert "user_id" not in event_led_back(own, "2017-04-06")


def test_what_an_event_says_of_how_it_was() -> None:
    before = {"a": {"x": 1, "y": 2}, "l": [{"p": 1, "q": 1}, {"p": 2}], "same": 1}
    after = {"a": {"x": 1, "y": 3}, "l": [{"p": 1, "q": 2}, {"p": 2}], "same": 1}
    assert differences(before, after, LATEST) == {"a": {"y": 2}, "l": before["l"]}
    assert differences(before, after, "2017-04-06") == {"a": {"y": 2}, "l": [{"q": 1}]}
    assert differences(before, after, "2015-01-11") == {"a": {"x": 1, "y": 2}, "l": [{"q": 1}]}


async def test_a_key_that_may_not_read_charges_is_shown_none() -> None:
    class Nobody:
        async def charges(self, intents: list[str]) -> dict[str, Found]:
            raise AssertionError(intents)

        async def refunds(self, charges: list[str]) -> dict[str, Found]:
            raise AssertionError(charges)

        async def disputes(self, charges: list[str]) -> dict[str, Any]:
            raise AssertionError(charges)

        async def charges_of(self, sources: list[str]) -> dict[str, str]:
            raise AssertionError(sources)

    body = dict(INTENT)
    await include(body, "2022-08-01", Nobody(), frozenset({"charge", "refund"}))
    assert body == INTENT


def test_a_request_in_todays_words_is_the_one_that_was_sent() -> None:
    sent = {"amount": "1099", "currency": "usd"}
    assert in_todays_words(sent, "payment_intents.create", LATEST) is sent
    assert in_todays_words(sent, "refunds.create", "2014-01-31") is sent
