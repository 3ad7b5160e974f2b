"""What the records and the gateway have of a SetupIntent after some transitions, if they have it right."""

from collections.abc import Sequence
from dataclasses import replace

from domain.machine.setups.transitions import CREATED, SetupTransition
from domain.model.events import MandateAccepted
from domain.model.setup_events import SetupSucceeded
from domain.model.setup_intent import ABANDONED, OPEN_ATTEMPT, SetupAttempt, SetupIntent
from domain.reconciliation.books import EventSeen, MethodSetUp
from domain.reconciliation.setup_book import AttemptRow, MethodRow, SetupBook, SetupRow


def attempt_row(attempt: SetupAttempt) -> AttemptRow:
    """An attempt as it is written."""
    return AttemptRow(id=attempt.id, status=attempt.status, attempt=attempt)


def setup_row(state: SetupIntent) -> SetupRow:
    """The columns of its row."""
    method = state.payment_method
    return SetupRow(
        version=state.version, status=str(state.status), customer=state.customer,
        payment_method=method.id if method else None, attach_to_self=bool(state.attach_to_self),
    )  # fmt: skip


def setup_book(first: SetupIntent, steps: Sequence[SetupTransition]) -> SetupBook:
    """All that the records have once `steps` have led on from `first`."""
    state = steps[-1].after if steps else first
    told = [CREATED.type, *(one.type for step in steps for one in step.announcements)]
    book = SetupBook(id=state.id, row=setup_row(state), state=state)
    book.events = [
        EventSeen(f"evt_{number}", type_, state.id)
        for number, type_ in enumerate(told)
        if type_.startswith("setup_intent.")
    ]
    book.attempts = attempts_of(steps)
    book.mandates = {event.mandate.id for step in steps for event in step.events if isinstance(event, MandateAccepted)}
    book.methods = {id_: MethodRow(customer=state.customer, consumed=False) for id_ in book.kept}
    return book


def attempts_of(steps: Sequence[SetupTransition]) -> list[AttemptRow]:
    """Each attempt as it stood last; one that another has taken the place of waits no longer."""
    seen: dict[str, SetupAttempt] = {}
    for step in steps:
        if step.after.attempt is not None:
            seen[step.after.attempt.id] = step.after.attempt
    latest = next(reversed(seen), None)
    return [
        attempt_row(replace(attempt, status=ABANDONED) if id_ != latest and attempt.status in OPEN_ATTEMPT else attempt)
        for id_, attempt in seen.items()
    ]


def gateway_of(steps: Sequence[SetupTransition]) -> list[MethodSetUp]:
    """What the gateway has set up on the way."""
    found = []
    for step in steps:
        attempt, method = step.after.attempt, step.after.payment_method
        if any(isinstance(event, SetupSucceeded) for event in step.events) and attempt and method:
            found.append(MethodSetUp(attempt=attempt.id, token=method.token))
    return found
