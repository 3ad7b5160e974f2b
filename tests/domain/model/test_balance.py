"""What each movement of money does to the balance, and what it costs."""

from dataclasses import replace
from typing import Any

import pytest

from domain.machine.transitions import Transition, carry_out
from domain.model import balance
from domain.model.balance import BalanceTransaction, books
from domain.model.charges import DAY_SECONDS, Charge
from domain.model.commands import Cancel, Capture, Command, Confirm, RefundCharge, RefundResult, ReportDispute
from domain.model.outcomes import Accepted, Declined, Outcome
from domain.model.payment_intent import PaymentIntent
from domain.model.refund_events import RefundSucceeded
from domain.model.refunds import ChargeRefund
from domain.model.statuses import Status
from domain.money.pricing import DEFAULT, NONE, Pricing
from tests.support.builders import APPROVED, NOW, confirmable, decided, in_status

MIDNIGHT = (NOW // DAY_SECONDS + 2) * DAY_SECONDS
DECLINED = Declined(decline_code="generic_decline")


def done(state: PaymentIntent, command: Command, outcome: Outcome | None = APPROVED) -> Transition:
    return carry_out(state, command, decided(state, command), outcome, NOW)


def moved(transition: Transition) -> list[BalanceTransaction]:
    before, after = transition.before, transition.after
    return balance.moved(before.charge, after.charge, transition.events, after.pricing, transition.now)


def charge_of(state: PaymentIntent) -> Charge:
    assert state.charge is not None
    return state.charge


def test_a_charge_brings_what_was_taken_less_the_fee() -> None:
    transition = done(confirmable(amount=1_099, description="a book"), Confirm())
    (one,) = moved(transition)
    assert (one.type, one.category, one.amount, one.fee, one.net) == ("charge", "charge", 1_099, 62, 1_037)
    assert (one.id, one.source, one.description) == (
        balance.of_charge(charge_of(transition.after)), charge_of(transition.after).id, "a book",
    )  # fmt: skip
    assert (one.created, one.available_on) == (NOW, MIDNIGHT)
    assert books(one) == {"balance": 1_037, "fees": 62, "gateway": -1_099, "accounts": 0}


def test_a_hold_brings_nothing_until_it_is_taken_and_a_decline_never() -> None:
    held = done(confirmable(capture_method="manual", amount=1_000), Confirm())
    assert moved(held) == []
    assert balance.of_charge(charge_of(held.after)) is None
    (one,) = moved(done(held.after, Capture(amount_to_capture=600)))
    assert (one.amount, one.fee) == (600, 47)
    assert moved(done(confirmable(), Confirm(), DECLINED)) == []


def test_each_capture_of_several_is_one_and_the_fixed_part_is_asked_once() -> None:
    options = {"card": {"request_multicapture": "if_available"}}
    state = confirmable(capture_method="manual", amount=1_000, payment_method_options=options)
    state = done(state, Confirm()).after
    if not charge_of(state).multicapture:
        state = replace(state, charge=replace(charge_of(state), multicapture=True))
    first = done(state, Capture(amount_to_capture=400, final_capture=False))
    second = done(first.after, Capture(amount_to_capture=600))
    (one,), (two,) = moved(first), moved(second)
    assert [(x.amount, x.fee) for x in (one, two)] == [(400, 12 + 30), (600, 17)]
    assert one.id != two.id == balance.of_charge(charge_of(second.after)), "the last one is the charge's"


def test_closing_a_hold_of_which_parts_were_taken_brings_nothing() -> None:
    options = {"card": {"request_multicapture": "if_available"}}
    state = done(confirmable(capture_method="manual", amount=1_000, payment_method_options=options), Confirm()).after
    part = done(state, Capture(amount_to_capture=400, final_capture=False))
    closed = done(part.after, Cancel())
    assert moved(closed) == []
    assert balance.of_charge(charge_of(closed.after)) == moved(part)[0].id


def test_a_refund_takes_its_amount_and_keeps_the_fee() -> None:
    paid = in_status(Status.SUCCEEDED)
    (one,) = moved(done(paid, RefundCharge(refund="re_3abc", amount=300)))
    assert (one.id, one.type, one.amount, one.fee, one.net) == ("txn_1abc", "refund", -300, 0, -300)
    assert (one.source, one.description, one.available_on) == ("re_3abc", "REFUND FOR CHARGE", MIDNIGHT)


def test_a_refund_on_its_way_or_refused_moves_nothing() -> None:
    paid = in_status(Status.SUCCEEDED)
    assert moved(done(paid, RefundCharge(refund="re_3abc", amount=300), Accepted(reference="ref"))) == []
    assert [one.type for one in moved(done(paid, RefundCharge(refund="re_3abc", amount=300), DECLINED))] == [
        "refund_failure"
    ], "which is only written if there is what it reverses"


def settled(amount: int = 300, **fields: Any) -> tuple[PaymentIntent, ChargeRefund]:
    transition = done(in_status(Status.SUCCEEDED), RefundCharge(refund="re_3abc", amount=amount))
    known = next(event.refund for event in transition.events if isinstance(event, RefundSucceeded))
    return transition.after, replace(known, **fields)


def test_a_refund_that_comes_back_is_undone() -> None:
    state, refund = settled()
    (one,) = moved(done(state, RefundResult(refund=refund, failure_reason="lost_or_stolen_card"), None))
    assert (one.type, one.category, one.amount, one.source) == ("refund_failure", "refund_failure", 300, "re_3abc")
    assert one.reverses == "txn_1abc"


@pytest.mark.parametrize(("status", "net"), [("needs_response", -2_500), ("lost", -2_500)])
def test_a_dispute_takes_the_amount_and_costs(status: str, net: int) -> None:
    paid = in_status(Status.SUCCEEDED, amount=1_000)
    (one,) = moved(done(paid, ReportDispute(charge=charge_of(paid).id, status=status), None))
    assert (one.type, one.category, one.amount, one.fee, one.net) == ("adjustment", "dispute", -1_000, 1_500, net)
    assert (one.fee_for, one.available_on) == ("Dispute fee", NOW)


def test_an_inquiry_moves_nothing() -> None:
    paid = in_status(Status.SUCCEEDED)
    told = ReportDispute(charge=charge_of(paid).id, status="warning_needs_response")
    assert moved(done(paid, told, None)) == []


def test_an_account_pays_what_it_was_told() -> None:
    for pricing, fee in ((NONE, 0), (Pricing(basis_points=370, fixed=30), 193), (None, 158)):
        (one,) = moved(done(confirmable(amount=4_400, pricing=pricing), Confirm()))
        assert one.fee == fee
        assert sum(books(one).values()) == 0


@pytest.mark.parametrize(("amount", "fee"), [(1, 1), (30, 30), (31, 31), (100, 33), (1_017, 59), (1_018, 60)])
def test_a_fee_is_rounded_half_up_and_never_more_than_all(amount: int, fee: int) -> None:
    assert DEFAULT.fee(amount) == fee


def test_money_of_some_test_cards_is_there_at_once() -> None:
    state = confirmable()
    assert state.payment_method is not None
    assert state.payment_method.card is not None
    card = replace(state.payment_method.card, last4="0077")
    state = replace(state, payment_method=replace(state.payment_method, card=card))
    assert [one.available_on for one in moved(done(state, Confirm()))] == [NOW]
    assert [one.available_on for one in moved(done(replace(state, livemode=True), Confirm()))] == [MIDNIGHT]
