"""An intent's record against its workflow, and against time, which should have acted."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, assert_never

from domain.model import payment_intent, setup_intent
from domain.model.outcomes import (
    AnswerDispute,
    AskSettlement,
    Authorize,
    CaptureHold,
    Increment,
    MoveFunds,
    Refund,
    RequestFunds,
    Void,
)
from domain.model.payment_intent import PaymentIntent
from domain.model.setup_intent import SetupIntent
from domain.model.statuses import TERMINAL
from domain.reconciliation.books import Closed, PaymentBook, Running, Silent, WorkflowAnswer
from domain.reconciliation.kinds import Kind
from domain.reconciliation.report import Difference, whose
from domain.reconciliation.setup_book import SetupBook

Book = PaymentBook | SetupBook
State = PaymentIntent | SetupIntent


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long (seconds) something may take until it is a difference.

    A gateway that is away is asked every minute; a command waits for it five seconds, and is unknown then. What time
    does is done within seconds. What a gateway has taken on it tells of within minutes, at some within hours.
    """

    unknown_seconds: int = 3_600
    command_seconds: int = 600
    overdue_seconds: int = 3_600
    news_seconds: int = 86_400


def is_open(book: Book) -> bool:
    """Whether there is something left that a workflow has to do."""
    return book.under_way or not (_ended(book.state) or _parkable(book.state))


def _ended(state: State) -> bool:
    return state.status in TERMINAL if isinstance(state, SetupIntent) else payment_intent.ended(state)


def _parkable(state: State) -> bool:
    return setup_intent.parkable(state) if isinstance(state, SetupIntent) else payment_intent.parkable(state)


def _deadline(state: State) -> int | None:
    return setup_intent.deadline(state) if isinstance(state, SetupIntent) else payment_intent.deadline(state)


def compare(book: Book, answer: WorkflowAnswer) -> list[Difference]:
    """Hold the record against what the workflow says."""
    match answer:
        case Running(state):
            return list(_of_state(book, state))
        case Closed(how):
            return [_of(book, Kind.OPEN_WITHOUT_WORKFLOW, str(book.state.status), how)] if is_open(book) else []
        case Silent(why):
            return [_of(book, Kind.WORKFLOW_SILENT, str(book.state.status), why)]
        case _ as never:
            assert_never(never)


def _of_state(book: Book, state: State) -> Iterator[Difference]:
    ours, theirs = f"version {book.state.version}", f"version {state.version}"
    if state.version > book.state.version:
        yield _of(book, Kind.WORKFLOW_AHEAD, ours, theirs)
    elif state.version < book.state.version:
        yield _of(book, Kind.WORKFLOW_BEHIND, ours, theirs)
    else:
        mine, other = _essence(book.state), _essence(state)
        name = next((name for name in mine if mine[name] != other[name]), None)
        if name is not None:
            yield _of(book, Kind.WORKFLOW_DIFFERS, str(mine[name]), str(other[name]), name)


def _essence(state: State) -> dict[str, Any]:
    """What must be the same in both."""
    return _essence_of_setup(state) if isinstance(state, SetupIntent) else _essence_of_payment(state)


def _essence_of_setup(state: SetupIntent) -> dict[str, Any]:
    """What is set up, for whom, how far it got, and what happens next."""
    attempt, action, method = state.attempt, state.next_action, state.payment_method
    return {
        "status": str(state.status), "attempts": state.attempts, "attempt": attempt.id if attempt else None,
        "attempt_status": attempt.status if attempt else None, "payment_method": method.id if method else None,
        "customer": state.customer, "mandate": state.mandate, "single_use_mandate": state.single_use_mandate,
        "pending": state.pending.key if state.pending else None,
        "next_action": action.authentication if action else None,
    }  # fmt: skip


def _essence_of_payment(state: PaymentIntent) -> dict[str, Any]:
    """The money, and what happens next."""
    charge, action, method = state.charge, state.next_action, state.payment_method
    return {
        "status": str(state.status), "amount": state.amount, "currency": state.currency,
        "amount_received": state.amount_received, "amount_capturable": state.amount_capturable,
        "charge": charge.id if charge else None, "amount_refunded": charge.amount_refunded if charge else 0,
        "dispute": charge.dispute if charge else None,
        "disputed": state.dispute.status if state.dispute else None, "attempts": state.attempts, "funded": state.funded,
        "payment_method": method.id if method else None, "pending": state.pending.key if state.pending else None,
        "accepted": state.accepted.reference if state.accepted else None,
        "next_action": action.authentication if action else None, "canceled_at": state.canceled_at,
    }  # fmt: skip


def compare_with_time(book: Book, now: int, patience: Patience) -> list[Difference]:
    """What should have been done by `now` (Unix seconds): since when it has not, and how many seconds it may take.

    A payment's own clock may be ahead; then nothing is late.
    """
    unknown, begun, due = unknown_since(book), book.begun, _deadline(book.state)
    taken_on = _taken_on(book.state)
    if unknown is not None and now - unknown > patience.unknown_seconds:
        return [_of(book, Kind.OUTCOME_UNKNOWN_FOR_LONG, unknown, patience.unknown_seconds)]
    if taken_on is not None and now - taken_on > patience.news_seconds:
        return [_of(book, Kind.OUTCOME_UNKNOWN_FOR_LONG, taken_on, patience.news_seconds)]
    if begun is not None and now - begun > patience.command_seconds:
        return [_of(book, Kind.COMMAND_UNDER_WAY_FOR_LONG, begun, patience.command_seconds)]
    if not book.under_way and due is not None and now - due > patience.overdue_seconds:
        return [_of(book, Kind.OVERDUE, due, patience.overdue_seconds)]
    return []


def _taken_on(state: State) -> int | None:
    """Since when a gateway has something that it has not told the end of."""
    accepted = None if isinstance(state, SetupIntent) else state.accepted
    return accepted.at if accepted else None


def unknown_since(book: Book) -> int | None:
    """When the outcome that is not known was asked for, as far as the record says: it, or what was done last, tells."""
    if isinstance(book, SetupBook):
        return book.owed_since if book.state.pending else None
    if book.state.pending is not None and book.state.asked_at is not None:
        return book.state.asked_at
    match book.state.pending:
        case None:
            return None
        case Refund(created=created):
            return created
        case AskSettlement(at=at):
            return at
        case Authorize() | CaptureHold() | Void() | Increment() | RequestFunds() | MoveFunds() | AnswerDispute():
            return max((event.created for event in book.events), default=book.state.created)


def without_record(id_: str, state: State) -> Difference:
    """A workflow runs, and there is nothing here of its intent."""
    told = f"version {state.version}, {state.status}"
    return Difference(kind=Kind.WORKFLOW_WITHOUT_RECORD, id=id_, ours="none", theirs=told, **whose(id_))


def silent(id_: str, why: str) -> Difference:
    """A workflow runs, without a record, and does not say of what."""
    return Difference(kind=Kind.WORKFLOW_SILENT, id=id_, ours="none", theirs=why, **whose(id_))


def _of(book: Book, kind: Kind, ours: int | str, theirs: int | str, detail: str = "") -> Difference:
    return Difference(kind=kind, id=book.id, ours=ours, theirs=theirs, detail=detail, **whose(book.id))
