"""What travels through Temporal and stays in history: start input, commands' results, activities' arguments.

Additive changes only: a new field has a default, which never changes; a field is never renamed or removed; unknown
fields are ignored (so an older worker reads a newer payload). The commands are domain/model/commands.py, the state is
domain/model/payment_intent.py.
"""

from dataclasses import dataclass

from contracts.states import State
from domain.copies import replace
from domain.model.commands import Command
from domain.model.events import PaymentError
from domain.model.outcomes import Effect, Outcome
from domain.model.payment_intent import RULES, PaymentIntent
from domain.refusals import Refusal

HISTORY_EVENTS_MAX = 4_000
"""Continue as new above this, if the server has not suggested it before (it does at about 4,000 events)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentIntentStart:
    """Start input, for a fresh intent, a continued one and a revived one alike: the state is all there is."""

    intent: State
    history_events_max: int = HISTORY_EVENTS_MAX


def start_of(intent: PaymentIntent, history_events_max: int = HISTORY_EVENTS_MAX) -> PaymentIntentStart:
    """How a new run of an intent is started: by today's rules, whichever it has gone by."""
    return PaymentIntentStart(intent=replace(intent, rules=RULES), history_events_max=history_events_max)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult:
    """Answer to a command that was carried out: the intent as it is now, and the decline to report, if any.

    `asked_ms` is how long others (the gateway) took for it; the rest of the time that it took is ours.
    """

    intent: State
    error: PaymentError | None = None
    asked_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Details of the ApplicationError that a refused command fails with.

    `intent` is None where it is large (domain/machine/limits.py): who sent the command has the record.
    """

    refusal: Refusal
    intent: State | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Carry out `command` on `intent` at `now` (Unix seconds): ask the gateway if it takes that, and record it."""

    intent: State
    command: Command
    now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkResult:
    """What came of it: the gateway's outcome (None when the command took none), decided at `now` if not at the work's.

    Or nothing came of it: `latest` is what the record says instead, and the workflow takes that and decides again; or
    `refusal` says why the command cannot be stored, or that it came too late. `asked_ms` is as in `CommandResult`. An
    effect that was asked about is `held_back` if its gateway may not be asked now.
    """

    outcome: Outcome | None = None
    now: int | None = None
    latest: State | None = None
    refusal: Refusal | None = None
    asked_ms: int = 0
    held_back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to ask the gateway until it answers, or does not keep the key any more that was first used `asked_at`."""

    effect: Effect
    asked_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Record a transition of `intent`. It is computed again from these, not sent.

    With `command`, the gateway left `effect` unanswered; without, `outcome` is its late answer to `effect`.
    """

    intent: State
    effect: Effect
    now: int
    command: Command | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recollection:
    """Which intent to read back from the record. `intent` is what its workflow knows, should the record know less."""

    id: str
    intent: State | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryStart:
    """Deliver `event` to `endpoint`, until it is taken or `give_up_at` (Unix seconds; None: three days from now)."""

    event: str
    endpoint: str
    attempts: int = 0
    give_up_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAttempt:
    """Try once. `last` says that nothing follows if it fails; `due` (Unix seconds) is when the next try would be."""

    event: str
    endpoint: str
    number: int
    due: int
    last: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResult:
    """What came of a try: delivered, failed, postponed (not tried: the endpoint is busy), or canceled (it is gone)."""

    state: str
    detail: str = ""
