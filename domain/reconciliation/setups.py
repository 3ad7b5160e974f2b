"""A SetupIntent's record against what hangs on it, and against what the gateway has set up.

It moves no money: what counts is that its bank has said yes exactly where it succeeded, once, and that what was set up
is its customer's then.
"""

from collections.abc import Iterator, Sequence
from typing import assert_never

from domain.identifiers import setup_attempt_id
from domain.model.setup_intent import ABANDONED, DONE, FAILED, OPEN_ATTEMPT, SetupAttempt, SetupIntent
from domain.model.statuses import Status
from domain.reconciliation import facts
from domain.reconciliation.books import MethodSetUp
from domain.reconciliation.kinds import Kind
from domain.reconciliation.report import Difference, whose
from domain.reconciliation.setup_book import AttemptRow, SetupBook


def compare(book: SetupBook) -> list[Difference]:
    """Hold the record of one SetupIntent against its rows and its events."""
    return [
        *_of_itself(book),
        *_of_attempts(book),
        *_of_methods(book),
        *_of_mandates(book),
        *facts.compare_events(book.id, book.events, expected(book)),
    ]


def _of_itself(book: SetupBook) -> Iterator[Difference]:
    state, row = book.state, book.row
    method = state.payment_method
    pairs: list[tuple[str, int | str, int | str]] = [
        ("version", state.version, row.version),
        ("status", str(state.status), row.status),
        ("customer", state.customer or "none", row.customer or "none"),
        ("payment_method", method.id if method else "none", row.payment_method or "none"),
        ("attach_to_self", bool(state.attach_to_self), row.attach_to_self),
    ]
    for detail, ours, theirs in pairs:
        if ours != theirs:
            yield _of(book, Kind.RECORD_CONTRADICTS_ITSELF, book.id, ours, theirs, detail)
    if not status_can_be(state):
        yield _of(book, Kind.STATUS_DIFFERS_FROM_ATTEMPT, book.id, str(state.status), _described(state.attempt))


def _described(attempt: SetupAttempt | None) -> str:
    return f"{attempt.id} {attempt.status}" if attempt else "none"


def status_can_be(state: SetupIntent) -> bool:
    """Whether the latest attempt fits the status."""
    stands = state.attempt.status if state.attempt else None
    match state.status:
        case Status.SUCCEEDED:
            return stands == DONE
        case Status.PROCESSING:
            return stands in OPEN_ATTEMPT and state.pending is not None
        case Status.REQUIRES_ACTION:
            return stands in OPEN_ATTEMPT and state.next_action is not None
        case Status.REQUIRES_PAYMENT_METHOD | Status.REQUIRES_CONFIRMATION | Status.CANCELED:
            return stands in (None, FAILED, ABANDONED)
        case Status.REQUIRES_CAPTURE:
            return False
        case _ as never:
            assert_never(never)


def _of_attempts(book: SetupBook) -> Iterator[Difference]:
    """Each confirmation that reached the gateway is a row, and the latest is as the state has it."""
    state, rows = book.state, {row.id: row for row in book.attempts}
    made = [setup_attempt_id(state.id, number) for number in range(1, state.attempts + 1)]
    for id_ in made:
        if id_ not in rows:
            yield _of(book, Kind.ATTEMPT_MISSING, id_, "tried", "none")
    for id_ in sorted(rows.keys() - set(made)):
        yield _of(book, Kind.ATTEMPT_UNKNOWN, id_, "none", rows[id_].status)
    for id_ in made:
        if id_ in rows and (found := _attempt_difference(book, rows[id_], state.attempt)) is not None:
            yield found
    successes = sorted(row.id for row in book.attempts if row.status == DONE)
    if len(successes) > 1:
        yield _of(book, Kind.SECOND_SUCCESS, book.id, 1, ", ".join(successes))


def _attempt_difference(book: SetupBook, row: AttemptRow, latest: SetupAttempt | None) -> Difference | None:
    """How a row stands otherwise than the state says; one that is not the latest has ended, and without a success."""
    if latest is not None and latest.id == row.id:
        said = latest.status
    else:
        said = ABANDONED if row.attempt.status in OPEN_ATTEMPT else row.attempt.status
    for stands in (row.status, row.attempt.status):
        if stands != said:
            return _of(book, Kind.ATTEMPT_DIFFERS, row.id, said, stands, "status")
    return None


def _of_methods(book: SetupBook) -> Iterator[Difference]:
    """What was set up for a customer is theirs, until somebody detaches it, or they are gone."""
    for id_ in book.kept:
        row = book.methods.get(id_)
        if row is None:
            yield _of(book, Kind.METHOD_NOT_KEPT, id_, str(book.state.customer), "no such method")
            continue
        let_go = row.customer is None and (row.consumed or book.customer_gone)
        if row.customer != book.state.customer and not let_go:
            yield _of(book, Kind.METHOD_NOT_KEPT, id_, str(book.state.customer), row.customer or "nobody")


def _of_mandates(book: SetupBook) -> Iterator[Difference]:
    for id_ in sorted(book.named_mandates - book.mandates):
        yield _of(book, Kind.MANDATE_MISSING, id_, "named", "none")


def expected(book: SetupBook) -> facts.Expected:
    """How many events there must be of each type. That a buyer was asked leaves no trace once they have answered."""
    status = book.state.status
    # One that another has taken the place of has ended without an error, and nothing is told of it.
    failed = sum(row.attempt.error is not None for row in book.attempts)
    return {
        ("setup_intent.created", book.id): 1,
        ("setup_intent.succeeded", book.id): int(status == Status.SUCCEEDED),
        ("setup_intent.canceled", book.id): int(status == Status.CANCELED),
        ("setup_intent.setup_failed", book.id): failed,
    }


def compare_with_gateway(book: SetupBook, theirs: Sequence[MethodSetUp], *, whole: bool = True) -> list[Difference]:
    """Hold the record against what gateways have set up for it. What is under way is not compared.

    `whole` says that all of their books were read, so that what is in none of them is missing.
    """
    return [] if book.under_way else list(_of_gateway(book, theirs, whole=whole))


def _of_gateway(book: SetupBook, theirs: Sequence[MethodSetUp], *, whole: bool) -> Iterator[Difference]:
    state = book.state
    done = state.attempt.id if state.attempt is not None and state.status == Status.SUCCEEDED else None
    for one in theirs:
        if one.attempt != done:
            yield _of(book, Kind.SETUP_UNKNOWN_TO_US, one.attempt, str(state.status), "set up")
    ours, method = [one for one in theirs if one.attempt == done], state.payment_method
    if done is not None and whole and not ours:
        yield _of(book, Kind.SETUP_MISSING_AT_GATEWAY, done, "succeeded", "nothing")
    elif len(ours) > 1:
        yield _of(book, Kind.SET_UP_TWICE, str(done), 1, len(ours))
    elif ours and method is not None and ours[0].token not in (method.token, *(method.tokens or {}).values()):
        yield _of(book, Kind.SETUP_METHOD_DIFFERS, str(done), method.id, "another")


def unknown(intent: str, theirs: Sequence[MethodSetUp]) -> list[Difference]:
    """What the gateway has set up for a SetupIntent that is not here."""
    return [
        Difference(kind=Kind.SETUP_UNKNOWN_TO_US, id=one.attempt, ours="none", theirs="set up", setup_intent=intent)
        for one in theirs
    ]


def _of(book: SetupBook, kind: Kind, id_: str, ours: int | str, theirs: int | str, detail: str = "") -> Difference:
    return Difference(kind=kind, id=id_, ours=ours, theirs=theirs, detail=detail, **whose(book.id))
