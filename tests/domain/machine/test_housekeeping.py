"""Who is woken, and who is left alone."""

from dataclasses import replace

import pytest

from domain.machine.housekeeping import LATE_SECONDS, Standing, needs_workflow, overdue, reason_to_wake
from domain.machine.transitions import leave_unknown
from domain.model.commands import RefundCharge
from domain.model.payment_intent import PaymentIntent, deadline
from domain.model.statuses import TERMINAL, Status
from tests.support.builders import NOW, decided, in_status

HELD = in_status(Status.REQUIRES_CAPTURE)
PAID = in_status(Status.SUCCEEDED)
GONE = Standing(running=False)


def refund_unknown() -> PaymentIntent:
    command = RefundCharge(command_id="cmd_r", refund="re_1")
    decision = decided(PAID, command)
    assert decision.effect is not None
    return leave_unknown(PAID, command, decision, decision.effect, NOW).after


@pytest.mark.parametrize("status", Status)
def test_what_needs_a_workflow(status: Status) -> None:
    waits_for_its_merchant = status in (Status.REQUIRES_PAYMENT_METHOD, Status.REQUIRES_CONFIRMATION)
    assert needs_workflow(in_status(status)) is not (status in TERMINAL or waits_for_its_merchant)


def test_a_refund_of_unknown_outcome_needs_one_although_its_payment_has_ended() -> None:
    unknown = refund_unknown()
    assert unknown.status in TERMINAL
    assert needs_workflow(unknown)
    assert reason_to_wake(unknown, GONE, NOW, claimed=False) == "missing"


def newer(intent: PaymentIntent) -> PaymentIntent:
    return replace(intent, version=intent.version + 1)


@pytest.mark.parametrize(
    ("recorded", "standing", "reason"),
    [
        (HELD, Standing(running=True, intent=HELD), None),
        (HELD, GONE, "missing"),
        (HELD, Standing(running=False, intent=HELD), "missing"),
        (newer(HELD), Standing(running=True, intent=HELD), "behind"),
        (newer(HELD), Standing(running=False, intent=HELD), "missing"),
        (HELD, Standing(running=True, intent=newer(HELD)), "ahead"),
        (HELD, Standing(running=False, intent=newer(PAID)), "ahead"),
        (HELD, Standing(running=True), None),
        (PAID, GONE, None),
        (PAID, Standing(running=True, intent=PAID), None),
        (in_status(Status.REQUIRES_PAYMENT_METHOD), GONE, None),
        (in_status(Status.PROCESSING), GONE, "missing"),
    ],
)
def test_who_is_woken_and_why(recorded: PaymentIntent, standing: Standing, reason: str | None) -> None:
    assert reason_to_wake(recorded, standing, NOW, claimed=False) == reason
    silent = standing.running and standing.intent is None
    assert reason_to_wake(recorded, standing, NOW, claimed=True) == (None if silent else "claimed")


def test_overdue_is_two_minutes_after_its_time() -> None:
    due = deadline(HELD)
    assert due is not None
    assert not overdue(HELD, due + LATE_SECONDS)
    assert overdue(HELD, due + LATE_SECONDS + 1)
    assert reason_to_wake(HELD, Standing(running=True, intent=HELD), due + LATE_SECONDS + 1, claimed=False) == "overdue"
    assert not overdue(PAID, due + LATE_SECONDS + 1)
    assert not overdue(in_status(Status.REQUIRES_PAYMENT_METHOD), due * 2)
