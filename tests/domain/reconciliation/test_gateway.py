"""Our charges and the gateway's book: every way in which they can disagree is found, by its kind, and nothing else."""

from dataclasses import replace
from typing import Any

import pytest

from domain.model.charges import Charge
from domain.model.commands import Cancel, Capture
from domain.model.outcomes import Accepted
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from domain.reconciliation import records
from domain.reconciliation.books import GatewayBook, Theirs, Transfer
from domain.reconciliation.gateway import REFUND_SECONDS, compare, compare_transfers, unknown
from domain.reconciliation.kinds import Kind
from tests.domain.reconciliation.books import book_of, entry, gateway_of, refund_of, refunded
from tests.support.builders import NOW, after, in_status, make_method

PAID, HELD = in_status(Status.SUCCEEDED), in_status(Status.REQUIRES_CAPTURE)
RELEASED = after(HELD, Cancel())
PARTLY = after(HELD, Capture(amount_to_capture=400))


def kinds(state: PaymentIntent, gateway: GatewayBook, **parts: Any) -> list[Kind]:
    return [found.kind for found in compare(book_of(state, **parts), gateway, NOW)[0]]


@pytest.mark.parametrize("state", [PAID, HELD, RELEASED, PARTLY, refunded(), *map(in_status, Status)])
def test_both_say_the_same(state: PaymentIntent) -> None:
    found, seen = compare(book_of(state), gateway_of(state), NOW)
    assert found == []
    assert seen == ({state.charge.id} if state.charge else set())


@pytest.mark.parametrize(
    ("state", "more", "kind"),
    [
        (PAID, ("capture", 1), Kind.CAPTURED_DIFFERS),
        (PAID, ("refund", 5), Kind.REFUNDED_DIFFERS),
        (PAID, ("increment", 5), Kind.AUTHORIZED_DIFFERS),
        (PAID, ("authorize", 1_099), Kind.AUTHORIZED_TWICE),
        (HELD, ("void", 1_099), Kind.HOLD_GONE),
        (HELD, ("capture", 900), Kind.CAPTURED_DIFFERS),
        (RELEASED, ("void", -1_099), Kind.HOLD_STILL_OPEN),
    ],
)
def test_one_movement_more(state: PaymentIntent, more: tuple[str, int], kind: Kind) -> None:
    assert kinds(state, gateway_of(state, more)) == [kind]


def test_nothing_is_there() -> None:
    assert kinds(PAID, GatewayBook()) == [Kind.MISSING_AT_GATEWAY]


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"charge": "ch_other"}, Kind.CHARGE_ID_DIFFERS),
        ({"authorization": "auth_other"}, Kind.AUTHORIZATION_DIFFERS),
        ({"currency": "eur"}, Kind.CURRENCY_DIFFERS),
    ],
)
def test_it_is_there_under_another_name(changed: dict[str, str], kind: Kind) -> None:
    gateway = GatewayBook()
    gateway.add(entry(PAID, operation, 1_099, **changed) for operation in ("authorize", "capture"))
    found, seen = compare(book_of(PAID), gateway, NOW)
    assert [one.kind for one in found] == [kind]
    assert unknown(gateway, seen, ()) == [], "it is not unknown as well"


def test_a_failed_charge_for_which_money_was_taken() -> None:
    assert PAID.charge is not None
    failed = replace(PAID.charge, status="failed", captured=False, amount_captured=0)
    state = replace(PAID, status=Status.REQUIRES_PAYMENT_METHOD, charge=failed)
    assert kinds(state, gateway_of(PAID)) == [Kind.CAPTURED_DIFFERS]


def test_while_something_is_under_way_nothing_is_compared() -> None:
    assert kinds(in_status(Status.PROCESSING), GatewayBook()) == []
    assert kinds(PAID, GatewayBook(), begun=5) == []


def test_a_charge_without_a_row_is_compared_all_the_same() -> None:
    found, seen = compare(book_of(PAID, charges=[]), gateway_of(PAID, ("refund", 5)), NOW)
    assert [one.kind for one in found] == [Kind.REFUNDED_DIFFERS]
    assert seen == {PAID.charge.id if PAID.charge else ""}


def test_a_transfer_paid_before_the_charge_was_made() -> None:
    charge: Charge | None = PAID.charge
    assert charge is not None
    by_transfer = replace(charge, payment_method=make_method(type="customer_balance", card=None))
    assert kinds(replace(PAID, charge=by_transfer), GatewayBook()) == []


def test_money_that_we_know_nothing_of() -> None:
    gateway = GatewayBook()
    gateway.add([entry(PAID, "authorize", 5, charge="ch_2")])
    found = unknown(gateway, set(), ())
    assert [(one.kind, one.id, one.payment_intent) for one in found] == [(Kind.UNKNOWN_TO_US, "ch_2", PAID.id)]
    assert unknown(gateway, {"ch_2"}, ()) == []
    assert unknown(gateway, set(), {PAID.id}) == [], "its payment is finding out"


def test_refunds_that_came_back_do_not_count() -> None:
    theirs = Theirs()
    for operation, amount in (("debit", 100), ("refund", 30), ("refund_return", 20)):
        theirs.add(operation, amount)
    assert (theirs.authorized_times, theirs.captured, theirs.refunded, theirs.held) == (1, 100, 10, 0)


def test_an_entry_that_nobody_understands_is_no_silence() -> None:
    with pytest.raises(ValueError, match="levitate"):
        Theirs().add("levitate", 1)


FIVE = Transfer(5, "usd")


@pytest.mark.parametrize(
    ("ours", "theirs", "kind"),
    [
        (None, FIVE, Kind.TRANSFER_NOT_BOOKED),
        (FIVE, None, Kind.TRANSFER_UNKNOWN_TO_GATEWAY),
        (FIVE, Transfer(4, "usd"), Kind.TRANSFER_DIFFERS),
        (FIVE, Transfer(5, "eur"), Kind.TRANSFER_DIFFERS),
        (Transfer(5, "usd", 2), FIVE, Kind.TRANSFER_BOOKED_TWICE),
    ],
)
def test_transfers(ours: Transfer | None, theirs: Transfer | None, kind: Kind) -> None:
    found = compare_transfers({"trf_1": ours} if ours else {}, {"trf_1": theirs} if theirs else {})
    assert [(one.kind, one.id) for one in found] == [(kind, "trf_1")]
    assert compare_transfers({"trf_1": FIVE}, {"trf_1": FIVE}) == []


def test_a_refund_that_the_gateway_has_taken_on_may_be_missing_there_for_a_while() -> None:
    state = refunded()
    pending = replace(refund_of(state).refund, status="pending", created=NOW)
    row = refund_of(state, status="pending", refund=pending)
    not_yet = gateway_of(replace(state, charge=replace(charge_of(state), amount_refunded=0)))
    for now, found in ((NOW, []), (NOW + REFUND_SECONDS, [Kind.REFUNDED_DIFFERS])):
        assert [one.kind for one in compare(book_of(state, refunds=[row]), not_yet, now)[0]] == found
    assert kinds(state, not_yet) == [Kind.REFUNDED_DIFFERS], "one that has succeeded is there"
    assert kinds(state, gateway_of(state, ("refund", 1)), refunds=[row]) == [Kind.REFUNDED_DIFFERS]


def test_what_a_gateway_has_taken_on_is_not_compared_until_it_has_said_how_that_ended() -> None:
    promised = after(HELD, Capture(), Accepted(reference="mod_1"))
    for theirs in (gateway_of(HELD), gateway_of(PAID), GatewayBook()):
        assert kinds(promised, theirs) == []
    assert records.compare(book_of(promised)) == [], "and its status can be"


def test_a_charge_at_a_gateway_that_is_here_no_more_is_compared_with_nothing() -> None:
    elsewhere = replace(PAID, charge=replace(charge_of(PAID), gateway="gone"))
    assert kinds(elsewhere, GatewayBook(read=frozenset({"simulator"}))) == []
    assert kinds(elsewhere, GatewayBook(read=frozenset({"gone"}))) == [Kind.MISSING_AT_GATEWAY]
    assert kinds(elsewhere, GatewayBook(unread=frozenset({"gone"}))) == []
    assert kinds(PAID, GatewayBook(read=frozenset({"simulator"}))) == [Kind.MISSING_AT_GATEWAY]


def charge_of(state: PaymentIntent) -> Charge:
    assert state.charge is not None
    return state.charge
