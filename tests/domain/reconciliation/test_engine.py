"""A record against its workflow and against time."""

from dataclasses import replace

import pytest

from domain.model.commands import Capture
from domain.model.outcomes import Accepted, AskSettlement, Refund
from domain.model.statuses import Status
from domain.reconciliation.books import Closed, EventSeen, Running, Silent
from domain.reconciliation.engine import Patience, compare, compare_with_time, is_open, silent, unknown_since
from domain.reconciliation.engine import without_record as lost
from domain.reconciliation.kinds import Kind
from tests.domain.reconciliation.books import book_of
from tests.support.builders import NOW, after, in_status

HELD = in_status(Status.REQUIRES_CAPTURE)
BOOK = book_of(HELD)
PATIENCE = Patience()


@pytest.mark.parametrize("status", Status)
def test_they_agree(status: Status) -> None:
    book = book_of(in_status(status))
    assert compare(book, Running(book.state)) == []


def test_one_knows_more() -> None:
    later = replace(HELD, version=HELD.version + 1, description="later")
    assert [one.kind for one in compare(BOOK, Running(later))] == [Kind.WORKFLOW_AHEAD]
    assert [one.kind for one in compare(book_of(later), Running(HELD))] == [Kind.WORKFLOW_BEHIND]


@pytest.mark.parametrize("change", [{"amount": 5}, {"attempts": 7}, {"charge": None}, {"status": Status.PROCESSING}])
def test_they_say_different_things_of_one_version(change: dict[str, object]) -> None:
    changed = replace(HELD, **change)  # type: ignore[arg-type]
    assert [one.kind for one in compare(BOOK, Running(changed))] == [Kind.WORKFLOW_DIFFERS]


def test_words_of_no_consequence_may_differ() -> None:
    assert compare(BOOK, Running(replace(HELD, description="erased"))) == []


def test_no_workflow_runs() -> None:
    closed = Closed("terminated")
    assert [one.kind for one in compare(BOOK, closed)] == [Kind.OPEN_WITHOUT_WORKFLOW]
    for status in (Status.SUCCEEDED, Status.CANCELED, Status.REQUIRES_PAYMENT_METHOD):
        assert compare(book_of(in_status(status)), closed) == [], "it has ended, or may be parked"
    owing = book_of(in_status(Status.SUCCEEDED), begun=5)
    assert is_open(owing)
    assert [one.kind for one in compare(owing, closed)] == [Kind.OPEN_WITHOUT_WORKFLOW]


def test_it_does_not_answer() -> None:
    found = [*compare(BOOK, Silent("no poller")), silent("pi_1", "no poller")]
    assert [(one.kind, one.theirs) for one in found] == [(Kind.WORKFLOW_SILENT, "no poller")] * 2


def test_a_workflow_without_a_record() -> None:
    found = lost(HELD.id, HELD)
    assert (found.kind, found.payment_intent) == (Kind.WORKFLOW_WITHOUT_RECORD, HELD.id)


def test_time_has_not_acted() -> None:
    assert HELD.charge is not None
    due = HELD.charge.capture_before or 0
    limit = due + PATIENCE.overdue_seconds
    assert compare_with_time(BOOK, limit, PATIENCE) == []
    assert [one.kind for one in compare_with_time(BOOK, limit + 1, PATIENCE)] == [Kind.OVERDUE]


def test_a_command_is_under_way_for_long() -> None:
    book = book_of(HELD, begun=NOW)
    limit = NOW + PATIENCE.command_seconds
    assert compare_with_time(book, limit, PATIENCE) == []
    found = compare_with_time(book, limit + 1, PATIENCE)
    assert [(one.kind, one.ours) for one in found] == [(Kind.COMMAND_UNDER_WAY_FOR_LONG, NOW)]


def test_an_outcome_is_unknown_for_long() -> None:
    book = book_of(in_status(Status.PROCESSING), events=[EventSeen("evt_1", "payment_intent.processing", "pi", NOW)])
    limit = NOW + PATIENCE.unknown_seconds
    assert compare_with_time(book, limit, PATIENCE) == []
    assert [one.kind for one in compare_with_time(book, limit + 1, PATIENCE)] == [Kind.OUTCOME_UNKNOWN_FOR_LONG]


def test_news_do_not_come() -> None:
    book = book_of(after(HELD, Capture(), Accepted(reference="mod_1"), NOW))
    limit = NOW + PATIENCE.news_seconds
    assert compare_with_time(book, limit, PATIENCE) == []
    found = compare_with_time(book, limit + 1, PATIENCE)
    assert [(one.kind, one.ours) for one in found] == [(Kind.OUTCOME_UNKNOWN_FOR_LONG, NOW)]


def test_since_when() -> None:
    refund = Refund(key="k", authorization="a", amount=1, created=5)
    question = AskSettlement(key="k", authorization="a", at=6)
    pending = {5: refund, 6: question, None: None}
    for since, effect in pending.items():
        assert unknown_since(book_of(replace(HELD, pending=effect))) == since
        asked = replace(HELD, pending=effect, asked_at=4 if effect else None)
        assert unknown_since(book_of(asked)) == (4 if effect else None), "as the record says, where it does"
