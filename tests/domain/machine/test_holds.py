"""Giving back what is held: a no leaves the hold, and time tries again."""

from dataclasses import replace

import pytest

from domain.machine.conclusions import conclude
from domain.machine.holds import RELEASE_AGAIN_SECONDS
from domain.machine.transitions import Transition, carry_out, leave_unknown, make_known
from domain.model.commands import Cancel, Capture, Command, Confirm, ExpireAuthorization
from domain.model.outcomes import Declined, PaymentAwaited, Void
from domain.model.payment_intent import PaymentIntent, deadline, due_command
from domain.model.statuses import Status
from domain.refusals import InvariantViolation
from tests.support.builders import APPROVED, NOW, after, confirmable, decided, in_status, refused, with_card_options

HELD = Status.REQUIRES_CAPTURE
DECLINED = Declined(decline_code="generic_decline")
WEEK = 7 * 86_400


def void(intent: PaymentIntent, command: Command, now: int = NOW) -> Void:
    effect = decided(intent, command, now).effect
    assert isinstance(effect, Void)
    return effect


def declined(intent: PaymentIntent, command: Command, now: int = NOW) -> Transition:
    return carry_out(intent, command, decided(intent, command, now), DECLINED, now)


def partly_captured() -> PaymentIntent:
    intent = with_card_options(confirmable(capture_method="manual"), request_multicapture="if_available")
    return after(after(intent, Confirm()), Capture(amount_to_capture=400, final_capture=False))


def test_a_release_says_what_we_believe_was_taken() -> None:
    whole, part = in_status(HELD), partly_captured()
    assert void(whole, Cancel()).captured == 0
    assert void(part, Cancel()).captured == 400
    assert void(part, ExpireAuthorization(), NOW + WEEK).captured == 400
    assert part.charge is not None
    assert (void(part, Cancel()).charge, void(part, Cancel()).currency) == (part.charge.id, "usd")


def test_a_release_that_was_declined_changes_nothing_and_the_caller_is_told() -> None:
    intent = in_status(HELD)
    kept = declined(intent, Cancel(cancellation_reason="duplicate"))
    assert (kept.after.status, kept.after.amount_capturable) == (HELD, 1_099)
    assert (kept.after.canceled_at, kept.after.cancellation_reason) == (None, None)
    assert kept.announcements == ()
    assert kept.error is not None
    assert kept.error.type == "invalid_request_error"
    assert "still held" in kept.error.message
    assert deadline(kept.after) == deadline(intent)
    assert after(kept.after, Capture()).status == Status.SUCCEEDED


def test_the_next_release_is_another_operation() -> None:
    intent = in_status(HELD)
    assert void(intent, Cancel()).key == f"{intent.id}/1/void", "as it always was"
    once = declined(intent, Cancel()).after
    twice = declined(once, Cancel()).after
    assert [void(each, Cancel()).key for each in (once, twice)] == [f"{intent.id}/1/void/{n}" for n in (2, 3)]
    assert after(twice, Cancel()).status == Status.CANCELED


def test_a_hold_that_cannot_be_released_when_its_time_is_up_is_tried_again_every_hour() -> None:
    intent = in_status(HELD)
    kept = declined(intent, ExpireAuthorization(), NOW + WEEK).after
    assert (kept.status, kept.amount_capturable) == (HELD, 1_099)
    assert deadline(kept) == NOW + WEEK + RELEASE_AGAIN_SECONDS
    assert kept.charge is not None
    assert kept.charge.capture_before == NOW + WEEK, "what the buyer's bank promised does not change"
    refused(kept, ExpireAuthorization(), NOW + WEEK + RELEASE_AGAIN_SECONDS - 1)
    assert isinstance(due_command(kept), ExpireAuthorization)
    gone = after(kept, ExpireAuthorization(), now=NOW + WEEK + RELEASE_AGAIN_SECONDS)
    assert (gone.status, gone.cancellation_reason) == (Status.CANCELED, "expired")


def test_also_when_the_no_comes_late() -> None:
    intent = in_status(HELD)
    effect = void(intent, ExpireAuthorization(), NOW + WEEK)
    decision = decided(intent, ExpireAuthorization(), NOW + WEEK)
    unknown = leave_unknown(intent, ExpireAuthorization(), decision, effect, NOW + WEEK).after
    known = make_known(unknown, effect, DECLINED, NOW + WEEK + 60)
    assert (known.after.status, known.after.pending) == (HELD, None)
    assert deadline(known.after) == NOW + WEEK + 60 + RELEASE_AGAIN_SECONDS


def test_what_was_taken_of_a_hold_stays_taken() -> None:
    part = partly_captured()
    kept = declined(part, Cancel()).after
    assert (kept.status, kept.amount_received, kept.amount_capturable) == (HELD, 400, 699)


@pytest.mark.parametrize("captured", [None, 0])
def test_an_effect_from_before_is_concluded_the_same_way(captured: int | None) -> None:
    intent = in_status(HELD)
    effect = replace(void(intent, Cancel()), captured=captured, charge="", currency="")
    assert conclude(intent, effect, DECLINED, NOW).error is not None
    assert conclude(intent, effect, APPROVED, NOW).error is None


def test_an_answer_that_is_neither_yes_nor_no_is_a_fault_of_ours() -> None:
    intent = in_status(HELD)
    with pytest.raises(InvariantViolation, match="does not answer void"):
        conclude(intent, void(intent, Cancel()), PaymentAwaited(reference="later", url="https://x"), NOW)
