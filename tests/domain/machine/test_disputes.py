"""Disputes: every way from the bank's first word to its last, and what each step tells, moves and refuses."""

from dataclasses import replace
from typing import Any

import pytest

from domain.machine.decisions import Decision, decide
from domain.machine.dispute_answers import EVIDENCE_CHARACTERS_MAX
from domain.machine.transitions import Transition, carry_out, leave_unknown, make_known
from domain.model import balance
from domain.model.charges import DAY_SECONDS
from domain.model.commands import (
    CloseDispute,
    Command,
    ExpireDispute,
    ModificationResult,
    RefundCharge,
    ReportDispute,
    UpdateDispute,
)
from domain.model.disputes import OPEN, WAITING, Dispute
from domain.model.outcomes import AnswerDispute, Approved, Declined, Outcome
from domain.model.payment_intent import RULES, PaymentIntent, deadline, due_command, ended, held_charge
from domain.model.payment_methods import Address, BillingDetails
from domain.model.statuses import Status
from domain.refusals import Refusal
from records.fence import KNOWN_TO_WAIT
from tests.support.builders import NOW, in_status

YES = Approved(authorization="dsp_1")
NO = Declined(decline_code="dispute_closed")
ENDS = [("needs_response", "lost"), ("warning_needs_response", "warning_closed")]
"""How each begins, and how it ends without an answer."""

TEXT = {"evidence": {"uncategorized_text": "They got it."}}


def paid() -> PaymentIntent:
    return replace(in_status(Status.SUCCEEDED), rules=RULES)


def step(state: PaymentIntent, command: Command, outcome: Outcome | None = None, now: int = NOW) -> Transition:
    decision = decide(state, command, now)
    assert isinstance(decision, Decision), decision
    return carry_out(state, command, decision, outcome, now)


def reported(state: PaymentIntent, status: str, now: int = NOW) -> Transition:
    return step(state, ReportDispute(charge=held_charge(state).id, status=status, reference="dsp_1"), now=now)


def disputed(status: str = "needs_response") -> PaymentIntent:
    return reported(paid(), status).after


def dispute_of(state: PaymentIntent) -> Dispute:
    assert state.dispute is not None
    return state.dispute


def told(transition: Transition) -> list[str]:
    return [announcement.type for announcement in transition.announcements]


def moved(transition: Transition) -> list[tuple[str, int, int]]:
    was, now = transition.before.charge, transition.after.charge
    found = balance.moved(was, now, transition.events, transition.after.pricing, transition.now)
    return [(one.category, one.amount, one.fee) for one in found]


def test_evidence_goes_to_the_bank_which_decides_for_the_merchant() -> None:
    opened = reported(paid(), "needs_response")
    amount = held_charge(opened.after).amount_captured
    assert told(opened) == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    assert moved(opened) == [("dispute", -amount, 1_500)]
    sent = step(opened.after, UpdateDispute(changes=TEXT), YES)
    assert told(sent) == ["charge.dispute.updated", "charge.updated"]
    known = dispute_of(sent.after)
    assert (known.status, known.submissions, known.evidence) == ("under_review", 1, TEXT["evidence"])
    won = reported(sent.after, "won", NOW + 5)
    assert told(won) == ["charge.dispute.funds_reinstated", "charge.dispute.closed"]
    assert moved(won) == [("dispute_reversal", amount, 0)]
    assert [one.net for one in balance.of_dispute(dispute_of(won.after))] == [-amount - 1_500, amount]
    back = decide(won.after, RefundCharge(), NOW + 6)
    assert isinstance(back, Decision), "what the bank has given back can be refunded"


@pytest.mark.parametrize("status", ["needs_response", "under_review"])
def test_what_is_lost_stays_with_the_buyer(status: str) -> None:
    state = disputed()
    if status == "under_review":
        state = step(state, UpdateDispute(changes=TEXT), YES).after
    lost = reported(state, "lost")
    assert (told(lost), moved(lost)) == (["charge.dispute.closed"], [])
    refused = decide(lost.after, RefundCharge(), NOW)
    assert isinstance(refused, Refusal)
    assert refused.code == "charge_disputed"


def test_what_is_staged_is_kept_and_sent_with_the_rest() -> None:
    staged = step(disputed(), UpdateDispute(changes=TEXT, submit=False))
    assert told(staged) == ["charge.dispute.updated", "charge.updated"]
    known = dispute_of(staged.after)
    assert (known.status, known.submissions) == ("needs_response", 0)
    more: dict[str, Any] = {"evidence": {"customer_name": "Jenny", "uncategorized_text": None}}
    decision = decide(staged.after, UpdateDispute(changes=more), NOW)
    assert isinstance(decision, Decision)
    assert isinstance(decision.effect, AnswerDispute)
    assert decision.effect.evidence == {"customer_name": "Jenny"}


def test_evidence_within_evidence_is_merged_leaf_by_leaf() -> None:
    first: dict[str, Any] = {"evidence": {"enhanced_evidence": {"visa_compliance": {"fee_acknowledged": True}}}}
    second: dict[str, Any] = {"evidence": {"enhanced_evidence": {"mastercard_compliance": {"fee_acknowledged": True}}}}
    state = step(disputed(), UpdateDispute(changes=first, submit=False)).after
    state = step(state, UpdateDispute(changes=second, submit=False)).after
    both = {"visa_compliance": {"fee_acknowledged": True}, "mastercard_compliance": {"fee_acknowledged": True}}
    assert dispute_of(state).evidence == {"enhanced_evidence": both}
    state = step(state, UpdateDispute(changes={"evidence": {"enhanced_evidence": None}}, submit=False)).after
    assert dispute_of(state).evidence == {}


JENNY = BillingDetails(
    address=Address(line1="1 High Street", line2="Flat 2", city="London", postal_code="E1 8QS", country="GB"),
    email="jenny@example.com",
    name="Jenny Rosen",
)


def bought(buyer: BillingDetails) -> PaymentIntent:
    state = paid()
    charge = held_charge(state)
    return replace(state, charge=replace(charge, payment_method=replace(charge.payment_method, billing_details=buyer)))


@pytest.mark.parametrize(
    ("buyer", "prefilled"),
    [
        (BillingDetails(), {}),
        (BillingDetails(address=Address(country="DE")), {"billing_address": "DE"}),
        (
            JENNY,
            {
                "billing_address": "1 High Street\nFlat 2\nLondon, E1 8QS, GB",
                "customer_email_address": "jenny@example.com",
                "customer_name": "Jenny Rosen",
            },
        ),
    ],
)
def test_what_the_buyer_has_said_is_there_before_the_merchant_says_anything(
    buyer: BillingDetails, prefilled: dict[str, str]
) -> None:
    known = dispute_of(reported(bought(buyer), "needs_response").after)
    assert (known.prefilled, known.evidence) == (prefilled, {})


@pytest.mark.parametrize("submit", [False, True])
def test_what_the_merchant_says_of_the_same_replaces_it(submit: bool) -> None:
    state = reported(bought(JENNY), "needs_response").after
    said: dict[str, Any] = {"evidence": {"customer_name": "J. Rosen", "billing_address": None}}
    known = dispute_of(step(state, UpdateDispute(changes=said, submit=submit), YES if submit else None).after)
    assert known.evidence == {"customer_name": "J. Rosen"}
    assert known.prefilled == {"customer_email_address": "jenny@example.com"}
    noted = step(state, UpdateDispute(changes={"metadata": {"a": "1"}}, submit=False)).after
    assert dispute_of(noted).prefilled == dispute_of(state).prefilled


def test_metadata_alone_tells_of_the_dispute_alone_and_asks_nobody() -> None:
    noted = step(disputed(), UpdateDispute(changes={"metadata": {"a": "1", "b": "2"}}))
    assert told(noted) == ["charge.dispute.updated"]
    assert dispute_of(noted.after).status == "needs_response"
    changed = step(noted.after, UpdateDispute(changes={"metadata": {"a": None}}))
    assert dispute_of(changed.after).metadata == {"b": "2"}
    assert told(step(changed.after, UpdateDispute(changes={"metadata": {"b": "2"}}))) == []
    assert dispute_of(step(changed.after, UpdateDispute(changes={"metadata": None})).after).metadata == {}


@pytest.mark.parametrize(
    ("opened", "closed"), [("needs_response", "lost"), ("warning_needs_response", "warning_closed")]
)
def test_who_does_not_contest_it_has_lost_it(opened: str, closed: str) -> None:
    state = disputed(opened)
    conceded = step(state, CloseDispute(dispute=dispute_of(state).id), YES)
    assert dispute_of(conceded.after).status == closed
    assert told(conceded) == ["charge.dispute.closed", "charge.updated"]
    for command in (CloseDispute(), UpdateDispute(changes=TEXT), UpdateDispute(changes={"metadata": {"a": "1"}})):
        refused = decide(conceded.after, command, NOW)
        assert isinstance(refused, Refusal)
        assert (refused.message, refused.code, refused.param) == ("This dispute is already closed", None, None)


BEFORE = [("needs_response", "lost", 1), ("warning_needs_response", "warning_closed", 1), ("needs_response", "lost", 2)]


@pytest.mark.parametrize(("opened", "closed", "rules"), BEFORE)
def test_nobody_answers_in_time(opened: str, closed: str, rules: int) -> None:
    state = replace(disputed(opened), rules=rules)
    due = dispute_of(state).due_by
    assert due is not None
    assert (deadline(state), due_command(state), ended(state)) == (due, ExpireDispute(), False)
    early = decide(state, ExpireDispute(), due - 1)
    assert isinstance(early, Refusal)
    lapsed = step(state, ExpireDispute(), now=due)
    assert (dispute_of(lapsed.after).status, told(lapsed), moved(lapsed)) == (closed, ["charge.dispute.closed"], [])
    assert (deadline(lapsed.after), ended(lapsed.after)) == (None, True)


def test_what_a_bank_asks_it_may_ask_for_longer_than_our_clock_runs() -> None:
    """Live Stripe's inquiries stay open for some four months; one that we had closed could not become a dispute."""
    state = disputed("warning_needs_response")
    assert (deadline(state), ended(state)) == (None, True)
    assert isinstance(decide(state, ExpireDispute(), NOW + 130 * DAY_SECONDS), Refusal)
    closed = reported(state, "warning_closed").after
    assert moved(reported(closed, "needs_response", NOW + 90 * DAY_SECONDS)) == [("dispute", -1_099, 1_500)]


def test_what_only_our_clock_has_ended_the_bank_may_still_decide() -> None:
    state = disputed()
    due = dispute_of(state).due_by
    assert due is not None
    lapsed = step(state, ExpireDispute(), now=due).after
    won = reported(lapsed, "won", due + 60)
    assert told(won) == ["charge.dispute.funds_reinstated", "charge.dispute.closed"]
    assert moved(won) == [("dispute_reversal", 1_099, 0)]
    assert isinstance(decide(won.after, RefundCharge(), due + 61), Decision)


def test_who_says_until_when_to_answer_is_believed() -> None:
    state = paid()
    due = NOW + 20 * DAY_SECONDS
    command = ReportDispute(charge=held_charge(state).id, reference="dsp_1", due_by=due)
    assert deadline(step(state, command).after) == due
    asked = disputed("warning_needs_response")
    assert deadline(step(asked, replace(command, charge=held_charge(asked).id)).after) == due


def test_no_clock_runs_while_the_bank_decides() -> None:
    sent = step(disputed(), UpdateDispute(changes=TEXT), YES).after
    assert (deadline(sent), ended(sent)) == (None, True)
    assert isinstance(decide(sent, ExpireDispute(), NOW + 30 * DAY_SECONDS), Refusal)


def test_an_inquiry_takes_nothing_until_it_becomes_more() -> None:
    asked = reported(paid(), "warning_needs_response")
    assert (told(asked), moved(asked)) == (["charge.dispute.created"], [])
    assert isinstance(decide(asked.after, RefundCharge(amount=100), NOW), Decision)
    answered = step(asked.after, UpdateDispute(changes=TEXT), YES)
    assert dispute_of(answered.after).status == "warning_under_review"
    later = NOW + 3 * DAY_SECONDS
    more = reported(answered.after, "needs_response", later)
    amount = held_charge(more.after).amount_captured
    assert told(more) == ["charge.dispute.updated", "charge.dispute.funds_withdrawn"]
    assert moved(more) == [("dispute", -amount, 1_500)]
    due = dispute_of(more.after).due_by
    assert due is not None
    assert due // DAY_SECONDS == later // DAY_SECONDS + 8
    (withdrawal,) = balance.of_dispute(dispute_of(more.after))
    assert withdrawal.created == later


def test_what_was_given_back_meanwhile_is_not_taken_again() -> None:
    asked = disputed("warning_needs_response")
    rest = held_charge(asked).amount_captured - 100
    back = step(asked, RefundCharge(amount=rest), Approved(authorization="auth_1")).after
    assert moved(reported(back, "needs_response")) == [("dispute", -100, 1_500)]


def test_what_never_came_is_not_taken_back() -> None:
    asked = disputed("warning_needs_response")
    late = ModificationResult(charge=held_charge(asked).id, reference="psp_9", succeeded=False, amount=99)
    known = step(asked, late).after
    assert moved(reported(known, "needs_response")) == [("dispute", -1_000, 1_500)]


def test_an_inquiry_about_what_was_given_back_meanwhile_is_over() -> None:
    asked = disputed("warning_needs_response")
    thought = step(asked, UpdateDispute(changes=TEXT), YES).after
    whole = step(thought, RefundCharge(), Approved(authorization="auth_1")).after
    closed = reported(whole, "needs_response")
    assert (dispute_of(closed.after).status, told(closed)) == ("warning_closed", ["charge.dispute.closed"])
    assert (moved(closed), held_charge(closed.after).amount_kept) == ([], 0)
    before = decide(replace(whole, rules=1), ReportDispute(charge=held_charge(whole).id, reference="dsp_1"), NOW)
    assert isinstance(before, Refusal), "what an older release has started goes by what that did"


@pytest.mark.parametrize("status", ["banana", "", "prevented"])
def test_a_dispute_begins_as_one_does(status: str) -> None:
    state = paid()
    refused = decide(state, ReportDispute(charge=held_charge(state).id, status=status, reference="dsp_1"), NOW)
    assert isinstance(refused, Refusal)
    for begins in ("needs_response", "warning_needs_response", "lost"):
        assert isinstance(decide(state, ReportDispute(charge=held_charge(state).id, status=begins), NOW), Decision), (
            begins
        )
    before = decide(
        replace(state, rules=1), ReportDispute(charge=held_charge(state).id, status=status, reference="dsp_1"), NOW
    )
    assert isinstance(before, Decision), "a run of before has recorded it, and does so again"


def test_a_bank_that_takes_no_answer_any_more_leaves_it_as_it_was() -> None:
    late = step(disputed(), UpdateDispute(changes=TEXT), NO)
    assert late.error is not None
    assert late.error.type == "invalid_request_error"
    known = dispute_of(late.after)
    assert (known.status, known.submissions, known.evidence) == ("needs_response", 0, TEXT["evidence"])
    again = decide(late.after, UpdateDispute(changes=TEXT), NOW)
    assert isinstance(again, Decision)
    assert isinstance(again.effect, AnswerDispute)
    assert again.effect.key.endswith("/dispute/2"), "another answer is another operation"


def test_an_unknown_answer_leaves_the_payment_succeeded_until_it_is_known() -> None:
    state = disputed()
    decision = decide(state, UpdateDispute(changes=TEXT), NOW)
    assert isinstance(decision, Decision)
    assert isinstance(decision.effect, AnswerDispute)
    unknown = leave_unknown(state, UpdateDispute(changes=TEXT), decision, decision.effect, NOW)
    assert (unknown.after.status, told(unknown)) == (Status.SUCCEEDED, [])
    busy = decide(unknown.after, CloseDispute(), NOW)
    assert isinstance(busy, Refusal)
    assert busy.code == "lock_timeout"
    known = make_known(unknown.after, decision.effect, YES, NOW + 60)
    assert dispute_of(known.after).status == "under_review"
    assert told(known) == ["charge.dispute.updated", "charge.updated"]


def test_what_has_ended_does_not_begin_again() -> None:
    won = reported(disputed(), "won").after
    for status in ("needs_response", "lost", "won", "under_review", "warning_closed"):
        again = decide(won, ReportDispute(charge=held_charge(won).id, status=status, reference="dsp_1"), NOW)
        assert isinstance(again, Refusal), status
    other = decide(disputed(), ReportDispute(charge=held_charge(won).id, status="won", reference="dsp_other"), NOW)
    assert isinstance(other, Refusal)


@pytest.mark.parametrize(
    ("status", "news", "rules"),
    [
        ("needs_response", "warning_closed", 1), ("warning_needs_response", "won", 1),
        ("warning_needs_response", "lost", 1), ("needs_response", "warning_closed", 2), ("needs_response", "banana", 2),
    ],
)  # fmt: skip
def test_a_bank_says_nothing_that_makes_no_sense(status: str, news: str, rules: int) -> None:
    state = replace(disputed(status), rules=rules)
    assert isinstance(
        decide(state, ReportDispute(charge=held_charge(state).id, status=news, reference="dsp_1"), NOW), Refusal
    )


def test_a_gateway_without_a_name_for_it_takes_no_answers() -> None:
    state = paid()
    state = step(state, ReportDispute(charge=held_charge(state).id)).after
    assert (dispute_of(state).status, deadline(state), ended(state)) == ("needs_response", None, True)
    for command in (UpdateDispute(changes=TEXT), CloseDispute()):
        refused = decide(state, command, NOW)
        assert isinstance(refused, Refusal)
        assert "takes no evidence" in refused.message


def test_there_is_only_so_much_evidence() -> None:
    most = {"evidence": {"access_activity_log": "a" * EVIDENCE_CHARACTERS_MAX}}
    assert isinstance(decide(disputed(), UpdateDispute(changes=most, submit=False), NOW), Decision)
    more = {"evidence": {**most["evidence"], "customer_name": "b"}}
    refused = decide(disputed(), UpdateDispute(changes=more, submit=False), NOW)
    assert isinstance(refused, Refusal)
    assert (refused.param, "150,000" in refused.message) == ("evidence", True)


@pytest.mark.parametrize(
    "changes",
    [
        {"evidence": "text"}, {"status": "won"}, {"metadata": {"a": 1}}, {"evidence": None},
        {"evidence": {"uncategorized_text": 5}},
        {"evidence": {"enhanced_evidence": {"visa_compelling_evidence_3": {"disputed_transaction": {"a": [1.5]}}}}},
    ],
)  # fmt: skip
def test_what_is_typed_wrongly_is_refused(changes: dict[str, Any]) -> None:
    refused = decide(disputed(), UpdateDispute(changes=changes), NOW)
    assert isinstance(refused, Refusal)
    assert refused.message.startswith("Invalid ")


def test_evidence_that_a_run_of_before_has_taken_is_taken_again_by_a_replay() -> None:
    loose = UpdateDispute(changes={"evidence": {"uncategorized_text": 5}}, submit=False)
    assert dispute_of(step(replace(disputed(), rules=1), loose).after).evidence == {"uncategorized_text": 5}


def test_another_dispute_is_not_meant() -> None:
    assert isinstance(decide(disputed(), CloseDispute(dispute="du_other"), NOW), Refusal)


def test_the_records_know_the_statuses_that_wait() -> None:
    assert {KNOWN_TO_WAIT} == WAITING
    assert WAITING < OPEN
