"""Taking, raising and releasing a hold; and what time does to it."""

from dataclasses import replace

import pytest

from domain.machine.decisions import INCREMENTS_MAX
from domain.machine.transitions import carry_out, leave_unknown, make_known
from domain.model.commands import (
    Cancel,
    Capture,
    Command,
    Confirm,
    ExpireAuthorization,
    IncrementAuthorization,
    RefundCharge,
)
from domain.model.outcomes import CaptureHold, Declined, Outcome, Void
from domain.model.payment_intent import PaymentIntent, deadline, held_charge
from domain.model.refund_events import HoldRefunded
from domain.model.statuses import Status
from tests.support.builders import APPROVED, NOW, after, confirmable, decided, in_status, refused, with_card_options

HELD = Status.REQUIRES_CAPTURE
DECLINED = Declined(decline_code="generic_decline")


def held_with(**options: str) -> PaymentIntent:
    return after(with_card_options(confirmable(capture_method="manual"), **options), Confirm())


def test_capture_takes_all_by_default() -> None:
    intent = in_status(HELD)
    effect = decided(intent, Capture()).effect
    assert isinstance(effect, CaptureHold)
    assert (effect.amount, effect.final, effect.key) == (1_099, True, f"{intent.id}/1/capture/1")
    paid = after(intent, Capture())
    assert (paid.status, paid.amount_received, paid.amount_capturable) == (Status.SUCCEEDED, 1_099, 0)


def test_a_partial_capture_releases_the_rest() -> None:
    paid = after(in_status(HELD), Capture(amount_to_capture=500))
    assert (paid.status, paid.amount_received, paid.amount_capturable) == (Status.SUCCEEDED, 500, 0)


@pytest.mark.parametrize(
    ("amount", "code", "param"),
    [
        (0, "parameter_invalid_integer", "amount"),
        (-1, None, "amount_to_capture"),
        (1_100, "amount_too_large", None),
        (10**30, "amount_too_large", None),
    ],
)
def test_amounts_that_cannot_be_captured(amount: int, code: str | None, param: str | None) -> None:
    refusal = refused(in_status(HELD), Capture(amount_to_capture=amount))
    assert (refusal.code, refusal.param) == (code, param)


@pytest.mark.parametrize(("currency", "amount"), [("kwd", 4_995), ("isk", 2_050), ("ugx", 200_050)])
def test_no_part_is_taken_or_given_back_that_networks_would_round(currency: str, amount: int) -> None:
    whole = replace(confirmable(capture_method="manual"), amount=amount * 10, currency=currency)
    hold = after(whole, Confirm())
    refusal = refused(hold, Capture(amount_to_capture=amount))
    assert (refusal.param, f"Invalid amount: {amount}." in refusal.message) == ("amount_to_capture", True)
    assert after(replace(hold, rules=1), Capture(amount_to_capture=amount)).amount_received == amount
    paid = after(hold, Capture())
    assert refused(paid, RefundCharge(amount=amount)).param == "amount"
    assert held_charge(after(replace(paid, rules=1), RefundCharge(amount=amount))).amount_refunded == amount
    uneven = after(after(replace(hold, rules=1), Capture(amount_to_capture=amount)), RefundCharge(amount=amount))
    assert held_charge(uneven).amount_kept == 0, "what an older release has taken can be given back"


@pytest.mark.parametrize("changes", [{"amount": 5_000}, {"currency": "eur"}, {"metadata": {"a": 1}}, {"status": "x"}])
def test_a_capture_changes_nothing_it_must_not(changes: dict[str, object]) -> None:
    refused(in_status(HELD), Capture(changes=changes))
    raisable = held_with(request_incremental_authorization="if_available")
    refused(raisable, IncrementAuthorization(amount=2_000, changes=changes))
    assert after(in_status(HELD), Capture(changes={"metadata": {"a": "1"}})).metadata == {"a": "1"}


def test_a_second_capture_needs_multicapture() -> None:
    assert refused(in_status(HELD), Capture(amount_to_capture=1, final_capture=False)).param == "final_capture"


def test_multicapture_stays_open_until_the_final_one() -> None:
    first = after(held_with(request_multicapture="if_available"), Capture(amount_to_capture=99, final_capture=False))
    assert (first.status, first.amount_received, first.amount_capturable) == (HELD, 99, 1_000)
    second = decided(first, Capture()).effect
    assert second is not None
    assert second.key.endswith("/capture/2")
    closed = after(first, Capture(amount_to_capture=0))
    assert (closed.status, closed.amount_received) == (Status.SUCCEEDED, 99)


def test_taking_all_that_is_left_is_final_whatever_was_asked() -> None:
    multi = held_with(request_multicapture="if_available")
    assert after(multi, Capture(final_capture=False)).status == Status.SUCCEEDED


def test_a_declined_capture_leaves_the_hold() -> None:
    intent = in_status(HELD)
    transition = carry_out(intent, Capture(), decided(intent, Capture()), DECLINED, NOW)
    assert transition.error is not None
    assert (transition.after.status, transition.after.amount_received) == (HELD, 0)


@pytest.mark.parametrize(
    "status", [Status.REQUIRES_PAYMENT_METHOD, Status.REQUIRES_CONFIRMATION, Status.REQUIRES_ACTION]
)
def test_cancel_before_money_is_held_asks_no_gateway(status: Status) -> None:
    intent = in_status(status)
    assert decided(intent, Cancel()).effect is None
    canceled = after(intent, Cancel(cancellation_reason="duplicate"))
    assert (canceled.status, canceled.cancellation_reason, canceled.canceled_at) == (Status.CANCELED, "duplicate", NOW)
    assert canceled.next_action is None


def test_cancel_releases() -> None:
    intent = in_status(HELD)
    decision = decided(intent, Cancel())
    assert isinstance(decision.effect, Void)
    transition = carry_out(intent, Cancel(), decision, APPROVED, NOW)
    assert (transition.after.status, transition.after.amount_capturable) == (Status.CANCELED, 0)
    assert transition.after.charge is not None
    assert transition.after.charge.voided
    assert [a.type for a in transition.announcements] == ["payment_intent.canceled"], "a hold is no refund"


class TestIncrement:
    def test_raises_amount_and_hold_of_the_same_charge(self) -> None:
        intent = held_with(request_incremental_authorization="if_available")
        raised = after(intent, IncrementAuthorization(amount=2_000))
        assert (raised.amount, raised.amount_capturable, raised.status) == (2_000, 2_000, HELD)
        assert raised.charge is not None
        assert intent.charge is not None
        assert raised.charge.id == intent.charge.id
        assert raised.charge.capture_before == intent.charge.capture_before

    def test_a_decline_changes_nothing(self) -> None:
        intent = held_with(request_incremental_authorization="if_available")
        command = IncrementAuthorization(amount=2_000)
        transition = carry_out(intent, command, decided(intent, command), DECLINED, NOW)
        assert transition.error is not None
        assert (transition.after.amount, transition.after.amount_capturable) == (1_099, 1_099)

    @pytest.mark.parametrize("amount", [1_099, 1, 0, -5])
    def test_must_be_more_than_is_held(self, amount: int) -> None:
        intent = held_with(request_incremental_authorization="if_available")
        assert refused(intent, IncrementAuthorization(amount=amount)).param == "amount"

    def test_at_most_ten_times(self) -> None:
        intent = held_with(request_incremental_authorization="if_available")
        for step in range(INCREMENTS_MAX):
            intent = after(intent, IncrementAuthorization(amount=2_000 + step))
        assert str(INCREMENTS_MAX) in refused(intent, IncrementAuthorization(amount=9_000)).message


class TestExpiry:
    def test_the_clock_runs_only_while_money_is_held(self) -> None:
        held = in_status(HELD)
        assert held.charge is not None
        assert deadline(held) == held.charge.capture_before
        assert all(deadline(in_status(status)) is None for status in Status if status != HELD)

    def test_not_a_second_early(self) -> None:
        held = in_status(HELD)
        due = deadline(held)
        assert due is not None
        refused(held, ExpireAuthorization(), now=due - 1)
        assert decided(held, Capture(), now=due - 1).effect is not None
        expired = after(held, ExpireAuthorization(), now=due)
        assert (expired.status, expired.cancellation_reason, expired.canceled_at) == (Status.CANCELED, "expired", due)

    def test_after_a_partial_capture_it_has_succeeded(self) -> None:
        multi = held_with(request_multicapture="if_available")
        first = after(multi, Capture(amount_to_capture=99, final_capture=False))
        expired = after(first, ExpireAuthorization(), now=deadline(first) or 0)
        assert (expired.status, expired.amount_received) == (Status.SUCCEEDED, 99)


@pytest.mark.parametrize(
    ("command", "outcome", "status"),
    [
        (Capture(), APPROVED, Status.SUCCEEDED),
        (Capture(), DECLINED, HELD),
        (Cancel(), APPROVED, Status.CANCELED),
        (Cancel(), DECLINED, HELD),
    ],
)
def test_an_unknown_outcome_is_processing_until_it_is_known(command: Command, outcome: Outcome, status: Status) -> None:
    intent = in_status(HELD)
    decision = decided(intent, command)
    assert decision.effect is not None
    unknown = leave_unknown(intent, command, decision, decision.effect, NOW)
    assert (unknown.after.status, unknown.after.pending) == (Status.PROCESSING, decision.effect)
    assert [a.type for a in unknown.announcements] == ["payment_intent.processing"]
    refused(unknown.after, command)
    known = make_known(unknown.after, decision.effect, outcome, NOW + 60)
    assert (known.after.status, known.after.pending) == (status, None)


def test_a_cancel_waits_for_a_refund_that_is_not_yet_known() -> None:
    """What is held could be let go of: no answer may say that its status forbids it, and none may guess."""
    multi = held_with(request_multicapture="if_available")
    some = after(multi, Capture(amount_to_capture=500, final_capture=False))
    refund = RefundCharge(command_id="cmd_r", refund="re_1", amount=100)
    decision = decided(some, refund)
    assert decision.effect is not None
    unknown = leave_unknown(some, refund, decision, decision.effect, NOW).after
    assert (unknown.status, unknown.pending) == (HELD, decision.effect)
    assert refused(unknown, Cancel()).code == "lock_timeout"
    known = make_known(unknown, decision.effect, APPROVED, NOW).after
    assert after(known, Cancel()).amount_capturable == 0


@pytest.mark.parametrize(
    ("outcome", "status"), [(APPROVED, Status.SUCCEEDED), (DECLINED, Status.REQUIRES_PAYMENT_METHOD)]
)
def test_an_unknown_confirm_becomes_known(outcome: Outcome, status: Status) -> None:
    unknown = in_status(Status.PROCESSING)
    assert unknown.pending is not None
    assert make_known(unknown, unknown.pending, outcome, NOW).after.status == status


def test_a_declined_increment_changes_nothing_but_counts() -> None:
    intent = held_with(request_incremental_authorization="if_available")
    command = IncrementAuthorization(amount=2_000, changes={"description": "more", "metadata": {"a": "1"}})
    first = decided(intent, command)
    declined = carry_out(intent, command, first, DECLINED, NOW)
    assert declined.error is not None
    assert (declined.after.description, declined.after.metadata, declined.after.amount) == (None, {}, 1_099)
    assert declined.after.increments == 1
    assert declined.after.charge == intent.charge
    again = decided(declined.after, command)
    assert first.effect is not None
    assert again.effect is not None
    assert again.effect.key != first.effect.key, "another try is another operation"
    raised = after(declined.after, command)
    assert (raised.amount, raised.description, raised.increments) == (2_000, "more", 2)


def test_a_declined_capture_leaves_the_hold_for_another_try() -> None:
    intent = in_status(HELD)
    command = Capture(amount_to_capture=500, changes={"metadata": {"a": "1"}})
    first = decided(intent, command)
    declined = carry_out(intent, command, first, DECLINED, NOW).after
    assert (declined.status, declined.amount_capturable, declined.metadata) == (HELD, 1_099, {})
    again = decided(declined, command)
    assert first.effect is not None
    assert again.effect is not None
    assert again.effect.key != first.effect.key
    assert after(declined, command).metadata == {"a": "1"}


def test_overcapture_is_for_the_first_capture_only() -> None:
    intent = held_with(request_overcapture="if_available", request_multicapture="if_available")
    most = 1_099 * 115 // 100
    assert refused(intent, Capture(amount_to_capture=most + 1)).code == "amount_too_large"
    taken = after(intent, Capture(amount_to_capture=most))
    assert (taken.status, taken.amount_received) == (Status.SUCCEEDED, most)
    some = after(intent, Capture(amount_to_capture=99, final_capture=False))
    assert refused(some, Capture(amount_to_capture=1_001)).code == "amount_too_large"


def released_refunds(intent: PaymentIntent, command: Command) -> list[HoldRefunded]:
    decision = decided(intent, command)
    outcome = APPROVED if decision.effect is not None else None
    events = carry_out(intent, command, decision, outcome, NOW).events
    return [event for event in events if isinstance(event, HoldRefunded)]


def test_nothing_that_is_released_is_a_refund_unless_an_older_version_releases_it() -> None:
    for command in (Cancel(), Capture(amount_to_capture=500)):
        assert released_refunds(in_status(HELD), command) == []


def test_an_older_cancel_tells_of_all_that_was_held_as_a_refund() -> None:
    (told,) = released_refunds(in_status(HELD), Cancel(refunds_rest=True))
    assert (told.refund.amount, told.refund.status, told.refund.of_hold) == (1_099, "succeeded", "whole")
    charge = held_charge(after(in_status(HELD), Cancel(refunds_rest=True)))
    assert (charge.released_as_refund, charge.amount_refunded, charge.refunds_given) == (1_099, 0, {})


def test_an_older_capture_tells_of_what_it_leaves_as_a_refund() -> None:
    (told,) = released_refunds(in_status(HELD), Capture(amount_to_capture=500, refunds_rest=True))
    assert (told.refund.amount, told.refund.of_hold) == (599, "rest")
    assert released_refunds(in_status(HELD), Capture(refunds_rest=True)) == []
    several = held_with(request_multicapture="if_available")
    part = Capture(amount_to_capture=99, final_capture=False, refunds_rest=True)
    assert released_refunds(several, part) == []
    (closed,) = released_refunds(after(several, part), Cancel(refunds_rest=True))
    assert (closed.refund.amount, closed.refund.of_hold) == (1_000, "rest")
    (closed,) = released_refunds(after(several, part), Capture(amount_to_capture=0, refunds_rest=True))
    assert (closed.refund.amount, closed.refund.of_hold) == (1_000, "rest")


def test_a_release_that_is_declined_is_told_of_as_nothing() -> None:
    intent, command = in_status(HELD), Cancel(refunds_rest=True)
    told = carry_out(intent, command, decided(intent, command), DECLINED, NOW)
    assert not [event for event in told.events if isinstance(event, HoldRefunded)]
    assert held_charge(told.after).released_as_refund == 0
