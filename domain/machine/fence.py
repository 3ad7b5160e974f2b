"""The fence: no gateway is asked, and no fact is recorded, by a workflow that is behind its record.

Temporal runs activities at least once, and forgets an update that it had only admitted when its history service
restarts; what it forgot comes back in any order. A worker that was frozen goes on where it stood. So the record decides
who may act: before a gateway is asked, the command is written beside the recorded state, by compare-and-set on the
state's version (`claim`); the facts are written by compare-and-set as well (`write`). Whoever does not get the record
takes what it says instead and decides again. A claim is never dropped: whoever finds another command's finishes that
one first, under the same gateway key.

Pure. These are the rules, for every kind of intent; records/fence.py has them in SQL, and a test holds the two
together.
"""

from dataclasses import dataclass
from typing import Generic

from domain.copies import replace
from domain.machine.intents import S, Step
from domain.model.commands import Command, is_late
from domain.model.outcomes import AskSettlement, Effect, MoveFunds, SetUp


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """A command that is being carried out on the recorded version, decided at `now` (Unix seconds)."""

    command: Command
    now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded(Generic[S]):
    """What a record says: the state, and the command that is being carried out on it, if any."""

    intent: S
    under_way: UnderWay | None = None

    def is_begun(self, intent: S) -> bool:
        """Whether anything was begun on `intent`: a command on this version, or one that has led to another version."""
        return self.under_way is not None or self.intent.version != intent.version


@dataclass(frozen=True, slots=True)
class Taken:
    """The record has it. `now` is when the command was decided: earlier than asked, if it was claimed before."""

    now: int


@dataclass(frozen=True, slots=True)
class Elsewhere(Generic[S]):
    """Nothing was written: the record says something else (None: there is no record)."""

    recorded: Recorded[S] | None

    def is_behind(self, intent: S) -> bool:
        """Whether the record knows less than `intent`: it was restored from an older copy, or lost."""
        return self.recorded is None or self.recorded.intent.version < intent.version


@dataclass(frozen=True, slots=True)
class TooLate:
    """Nothing was written: nobody waits for the command any more, and it was not begun before."""


Answer = Taken | Elsewhere[S] | TooLate


def claim(record: Recorded[S] | None, intent: S, asked: UnderWay, clock: int = 0) -> Answer[S]:
    """Whether `asked` may be carried out on `intent`; if so, the record says from now on that it is under way.

    `clock` is the record store's own (Unix seconds): a statement that was frozen on its way must not begin anything
    when it goes on.
    """
    if record is None or record.intent.version != intent.version:
        return Elsewhere(record)
    if record.under_way is None:
        return TooLate() if is_late(asked.command, clock) else Taken(asked.now)
    return (
        Taken(record.under_way.now) if is_same_command(record.under_way.command, asked.command) else Elsewhere(record)
    )


def write(record: Recorded[S] | None, transition: Step[S]) -> Answer[S]:
    """Whether the transition may be recorded; if so, nothing is under way any more."""
    if record is None or record.intent.version != transition.before.version:
        return Elsewhere(record)
    if record.under_way is not None and record.under_way.command.command_id != transition.command_id:
        return Elsewhere(record)
    return Taken(transition.now)


def is_same_command(one: Command, other: Command) -> bool:
    """Whether it is the same command sent again; what its sender had seen, and until when they wait, does not matter.

    A repetition that differs in anything else (a method tokenized anew) is not carried out: the first one is.
    """
    return replace(one, seen_version=0, not_after=0) == replace(other, seen_version=0, not_after=0)


def is_claimed(effect: Effect | SetUp | None) -> bool:
    """Whether a command with this effect is claimed before it is carried out: unless it only asks, or moves nothing."""
    if effect is None or isinstance(effect, AskSettlement):
        return False
    return not (isinstance(effect, MoveFunds) and effect.operation == "ask_funds")
