"""A record against what hangs on it: each kind of difference, from books that agree but for one part."""

from dataclasses import replace
from typing import Any

import pytest

from domain.machine.transitions import carry_out
from domain.model.commands import Cancel, Capture
from domain.model.disputes import Dispute
from domain.model.payment_intent import PaymentIntent, held_charge
from domain.model.refund_events import HoldRefunded
from domain.model.statuses import Status
from domain.reconciliation.books import Balance, Funding, MethodUse, Step, Undelivered
from domain.reconciliation.facts import expected
from domain.reconciliation.kinds import Kind
from domain.reconciliation.records import (
    compare,
    compare_balances,
    compare_deliveries,
    compare_methods,
    status_can_be,
)
from tests.domain.reconciliation.books import REFUND, book_of, refund_of, refunded, row_of
from tests.support.builders import APPROVED, NOW, decided, in_status

PAID, REFUNDED = in_status(Status.SUCCEEDED), refunded()
CHARGE = held_charge(PAID)
DISPUTE = Dispute(
    id="dp_1", charge=CHARGE.id, payment_intent=PAID.id, created=0, amount=1_099, currency="usd", reason="general",
    status="needs_response",
)  # fmt: skip
TAKEN = Funding(applied=5, refunded=2, moved=5, returned=2)


def kinds(state: PaymentIntent, **parts: Any) -> list[Kind]:
    return [found.kind for found in compare(book_of(state, **parts))]


@pytest.mark.parametrize("state", [REFUNDED, *map(in_status, Status)])
def test_all_say_the_same(state: PaymentIntent) -> None:
    assert kinds(state) == []


@pytest.mark.parametrize("column", ["version", "amount", "amount_capturable", "currency", "status"])
def test_a_column_of_its_own_row(column: str) -> None:
    book = book_of(PAID)
    wrong = "other" if column in ("currency", "status") else 77
    book.row = replace(book.row, **{column: wrong})  # type: ignore[arg-type]
    assert [(one.kind, one.detail) for one in compare(book)] == [(Kind.RECORD_CONTRADICTS_ITSELF, column)]


def test_what_was_received() -> None:
    book = book_of(PAID)
    book.row = replace(book.row, amount_received=900)
    assert [(one.kind, one.ours, one.theirs) for one in compare(book)] == [(Kind.RECEIVED_DIFFERS, 900, 1_099)]


@pytest.mark.parametrize("status", set(Status) - {Status.SUCCEEDED})
def test_no_other_status_has_a_charge_that_took_money(status: Status) -> None:
    assert not status_can_be(replace(PAID, status=status))


def test_a_hold_and_nothing_to_capture() -> None:
    assert not status_can_be(replace(in_status(Status.REQUIRES_CAPTURE), charge=None))
    assert not status_can_be(replace(in_status(Status.PROCESSING), pending=None))


def test_charges() -> None:
    assert kinds(PAID, charges=[]) == [Kind.CHARGE_MISSING]
    assert kinds(PAID, charges=[row_of(CHARGE, amount_captured=5)]) == [Kind.CHARGE_DIFFERS]
    assert kinds(PAID, charges=[row_of(replace(CHARGE, authorization="auth_x"))]) == [Kind.CHARGE_DIFFERS]
    second = row_of(replace(CHARGE, id="ch_2"))
    assert kinds(PAID, charges=[row_of(CHARGE), second]) == [Kind.SECOND_SUCCESS]
    earlier = row_of(replace(CHARGE, id="ch_0", status="failed", captured=False, amount_captured=0))
    assert kinds(PAID, charges=[earlier, row_of(CHARGE)]) == []
    assert kinds(PAID, charges=[replace(earlier, amount=5), row_of(CHARGE)]) == [Kind.CHARGE_DIFFERS]


def test_refunds() -> None:
    there = refund_of(REFUNDED)
    assert kinds(REFUNDED, refunds=[]) == [Kind.REFUND_MISSING]
    assert kinds(REFUNDED, refunds=[there, refund_of(REFUNDED, "re_2")]) == [Kind.REFUND_UNKNOWN]
    assert kinds(REFUNDED, refunds=[replace(there, amount=301)]) == [Kind.REFUND_AMOUNT_DIFFERS]
    assert kinds(REFUNDED, refunds=[replace(there, status="failed")]) == [Kind.REFUND_STATUS_DIFFERS]
    failed = replace(there, status="failed", refund=replace(there.refund, status="failed"))
    assert kinds(REFUNDED, refunds=[failed]) == [Kind.REFUND_STATUS_DIFFERS], "it still stands"
    came_back = replace(failed, id="re_2", refund=replace(failed.refund, id="re_2"))
    assert kinds(REFUNDED, refunds=[there, came_back]) == []
    given = replace(held_charge(REFUNDED), refunds_given={REFUND: 300, "re_2": 1})
    found = kinds(replace(REFUNDED, charge=given), refunds=[there, refund_of(REFUNDED, "re_2", 1)])
    assert found == [Kind.REFUND_TOTAL_DIFFERS]


def test_disputes() -> None:
    disputed = replace(PAID, charge=replace(CHARGE, dispute="dp_1"))
    assert kinds(disputed, disputes=[DISPUTE]) == []
    assert kinds(disputed) == [Kind.DISPUTE_MISSING]
    assert kinds(PAID, disputes=[DISPUTE]) == [Kind.DISPUTE_NOT_ON_CHARGE]
    known = replace(disputed, dispute=DISPUTE)
    assert kinds(known, disputes=[DISPUTE]) == []
    assert kinds(known, disputes=[replace(DISPUTE, status="won")]) == [Kind.DISPUTE_DIFFERS]


def test_mandates() -> None:
    state = replace(PAID, mandate="mandate_1")
    assert kinds(state, mandates={"mandate_1"}) == []
    assert kinds(state) == [Kind.MANDATE_MISSING]


def test_money_set_aside() -> None:
    state = replace(PAID, funded=5)
    assert kinds(state, funding=TAKEN) == []
    assert kinds(state, funding=replace(TAKEN, moved=4)) == [Kind.APPLIED_DIFFERS]
    assert kinds(state, funding=replace(TAKEN, returned=0)) == [Kind.RETURNED_DIFFERS]
    assert kinds(PAID, funding=TAKEN) == [Kind.FUNDS_DIFFER]
    assert kinds(state) == [Kind.FUNDS_DIFFER]
    assert kinds(PAID, funding=TAKEN, begun=7) == [], "a command is under way that changes it"


def test_what_is_about_many() -> None:
    agreed, wrong = (
        Balance(customer="cus_1", currency="usd", available=5, total=5),
        Step(id="ccsbtxn_1", customer="cus_1", ending=5, expected=4),
    )
    assert compare_balances([agreed], [replace(wrong, expected=5)]) == []
    found = compare_balances([replace(agreed, total=4)], [wrong])
    assert [one.kind for one in found] == [Kind.BALANCE_DIFFERS, Kind.ENDING_BALANCE_DIFFERS]
    uses = [
        MethodUse("pm_1", 2, reusable=True),
        MethodUse("pm_2", 1, reusable=True),
        MethodUse("pm_3", 1, reusable=False),
    ]
    assert [one.kind for one in compare_methods(uses)] == [Kind.METHOD_USED_TWICE, Kind.METHOD_NOT_USED_UP]
    missing = compare_deliveries([Undelivered("evt_1", "charge.failed", "we_1")])
    assert [(one.kind, one.id, one.ours) for one in missing] == [(Kind.DELIVERY_MISSING, "evt_1", "we_1")]


@pytest.mark.parametrize("command", [Cancel(refunds_rest=True), Capture(amount_to_capture=500, refunds_rest=True)])
def test_a_refund_of_what_was_never_taken_is_in_no_book(command: Cancel | Capture) -> None:
    intent = in_status(Status.REQUIRES_CAPTURE)
    told = carry_out(intent, command, decided(intent, command), APPROVED, NOW)
    (refund,) = [event.refund for event in told.events if isinstance(event, HoldRefunded)]
    row = refund_of(told.after, refund.id, refund.amount, refund=refund)
    assert kinds(told.after, refunds=[row]) == []
    counted = expected(book_of(told.after, refunds=[row]))
    assert counted["refund.created", refund.id] == 0
    assert counted.get(("charge.refunded", refund.charge), 1) == 1
