"""Transitions of a SetupIntent: one batch of facts, with all that must be written about it, and Stripe's events for it.

As machine/transitions.py has it for PaymentIntents: the workflow and the activity compute the same one.
"""

from dataclasses import dataclass
from typing import assert_never

from domain.copies import replace
from domain.machine.announcements import Announcement, announce_mandate
from domain.machine.intents import Machine
from domain.machine.setups.conclusions import conclude
from domain.machine.setups.decisions import SetupDecision, decide
from domain.machine.setups.evolution import evolve
from domain.machine.setups.limits import too_many_open
from domain.machine.setups.table import LATER, TABLE
from domain.machine.transitions import Cause
from domain.model.commands import Command
from domain.model.events import (
    AttributesChanged,
    IntentCanceled,
    MandateAccepted,
    MicrodepositsMismatched,
    OutcomeKnown,
    OutcomeResolved,
    PaymentError,
    PaymentMethodSaved,
    PaymentMethodSelected,
    VerificationRequested,
)
from domain.model.ledger import LedgerEntry, with_entry
from domain.model.outcomes import Outcome, SetUp
from domain.model.setup_events import (
    DebitKept,
    PaymentMethodUnset,
    SetupActionRequired,
    SetupBegun,
    SetupEvent,
    SetupFailed,
    SetupSucceeded,
    SetupUnknown,
)
from domain.model.setup_intent import SetupIntent, deadline, due_command, parkable, remembered
from domain.model.statuses import TERMINAL, Status
from domain.refusals import check

CREATED = Announcement("setup_intent.created", "setup_intent")


NOBODY = Cause()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupTransition:
    """`events` took the intent from `before` to `after` at `now` (Unix seconds); the caller is told `error`, if any.

    `command_id` is empty where no command brought it about: an outcome became known.
    """

    before: SetupIntent
    after: SetupIntent
    events: tuple[SetupEvent, ...]
    now: int
    cause: Cause = NOBODY
    error: PaymentError | None = None
    command_id: str = ""

    @property
    def announcements(self) -> tuple[Announcement, ...]:
        """Stripe's events to write, in order."""
        return tuple(announcement for event in self.events for announcement in _announce(event))

    @property
    def goes_on(self) -> bool:
        """A SetupIntent is tried at one gateway."""
        return False


def _announce(event: SetupEvent) -> tuple[Announcement, ...]:
    match event:
        case SetupActionRequired() | VerificationRequested():
            return (Announcement("setup_intent.requires_action", "setup_intent"),)
        case SetupSucceeded():
            return (Announcement("setup_intent.succeeded", "setup_intent"),)
        case SetupFailed():
            return (Announcement("setup_intent.setup_failed", "setup_intent"),)
        case IntentCanceled():
            return (Announcement("setup_intent.canceled", "setup_intent"),)
        case PaymentMethodSaved():
            return (Announcement("payment_method.attached", "payment_method"),)
        case DebitKept(kept):
            return (Announcement("payment_method.attached", "payment_method"),) if kept.customer is not None else ()
        case MandateAccepted():
            return announce_mandate(event)
        case (
            AttributesChanged()
            | PaymentMethodSelected()
            | PaymentMethodUnset()
            | SetupBegun()
            | MicrodepositsMismatched()
            | SetupUnknown()
            | OutcomeKnown()
            | OutcomeResolved()
        ):
            return ()
        case _ as never:
            assert_never(never)


def carry_out(
    state: SetupIntent, command: Command, decision: SetupDecision, outcome: Outcome | None, now: int
) -> SetupTransition:
    """The command was carried out; `outcome` is the gateway's, None when nothing had to be asked."""
    decided = evolve(state, decision.events, check_table=False)
    events, error = decision.events, decision.error
    if decision.effect is not None and outcome is not None:
        conclusion = conclude(decided, decision.effect, outcome, now)
        events, error = (*events, *conclusion.events), conclusion.error
    return _transition(state, events, now, command, error)


def leave_unknown(
    state: SetupIntent, command: Command, decision: SetupDecision, effect: SetUp, now: int
) -> SetupTransition:
    """The gateway was asked for `effect` and has not answered: the intent is `processing` until it does."""
    return _transition(state, (*decision.events, SetupUnknown(effect)), now, command, None)


def make_known(state: SetupIntent, effect: SetUp, outcome: Outcome, now: int) -> SetupTransition:
    """The gateway answered at last what it had been asked as `state.pending`."""
    conclusion = conclude(state, effect, outcome, now)
    after = next_version(evolve(state, conclusion.events), None)
    _check_cell(LATER.get(state.status, {}).get(effect.operation, ()), state, after, effect.operation)
    return SetupTransition(before=state, after=after, events=conclusion.events, now=now, error=conclusion.error)


def next_version(state: SetupIntent, entry: LedgerEntry | None) -> SetupIntent:
    """The next version, with the command remembered."""
    ledger = with_entry(state.ledger, entry) if entry and entry.command_id else state.ledger
    return replace(state, version=state.version + 1, ledger=ledger)


def _transition(
    state: SetupIntent, events: tuple[SetupEvent, ...], now: int, command: Command, error: PaymentError | None
) -> SetupTransition:
    after = next_version(evolve(state, events), LedgerEntry(command_id=command.command_id, error=error))
    _check_cell(TABLE[state.status][command.name], state, after, command.name)
    cause = Cause(request_id=command.request_id, idempotency_key=command.idempotency_key)
    return SetupTransition(
        before=state, after=after, events=events, now=now, cause=cause, error=error, command_id=command.command_id
    )


def _check_cell(cell: tuple[Status, ...], before: SetupIntent, after: SetupIntent, by: str) -> None:
    check(after.status in cell, f"{by} leads from {before.status} to {after.status}, which its cell does not have")


SETUPS: Machine[SetupIntent, SetUp, SetupDecision, SetupTransition] = Machine(
    decide=decide,
    carry_out=carry_out,
    leave_unknown=leave_unknown,
    make_known=make_known,
    remembered=remembered,
    deadline=deadline,
    due_command=due_command,
    parkable=parkable,
    ended=lambda state: state.status in TERMINAL,
    too_many_open=too_many_open,
)
