"""What gateways tell of disputes: twice, late, in any order, with amounts of their own; and what is refused of it."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations, product
from random import Random  # noqa: TID251

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.machine.decisions import Decision, decide
from domain.machine.dispute_reports import STAGES, agrees, already_so
from domain.machine.transitions import Transition, carry_out
from domain.model import balance
from domain.model.commands import Command, RefundCharge, RefundResult, ReportDispute
from domain.model.outcomes import Accepted, Approved, Outcome
from domain.model.payment_intent import PaymentIntent, held_charge
from domain.model.refund_events import RefundRequested
from domain.model.statuses import Status
from domain.refusals import Refusal
from tests.support.builders import NOW, in_status
from workflows.display import details

PAID = 1_099
Booked = dict[str, tuple[int, int]]

HISTORIES = (
    ("needs_response", "under_review", "won"),
    ("needs_response", "won"),
    ("needs_response", "under_review", "lost"),
    ("warning_needs_response", "warning_under_review", "warning_closed"),
    ("warning_needs_response", "warning_under_review", "needs_response", "under_review", "won"),
    ("warning_needs_response", "needs_response", "lost"),
    ("needs_response", "lost", "won"),
)
"""What may become of a dispute, as a gateway would tell it."""


def paid(amount: int = PAID) -> PaymentIntent:
    return in_status(Status.SUCCEEDED, amount=amount)


def step(state: PaymentIntent, command: Command, outcome: Outcome | None = None) -> Transition:
    decision = decide(state, command, NOW)
    assert isinstance(decision, Decision), decision
    return carry_out(state, command, decision, outcome, NOW)


def report(state: PaymentIntent, status: str, amount: int | None = None, reference: str = "dsp_1") -> ReportDispute:
    return ReportDispute(charge=held_charge(state).id, status=status, reference=reference, amount=amount)


def booked(transition: Transition) -> Booked:
    was, now = transition.before.charge, transition.after.charge
    found = balance.moved(was, now, transition.events, transition.after.pricing, NOW)
    # No refund here had gone before it failed: the ledger takes nothing back of what it has not got.
    return {one.id: (one.amount, one.fee) for one in found if one.category != "refund_failure"}


def sums(books: Booked) -> tuple[int, int]:
    return sum(amount for amount, _ in books.values()), sum(fee for _, fee in books.values())


def hear(state: PaymentIntent, news: Sequence[str], **more: int | str | None) -> tuple[PaymentIntent, Booked]:
    """Take what can be taken of it; what is refused is so already, or it is about one that has ended."""
    books: Booked = {}
    for status in news:
        command = report(state, status, **more)  # type: ignore[arg-type]
        decision = decide(state, command, NOW)
        if isinstance(decision, Refusal):
            ended = not command.reference or (state.dispute is not None and state.dispute.status == "won")
            assert ended or already_so(state, command, NOW)
            continue
        done = carry_out(state, command, decision, None, NOW)
        books, state = books | booked(done), done.after
    return state, books


@pytest.mark.parametrize("reference", ["dsp_1", ""])
@pytest.mark.parametrize("history", HISTORIES, ids="-".join)
def test_all_orders_of_the_same_news_end_in_the_same_books(history: tuple[str, ...], reference: str) -> None:
    start = paid()
    in_order, books = hear(start, history, amount=PAID, reference=reference)
    assert in_order.dispute is not None
    known = in_order.dispute
    assert known.status == history[-1]
    for order in permutations(history):
        other, others = hear(start, order, amount=PAID, reference=reference)
        assert other.dispute is not None, order
        assert (other.dispute.status, other.dispute.amount, others) == (known.status, known.amount, books), order
        assert held_charge(other).charged_back is held_charge(in_order).charged_back


@given(st.sampled_from(HISTORIES), st.randoms(use_true_random=False), st.lists(st.integers(0, 4), max_size=4))
def test_news_that_are_told_twice_are_as_once(history: tuple[str, ...], random: Random, twice: list[int]) -> None:
    start = paid()
    expected, books = hear(start, history, amount=400)
    news = [*history, *(history[index % len(history)] for index in twice)]
    random.shuffle(news)
    heard, others = hear(start, news, amount=400)
    assert expected.dispute is not None
    assert heard.dispute is not None
    assert (heard.dispute.status, others) == (expected.dispute.status, books)


def test_what_is_booked_of_each_history() -> None:
    ends = {"won": (0, 1_500), "lost": (-PAID, 1_500), "warning_closed": (0, 0)}
    for history in HISTORIES:
        assert sums(hear(paid(), history)[1]) == ends[history[-1]], history


@pytest.mark.parametrize("amount", [50, PAID, 1_200])
def test_the_bank_says_how_much_it_takes(amount: int) -> None:
    state = paid()
    assert list(booked(step(state, report(state, "needs_response", amount))).values()) == [(-amount, 1_500)]
    asked = step(state, report(state, "warning_needs_response", PAID)).after
    assert list(booked(step(asked, report(asked, "needs_response", amount))).values()) == [(-amount, 1_500)]


def test_a_bank_that_does_not_know_of_a_refund_takes_all() -> None:
    state = paid()
    state = step(state, RefundCharge(amount=100), Approved(authorization="a")).after
    assert list(booked(step(state, report(state, "needs_response", PAID))).values()) == [(-PAID, 1_500)]
    untold = step(state, report(state, "needs_response"))
    assert list(booked(untold).values()) == [(100 - PAID, 1_500)]
    whole = step(state, RefundCharge(), Approved(authorization="a")).after
    assert list(booked(step(whole, report(whole, "needs_response", PAID))).values()) == [(-PAID, 1_500)]
    assert isinstance(decide(whole, report(whole, "needs_response"), NOW), Refusal), "nobody says what it took"
    assert not already_so(whole, report(whole, "needs_response"), NOW), "so a person is told"


@pytest.mark.parametrize("amount", [-1, 10**12])
def test_an_amount_that_cannot_be_is_refused(amount: int) -> None:
    state = paid()
    for status in ("needs_response", "warning_needs_response", "won"):
        assert isinstance(decide(state, report(state, status, amount), NOW), Refusal)
    asked = step(state, report(state, "warning_needs_response")).after
    assert isinstance(decide(asked, report(asked, "needs_response", amount), NOW), Refusal)


@pytest.mark.parametrize("reference", ["dsp_1", ""])
@pytest.mark.parametrize("amount", [None, PAID])
@pytest.mark.parametrize("part", [PAID, 1_000])
def test_a_chargeback_while_a_refund_is_under_way_is_taken_and_nothing_is_given_back_twice(
    reference: str, amount: int | None, part: int
) -> None:
    """At Adyen a refund fails because of the chargeback: before, it was dropped, and the money could go back again."""
    state = paid()
    refunded = step(state, RefundCharge(amount=part), Accepted(reference="r"))
    (refund,) = [event.refund for event in refunded.events if isinstance(event, RefundRequested)]
    disputed = step(refunded.after, report(state, "needs_response", amount, reference))
    assert list(booked(disputed).values()) == [(-PAID, 1_500)]
    failed = step(disputed.after, RefundResult(refund=refund, succeeded=False))
    assert (booked(failed), held_charge(failed.after).amount_kept) == ({}, PAID)
    again = decide(failed.after, RefundCharge(), NOW)
    assert isinstance(again, Refusal)
    assert again.code == "charge_disputed"
    succeeded = step(disputed.after, RefundResult(refund=refund, succeeded=True))
    assert list(booked(succeeded).values()) == [(-part, 0)]


@pytest.mark.parametrize("outcome", [True, False])
def test_a_refund_that_has_ended_is_under_way_no_longer(outcome: bool) -> None:
    refunded = step(paid(), RefundCharge(amount=300), Accepted(reference="r"))
    (refund,) = [event.refund for event in refunded.events if isinstance(event, RefundRequested)]
    assert (held_charge(refunded.after).amount_kept, held_charge(refunded.after).amount_disputable) == (799, PAID)
    ended = step(refunded.after, RefundResult(refund=refund, succeeded=outcome)).after
    assert held_charge(ended).refunds_under_way == {}
    assert held_charge(ended).amount_disputable == held_charge(ended).amount_kept == (799 if outcome else PAID)


def test_an_inquiry_without_a_name_becomes_a_dispute() -> None:
    state = paid()
    asked = step(state, report(state, "warning_needs_response", reference="")).after
    assert held_charge(asked).charged_back is False
    more = step(asked, report(asked, "needs_response", reference=""))
    assert (list(booked(more).values()), held_charge(more.after).charged_back) == ([(-PAID, 1_500)], True)
    assert isinstance(decide(more.after, RefundCharge(), NOW), Refusal)


@pytest.mark.parametrize("news", ["needs_response", "lost"])
def test_an_inquiry_of_which_an_older_release_has_kept_only_the_id_becomes_one_as_well(news: str) -> None:
    state = replace(paid(), rules=1)
    asked = step(state, report(state, "warning_needs_response", reference="")).after
    assert asked.dispute is None
    later = replace(asked, rules=2)
    late = report(later, "warning_needs_response", reference="")
    assert isinstance(decide(later, late, NOW), Refusal)
    assert already_so(later, late, NOW)
    more = step(later, report(later, news, reference=""))
    assert list(booked(more).values()) == [(-PAID, 1_500)]
    assert more.after.dispute is not None
    assert (more.after.dispute.id, more.after.dispute.status) == (held_charge(asked).dispute, news)


def test_a_dispute_of_which_an_older_release_has_kept_only_the_id_is_known() -> None:
    state = replace(paid(), rules=1)
    known = replace(step(state, report(state, "needs_response", reference="")).after, rules=2)
    for status, so in (("needs_response", True), ("lost", True), ("won", False)):
        command = report(known, status, reference="")
        assert isinstance(decide(known, command, NOW), Refusal)
        assert already_so(known, command, NOW) is so


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (NOW + 1, NOW + 1), (NOW + 365 * 86_400, NOW + 365 * 86_400), (NOW, None), (NOW - 1, None), (0, None),
        (-1, None), (NOW + 365 * 86_400 + 1, None), (NOW * 1_000, None), (10**15, None), (None, None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("before", [(), ("warning_needs_response",)])
def test_until_when_a_bank_takes_answers_is_believed_if_that_can_be(
    before: tuple[str, ...], said: int | None, kept: int | None
) -> None:
    state, _ = hear(paid(), list(before))
    told = report(state, "needs_response")
    usual = step(state, told).after
    state = step(state, replace(told, due_by=said)).after
    assert state.dispute is not None
    assert usual.dispute is not None
    assert state.dispute.due_by == (kept or usual.dispute.due_by)
    assert " UTC" in details(state, None)


def test_a_time_that_no_calendar_has_is_shown_as_it_is() -> None:
    state, _ = hear(paid(), ["needs_response"])
    assert state.dispute is not None
    for never in (10**12, 10**15, 10**30, -(10**30)):
        assert str(never) in details(replace(state, dispute=replace(state.dispute, due_by=never)), None)


@pytest.mark.parametrize(
    ("reference", "amount", "taken"), [("dsp_1", 400, True), ("dsp_1", 600, True), ("", 400, True), ("", 600, False)]
)
def test_without_a_name_news_of_another_amount_turn_nothing_around_that_has_ended(
    reference: str, amount: int, taken: bool
) -> None:
    lost, _ = hear(paid(), ["needs_response", "lost"], amount=400, reference=reference)
    won = report(lost, "won", amount, reference)
    assert isinstance(decide(lost, won, NOW), Decision) is taken
    assert already_so(lost, report(lost, "needs_response", amount, reference), NOW) is (
        reference == "dsp_1" and amount == 400
    )
    assert agrees(lost.dispute, won) is (amount == 400)


@pytest.mark.parametrize(("known", "news"), list(product(STAGES, STAGES)))
def test_what_is_refused_is_late_or_told_to_a_person(known: str, news: str) -> None:
    for reference in ("dsp_1", ""):
        state, _ = hear(paid(), [known], reference=reference)
        command = report(state, news, reference=reference)
        taken = isinstance(decide(state, command, NOW), Decision)
        assert taken is (STAGES[news] > STAGES[known])
        over = known in ("warning_closed", "lost", "won")
        contrary = (known, news) == ("won", "lost") or (over and not reference and news != known)
        assert taken or already_so(state, command, NOW) is not contrary
    other = report(state, news, reference="dsp_other")
    assert isinstance(decide(state, other, NOW), Refusal)
    assert not already_so(state, other, NOW), "there is one of a charge: of another a person is told"


@pytest.mark.parametrize("status", ["won", "lost", "needs_response", "warning_closed"])
def test_a_run_of_before_goes_by_what_it_knew(status: str) -> None:
    state = replace(paid(), rules=1)
    first = step(state, report(state, "warning_needs_response", 50)).after
    assert first.dispute is not None
    assert first.dispute.amount == PAID
    taken = isinstance(decide(first, report(first, status), NOW), Decision)
    assert taken is (status in ("needs_response", "warning_closed"))
    lost = step(state, report(state, "lost")).after
    assert isinstance(decide(lost, report(lost, status), NOW), Refusal)
