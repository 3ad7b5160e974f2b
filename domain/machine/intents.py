"""What every kind of intent has in common: an id, a version, a status, and a machine of pure functions that moves it.

The fence, the activities, the workflows and the engine know an intent by this alone; so PaymentIntents and SetupIntents
are carried out, claimed, recorded and revived by the same code. No rule of either kind lives here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from domain.model.commands import Command
from domain.model.ledger import LedgerEntry
from domain.model.outcomes import Effect, Outcome, SetUp
from domain.model.statuses import Status
from domain.refusals import Refusal


class Intent(Protocol):
    """The state of one intent. Immutable; a transition makes the next version."""

    @property
    def id(self) -> str:
        """`pi_…` or `seti_…`; the workflow's id as well."""
        ...

    @property
    def created(self) -> int:
        """When, Unix seconds."""
        ...

    @property
    def version(self) -> int:
        """How many batches of facts were applied."""
        ...

    @property
    def status(self) -> Status:
        """Where it is."""
        ...

    @property
    def rules(self) -> int:
        """Which generation of rules it goes by; 0 for runs of before the fence."""
        ...

    @property
    def pending(self) -> Any | None:
        """The effect whose outcome is not known."""
        ...


S = TypeVar("S", bound=Intent)
S_co = TypeVar("S_co", bound=Intent, covariant=True)


class Step(Protocol[S_co]):
    """A transition: one batch of facts."""

    @property
    def before(self) -> S_co:
        """The state that it was decided on."""
        ...

    @property
    def after(self) -> S_co:
        """The state that it led to."""
        ...

    @property
    def now(self) -> int:
        """When, Unix seconds."""
        ...

    @property
    def command_id(self) -> str:
        """Which command brought it about; empty if none did."""
        ...

    @property
    def error(self) -> Any | None:
        """What its caller is told."""
        ...

    @property
    def announcements(self) -> Sequence[Any]:
        """Stripe's events to write, in order."""
        ...

    @property
    def goes_on(self) -> bool:
        """Whether its command is not over, and is to be decided again on the state that it led to."""
        ...


class Decided(Protocol):
    """A legal command: what holds at once, and what is asked of somebody."""

    @property
    def events(self) -> Sequence[Any]:
        """Facts that hold at once."""
        ...

    @property
    def effect(self) -> Any | None:
        """What the gateway is to do, if anything."""
        ...


E = TypeVar("E", bound=Effect | SetUp)
D = TypeVar("D", bound=Decided)
T = TypeVar("T", bound=Step[Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine(Generic[S, E, D, T]):
    """The pure functions of one kind of intent: state S, effects E, decisions D, transitions T. Times: Unix seconds.

    `decide` says whether a command is legal and what it takes; `carry_out`, `leave_unknown` and `make_known` make
    the transition of what came of it. `remembered` looks a command up in the ledger, `deadline` is when time acts by
    itself and `due_command` what it then does, and `parkable` says that nothing happens to an intent by itself.
    `ended` says that nothing more comes of it: its run ends, unless an outcome is unknown.
    `too_many_open` says that a command had better come again: with those that wait, it is too much to answer at once.
    """

    decide: Callable[[S, Command, int], D | Refusal]
    carry_out: Callable[[S, Command, D, Outcome | None, int], T]
    leave_unknown: Callable[[S, Command, D, E, int], T]
    make_known: Callable[[S, E, Outcome, int], T]
    remembered: Callable[[S, str], LedgerEntry | None]
    deadline: Callable[[S], int | None]
    due_command: Callable[[S], Command | None]
    parkable: Callable[[S], bool]
    ended: Callable[[S], bool]
    too_many_open: Callable[[S, Sequence[Command], Command], bool]
