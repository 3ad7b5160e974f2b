"""Disputes of payments of which a part was captured, and the rest is held: no bank waits for the end of a hold."""

from dataclasses import replace
from typing import Any

import pytest

from domain.machine.decisions import Decision, decide
from domain.machine.dispute_reports import already_so
from domain.machine.explaining.explain import explain
from domain.machine.housekeeping import LATE_SECONDS, needs_workflow, overdue
from domain.machine.table import LATER, TABLE
from domain.machine.transitions import Transition, carry_out, leave_unknown, make_known
from domain.model import balance
from domain.model.charges import DAY_SECONDS
from domain.model.commands import (
    Cancel,
    Capture,
    CloseDispute,
    Command,
    ExpireAuthorization,
    ExpireDispute,
    RefundCharge,
    ReportDispute,
    UpdateDispute,
)
from domain.model.disputes import Dispute
from domain.model.outcomes import Accepted, AnswerDispute, Approved, CaptureHold, Outcome
from domain.model.payment_intent import PaymentIntent, deadline, due_command, ended, held_charge
from domain.model.statuses import Status
from domain.refusals import Refusal
from tests.support.builders import NOW, in_status
from workflows.display import details, waiting_for

YES = Approved(authorization="auth_1")
TEXT = {"evidence": {"uncategorized_text": "They got it."}}
PART = {"card": {"request_multicapture": "if_available"}}


def partly() -> PaymentIntent:
    """500 of 1099 were captured, and 599 are held."""
    held = in_status(Status.REQUIRES_CAPTURE, payment_method_options=PART)
    return step(held, Capture(amount_to_capture=500, final_capture=False), YES).after


def step(state: PaymentIntent, command: Command, outcome: Outcome | None = None, now: int = NOW) -> Transition:
    decision = decide(state, command, now)
    assert isinstance(decision, Decision), decision
    return carry_out(state, command, decision, outcome, now)


def report(state: PaymentIntent, status: str = "needs_response", **more: Any) -> ReportDispute:
    return ReportDispute(charge=held_charge(state).id, status=status, reference="dsp_1", **more)


def disputed(**more: Any) -> PaymentIntent:
    state = partly()
    return step(state, report(state, **more)).after


def dispute_of(state: PaymentIntent) -> Dispute:
    assert state.dispute is not None
    return state.dispute


def refused(state: PaymentIntent, command: Command, now: int = NOW) -> Refusal:
    refusal = decide(state, command, now)
    assert isinstance(refusal, Refusal)
    return refusal


def moved(transition: Transition) -> list[tuple[str, int, int]]:
    was, now = transition.before.charge, transition.after.charge
    found = balance.moved(was, now, transition.events, transition.after.pricing, transition.now)
    return [(one.category, one.amount, one.fee) for one in found]


@pytest.mark.parametrize("reference", ["dsp_1", ""])
def test_what_was_taken_of_a_hold_is_charged_back_at_once_and_not_given_back_as_well(reference: str) -> None:
    state = partly()
    opened = step(state, replace(report(state), reference=reference))
    assert (opened.after.status, held_charge(opened.after).charged_back) == (Status.REQUIRES_CAPTURE, True)
    assert moved(opened) == [("dispute", -500, 1_500)]
    told = [one.type for one in opened.announcements]
    assert told == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    refusal = refused(opened.after, RefundCharge(amount=500))
    assert (refusal.code, held_charge(opened.after).amount_kept) == ("charge_disputed", 500)
    done = step(opened.after, Cancel(), YES).after
    assert (done.status, held_charge(done).charged_back) == (Status.SUCCEEDED, True)
    assert refused(done, RefundCharge()).code == "charge_disputed"
    again = replace(report(done), reference=reference)
    refused(done, again)
    assert already_so(done, again, NOW), "it was taken when it was told first"


def test_the_rest_may_still_be_captured_and_the_dispute_stays_what_it_is() -> None:
    more = step(disputed(), Capture(amount_to_capture=99, final_capture=False), YES)
    known = dispute_of(more.after)
    assert (more.after.status, known.amount, moved(more)[0][:2]) == (Status.REQUIRES_CAPTURE, 500, ("charge", 99))
    last = step(more.after, Capture(), YES).after
    assert (last.status, last.dispute, last.amount_received) == (Status.SUCCEEDED, known, 1_099)
    assert refused(last, RefundCharge()).code == "charge_disputed"
    won = step(last, report(last, "won"))
    assert moved(won) == [("dispute_reversal", 500, 0)]
    assert isinstance(decide(won.after, RefundCharge(), NOW), Decision)


def test_an_inquiry_takes_nothing_of_it_until_it_becomes_more() -> None:
    asked = disputed(status="warning_needs_response")
    assert held_charge(asked).charged_back is False
    back = step(asked, RefundCharge(amount=100), YES).after
    more = step(back, report(back))
    assert (more.after.status, moved(more)) == (Status.REQUIRES_CAPTURE, [("dispute", -400, 1_500)])
    assert refused(more.after, RefundCharge()).code == "charge_disputed"


def test_of_what_is_only_held_nothing_can_be_disputed() -> None:
    held = in_status(Status.REQUIRES_CAPTURE)
    assert "no charge" in refused(held, report(held)).message


def test_it_is_answered_while_the_rest_is_held() -> None:
    state = disputed()
    staged = step(state, UpdateDispute(changes=TEXT, submit=False)).after
    assert (dispute_of(staged).evidence, dispute_of(staged).status) == (TEXT["evidence"], "needs_response")
    sent = step(staged, UpdateDispute(changes=TEXT), YES).after
    assert (sent.status, dispute_of(sent).status) == (Status.REQUIRES_CAPTURE, "under_review")
    conceded = step(state, CloseDispute(), YES).after
    assert (conceded.status, dispute_of(conceded).status) == (Status.REQUIRES_CAPTURE, "lost")
    assert refused(conceded, CloseDispute()).message == "This dispute is already closed"


def test_an_unknown_answer_leaves_the_rest_held_until_it_is_known() -> None:
    state, command = disputed(), UpdateDispute(changes=TEXT)
    decision = decide(state, command, NOW)
    assert isinstance(decision, Decision)
    assert isinstance(decision.effect, AnswerDispute)
    unknown = leave_unknown(state, command, decision, decision.effect, NOW).after
    assert unknown.status == Status.REQUIRES_CAPTURE
    for other in (Capture(), Cancel(), CloseDispute(), report(unknown, "won")):
        assert refused(unknown, other).code == "lock_timeout"
    known = make_known(unknown, decision.effect, YES, NOW + 60).after
    assert (known.status, dispute_of(known).status) == (Status.REQUIRES_CAPTURE, "under_review")


@pytest.mark.parametrize("outcome", [None, Accepted(reference="mod_1", ask_after_seconds=60)])
def test_while_it_is_not_known_what_became_of_a_capture_all_about_its_dispute_waits(outcome: Accepted | None) -> None:
    state, command = disputed(), Capture(amount_to_capture=99, final_capture=False)
    decision = decide(state, command, NOW)
    assert isinstance(decision, Decision)
    assert isinstance(decision.effect, CaptureHold)
    if outcome is None:
        asked = leave_unknown(state, command, decision, decision.effect, NOW).after
    else:
        asked = carry_out(state, command, decision, outcome, NOW).after
    assert asked.status == Status.PROCESSING
    for about in (UpdateDispute(changes=TEXT), CloseDispute(dispute=dispute_of(asked).id)):
        assert refused(asked, about).code == "lock_timeout"
    refused(asked, report(asked, "won"))
    assert not isinstance(due_command(asked), ExpireDispute)
    assert deadline(asked) == (None if outcome is None else NOW + 60)


@pytest.mark.parametrize("days", [1, 20])
def test_its_timer_looks_at_both_clocks_and_the_earlier_one_acts_first(days: int) -> None:
    due, lapses = NOW + days * DAY_SECONDS, held_charge(partly()).lapses_at
    assert lapses is not None
    state = disputed(due_by=due)
    assert (deadline(state), ended(state), needs_workflow(state)) == (min(due, lapses), False, True)
    refused(state, ExpireDispute(), min(due, lapses) - 1)
    for at in sorted((due, lapses)):
        assert deadline(state) == at
        assert (overdue(state, at), overdue(state, at + LATE_SECONDS + 1)) == (False, True)
        by_time = due_command(state)
        assert isinstance(by_time, ExpireDispute if at == due else ExpireAuthorization)
        state = step(state, by_time, None if at == due else YES, at).after
    assert (state.status, dispute_of(state).status) == (Status.SUCCEEDED, "lost")
    assert (deadline(state), due_command(state), ended(state)) == (None, None, True)


def test_both_clocks_at_once_and_late_end_both() -> None:
    lapses = held_charge(partly()).lapses_at
    assert lapses is not None
    state = disputed(due_by=lapses)
    late = lapses + DAY_SECONDS
    state = step(state, ExpireDispute(), now=late).after
    assert (state.status, due_command(state), deadline(state)) == (
        Status.REQUIRES_CAPTURE, ExpireAuthorization(), lapses,
    )  # fmt: skip
    assert step(state, ExpireAuthorization(), YES, late).after.status == Status.SUCCEEDED


@pytest.mark.parametrize("days", [1, 20])
def test_people_are_told_of_both_clocks(days: int) -> None:
    state = disputed(due_by=NOW + days * DAY_SECONDS)
    found = explain(state, [held_charge(state)], NOW)
    assert f"The buyer's bank disputes it ({dispute_of(state).id}) and has taken it back." in found.why
    assert [one.at for one in found.by_itself] == sorted([NOW + days * DAY_SECONDS, held_charge(state).lapses_at or 0])
    assert {"update_dispute", "close_dispute", "capture", "cancel"} <= set(found.commands)
    shown = details(state, None)
    assert "which is lost unless it is answered until" in shown
    assert "The hold lapses at" in shown
    assert waiting_for(state) == (
        "the dispute is lost unless it is answered" if days == 1 else "authorization expires"
    )  # fmt: skip


@pytest.mark.parametrize("rules", [0, 1])
def test_a_run_of_before_goes_by_what_it_knew(rules: int) -> None:
    state = replace(partly(), rules=rules)
    refunding = RefundCharge(amount=100)
    decision = decide(state, refunding, NOW)
    assert isinstance(decision, Decision)
    assert decision.effect is not None
    for known in (state, leave_unknown(state, refunding, decision, decision.effect, NOW).after):
        assert "no charge" in refused(known, report(known)).message
        for command in (UpdateDispute(changes=TEXT), CloseDispute(), ExpireDispute()):
            assert "takes no evidence" in refused(known, command).message
    assert deadline(state) == held_charge(state).lapses_at


def test_who_is_refunded_by_older_rules_can_be_disputed_by_newer_ones() -> None:
    """A run of before answers 503; the next one of the same payment takes the news when they are told again."""
    older = replace(partly(), rules=1)
    newer = replace(older, rules=2)
    assert not already_so(older, report(older), NOW)
    assert held_charge(step(newer, report(newer)).after).charged_back is True


def test_no_cell_beside_that_of_what_is_held_or_taken_has_disputes() -> None:
    names = ("dispute", "update_dispute", "close_dispute", "expire_dispute")
    for status in Status:
        legal = {name: TABLE[status][name] for name in names}
        expected = (status,) if status in (Status.REQUIRES_CAPTURE, Status.SUCCEEDED) else ()
        assert set(legal.values()) == {expected}, status
    assert LATER[Status.REQUIRES_CAPTURE]["answer_dispute"] == (Status.REQUIRES_CAPTURE,)
