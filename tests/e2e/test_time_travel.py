"""Time travel: one payment's clock is moved, its timers fire, and nobody else's does."""

from typing import Any

import httpx
import pytest

from tests.e2e.conftest import SECRET, Running
from tests.e2e.reconciled_setups import challenged, proving
from tests.e2e.test_setup_intents import RETURN

DAY = 86_400
HELD = {
    "amount": 1099,
    "currency": "usd",
    "payment_method": "pm_card_visa",
    "confirm": True,
    "capture_method": "manual",
    "expand": ["latest_charge"],
}


def forward(running: Running, id_: str, **given: int) -> httpx.Response:
    kind = "setup_intents" if id_.startswith("seti_") else "payment_intents"
    path = f"{running.url}/v1/test_helpers/{kind}/{id_}/fast_forward"
    return httpx.post(path, data=given, auth=(SECRET, ""), timeout=90)


def test_a_hold_lapses_when_its_time_has_come_and_not_before(running: Running, sdk: Any) -> None:
    held, other = (sdk.v1.payment_intents.create(HELD) for _ in range(2))
    before = held.latest_charge.payment_method_details.card.capture_before
    waiting = forward(running, held.id, to=before - 60).json()
    assert (waiting["status"], waiting["amount_capturable"]) == ("requires_capture", 1099)
    gone = forward(running, held.id, seconds=120).json()
    assert (gone["status"], gone["cancellation_reason"], gone["amount_capturable"]) == ("canceled", "expired", 0)
    assert before <= gone["canceled_at"] <= before + 60
    charge = sdk.v1.charges.retrieve(held.latest_charge.id)
    assert (charge.refunded, charge.captured, charge.amount_refunded) == (False, False, 0)
    assert [entry["operation"] for entry in running.entries(charge.id)] == ["authorize", "void"]
    assert sdk.v1.payment_intents.retrieve(other.id).status == "requires_capture", "nobody else's clock has moved"


def test_a_minute_before_its_time_it_still_captures(running: Running, sdk: Any) -> None:
    held = sdk.v1.payment_intents.create(HELD)
    before = held.latest_charge.payment_method_details.card.capture_before
    forward(running, held.id, to=before - 60)
    assert sdk.v1.payment_intents.capture(held.id).status == "succeeded"
    assert [entry["operation"] for entry in running.entries(held.latest_charge.id)] == ["authorize", "capture"]


def test_what_was_captured_in_part_succeeds_when_the_rest_lapses(running: Running, sdk: Any) -> None:
    options = {"card": {"request_multicapture": "if_available", "request_extended_authorization": "if_available"}}
    held = sdk.v1.payment_intents.create({**HELD, "payment_method_options": options})
    sdk.v1.payment_intents.capture(held.id, {"amount_to_capture": 99, "final_capture": False})
    assert forward(running, held.id, seconds=29 * DAY).json()["status"] == "requires_capture"
    done = forward(running, held.id, seconds=2 * DAY).json()
    assert (done["status"], done["amount_received"], done["amount_capturable"]) == ("succeeded", 99, 0)


def test_a_capture_after_a_journey_is_on_the_payments_own_time(running: Running, sdk: Any) -> None:
    held = sdk.v1.payment_intents.create(HELD)
    forward(running, held.id, seconds=5 * DAY)
    assert sdk.v1.payment_intents.capture(held.id).status == "succeeded"


@pytest.mark.parametrize(
    ("given", "code", "param"),
    [
        ({}, "parameter_missing", "seconds"),
        ({"seconds": 0}, "parameter_invalid_integer", "seconds"),
        ({"seconds": -5}, "parameter_invalid_integer", "seconds"),
        ({"seconds": 10**9}, "parameter_invalid_integer", "seconds"),
        ({"to": 5}, "parameter_invalid_integer", "to"),
        ({"seconds": 5, "to": 5}, "parameters_exclusive", "seconds"),
    ],
)
def test_only_forward_and_not_too_far(running: Running, sdk: Any, given: dict[str, int], code: str, param: str) -> None:
    open_ = sdk.v1.payment_intents.create({"amount": 1099, "currency": "usd"})
    error = forward(running, open_.id, **given).json()["error"]
    assert (error["code"], error["param"]) == (code, param)


def test_an_ended_payment_has_no_clock(running: Running, sdk: Any) -> None:
    paid = sdk.v1.payment_intents.create({**HELD, "capture_method": "automatic"})
    for given in ({"seconds": 5}, {"to": 2_000_000_000}):
        response = forward(running, paid.id, **given)
        assert response.status_code == 400
        assert "has ended" in response.json()["error"]["message"]
    assert forward(running, "pi_none", seconds=5).status_code == 404


def test_a_setup_is_given_up_when_its_owner_does_not_come_back(running: Running, sdk: Any) -> None:
    asked = challenged(sdk)
    assert forward(running, asked.id, seconds=DAY - 600).json()["status"] == "requires_action"
    over = forward(running, asked.id, seconds=1_200).json()
    assert (over["status"], over["next_action"]) == ("requires_payment_method", None)
    assert over["last_setup_error"]["code"] == "setup_intent_setup_attempt_expired"
    attempts = sdk.v1.setup_attempts.list({"setup_intent": asked.id}).data
    assert [one.status for one in attempts] == ["abandoned"]
    again = sdk.v1.setup_intents.confirm(asked.id, {"payment_method": "pm_card_visa", **RETURN})
    assert again.status == "succeeded", "it can be tried again"
    refused = forward(running, asked.id, seconds=60)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "setup_intent_unexpected_state")


def test_deposits_are_not_waited_for_without_end(running: Running, sdk: Any) -> None:
    asked = proving(sdk)
    assert forward(running, asked.id, seconds=9 * DAY).json()["status"] == "requires_action"
    over = forward(running, asked.id, seconds=4 * DAY).json()
    assert over["status"] == "requires_payment_method"
    assert over["last_setup_error"]["code"] == "payment_method_microdeposit_verification_timeout"
