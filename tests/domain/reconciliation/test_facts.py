"""A payment's events against its facts: none missing, none twice, none of what never was, and in order."""

from dataclasses import replace

import pytest

from domain.model.commands import Cancel, Capture, ExpireAuthorization, ModificationResult
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from domain.reconciliation.books import EventSeen, PaymentBook
from domain.reconciliation.facts import compare
from domain.reconciliation.kinds import Kind
from tests.domain.reconciliation.books import book_of, refunded
from tests.support.builders import after, in_status

HELD = in_status(Status.REQUIRES_CAPTURE)
STATES = [*map(in_status, Status), refunded(), after(HELD, Capture(amount_to_capture=5)), after(HELD, Cancel())]


def kinds(book: PaymentBook) -> list[Kind]:
    return [found.kind for found in compare(book)]


@pytest.mark.parametrize("state", STATES)
def test_every_event_that_must_be_is_missed_and_noticed_when_it_is_there_twice(state: PaymentIntent) -> None:
    book = book_of(state)
    assert kinds(book) == []
    for number, event in enumerate(book.events):
        without = [*book.events[:number], *book.events[number + 1 :]]
        assert kinds(book_of(state, events=without)) == [Kind.EVENT_MISSING]
        twice = [*book.events[:number], event, *book.events[number:]]
        assert kinds(book_of(state, events=twice)) == [Kind.EVENT_DOUBLED]


@pytest.mark.parametrize("type_", ["payment_intent.canceled", "charge.failed", "charge.captured", "charge.refunded"])
def test_what_never_was(type_: str) -> None:
    book = book_of(in_status(Status.SUCCEEDED))
    id_ = book.id if type_.startswith("payment_intent") else book.charges[0].id
    book.events.append(EventSeen("evt_x", type_, id_))
    assert kinds(book) == [Kind.EVENT_OF_NOTHING]


def test_the_order() -> None:
    book = book_of(refunded())
    book.events.reverse()
    found = {(one.kind, one.theirs) for one in compare(book)}
    assert {kind for kind, _ in found} == {Kind.EVENT_OUT_OF_ORDER}
    assert {type_ for _, type_ in found} == {"payment_intent.created", "charge.succeeded"}


def test_a_hold_that_time_released_is_released_once() -> None:
    charge = HELD.charge
    assert charge is not None
    assert charge.capture_before is not None
    book = book_of(after(HELD, ExpireAuthorization(), now=charge.capture_before))
    assert [event.type for event in book.events if event.object_id == charge.id] == [
        "charge.succeeded",
        "charge.expired",
    ]
    assert kinds(book) == []
    canceled = book_of(after(HELD, Cancel()))
    assert kinds(canceled) == []
    canceled.events.append(EventSeen("evt_x", "charge.expired", charge.id))
    assert kinds(canceled) == [Kind.EVENT_OF_NOTHING]


def test_what_an_older_release_told_of_a_hold_that_was_let_go() -> None:
    """It called a release a refund, unless time did it; and time was called otherwise."""
    state = after(HELD, Cancel())
    assert state.charge is not None
    told = EventSeen("evt_x", "charge.refunded", state.charge.id)
    events = book_of(state).events
    assert kinds(book_of(state, events=[*events[:-1], told, events[-1]])) == []
    lapsed = book_of(replace(state, cancellation_reason="automatic"))
    assert ("charge.expired", state.charge.id) in {(event.type, event.object_id) for event in lapsed.events}


def test_what_the_api_tells_by_itself_may_be_told_often() -> None:
    book = book_of(refunded())
    book.events += [EventSeen(f"evt_{n}", "refund.updated", "re_1") for n in range(3)]
    assert kinds(book) == []


def test_a_capture_that_fails_after_all_is_told_whenever_it_does() -> None:
    state = refunded()
    assert state.charge is not None
    failure = ModificationResult(charge=state.charge.id, operation="capture", reference="mod_1", amount=700)
    book = book_of(after(state, failure))
    told = [event for event in book.events if event.type == "charge.failed"]
    assert len(told) == 1
    late = [event for event in book.events if event not in told]
    assert kinds(book_of(book.state, events=[*late, *told])) == [], "after it was given back as well"
    assert kinds(book_of(book.state, events=late)) == [Kind.EVENT_MISSING]
    assert kinds(book_of(state, events=[*late, *told])) == [Kind.EVENT_OF_NOTHING, Kind.EVENT_OUT_OF_ORDER]
