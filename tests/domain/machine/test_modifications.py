"""What a gateway answers later: processing until it is known, in whatever order news come; and late failures."""

from dataclasses import replace
from typing import Any

import pytest

from contracts.states import lean, load
from domain.machine.announcements import announcements
from domain.machine.decisions import Decision, decide
from domain.machine.limits import LOOSELY_TYPED
from domain.machine.modifications import already_so
from domain.machine.transitions import carry_out, leave_unknown, make_known
from domain.model import balance, wording
from domain.model.commands import (
    Cancel,
    Capture,
    CheckSettlement,
    Command,
    Confirm,
    ExpireAuthorization,
    IncrementAuthorization,
    ModificationResult,
    RefundCharge,
    Update,
)
from domain.model.outcomes import Accepted, Approved, Declined
from domain.model.payment_intent import PaymentIntent, deadline, due_command
from domain.model.statuses import Status
from domain.refusals import Refusal
from tests.support.builders import NOW, after, confirmable, decided, in_status, refused

LATER = Accepted(reference="mod_1", ask_after_seconds=60)
P, RCAP, S, X = Status.PROCESSING, Status.REQUIRES_CAPTURE, Status.SUCCEEDED, Status.CANCELED


def held(**fields: Any) -> PaymentIntent:
    intent = after(confirmable(capture_method="manual", **fields), Confirm())
    assert intent.charge is not None
    return replace(intent, charge=replace(intent.charge, multicapture=True, incremental=True))


def news(intent: PaymentIntent, operation: str, succeeded: bool, **more: Any) -> ModificationResult:
    assert intent.charge is not None
    given = {"charge": intent.charge.id, "operation": operation, "reference": "mod_1", "succeeded": succeeded, **more}
    return ModificationResult(command_id=f"mod_1/{operation}/{succeeded}", **given)


def events_of(intent: PaymentIntent, command: Command, outcome: Any = None) -> list[str]:
    transition = carry_out(intent, command, decided(intent, command), outcome, NOW)
    return [each.type for each in announcements(transition.events)]


@pytest.mark.parametrize(
    ("command", "operation", "done", "refused_"),
    [
        (Capture(), "capture", S, RCAP),
        (Capture(amount_to_capture=100, final_capture=False), "capture", RCAP, RCAP),
        (Cancel(), "void", X, RCAP),
        (ExpireAuthorization(), "void", X, RCAP),
        (IncrementAuthorization(amount=2_000), "increment", RCAP, RCAP),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_it_is_processing_until_the_gateway_says_how_it_ended(
    command: Command, operation: str, done: Status, refused_: Status
) -> None:
    before, at = held(), NOW + 8 * 86_400
    promised = after(before, command, LATER, at)
    assert (promised.status, promised.pending) == (P, None), "it is not unknown"
    assert promised.charge == before.charge, "nothing has been done yet"
    assert load(lean(promised)) == promised
    at_once = after(before, command, Approved(authorization="auth_1"), at)
    known = after(promised, news(promised, operation, True), now=at)
    assert (known.status, known.accepted, known.amount) == (done, None, at_once.amount)
    assert known.charge is not None
    assert at_once.charge is not None
    assert replace(known.charge, modifications={}) == at_once.charge, "as if it had been answered at once"
    no = after(promised, news(promised, operation, False), now=at)
    assert (no.status, no.accepted, no.amount_capturable) == (refused_, None, before.amount_capturable)


def test_news_that_come_twice_change_nothing_and_no_other_news_do() -> None:
    promised = after(held(), Capture(), LATER)
    known = after(promised, news(promised, "capture", True))
    for again in (news(known, "capture", True), replace(news(known, "capture", True), command_id="")):
        assert decided(known, again).events == ()
    for wrong in ({"reference": "mod_2"}, {"charge": "ch_other"}, {"gateway": "other"}, {"amount": 1}):
        refused(promised, news(promised, "capture", True, **wrong))
    refused(promised, news(promised, "void", True))


def test_nobody_else_moves_it_meanwhile_and_what_moves_no_money_may() -> None:
    promised = after(held(), Capture(), LATER)
    for command in (Capture(), IncrementAuthorization(amount=9_000), RefundCharge(), Confirm(), Cancel()):
        refused(promised, command)
    assert after(promised, Update(changes={"description": "d"})).description == "d"


def test_the_merchant_is_told_that_it_is_processing_and_how_it_ended() -> None:
    before = held()
    promised = after(before, Capture(), LATER)
    assert events_of(before, Capture(), LATER) == ["payment_intent.processing"]
    assert events_of(promised, news(promised, "capture", True)) == ["charge.captured", "payment_intent.succeeded"]
    assert events_of(promised, news(promised, "capture", False)) == ["payment_intent.amount_capturable_updated"]


def test_without_news_it_is_asked_about_when_it_is_time_and_may_be_promised_again() -> None:
    promised = after(held(), Capture(), LATER)
    assert (deadline(promised), due_command(promised)) == (NOW + 60, CheckSettlement())
    refused(promised, CheckSettlement(), NOW + 59)
    asked = after(promised, CheckSettlement(), now=NOW + 60)
    assert asked.pending is not None
    assert asked.accepted is None
    again = make_known(asked, asked.pending, LATER, NOW + 61).after
    assert (again.status, again.accepted and again.accepted.ask_at) == (P, NOW + 121)
    done = make_known(asked, asked.pending, Approved(authorization="auth_1"), NOW + 61).after
    assert done.status is S
    no = make_known(asked, asked.pending, Declined(decline_code="processing_error"), NOW + 61).after
    assert no.status is RCAP


def test_who_cannot_be_asked_is_waited_for() -> None:
    promised = after(held(), Capture(), Accepted(reference="mod_1"))
    assert (deadline(promised), due_command(promised)) == (None, None)
    assert after(promised, news(promised, "capture", True), now=NOW + 30 * 86_400).status is S


def test_news_answer_what_nobody_knows_whether_it_was_done() -> None:
    intent, command = held(), Capture()
    decision = decided(intent, command)
    assert decision.effect is not None
    unknown = leave_unknown(intent, command, decision, decision.effect, NOW).after
    assert after(unknown, news(unknown, "capture", True)).status is S
    assert after(unknown, news(unknown, "capture", False)).status is RCAP
    refused(unknown, news(unknown, "void", True))


def test_old_news_do_not_answer_it() -> None:
    first = after(held(), Capture(amount_to_capture=100, final_capture=False), LATER)
    known = after(first, news(first, "capture", True))
    command = Capture(amount_to_capture=200, final_capture=False)
    decision = decided(known, command)
    assert decision.effect is not None
    unknown = leave_unknown(known, command, decision, decision.effect, NOW).after
    old = decided(unknown, replace(news(unknown, "capture", True), command_id="")).events
    assert old == (), "those are about the one before"


def test_a_capture_that_fails_after_all_is_a_fact_an_event_and_a_booking_and_the_payment_stays_ended() -> None:
    promised = after(held(), Capture(), LATER)
    paid = after(promised, news(promised, "capture", True))
    assert paid.charge is not None
    failure = news(paid, "capture", False)
    transition = carry_out(paid, failure, decided(paid, failure), None, NOW + 9)
    gone = transition.after
    assert gone.charge is not None
    assert (gone.status, gone.charge.capture_failed, gone.charge.amount_kept) == (S, 1_099, 0)
    assert (gone.charge.failure_code, gone.charge.capture_failure) == ("processing_error", "mod_1")
    assert [each.type for each in transition.announcements] == ["charge.failed"]
    (booked,) = balance.moved(paid.charge, gone.charge, transition.events, None, NOW + 9)
    assert (booked.amount, booked.fee, booked.source) == (-1_099, 0, paid.charge.id)
    assert (booked.type, booked.category) == ("payment_failure_refund", "charge_failure")
    assert booked.id == balance.of_late_failure(gone.charge)
    assert balance.of_late_failure(paid.charge) is None
    assert sum(balance.books(booked).values()) == 0
    assert decided(gone, replace(failure, command_id="")).events == (), "it fails once"
    assert "already been refunded" in refused(gone, RefundCharge()).message, "there is nothing to give back"


def test_one_of_several_captures_fails_and_the_rest_can_still_be_taken_and_given_back() -> None:
    first = after(held(), Capture(amount_to_capture=100, final_capture=False), LATER)
    known = after(first, news(first, "capture", True))
    failed = after(known, news(known, "capture", False))
    assert failed.charge is not None
    assert (failed.status, failed.charge.capture_failed, failed.amount_capturable) == (RCAP, 100, 999)
    paid = after(failed, Capture())
    assert paid.charge is not None
    assert paid.charge.amount_kept == 999
    assert "greater than" in refused(paid, RefundCharge(amount=1_000)).message
    assert after(paid, RefundCharge()).charge.amount_refunded == 999  # type: ignore[union-attr]


def test_what_was_taken_at_once_may_fail_by_the_amount_and_never_by_more_than_was_taken() -> None:
    paid = in_status(S)
    part = news(paid, "capture", False, reference="psp_9", amount=100)
    assert after(paid, part).charge.capture_failed == 100  # type: ignore[union-attr]
    assert after(paid, replace(part, amount=None)).charge.capture_failed == 1_099  # type: ignore[union-attr]
    refused(paid, replace(part, amount=1_100))
    refused(in_status(RCAP), news(in_status(RCAP), "capture", False, reference="psp_9", amount=1))


def test_a_hold_that_is_gone_at_the_gateway_is_gone() -> None:
    intent = held()
    gone = after(intent, news(intent, "expiry", True))
    assert (gone.status, gone.cancellation_reason) == (X, "expired")
    assert events_of(intent, news(intent, "expiry", True)) == ["charge.expired", "payment_intent.canceled"]
    part = after(intent, Capture(amount_to_capture=100, final_capture=False))
    ended = after(part, news(part, "expiry", True))
    assert (ended.status, ended.amount_received) == (S, 100)
    promised = after(intent, Capture(), LATER)
    refused(promised, news(promised, "expiry", True, reference="x"))


def lost(intent: PaymentIntent, command: Command) -> PaymentIntent:
    """Done, as a look-up has found out, which says no reference."""
    decision = decided(intent, command)
    assert decision.effect is not None
    waiting = leave_unknown(intent, command, decision, decision.effect, NOW).after
    return make_known(waiting, decision.effect, Approved(authorization="auth_1"), NOW).after


@pytest.mark.parametrize(
    ("before", "operation", "succeeded", "amount", "so"),
    [
        (lost(held(), IncrementAuthorization(amount=2_000)), "increment", True, 3_000, False),
        (held(), "increment", True, None, False),
        (held(), "increment", False, None, True),
        (lost(held(), Capture(amount_to_capture=400, final_capture=False)), "capture", True, 401, False),
        (held(), "capture", True, 400, False),
        (lost(held(), Cancel()), "capture", True, 400, False),
        (lost(held(), Cancel()), "void", True, None, True),
        (held(), "void", True, None, False),
        (held(), "void", False, None, True),
        (lost(held(), Cancel()), "expiry", True, None, True),
    ],
)
def test_news_that_answer_nothing_are_known_already_or_contradict(
    before: PaymentIntent, operation: str, succeeded: bool, amount: int | None, so: bool
) -> None:
    told = news(before, operation, succeeded, amount=amount)
    assert refused(before, told).message == wording.unknown_modification().message
    assert already_so(before, told) is so


@pytest.mark.parametrize(
    ("before", "operation", "amount", "taken"),
    [
        (lost(held(), IncrementAuthorization(amount=2_000)), "increment", None, 0),
        (lost(held(), IncrementAuthorization(amount=2_000)), "increment", 2_000, 0),
        (lost(held(), Capture(amount_to_capture=400, final_capture=False)), "capture", 400, 400),
        (lost(held(), Capture()), "capture", None, 1_099),
    ],
)
def test_news_of_what_was_looked_up_tell_its_name_and_change_nothing_else(
    before: PaymentIntent, operation: str, amount: int | None, taken: int
) -> None:
    named = after(before, news(before, operation, True, amount=amount))
    assert before.charge is not None
    assert named.charge == replace(before.charge, modifications={"mod_1": taken})
    assert (named.status, named.ended_modifications) == (before.status, ())
    assert decided(named, replace(news(named, operation, True, amount=amount), command_id="")).events == ()


def test_a_capture_that_is_known_by_its_name_is_no_other() -> None:
    first = after(held(), Capture(amount_to_capture=400, final_capture=False), LATER)
    taken = after(first, news(first, "capture", True, amount=400))
    assert already_so(taken, news(taken, "capture", True, amount=400, reference="mod_2")) is False


def test_what_may_still_come_to_be_known_is_told_again() -> None:
    promised = after(held(), Capture(), LATER)
    assert promised.accepted is not None
    for waits in (promised, replace(promised, accepted=None, pending=promised.accepted.effect)):
        assert already_so(waits, news(waits, "increment", True, reference="mod_2")) is None
    for elsewhere in ({"charge": "ch_other"}, {"gateway": "other"}):
        assert already_so(held(), news(held(), "void", True, **elsewhere)) is None
    assert already_so(replace(held(), rules=0), news(held(), "void", True)) is None


def two_alike(rules: int) -> PaymentIntent:
    """A capture that was found out by its key; and one of as much, of which nobody knows."""
    intent, part = replace(held(), rules=rules), Capture(amount_to_capture=100, final_capture=False)
    for found in (True, False):
        decision = decided(intent, part)
        assert decision.effect is not None
        intent = leave_unknown(intent, part, decision, decision.effect, NOW).after
        if found:
            intent = make_known(intent, decision.effect, Approved(authorization="auth_1"), NOW).after
    return intent


def test_a_run_of_before_takes_news_as_it_did() -> None:
    before = two_alike(1)
    told = news(before, "capture", True, reference="mod_2", amount=100)
    assert (after(before, told).pending, after(before, told).amount_received) == (None, 200)
    refused(two_alike(2), told)


@pytest.mark.parametrize(("rules", "status"), [(1, RCAP), (2, S)])
def test_a_run_of_before_knows_of_no_failure_after_a_success_that_it_has_not_heard_of(
    rules: int, status: Status
) -> None:
    promised = after(replace(held(), rules=rules), Capture(), LATER)
    assert after(promised, news(promised, "capture", False, after_all=True)).status is status


@pytest.mark.parametrize(("rules", "known"), [(1, {}), (2, {"mod_1": 1_099})])
def test_a_run_of_before_keeps_no_name_of_what_was_asked_about(rules: int, known: dict[str, int]) -> None:
    promised = after(replace(held(), rules=rules), Capture(), LATER)
    asked = after(promised, CheckSettlement(), now=NOW + 60)
    assert asked.pending is not None
    done = make_known(asked, asked.pending, Approved(authorization="auth_1"), NOW + 61).after
    assert done.charge is not None
    assert done.charge.modifications == known
    again = decide(done, news(done, "capture", True), NOW + 62)
    assert isinstance(again, Refusal) is (rules < 2)


@pytest.mark.parametrize(("command_id", "taken"), [("mine/1", True), ("mine", False), ("", False)])
def test_a_run_of_before_has_taken_what_was_typed_wrong_under_an_id_like_ours(command_id: str, taken: bool) -> None:
    promised = after(replace(held(), rules=1), Capture(), LATER)
    wrong = Refusal(code="parameter_unknown", message="Received unknown parameter: succeded")
    typed = replace(news(promised, "capture", False), command_id=command_id, mistake=wrong)
    assert isinstance(decide(promised, typed, NOW), Decision) is taken
    assert isinstance(decide(replace(promised, rules=2), typed, NOW), Refusal)
    loose = replace(typed, mistake=replace(wrong, code=LOOSELY_TYPED))
    assert isinstance(decide(promised, loose, NOW), Decision)
    assert isinstance(decide(replace(promised, rules=2), loose, NOW), Refusal)
