"""A worker, as a model: it builds the workflow from history, runs local activities, and completes its task.

A `Session` is one worker's work on one task. When the task is given to another (its time was up, the worker was frozen,
the server died), the session goes on as a zombie: its code cannot know, its activities go on asking, and only the
completion is refused. Local activities are retried inside the session, as Temporal's core does it.
"""

from dataclasses import dataclass, replace

from temporalio.exceptions import ApplicationError

from tests.explore import sdk
from tests.explore.code import ActivityCode, Call, Done, Question, Reply
from tests.explore.sdk import Activation, Answered, AskActivity, CancelActivity, Command, Log, WorkflowCode
from tests.explore.server import Run, Scheduled, task
from tests.explore.values import hashed_once


@dataclass(frozen=True, slots=True)
class Local:
    """A local activity that is running: the `attempt`-th try."""

    asked: AskActivity
    call: Call
    attempt: int = 1


@dataclass(frozen=True)
class Session:
    """`log` is what its workflow was told; the first `replayed` of it were history when the task was taken.

    `commands` are to be completed with the task. `events` and `updates` are what it has taken of its run's; `given_up`
    are local activities that its workflow has canceled, and that may have asked for something.
    """

    run: int
    log: Log
    replayed: int
    events: int
    updates: frozenset[str]
    commands: tuple[tuple[int, Command], ...] = ()
    local: tuple[Local, ...] = ()
    zombie: bool = False
    given_up: tuple[Call, ...] = ()

    __hash__ = hashed_once

    @property
    def failed(self) -> str:
        """Why the task has failed, if it has."""
        return next((c.message for _, c in self.commands if isinstance(c, sdk.TaskFailed)), "")

    @property
    def rejected(self) -> frozenset[str]:
        """Updates that did not pass their validators."""
        accepted = {c.update for _, c in self.commands if isinstance(c, sdk.Accepted)}
        answered = {c.update for _, c in self.commands if isinstance(c, Answered) and c.failure}
        return frozenset((answered - accepted) & self.updates)


@dataclass(frozen=True, slots=True)
class Execution:
    """A regular activity that a worker runs. A zombie's result is of no use."""

    run: int
    scheduled: Scheduled
    call: Call
    zombie: bool = False


class Code:
    """The real code that workers run."""

    def __init__(self, workflow: WorkflowCode, activities: ActivityCode) -> None:
        """Take both halves of it."""
        self.workflow, self.activities = workflow, activities

    def take(self, run: Run, now: int) -> Session:
        """Take the run's task: build the workflow from history, and tell it what is new."""
        session = Session(run.number, run.log, len(run.log), len(run.unseen), frozenset(u.id for u in run.admitted))
        session = replace(session, local=self._unresolved(run.log))
        told = task(run, now)
        return self._tell(session, told) if told else session

    def prolong(self, session: Session, run: Run, now: int) -> Session:
        """Go on with a task of which a part was completed, and hear what is new."""
        session = replace(
            session, commands=(), replayed=len(session.log), events=len(run.unseen),
            updates=frozenset(u.id for u in run.admitted),
        )  # fmt: skip
        told = task(run, now)
        return self._tell(session, told) if told else session

    def waits(self, call: Call) -> Question:
        """What a running activity waits for."""
        question = self.activities.next(call)
        if isinstance(question, Done):
            raise AssertionError("it has ended")
        return question

    def reply(self, session: Session, local: Local, reply: Reply, now: int) -> Session:
        """A port answers a local activity; perhaps it ends with that, and the workflow goes on."""
        call = replace(local.call, replies=(*local.call.replies, reply))
        end = self.activities.next(call)
        if isinstance(end, Done):
            return self._end(session, local, end, now)
        return _in_its_place(session, local, replace(local, call=call))

    def _end(self, session: Session, local: Local, end: Done, now: int) -> Session:
        """A local activity has ended: it is tried again, or the workflow hears of it."""
        asked = local.asked
        tries_left = not asked.attempts_max or local.attempt < asked.attempts_max
        if end.error is not None and _again(end.error, asked) and tries_left:
            return _in_its_place(session, local, replace(_started(asked), attempt=local.attempt + 1))
        told = Activation(now, (job_of(asked.number, end, local=True),), session.log[-1].events + 1)
        return self._tell(_in_its_place(session, local), told)

    def _tell(self, session: Session, told: Activation) -> Session:
        log = (*session.log, told)
        commands = self.workflow.commands(log, session.replayed)
        started = tuple(_started(c) for c in commands if isinstance(c, AskActivity) and c.local)
        kept = tuple((len(log) - 1, c) for c in commands if not (isinstance(c, AskActivity) and c.local))
        after = replace(session, log=log, commands=session.commands + kept, local=session.local + started)
        for local in started:
            end = self.activities.next(local.call)
            if isinstance(end, Done):
                after = self._end(after, local, end, told.now)
        for command in commands:
            if isinstance(command, CancelActivity):
                after = self._give_up(after, command.number, told.now)
        return after

    def _give_up(self, session: Session, number: int, now: int) -> Session:
        """The workflow hears at once that an activity was canceled, unless it has heard how that ended already."""
        if any(sdk.outcome_of(job) == number for activation in session.log for job in activation.jobs):
            return session
        local = next((one for one in session.local if one.asked.number == number), None)
        told = Activation(now, (sdk.canceled(number, local=local is not None),), session.log[-1].events + 1)
        if local is not None:
            given_up = (*session.given_up, local.call)
            session = replace(_in_its_place(session, local), given_up=given_up)
        return self._tell(session, told)

    def _unresolved(self, log: Log) -> tuple[Local, ...]:
        """Local activities that history asked for and has no result of: they are run again, from the start."""
        asked: dict[int, AskActivity] = {}
        for index, activation in enumerate(log):
            for number in filter(None, map(sdk.outcome_of, activation.jobs)):
                asked.pop(number, None)
            commands = self.workflow.commands(log[: index + 1], len(log))
            asked |= {c.number: c for c in commands if isinstance(c, AskActivity) and c.local}
        return tuple(map(_started, asked.values()))


def _in_its_place(session: Session, old: Local, *new: Local) -> Session:
    place = session.local.index(old)
    return replace(session, local=(*session.local[:place], *new, *session.local[place + 1 :]))


def _started(asked: AskActivity) -> Local:
    return Local(asked, Call(asked.name, asked.argument))


def _again(error: ApplicationError, asked: AskActivity) -> bool:
    return not error.non_retryable and error.type not in asked.fatal


def job_of(number: int, end: Done, *, local: bool) -> bytes:
    """The job that tells a workflow how an activity has ended."""
    if end.error is not None:
        return sdk.failed(number, end.error, local=local)
    return sdk.succeeded(number, end.result or b"null", local=local)


def fails_for_good(end: Done, scheduled: Scheduled) -> bool:
    """Whether a regular activity is given up."""
    return end.error is not None and (end.error.non_retryable or end.error.type in scheduled.fatal)
