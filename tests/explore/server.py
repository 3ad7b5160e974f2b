"""Temporal's server, as a model: one payment's runs, what of them is durable, and what is only in memory.

What it promises, and where that comes from (T = temporal-notes, measured; test_server_model.py shows the first four
against the real dev server, and that the model does the same):
- History is durable once a task is completed: it is what a workflow is built from again.
- Signals are durable when they were taken, and delivered in order.
- An admitted update is in memory only. When the server dies, or its shard moves, it is forgotten; its sender's client
  sends it again, in any order (T: 3 of 10 to 7 of 8 intents wrong at 956c385). Accepted ones are durable.
- An update's id is known within its run, also after it has closed; another run does not know it (T).
- A task that is not completed in time is given to another worker with the same events, and what the first one completes
  later is refused. A task may be prolonged while a local activity runs: what was accepted is durable then.
- A run does not close over events it has not seen; updates that were not given out by then are turned away (T).
- Activities run at least once: retried until they succeed, or fail for good. Timers are durable.
"""

from dataclasses import dataclass, replace

from tests.explore import sdk
from tests.explore.sdk import Activation, Answered, Log
from tests.explore.values import hashed_once


@dataclass(frozen=True, slots=True)
class Update:
    """An update that was admitted: in memory, until it is accepted."""

    id: str
    name: str
    argument: bytes


@dataclass(frozen=True, slots=True)
class Timer:
    """Durable; fires at `at` (Unix seconds), `seconds` after it was started."""

    number: int
    at: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A regular activity: durable, and tried until it succeeds or fails for good."""

    number: int
    name: str
    argument: bytes
    fatal: tuple[str, ...]


@dataclass(frozen=True)
class Run:
    """One run of the workflow. `unseen` are durable events that no completed task has seen, as jobs.

    `updates` are the accepted ones with their answers, if they have one. `owed` says that a task is due in any case.
    """

    number: int
    log: Log = ()
    unseen: tuple[bytes, ...] = ()
    admitted: tuple[Update, ...] = ()
    updates: tuple[tuple[str, Answered | None], ...] = ()
    activities: tuple[Scheduled, ...] = ()
    timers: tuple[Timer, ...] = ()
    owed: bool = False
    closed: bool = False
    stopped: str = ""

    __hash__ = hashed_once

    @property
    def wants_a_worker(self) -> bool:
        """Whether there is a task to give out."""
        return not self.closed and not self.stopped and bool(self.unseen or self.admitted or self.owed)

    @property
    def events(self) -> int:
        """About how long its history is: three events a task, and one a job."""
        return 3 * len(self.log) + sum(len(activation.jobs) for activation in self.log)

    def answer(self, update: str) -> Answered | None:
        """What was answered to an update of this run."""
        return dict(self.updates).get(update)

    def knows(self, update: str) -> bool:
        """Whether an update of this id was accepted here."""
        return any(id_ == update for id_, _ in self.updates)

    def signaled(self, name: str, argument: bytes | None) -> "Run":
        """A signal was taken."""
        return replace(self, unseen=(*self.unseen, sdk.signaled(name, argument)))

    def admitting(self, update: Update) -> "Run":
        """An update was taken; one that is here already is the same one."""
        if self.knows(update.id) or any(a.id == update.id for a in self.admitted):
            return self
        return replace(self, admitted=(*self.admitted, update))

    def forgetting(self, kept: frozenset[str] = frozenset()) -> "Run":
        """Its server has died: what was only in memory is gone."""
        return replace(self, admitted=tuple(update for update in self.admitted if update.id in kept))

    def fired(self, timer: Timer) -> "Run":
        """A timer's time has come."""
        rest = tuple(t for t in self.timers if t != timer)
        return replace(self, timers=rest, unseen=(*self.unseen, sdk.fired(timer.number)))

    def without(self, canceled: set[int]) -> "Run":
        """Its workflow waits no more for these activities; what came of them is not told."""
        unseen = tuple(job for job in self.unseen if sdk.outcome_of(job) not in canceled)
        return replace(self, unseen=unseen, activities=tuple(a for a in self.activities if a.number not in canceled))

    def resolved(self, number: int, job: bytes) -> "Run":
        """A regular activity has ended; only the first end counts."""
        rest = tuple(a for a in self.activities if a.number != number)
        if self.closed or len(rest) == len(self.activities):
            return self
        return replace(self, activities=rest, unseen=(*self.unseen, job))


def started(number: int, argument: bytes) -> Run:
    """A new run; `number` tells it from those before."""
    return Run(number, unseen=(sdk.started(argument, f"run-{number}"),))


def task(run: Run, now: int) -> Activation | None:
    """What a worker is told with its task beyond the history; None if it only has to go on."""
    updates = tuple(sdk.updated(u.id, u.name, u.argument, validate=True) for u in run.admitted)
    jobs = run.unseen + updates
    return Activation(now, jobs, run.events + len(jobs)) if jobs else None


def as_history(log: Log, commands: tuple[tuple[int, sdk.Command], ...], rejected: frozenset[str]) -> Log:
    """What of a worker's log becomes history: updates that were turned away leave nothing, patches and flags a mark."""
    kept = []
    patches: dict[int, tuple[str, ...]] = {}
    flags: dict[int, tuple[int, ...]] = {}
    for index, command in commands:
        if isinstance(command, sdk.Patched):
            patches[index] = (*patches.get(index, ()), command.patch)
        if isinstance(command, sdk.Flagged):
            flags[index] = (*flags.get(index, ()), command.flag)
    for index, activation in enumerate(log):
        jobs = tuple(sdk.as_replayed(job) for job in activation.jobs if sdk.update_of(job) not in rejected)
        jobs = tuple(map(sdk.patch_known, patches.get(index, ()))) + jobs
        if jobs:
            kept.append(replace(activation, jobs=jobs, flags=activation.flags + flags.get(index, ())))
    return tuple(kept)
