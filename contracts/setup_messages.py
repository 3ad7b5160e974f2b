"""What travels through Temporal for SetupIntents, as messages.py has it for PaymentIntents, and by the same rules."""

from dataclasses import dataclass

from contracts.messages import HISTORY_EVENTS_MAX
from contracts.states import SetupState
from domain.copies import replace
from domain.model.commands import Command
from domain.model.events import PaymentError
from domain.model.outcomes import Outcome, SetUp
from domain.model.setup_intent import SETUP_RULES, SetupIntent
from domain.refusals import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupIntentStart:
    """Start input, for a fresh intent, a continued one and a revived one alike: the state is all there is."""

    intent: SetupState
    history_events_max: int = HISTORY_EVENTS_MAX


def setup_start_of(intent: SetupIntent, history_events_max: int = HISTORY_EVENTS_MAX) -> SetupIntentStart:
    """How a new run of an intent is started: by today's rules, whichever it has gone by."""
    return SetupIntentStart(intent=replace(intent, rules=SETUP_RULES), history_events_max=history_events_max)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupResult:
    """Answer to a command that was carried out, as `CommandResult`."""

    intent: SetupState
    error: PaymentError | None = None
    asked_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupRefused:
    """Details of the ApplicationError that a refused command fails with, as `Refused`."""

    refusal: Refusal
    intent: SetupState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupWork:
    """Carry out `command` on `intent` at `now` (Unix seconds): ask the gateway if it takes that, and record it."""

    intent: SetupState
    command: Command
    now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupWorkResult:
    """What came of it, as `WorkResult`."""

    outcome: Outcome | None = None
    now: int | None = None
    latest: SetupState | None = None
    refusal: Refusal | None = None
    asked_ms: int = 0
    held_back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupQuestion:
    """What to ask the gateway until it answers."""

    effect: SetUp


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupRecording:
    """Record a transition of `intent`, as `Recording`."""

    intent: SetupState
    effect: SetUp
    now: int
    command: Command | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupRecollection:
    """Which intent to read back from the record, as `Recollection`."""

    id: str
    intent: SetupState | None = None
