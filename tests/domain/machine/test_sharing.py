"""Shares of a payment: what others get of it, and that never more comes back, in whatever order."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.copies import replace
from domain.machine.decisions import Decision, decide
from domain.machine.transitions import Transition, carry_out
from domain.model import balance, share_transactions
from domain.model.balance import books
from domain.model.charges import Charge
from domain.model.commands import (
    Capture,
    Command,
    Confirm,
    ModificationResult,
    RefundCharge,
    RefundResult,
    Update,
)
from domain.model.outcomes import Accepted, Outcome
from domain.model.payment_intent import PaymentIntent
from domain.model.refund_events import RefundSucceeded, ShareReturned
from domain.model.refunds import ChargeRefund
from domain.model.shares import ReturnShare, in_proportion
from domain.model.statuses import Status
from records import share_rows
from tests.support.builders import APPROVED, NOW, confirmable, decided, in_status, refused

TO = {"beneficiary": "acct_other", "transfer_data": {"destination": "acct_other"}}
MADE_FOR: dict[str, Any] = {"platform": "acct_platform"}
BACK: dict[str, Any] = {"refund_application_fee": True, "reverse_transfer": True}


def done(state: PaymentIntent, command: Command, outcome: Outcome | None = APPROVED) -> Transition:
    return carry_out(state, command, decided(state, command), outcome, NOW)


def paid(**more: Any) -> PaymentIntent:
    return done(confirmable(amount=1_000, **more), Confirm()).after


def charge_of(state: PaymentIntent) -> Charge:
    assert state.charge is not None
    return state.charge


def sums(transition: Transition) -> tuple[int, int]:
    """What it has moved between accounts, and in all: each comes to nothing."""
    moved = (transition.before.charge, transition.after.charge, transition.events, None, NOW)
    made = [books(one) for one in (*balance.moved(*moved), *share_transactions.moved(*moved))]
    assert len({one.id for one in share_transactions.moved(*moved)}) == len(share_transactions.moved(*moved))
    return sum(one["accounts"] for one in made), sum(sum(one.values()) for one in made)


@pytest.mark.parametrize(
    ("said", "shares"),
    [
        (MADE_FOR | {"application_fee_amount": 99}, (99, 0)),
        (TO, (0, 1_000)),
        (TO | {"application_fee_amount": 99}, (99, 1_000)),
        (TO | {"transfer_data": {"destination": "acct_other", "amount": 700}}, (0, 700)),
        # Made before it was looked up whose account that is, or typed by hand since: nobody knows whose it is.
        (TO | {"beneficiary": None, "application_fee_amount": 99}, (0, 0)),
        (TO | {"transfer_data": {"destination": "acct_stranger"}, "application_fee_amount": 99}, (0, 0)),
    ],
)
def test_others_get_what_was_asked_for_of_what_was_taken(said: dict[str, Any], shares: tuple[int, int]) -> None:
    transition = done(confirmable(amount=1_000, **said), Confirm())
    charge = charge_of(transition.after)
    assert (charge.fee_taken, charge.transferred) == shares
    assert sums(transition) == (0, 0)


def test_nobody_gets_anything_of_a_hold_and_then_at_most_what_is_taken() -> None:
    held = in_status(Status.REQUIRES_CAPTURE, application_fee_amount=500, **TO)
    assert charge_of(held).fee_taken == charge_of(held).transferred == 0
    taken = done(held, Capture(amount_to_capture=300))
    assert (charge_of(taken.after).fee_taken, charge_of(taken.after).transferred) == (300, 300)
    anew = done(held, Capture(amount_to_capture=300, changes={"application_fee_amount": 20}))
    assert charge_of(anew.after).fee_taken == 20
    assert sums(taken) == sums(anew) == (0, 0)


def test_each_capture_for_which_it_is_said_has_shares_of_its_own() -> None:
    options = {"card": {"request_multicapture": "if_available"}}
    held = in_status(Status.REQUIRES_CAPTURE, amount=1_000, payment_method_options=options, **TO)
    part = Capture(amount_to_capture=300, final_capture=False, changes={"application_fee_amount": 20})
    first = done(held, part).after
    second = done(first, replace(part, changes={"application_fee_amount": 30}))
    assert (charge_of(second.after).fee_taken, charge_of(second.after).transferred) == (50, 600)
    assert sums(second) == (0, 0)


def test_an_update_by_hand_of_whom_it_is_for_moves_no_money_there() -> None:
    state = confirmable(amount=1_000, **TO)
    changed = done(state, Update(changes={"transfer_data": {"destination": "acct_else"}}), None).after
    assert charge_of(done(changed, Confirm()).after).transferred == 0


@pytest.mark.parametrize("said", [MADE_FOR | {"application_fee_amount": 99}, TO | {"application_fee_amount": 99}])
def test_by_the_rules_of_before_nobody_gets_what_nobody_has_booked(said: dict[str, Any]) -> None:
    at_once = done(confirmable(amount=1_000, rules=1, **said), Confirm())
    options = {"card": {"request_multicapture": "if_available"}}
    held = in_status(Status.REQUIRES_CAPTURE, amount=1_000, payment_method_options=options, **said)
    part = done(replace(held, rules=1), Capture(amount_to_capture=300, final_capture=False))
    for taken in (at_once, part, done(part.after, Capture(changes={"application_fee_amount": 20}))):
        charge = charge_of(taken.after)
        assert (charge.fee_taken, charge.transferred) == (0, 0)
        assert share_rows.share_rows(taken) == share_rows.events(taken, 0) == []
        moved = (taken.before.charge, taken.after.charge, taken.events, None, NOW)
        assert share_transactions.moved(*moved) == []
        assert [one.application_fee for one in balance.moved(*moved)] == [0]
        asked = done(taken.after, RefundCharge(amount=100, **BACK))
        assert not [event for event in asked.events if isinstance(event, ShareReturned)]
        assert share_rows.return_rows(asked) == []
        for share in ("fee", "transfer"):
            assert "This charge has no" in refused(taken.after, ReturnShare(share=share)).message


COMMANDS: st.SearchStrategy[Command] = st.one_of(
    st.builds(RefundCharge, amount=st.integers(1, 400), refund_application_fee=st.booleans(),
              reverse_transfer=st.booleans()),
    st.builds(ReturnShare, share=st.sampled_from(("fee", "transfer")), amount=st.integers(1, 400),
              refund_application_fee=st.booleans()),
)  # fmt: skip


@given(st.integers(1, 1_000), st.lists(COMMANDS, max_size=8))
def test_never_more_comes_back_than_was_given_in_whatever_order(fee: int, asked: list[Command]) -> None:
    state = paid(application_fee_amount=fee, **TO)
    for command in (*asked, RefundCharge(**BACK), ReturnShare(share="fee"), ReturnShare(share="transfer")):
        decision = decide(state, command, NOW)
        if isinstance(decision, Decision):
            transition = carry_out(state, command, decision, APPROVED if decision.effect else None, NOW)
            assert sums(transition) == (0, 0)
            state = transition.after
    charge = charge_of(state)
    assert (charge.fee_returned, charge.transfer_returned, charge.amount_refunded) == (fee, 1_000, 1_000)


def test_a_refund_that_fails_late_and_is_made_again_brings_no_second_share() -> None:
    state = paid(application_fee_amount=100, **TO)
    first = done(state, RefundCharge(amount=500, **BACK))
    (told,) = [event.refund for event in first.events if isinstance(event, RefundSucceeded)]
    failed = done(first.after, RefundResult(refund=told, succeeded=False, command_id="late"), None)
    assert charge_of(failed.after).amount_refunded == 0
    again = done(failed.after, RefundCharge(amount=500, command_id="again", **BACK))
    charge = charge_of(again.after)
    assert (charge.fee_returned, charge.transfer_returned, charge.amount_refunded) == (50, 500, 500)
    assert not [event for event in again.events if isinstance(event, ShareReturned)]
    rest = charge_of(done(again.after, RefundCharge(command_id="rest", **BACK)).after)
    assert (rest.fee_returned, rest.transfer_returned) == (100, 1_000)


def failing(state: PaymentIntent, **more: Any) -> ModificationResult:
    given: dict[str, Any] = {"charge": charge_of(state).id, "command_id": "failed", "reference": "cap_1", **more}
    return ModificationResult(operation="capture", succeeded=False, **given)


@pytest.mark.parametrize("said", [TO, MADE_FOR])
def test_what_others_got_of_a_capture_that_fails_after_all_comes_back(said: dict[str, Any]) -> None:
    state = paid(application_fee_amount=100, **said)
    all_of_it = charge_of(state)
    refunded = done(state, RefundCharge(amount=500, refund_application_fee=True))
    failed = done(refunded.after, failing(state, amount=400), None)
    charge = charge_of(failed.after)
    assert (charge.fee_returned, charge.transfer_returned) == (90, all_of_it.transferred * 400 // 1_000)
    assert (charge.fee_taken, charge.transferred) == (all_of_it.fee_taken, all_of_it.transferred)
    assert sums(failed) == (0, 0)
    again = decide(failed.after, failing(state, amount=400, command_id="twice"), NOW)
    assert not isinstance(again, Decision) or not again.events
    rest = charge_of(done(failed.after, RefundCharge(command_id="rest", **BACK)).after)
    assert (rest.fee_returned, rest.transfer_returned) == (100, all_of_it.transferred * 500 // 1_000)


def test_of_a_capture_that_came_and_failed_at_once_nobody_keeps_anything() -> None:
    held = in_status(Status.REQUIRES_CAPTURE, application_fee_amount=100, **TO)
    asked = done(held, Capture(), Accepted(reference="cap_1", ask_after_seconds=60)).after
    both = done(asked, failing(asked, after_all=True), None)
    charge = charge_of(both.after)
    assert (charge.fee_taken, charge.fee_returned) == (100, 100)
    assert charge.transferred == charge.transfer_returned == charge.amount_captured
    assert sums(both) == (0, 0)
    assert [row["returned"] for row in share_rows.share_rows(both)] == [charge.transferred, 100]


MULTIPLE: dict[str, Any] = {"payment_method_options": {"card": {"request_multicapture": "if_available"}}}
STEPS = st.lists(
    st.tuples(st.sampled_from(("capture", "refund", "fail", "succeed", "late")), st.integers(1, 400)), max_size=12
)


@given(st.integers(0, 900), STEPS)
@example(0, [("refund", 50), ("capture", 200)])
@example(99, [("refund", 51), ("refund", 30), ("fail", 0), ("late", 0), ("capture", 300)])
def test_once_all_is_refunded_everything_has_come_back_whatever_failed_on_the_way(
    fee: int, steps: list[tuple[str, int]]
) -> None:
    state = in_status(Status.REQUIRES_CAPTURE, amount=1_000, application_fee_amount=fee, **TO, **MULTIPLE)
    state = done(state, Capture(amount_to_capture=100, final_capture=False)).after
    for number, (step, size) in enumerate([*steps, *[("succeed", 0)] * len(steps), ("all", 0)]):
        state = stepped(state, step, size, f"c_{number}")
    charge = charge_of(state)
    assert charge.amount_refunded == charge.amount_captured
    assert (charge.fee_returned, charge.transfer_returned) == (charge.fee_taken, charge.transferred)


def stepped(state: PaymentIntent, step: str, size: int, id_: str) -> PaymentIntent:
    """After one step: of a capture with a fee of its own, of a refund, or of what became of the oldest one."""
    charge = charge_of(state)
    waiting = {refund: charge.refunds_given[refund] for refund in charge.refunds_under_way}
    over = {refund: amount for refund, amount in charge.refunds_given.items() if refund not in waiting}
    if step in ("fail", "succeed", "late"):
        found = next(iter((over if step == "late" else waiting).items()), None)
        if found is None:
            return state
        told = replace(refund_of(state, *found), status="succeeded" if step == "late" else "pending")
        command: Command = RefundResult(refund=told, succeeded=step == "succeed", command_id=id_)
    elif step == "capture":
        said = {"application_fee_amount": size // 3}
        command = Capture(amount_to_capture=size, final_capture=False, changes=said, command_id=id_)
    else:
        amount = min(size, charge.amount_kept) if step == "refund" else None
        command = RefundCharge(amount=amount, command_id=id_, refund=id_, **BACK)
    decision = decide(state, command, NOW)
    if not isinstance(decision, Decision):
        return state
    answer: Outcome = Accepted(reference=id_) if step == "refund" and size % 2 else APPROVED
    transition = carry_out(state, command, decision, answer if decision.effect else None, NOW)
    assert sums(transition) == (0, 0)
    return transition.after


def refund_of(state: PaymentIntent, id_: str, amount: int) -> ChargeRefund:
    """A refund that asks for both shares, as the records have it."""
    charge = charge_of(state)
    return ChargeRefund(
        id=id_, charge=charge.id, payment_intent=state.id, payment_method="pm_1", created=NOW, amount=amount,
        currency="usd", status="pending", method_type="card", shares=("fee", "transfer"),
    )  # fmt: skip


@pytest.mark.parametrize("parts", [(1_000,), (1,) * 1_000, (333, 333, 334), (999, 1)])
def test_what_comes_back_in_parts_is_the_whole(parts: tuple[int, ...]) -> None:
    for share in (0, 1, 7, 99, 1_000):
        before, found = 0, 0
        for part in parts:
            found += in_proportion(share, before, before + part, 1_000)
            before += part
        assert found == share


def test_a_refund_brings_its_shares_back_once_it_has_succeeded_and_once() -> None:
    state = paid(application_fee_amount=100, **TO)
    asked = done(state, RefundCharge(amount=500, **BACK), Accepted(reference="ref_1"))
    assert charge_of(asked.after).fee_returned == charge_of(asked.after).transfer_returned == 0
    refund = next(event.refund for event in asked.events if hasattr(event, "refund"))
    assert isinstance(refund, ChargeRefund)
    came = done(asked.after, RefundResult(refund=refund, succeeded=True, command_id="a"), None)
    assert (charge_of(came.after).fee_returned, charge_of(came.after).transfer_returned) == (50, 500)
    told = next(event.refund for event in came.events if isinstance(event, RefundSucceeded))
    assert told.transfer_reversal == next(event.back.id for event in came.events if isinstance(event, ShareReturned))
    again = done(came.after, RefundResult(refund=told, succeeded=True, command_id="b"), None)
    assert charge_of(again.after).fee_returned == 50
    failed = done(came.after, RefundResult(refund=told, succeeded=False, command_id="c"), None)
    assert charge_of(failed.after).fee_returned == 50, "what came back stays where it is"


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (ReturnShare(share="fee", amount=101), "greater than fee amount"),
        (ReturnShare(share="fee", amount=0), "greater than or equal to 1"),
        (ReturnShare(share="fee", amount=-1), "greater than or equal to 1"),
        (ReturnShare(share="transfer", amount=1_001), "greater than transfer amount"),
        (ReturnShare(share="all"), "must be one of"),
    ],
)
def test_what_cannot_come_back_is_refused(command: ReturnShare, why: str) -> None:
    state = paid(application_fee_amount=100, **TO)
    before = repr(state)
    assert why in refused(state, command).message
    assert repr(state) == before


def test_what_has_come_back_does_not_come_again() -> None:
    state = paid(application_fee_amount=100, **TO)
    for share, words in (("fee", "already been refunded"), ("transfer", "already been fully reversed")):
        state = done(state, ReturnShare(share=share), None).after
        assert words in refused(state, ReturnShare(share=share)).message
