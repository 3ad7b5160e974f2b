"""Transitions: one batch of facts, from the state before to the state after, with all that must be written about it.

The workflow and the activity both compute the transition from the same (state, decision, outcome, now), so that it need
not travel between them. Each is checked here against its own cell: of `TABLE` by its command, or of `LATER`.
"""

from dataclasses import dataclass

from domain.machine.announcements import Announcement, announcements
from domain.machine.conclusions import conclude
from domain.machine.decisions import Decision
from domain.machine.evolution import evolve, next_version
from domain.machine.next_try import with_command
from domain.machine.table import LATER, TABLE
from domain.model.commands import CheckSettlement, Command
from domain.model.events import AttemptMoved, Event, OutcomeUnknown, PaymentError
from domain.model.ledger import LedgerEntry
from domain.model.outcomes import Effect, Outcome
from domain.model.payment_intent import PaymentIntent, outstanding, pending_charge
from domain.model.statuses import Status
from domain.refusals import check


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Which request brought it about; empty for what the gateway or the clock did. Shown on Stripe's events."""

    request_id: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """`events` took the intent from `before` to `after` at `now` (Unix seconds); the caller is told `error`, if any.

    `command_id` is empty where no command brought it about: an outcome became known.
    """

    before: PaymentIntent
    after: PaymentIntent
    events: tuple[Event, ...]
    now: int
    cause: Cause = Cause()
    error: PaymentError | None = None
    command_id: str = ""

    @property
    def announcements(self) -> tuple[Announcement, ...]:
        """Stripe's events to write, in order."""
        return announcements(self.events)

    @property
    def goes_on(self) -> bool:
        """Whether the command is not over: it is to be decided again, on what came of it (next_try.py)."""
        return any(isinstance(event, AttemptMoved) for event in self.events)


def carry_out(
    state: PaymentIntent, command: Command, decision: Decision, outcome: Outcome | None, now: int
) -> Transition:
    """The command was carried out; `outcome` is the gateway's, None when nothing had to be asked."""
    decided = evolve(state, decision.events, check_table=False)
    events, error = decision.events, decision.error
    if decision.effect is not None and outcome is not None:
        conclusion = conclude(decided, decision.effect, outcome, now)
        events, error = (*events, *conclusion.events), conclusion.error
    return _transition(state, events, now, command, error)


def leave_unknown(state: PaymentIntent, command: Command, decision: Decision, effect: Effect, now: int) -> Transition:
    """The gateway was asked for `effect` and has not answered: the intent is `processing` until it does."""
    return _transition(state, (*decision.events, OutcomeUnknown(effect, now)), now, command, None)


def make_known(state: PaymentIntent, effect: Effect, outcome: Outcome, now: int) -> Transition:
    """The gateway answered at last what it had been asked as `state.pending`."""
    conclusion = conclude(state, effect, outcome, now)
    after = next_version(evolve(state, conclusion.events), None)
    _check_cell(LATER.get(state.status, {}).get(effect.operation, ()), state, after, effect.operation)
    return Transition(before=state, after=after, events=conclusion.events, now=now, error=conclusion.error)


def _transition(
    state: PaymentIntent, events: tuple[Event, ...], now: int, command: Command, error: PaymentError | None
) -> Transition:
    events = with_command(events, command)
    evolved = evolve(state, events)
    # A notification that comes before there is an answer is sent again, in the same words: it asks again.
    waiting = pending_charge(evolved) is not None or outstanding(evolved) is not None
    too_early = state.rules > 0 and isinstance(command, CheckSettlement) and waiting
    # One that has moved on to the next gateway is not over.
    unfinished = too_early or any(isinstance(event, AttemptMoved) for event in events)
    after = next_version(evolved, None if unfinished else LedgerEntry(command_id=command.command_id, error=error))
    _check_cell(TABLE[state.status][command.name], state, after, command.name)
    cause = Cause(request_id=command.request_id, idempotency_key=command.idempotency_key)
    return Transition(
        before=state, after=after, events=events, now=now, cause=cause, error=error, command_id=command.command_id
    )


def _check_cell(cell: tuple[Status, ...], before: PaymentIntent, after: PaymentIntent, by: str) -> None:
    check(after.status in cell, f"{by} leads from {before.status} to {after.status}, which its cell does not have")
