"""A SetupIntent against its rows, its events, its workflow and what its bank has said."""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from domain.machine.setups.conclusions import AUTHENTICATION_SECONDS
from domain.machine.setups.transitions import SetupTransition, carry_out, leave_unknown
from domain.model.commands import Cancel, Command, Confirm
from domain.model.outcomes import AuthenticationRequired, Declined, Outcome
from domain.model.setup_intent import ABANDONED, DONE, SetupIntent
from domain.model.statuses import Status
from domain.reconciliation import engine, setups
from domain.reconciliation.books import Closed, EventSeen, MethodSetUp, Running, Silent
from domain.reconciliation.engine import Patience
from domain.reconciliation.kinds import Kind
from domain.reconciliation.report import Difference
from domain.reconciliation.setup_book import MethodRow, SetupBook
from tests.domain.machine.test_setups import CONSENTING, TYPES, YES, decided, kind_of, steps
from tests.domain.reconciliation.setup_books import attempt_row, gateway_of, setup_book, setup_row
from tests.support.builders import NOW, make_method, make_setup

NO, CHALLENGE = (
    Declined(decline_code="generic_decline"),
    AuthenticationRequired(authentication="authn_1", url="https://b"),
)
CARD = make_method(id="pm_card", token="tok_card")


def lived(*life: tuple[Command, Outcome | None], **fields: Any) -> tuple[SetupBook, list[MethodSetUp]]:
    """What is written of a life, and what the gateway has of it."""
    first = state = make_setup(**{"customer": "cus_1", "payment_method_types": TYPES, **fields})
    done: list[SetupTransition] = []
    for command, outcome in life:
        done.append(carry_out(state, command, decided(state, command), outcome, NOW))
        state = done[-1].after
    return setup_book(first, done), gateway_of(done)


def succeeded() -> tuple[SetupBook, list[MethodSetUp]]:
    """A card that declined, and one that was set up."""
    return lived((Confirm(payment_method=make_method()), NO), (Confirm(payment_method=CARD), YES))


def waiting() -> SetupBook:
    """Its buyer was sent to their bank."""
    return lived((Confirm(payment_method=CARD), CHALLENGE))[0]


def unknown() -> SetupBook:
    """The gateway has not answered."""
    first, command = make_setup(), Confirm(payment_method=CARD)
    decision = decided(first, command)
    assert decision.effect is not None
    book = setup_book(first, [leave_unknown(first, command, decision, decision.effect, NOW)])
    book.owed_since = NOW
    return book


def every_life() -> Iterator[tuple[SetupIntent, list[SetupTransition]]]:
    """A way to every kind of state that can be reached, and every step from there."""
    first = make_setup(customer="cus_1", payment_method_types=TYPES)
    known, waiting = {kind_of(first)}, deque[list[SetupTransition]]([[]])
    while waiting:
        way = waiting.popleft()
        for step in steps(way[-1].after if way else first):
            yield first, [*way, step]
            if kind_of(step.after) not in known:
                known.add(kind_of(step.after))
                waiting.append([*way, step])


def kinds(found: list[Difference]) -> list[tuple[Kind, str]]:
    return [(one.kind, one.id) for one in found]


def test_whatever_happens_the_books_agree_while_nobody_touches_them() -> None:
    count = 0
    for first, way in every_life():
        book, count = setup_book(first, way), count + 1
        book.owed_since = NOW
        assert setups.compare(book) == []
        assert setups.compare_with_gateway(book, gateway_of(way)) == []
        assert engine.compare(book, Running(book.state)) == []
        assert engine.compare_with_time(book, NOW, Patience()) == []
    assert count > 100


@pytest.mark.parametrize(
    ("name", "value"),
    [("version", 9), ("status", "canceled"), ("customer", None), ("payment_method", "pm_2"), ("attach_to_self", True)],
)
def test_a_column_says_something_else(name: str, value: Any) -> None:
    book, _ = succeeded()
    book.row = replace(book.row, **{name: value})
    found = setups.compare(book)
    assert kinds(found) == [(Kind.RECORD_CONTRADICTS_ITSELF, book.id)]
    assert (found[0].detail, found[0].setup_intent, found[0].payment_intent) == (name, book.id, "")


@pytest.mark.parametrize("status", Status)
def test_a_status_that_its_attempt_does_not_have(status: Status) -> None:
    assert setups.status_can_be(replace(succeeded()[0].state, status=status)) is (status == Status.SUCCEEDED)
    fits = status == Status.REQUIRES_ACTION
    assert setups.status_can_be(replace(waiting().state, status=status)) is fits
    assert setups.status_can_be(replace(unknown().state, status=status)) is (status == Status.PROCESSING)
    open_ = {Status.REQUIRES_PAYMENT_METHOD, Status.REQUIRES_CONFIRMATION, Status.CANCELED}
    assert setups.status_can_be(make_setup(status=status)) is (status in open_)


def test_a_status_that_cannot_be_is_named() -> None:
    book = waiting()
    book.state = replace(book.state, status=Status.CANCELED, next_action=None)
    book.row = setup_row(book.state)
    book.events.append(EventSeen("evt_x", "setup_intent.canceled", book.id))
    assert kinds(setups.compare(book)) == [(Kind.STATUS_DIFFERS_FROM_ATTEMPT, book.id)]


def test_attempts_that_are_missing_more_or_otherwise() -> None:
    book, _ = succeeded()
    first, second = book.attempts
    book.attempts = [second]
    # The event that told of its failure is of nothing that is here, then.
    assert kinds(setups.compare(book)) == [(Kind.ATTEMPT_MISSING, first.id), (Kind.EVENT_OF_NOTHING, book.id)]
    strange = replace(first, id="setatt_x", attempt=replace(first.attempt, error=None))
    book.attempts = [first, second, strange]
    assert kinds(setups.compare(book)) == [(Kind.ATTEMPT_UNKNOWN, "setatt_x")]
    book.attempts = [replace(first, status="processing"), second]
    assert kinds(setups.compare(book)) == [(Kind.ATTEMPT_DIFFERS, first.id)]
    book.attempts = [first, attempt_row(replace(second.attempt, status=ABANDONED))]
    assert kinds(setups.compare(book)) == [(Kind.ATTEMPT_DIFFERS, second.id)]


def test_one_that_waited_waits_no_longer_once_there_is_another() -> None:
    book, _ = lived((Confirm(payment_method=CARD), CHALLENGE), (Confirm(payment_method=make_method()), YES))
    first, second = book.attempts
    assert first.status == ABANDONED
    book.attempts = [attempt_row(replace(first.attempt, status="requires_action")), second]
    assert kinds(setups.compare(book)) == [(Kind.ATTEMPT_DIFFERS, first.id)]


def test_two_successes() -> None:
    book, _ = succeeded()
    first, second = book.attempts
    book.attempts = [attempt_row(replace(first.attempt, status=DONE)), second]
    assert kinds(setups.compare(book)) == [(Kind.SECOND_SUCCESS, book.id)]


@pytest.mark.parametrize(
    ("row", "gone", "named"),
    [
        (None, False, True),
        (MethodRow(customer=None, consumed=False), False, True),
        (MethodRow(customer="cus_2", consumed=False), False, True),
        (MethodRow(customer="cus_2", consumed=False), True, True),
        (MethodRow(customer="cus_1", consumed=False), False, False),
        (MethodRow(customer=None, consumed=True), False, False),
        (MethodRow(customer=None, consumed=False), True, False),
    ],
)
def test_what_was_set_up_is_its_customers_until_it_is_let_go(row: MethodRow | None, gone: bool, named: bool) -> None:
    book, _ = succeeded()
    book.methods, book.customer_gone = {"pm_card": row} if row else {}, gone
    assert kinds(setups.compare(book)) == ([(Kind.METHOD_NOT_KEPT, "pm_card")] if named else [])


def test_of_a_bank_redirect_the_debit_is_kept() -> None:
    book, _ = succeeded()
    attempt = book.state.attempt
    assert attempt is not None
    assert book.state.payment_method is not None
    ideal = replace(book.state.payment_method, type="ideal", card=None, customer=None)
    book.state = replace(book.state, payment_method=ideal, attempt=replace(attempt, generated="pm_debit"))
    assert list(book.kept) == ["pm_debit"]
    assert kinds(setups.compare(book)) == [(Kind.METHOD_NOT_KEPT, "pm_debit")]


def test_nothing_is_kept_of_what_failed_or_is_nobodys() -> None:
    assert list(lived((Confirm(payment_method=CARD), NO))[0].kept) == []
    assert list(lived((Confirm(payment_method=CARD), YES), customer=None)[0].kept) == []


def test_a_consent_that_is_not_there() -> None:
    account = make_method(id="pm_account", type="us_bank_account", card=None)
    book, _ = lived((Confirm(payment_method=account, changes=CONSENTING), YES))
    (mandate,) = book.named_mandates
    book.mandates = set()
    assert kinds(setups.compare(book)) == [(Kind.MANDATE_MISSING, mandate)]


def test_events_that_are_missing_doubled_of_nothing_and_out_of_order() -> None:
    book, _ = succeeded()
    created, failed, done = right = book.events
    for events, kind in (
        ([created, failed], Kind.EVENT_MISSING),
        ([created, done], Kind.EVENT_MISSING),
        ([*right, done], Kind.EVENT_DOUBLED),
        ([*right, replace(done, type="setup_intent.canceled")], Kind.EVENT_OF_NOTHING),
        ([done, created, failed], Kind.EVENT_OUT_OF_ORDER),
    ):
        book.events = events
        found = setups.compare(book)
        assert [one.kind for one in found] == [kind], events
        assert found[0].setup_intent == book.id


def test_the_bank_has_said_yes_where_it_succeeded_once_and_nowhere_else() -> None:
    book, theirs = succeeded()
    (yes,) = theirs
    assert setups.compare_with_gateway(book, theirs) == []
    assert kinds(setups.compare_with_gateway(book, [])) == [(Kind.SETUP_MISSING_AT_GATEWAY, yes.attempt)]
    assert setups.compare_with_gateway(book, [], whole=False) == [], "it may be in a book that is not read"
    assert book.state.payment_method is not None
    elsewhere = replace(book.state.payment_method, token="tok_1st", tokens={"other": yes.token})
    assert (
        setups.compare_with_gateway(replace(book, state=replace(book.state, payment_method=elsewhere)), theirs) == []
    ), "it goes by another token there"
    assert kinds(setups.compare_with_gateway(book, [yes, yes])) == [(Kind.SET_UP_TWICE, yes.attempt)]
    other = MethodSetUp(attempt=book.attempts[0].id, token="tok_1")
    assert kinds(setups.compare_with_gateway(book, [other, yes])) == [(Kind.SETUP_UNKNOWN_TO_US, other.attempt)]
    found = setups.compare_with_gateway(book, [replace(yes, token="tok_of_another")])
    assert [(one.kind, one.ours, one.theirs) for one in found] == [(Kind.SETUP_METHOD_DIFFERS, "pm_card", "another")]


def test_of_one_that_did_not_succeed_the_bank_has_no_yes() -> None:
    for book in (waiting(), lived((Confirm(payment_method=CARD), NO), (Cancel(), None))[0]):
        assert setups.compare_with_gateway(book, []) == []
        found = setups.compare_with_gateway(book, [MethodSetUp(attempt=book.attempts[0].id, token=CARD.token)])
        assert kinds(found) == [(Kind.SETUP_UNKNOWN_TO_US, book.attempts[0].id)]
    assert kinds(setups.unknown("seti_gone", [MethodSetUp(attempt="setatt_x", token="tok")])) == [
        (Kind.SETUP_UNKNOWN_TO_US, "setatt_x")
    ]


def test_what_is_under_way_is_not_compared_with_the_gateway() -> None:
    assert setups.compare_with_gateway(unknown(), [MethodSetUp(attempt="setatt_x", token="tok")]) == []
    book = waiting()
    book.begun = NOW
    assert setups.compare_with_gateway(book, [MethodSetUp(attempt="setatt_x", token="tok")]) == []


def test_its_workflow_knows_more_less_or_something_else_or_is_gone() -> None:
    book = waiting()
    state = book.state
    for answer, kind in (
        (Running(replace(state, version=state.version + 1)), Kind.WORKFLOW_AHEAD),
        (Running(replace(state, version=state.version - 1)), Kind.WORKFLOW_BEHIND),
        (Running(replace(state, attempts=7)), Kind.WORKFLOW_DIFFERS),
        (Running(replace(state, customer=None)), Kind.WORKFLOW_DIFFERS),
        (Closed("terminated"), Kind.OPEN_WITHOUT_WORKFLOW),
        (Silent("no poller"), Kind.WORKFLOW_SILENT),
    ):
        found = engine.compare(book, answer)
        assert [(one.kind, one.setup_intent, one.payment_intent) for one in found] == [(kind, book.id, "")]
    assert engine.compare(book, Running(replace(state, description="erased"))) == []
    parked = setup_book(make_setup(), [])
    assert engine.compare(parked, Closed("completed")) == [], "it waits for its merchant"
    assert engine.without_record(book.id, state).setup_intent == book.id


def test_what_takes_too_long() -> None:
    patience = Patience()
    book = waiting()
    book.begun = NOW
    over = NOW + patience.command_seconds + 1
    assert kinds(engine.compare_with_time(book, over, patience)) == [(Kind.COMMAND_UNDER_WAY_FOR_LONG, book.id)]
    owing = unknown()
    late = NOW + patience.unknown_seconds + 1
    assert kinds(engine.compare_with_time(owing, late, patience)) == [(Kind.OUTCOME_UNKNOWN_FOR_LONG, owing.id)]
    given_up = waiting()
    due = NOW + AUTHENTICATION_SECONDS + patience.overdue_seconds
    assert engine.compare_with_time(given_up, due, patience) == []
    assert kinds(engine.compare_with_time(given_up, due + 1, patience)) == [(Kind.OVERDUE, given_up.id)]
