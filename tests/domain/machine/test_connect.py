"""Connect parameters against each other and against the amount, wherever they can be said."""

from typing import Any

import pytest

from domain.machine.connect import refusal
from domain.model.commands import Capture, Update
from domain.model.statuses import Status
from tests.support.builders import after, in_status, make_intent, refused

DESTINATION = {"destination": "acct_2"}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"application_fee_amount": 10}, "application_fee_amount"),
    ({"application_fee_amount": 1_100, "transfer_data": DESTINATION}, "application_fee_amount"),
    ({"application_fee_amount": 10, "transfer_data": {**DESTINATION, "amount": 20}}, "application_fee_amount"),
    ({"transfer_data": {**DESTINATION, "amount": 1_100}}, "transfer_data[amount]"),
]


@pytest.mark.parametrize(("said", "param"), WRONG)
def test_what_does_not_go_together_is_refused(said: dict[str, Any], param: str) -> None:
    found = refusal(make_intent(**said))
    assert found is not None
    assert found.param == param
    assert refused(make_intent(), Update(changes=said)).param == param


def test_a_platform_asks_a_fee_of_what_it_makes_for_another() -> None:
    direct = {"platform": "acct_platform", "application_fee_amount": 10}
    assert refusal(make_intent(**direct)) is None
    assert after(make_intent(platform="acct_platform"), Update(changes={"application_fee_amount": 10})).amount == 1_099
    found = refusal(make_intent(**direct | {"application_fee_amount": 1_100}))
    assert found is not None
    assert found.param == "application_fee_amount"


def test_a_fee_is_at_most_the_amount_also_when_the_amount_changes() -> None:
    intent = make_intent(application_fee_amount=1_000, transfer_data=DESTINATION)
    assert refused(intent, Update(changes={"amount": 999})).param == "application_fee_amount"
    assert after(intent, Update(changes={"amount": 1_000})).amount == 1_000


def test_a_capture_gives_away_at_most_what_it_takes() -> None:
    held = in_status(Status.REQUIRES_CAPTURE, transfer_data=DESTINATION)
    fee = {"application_fee_amount": 500}
    assert refused(held, Capture(amount_to_capture=499, changes=fee)).param == "application_fee_amount"
    assert after(held, Capture(amount_to_capture=500, changes=fee)).amount_received == 500
