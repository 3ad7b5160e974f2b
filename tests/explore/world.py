"""The world at one moment: every part, what is under way between them, and what may still go wrong. A value.

Nothing here is ever changed: a `Step` leads from one world to the next, so that a world can be remembered, compared,
and gone on from in every direction.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from domain.machine.fence import Recorded
from domain.machine.housekeeping import Known
from tests.explore.clients import Client
from tests.explore.code import STORE, Question
from tests.explore.gateway import Book
from tests.explore.server import Run
from tests.explore.store import Store
from tests.explore.values import Value, hashed_once
from tests.explore.worker import Code, Execution, Session

WORKER_DIES = "the worker dies"
WORKER_FREEZES = "the worker freezes"
SERVER_DIES = "Temporal dies"
SHARD_MOVES = "Temporal's shard moves"
STORE_SILENT = "the record store falls silent"
STORE_REFUSES = "the record store refuses"
GATEWAY_SILENT = "the gateway falls silent"
ANSWER_LOST = "an answer is lost"
PROLONGED = "a task is prolonged"
TIME = "half a minute passes"

LOST_DATABASE = "Temporal's database is lost"
"""No fault that may come at any time, but a happening of scenarios that are about it."""

KINDS = (WORKER_DIES, WORKER_FREEZES, SERVER_DIES, SHARD_MOVES, STORE_SILENT, STORE_REFUSES, GATEWAY_SILENT,
         ANSWER_LOST, PROLONGED, TIME)  # fmt: skip
"""Every kind of fault."""


@dataclass(frozen=True)
class World:
    """`now` is Unix seconds. `late` are questions whose askers have given up, and which may still be taken.

    `silent` are the parts that do not answer now; `faults` is how much more may go wrong; `happened` are the scenario's
    own happenings that have been; `sweeps` counts how often housekeeping had something to do.
    """

    now: int
    store: Store
    book: Book
    run: Run | None = None
    runs: int = 0
    sessions: tuple[Session, ...] = ()
    executions: tuple[Execution, ...] = ()
    clients: tuple[Client, ...] = ()
    late: frozenset[Question] = frozenset()
    silent: frozenset[str] = frozenset()
    faults: int = 0
    happened: frozenset[str] = frozenset()
    sweeps: int = 0

    __hash__ = hashed_once

    def change(self, **parts: object) -> "World":
        """The world with these parts as they are now; what is late, and would be of no effect, is forgotten."""
        changed = self._with(**parts)
        if changed.late and (changed.store is not self.store or changed.book is not self.book or "late" in parts):
            left = frozenset(question for question in changed.late if changed.would_act(question))
            return changed._with(late=left) if len(left) != len(changed.late) else changed
        return changed

    def _with(self, **parts: object) -> "World":
        """As `dataclasses.replace`, in a third of its time."""
        changed = object.__new__(World)
        changed.__dict__.update(self.__dict__, **parts)
        changed.__dict__.pop("_hash", None)
        return changed

    def asked(self, question: Question) -> "tuple[World, Value]":
        """A part acts on a question, and answers."""
        if question.part == STORE:
            store, told = asked(self.store, question)
            return self if store is self.store else self.change(store=store), told
        book, told = asked(self.book, question)
        return self if book is self.book else self.change(book=book), told

    def would_act(self, question: Question) -> bool:
        """Whether a part would be another after acting on it."""
        part = self.store if question.part == STORE else self.book
        return asked(part, question)[0] is not part

    @property
    def record(self) -> Recorded[Any] | None:
        """What the record says."""
        return self.store.record

    @property
    def intent(self) -> Known | None:
        """The recorded intent."""
        return self.record.intent if self.record else None

    @property
    def open_run(self) -> Run | None:
        """The run, if it has not closed."""
        return self.run if self.run is not None and not self.run.closed else None

    def with_session(self, old: Session, *new: Session) -> "World":
        """With one session replaced, or ended."""
        return self.change(sessions=_with(self.sessions, old, new))

    def with_execution(self, old: Execution, *new: Execution) -> "World":
        """With one execution replaced, or ended."""
        return self.change(executions=_with(self.executions, old, new))

    def with_client(self, old: Client, new: Client) -> "World":
        """With one client as it is now."""
        return self.change(clients=tuple(new if client.name == old.name else client for client in self.clients))


T = TypeVar("T")
P = TypeVar("P", Store, Book)


def _with(all_: tuple[T, ...], old: T, new: tuple[T, ...]) -> tuple[T, ...]:
    """In the old one's place, so that the order in which things happened elsewhere makes no other world."""
    place = next(index for index, one in enumerate(all_) if one is old)
    return (*all_[:place], *new, *all_[place + 1 :])


@cache
def asked(part: P, question: Question) -> tuple[P, Value]:
    """The part after acting on a question (itself, if it is as before), and its answer; both are remembered."""
    after, told = part.ask(question)
    return (part if after == part else after), told


@dataclass(frozen=True, slots=True)
class Step:
    """What happens, in words, and the world afterwards.

    `fault` says that it costs one of the world's faults, `late` that nobody waits for it, and it may as well never be.
    """

    words: str
    world: World
    fault: bool = False
    late: bool = False


Happening = Callable[[World], Iterator[Step]]
"""Something of a scenario's own: a buyer authenticates, seven days pass, a backup is restored."""


@dataclass(frozen=True)
class Rules:
    """What stays the same in all worlds of a walk: the code that workers run, and how the parts behave.

    `setups` is the code of SetupIntents, which walks take that are about one (scenarios.py), `later` that of payments
    at a gateway which answers later (later.py).

    `revives`, `sweeps` and `creates_at_once` are what the API's notifications, housekeeping and creates do; variants.py
    has worlds without. `restored` is set where the records are changed under our feet: then a payment may be stopped
    for a human, and what was lost stays lost, but nothing that was taken is ever called released.
    """

    code: Code
    kinds: frozenset[str]
    happenings: tuple[Happening, ...] = ()
    revives: bool = True
    sweeps: bool = True
    creates_at_once: bool = False
    setups: Code | None = None
    later: Code | None = None
    restored: bool = False
