"""The real workflow as a function of what it was told: everything that is used of the SDK's private parts is here.

`temporalio.worker._workflow_instance` is not public API. It is what Temporal's own worker drives: activations in (a
start, signals, updates, results, timers), commands out. Workflow code is deterministic, so what it commands depends on
the activations it was given and on nothing else; that makes it a pure function, whose answers can be remembered. No
rule of ours or of the server's lives here.
"""

import asyncio
import datetime
import signal
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any

import temporalio.common
import temporalio.converter
import temporalio.worker._workflow_instance as private
import temporalio.workflow
from google.protobuf.duration_pb2 import Duration
from temporalio.api.common.v1 import Payloads
from temporalio.api.failure.v1 import Failure
from temporalio.bridge.proto.workflow_activation import WorkflowActivation, WorkflowActivationJob
from temporalio.exceptions import ApplicationError

from contracts import names
from temporal.client import DATA_CONVERTER

CONVERTER = DATA_CONVERTER.payload_converter
FAILURES = temporalio.converter.DefaultFailureConverter()

ACTIVATION_SECONDS_MAX = 4
"""Of CPU. A real worker gives one that takes two up, and its task is tried again, for ever."""

LIVE_INSTANCES_MAX = 64
"""Workflow instances kept alive to be given one more activation; the others are built again when they are needed."""


@dataclass(frozen=True, slots=True)
class Activation:
    """What a workflow is told at one moment. `jobs` are the SDK's, serialized; `events` is how long its history is.

    `flags` are the SDK's own: which of its later behaviors were used at this moment, as history remembers for replays.
    """

    now: int
    jobs: tuple[bytes, ...]
    events: int = 1
    flags: tuple[int, ...] = ()


Log = tuple[Activation, ...]


@dataclass(frozen=True, slots=True)
class AskActivity:
    """An activity is to run. `attempts_max` 0 is without end; a failure of a type in `fatal` is not retried."""

    number: int
    name: str
    argument: bytes
    local: bool
    attempts_max: int
    fatal: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StartTimer:
    """A timer, to fire in `seconds`."""

    number: int
    seconds: int


@dataclass(frozen=True, slots=True)
class CancelTimer:
    """A timer is of no use any more."""

    number: int


@dataclass(frozen=True, slots=True)
class CancelActivity:
    """Nobody waits for an activity any more."""

    number: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """An update has passed its validator, and will be in history."""

    update: str


@dataclass(frozen=True, slots=True)
class Answered:
    """An update is answered: with a result (a payload), or with a failure."""

    update: str
    result: bytes | None
    failure: bytes | None = None


@dataclass(frozen=True, slots=True)
class Patched:
    """The workflow has taken the new path of a patch; replays are told so."""

    patch: str


@dataclass(frozen=True, slots=True)
class Flagged:
    """The SDK has used one of its later behaviors; replays are told so."""

    flag: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The run is over."""


@dataclass(frozen=True, slots=True)
class ContinuedAsNew:
    """The run is over, and another one goes on with `argument`."""

    argument: bytes


@dataclass(frozen=True, slots=True)
class TaskFailed:
    """Workflow code raised what it may not: the task is given again until the code is mended."""

    message: str


@dataclass(frozen=True, slots=True)
class Said:
    """The answer to a query (a payload)."""

    result: bytes


Command = (
    Said
    | AskActivity
    | StartTimer
    | CancelTimer
    | CancelActivity
    | Accepted
    | Answered
    | Patched
    | Flagged
    | Ended
    | ContinuedAsNew
    | TaskFailed
)


def payload(value: Any) -> bytes:
    """A value as it travels."""
    data: bytes = CONVERTER.to_payloads([value])[0].data
    return data


def content(data: bytes, type_: Any) -> Any:
    """What a payload of ours holds."""
    made = CONVERTER.to_payloads([None])[0]
    made.metadata["encoding"], made.data = b"json/plain", data
    return CONVERTER.from_payload(made, type_)


def started(argument: bytes, chain: str) -> bytes:
    """The job that starts a run; `chain` is what it has in common with the runs that it continues."""
    job = WorkflowActivationJob()
    job.initialize_workflow.workflow_type, job.initialize_workflow.first_execution_run_id = names.WORKFLOW, chain
    _add(job.initialize_workflow.arguments, argument)
    return job.SerializeToString(deterministic=True)


def signaled(name: str, argument: bytes | None) -> bytes:
    """The job that hands a signal over."""
    job = WorkflowActivationJob()
    job.signal_workflow.signal_name, job.signal_workflow.originating_event_id = name, 1
    if argument is not None:
        _add(job.signal_workflow.input, argument)
    return job.SerializeToString(deterministic=True)


def updated(id_: str, name: str, argument: bytes, *, validate: bool) -> bytes:
    """The job that hands an update over; a replayed one is not validated again."""
    job = WorkflowActivationJob()
    job.do_update.id = job.do_update.protocol_instance_id = id_
    job.do_update.name, job.do_update.run_validator = name, validate
    _add(job.do_update.input, argument)
    return job.SerializeToString(deterministic=True)


def as_replayed(job: bytes) -> bytes:
    """The job as a replay has it."""
    parsed = WorkflowActivationJob.FromString(job)
    if parsed.HasField("do_update"):
        parsed.do_update.run_validator = False
    return parsed.SerializeToString(deterministic=True)


def fired(number: int) -> bytes:
    """The job that says that a timer has fired."""
    job = WorkflowActivationJob()
    job.fire_timer.seq = number
    return job.SerializeToString(deterministic=True)


def succeeded(number: int, result: bytes, *, local: bool) -> bytes:
    """The job that hands an activity's result over."""
    job = WorkflowActivationJob()
    job.resolve_activity.seq, job.resolve_activity.is_local = number, local
    job.resolve_activity.result.completed.result.metadata["encoding"] = b"json/plain"
    job.resolve_activity.result.completed.result.data = result
    return job.SerializeToString(deterministic=True)


def failed(number: int, error: ApplicationError, *, local: bool) -> bytes:
    """The job that says that an activity is given up; a local one's own last error, unwrapped, as the SDK does it."""
    job = WorkflowActivationJob()
    job.resolve_activity.seq, job.resolve_activity.is_local = number, local
    failure = job.resolve_activity.result.failed.failure
    if local:
        FAILURES.to_failure(error, CONVERTER, failure)
    else:
        failure.message = "Activity task failed"
        failure.activity_failure_info.SetInParent()
        FAILURES.to_failure(error, CONVERTER, failure.cause)
    return job.SerializeToString(deterministic=True)


def queried(name: str) -> bytes:
    """The job that asks a query."""
    job = WorkflowActivationJob()
    job.query_workflow.query_id, job.query_workflow.query_type = "q", name
    return job.SerializeToString(deterministic=True)


def outcome_of(job: bytes) -> int | None:
    """The number of the activity whose result this job hands over."""
    parsed = WorkflowActivationJob.FromString(job)
    return parsed.resolve_activity.seq if parsed.HasField("resolve_activity") else None


def update_of(job: bytes) -> str | None:
    """The id of the update that this job hands over."""
    parsed = WorkflowActivationJob.FromString(job)
    return parsed.do_update.id if parsed.HasField("do_update") else None


def cancellation_requested() -> bytes:
    """The job that asks a workflow to end, as an operator does it in Temporal's UI."""
    job = WorkflowActivationJob()
    job.cancel_workflow.SetInParent()
    return job.SerializeToString(deterministic=True)


def canceled(number: int, *, local: bool) -> bytes:
    """The job that says that an activity was given up at the workflow's wish: at once, as the SDK does it."""
    job = WorkflowActivationJob()
    job.resolve_activity.seq, job.resolve_activity.is_local = number, local
    failure = job.resolve_activity.result.cancelled.failure
    failure.message = "Activity cancelled"
    failure.activity_failure_info.SetInParent()
    failure.cause.canceled_failure_info.SetInParent()
    return job.SerializeToString(deterministic=True)


def patch_known(patch: str) -> bytes:
    """The job that tells a replay of a patch."""
    job = WorkflowActivationJob()
    job.notify_has_patch.patch_id = patch
    return job.SerializeToString(deterministic=True)


def failure_of(failure: bytes) -> BaseException:
    """The exception that a failed update stands for."""
    return FAILURES.from_failure(Failure.FromString(failure), CONVERTER)


def _chain(log: Log) -> str:
    jobs = map(WorkflowActivationJob.FromString, log[0].jobs)
    started = next(job for job in jobs if job.HasField("initialize_workflow"))
    chain: str = started.initialize_workflow.first_execution_run_id
    return chain


def _add(payloads: Any, data: bytes) -> None:
    added = payloads.add()
    added.metadata["encoding"], added.data = b"json/plain", data


class NeverEnds(KeyboardInterrupt):
    """Raised in the midst of an activation of which a real worker would say that it is deadlocked.

    Of all exceptions, the event loop lets only this kind and SystemExit through, whoever is on it.
    """


@contextmanager
def _bounded() -> Iterator[None]:
    """End what goes round and round without waiting for anything. Signals reach only the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: object) -> None:
        raise NeverEnds(f"it goes round and round, {ACTIVATION_SECONDS_MAX} s of CPU long")

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, ACTIVATION_SECONDS_MAX)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


class WorkflowCode:
    """One workflow class, as a function from what it was told to what it commands."""

    def __init__(self, workflow: type) -> None:
        """Take the class as its worker would."""
        self._definition = temporalio.workflow._Definition.must_from_class(workflow)
        self._known: dict[Log, tuple[Command, ...]] = {}
        self._said: dict[tuple[Log, str], bytes] = {}
        self._live: OrderedDict[Log, private.WorkflowInstance] = OrderedDict()
        self.activations = 0

    def commands(self, log: Log, replayed: int = 0) -> tuple[Command, ...]:
        """What it commands when told the last of `log`; the first `replayed` were told to another instance before."""
        known = self._known.get(log)
        if known is None:
            known = self._known[log] = self._advance(log, replayed)
        return known

    def close(self) -> None:
        """Let go of all instances."""
        while self._live:
            self._evict(*self._live.popitem())

    def say(self, log: Log, query: str) -> bytes:
        """What it answers to a query (a payload) after all of `log`."""
        known = self._said.get((log, query))
        if known is None:
            instance = self._at(log, len(log), _chain(log))
            commands = self._activate(instance, (Activation(log[-1].now, (queried(query),)),), replaying=True)
            known = self._said[log, query] = next(c.result for c in commands if isinstance(c, Said))
            self._keep(log, instance)
        return known

    def _advance(self, log: Log, replayed: int) -> tuple[Command, ...]:
        instance = self._at(log[:-1], replayed, _chain(log))
        try:
            commands = self._activate(instance, log, replaying=len(log) <= replayed)
        except NeverEnds as error:
            return (TaskFailed(str(error)),)
        self._keep(log, instance)
        return commands

    def _at(self, log: Log, replayed: int, chain: str) -> private.WorkflowInstance:
        """An instance that was told all of `log`."""
        instance = self._live.pop(log, None)
        if instance is None:
            instance = asyncio.run(self._create(chain))
            for length in range(1, len(log) + 1):
                self._activate(instance, log[:length], replaying=length <= replayed)
        return instance

    def _keep(self, log: Log, instance: private.WorkflowInstance) -> None:
        other = self._live.pop(log, None)
        if other is not None:
            self._evict(log, other)
        self._live[log] = instance
        if len(self._live) > LIVE_INSTANCES_MAX:
            self._evict(*self._live.popitem(last=False))

    async def _create(self, chain: str) -> private.WorkflowInstance:
        """The SDK wants a running loop to make an instance in, and brings its own afterwards."""
        return private.UnsandboxedWorkflowRunner().create_instance(_details(self._definition, chain))

    def _activate(self, instance: private.WorkflowInstance, log: Log, *, replaying: bool) -> tuple[Command, ...]:
        """Tell it the last of `log`."""
        self.activations += 1
        activation = log[-1]
        told = WorkflowActivation(run_id="run", history_length=activation.events, is_replaying=replaying)
        told.timestamp.FromSeconds(activation.now)
        told.available_internal_flags.extend(sorted({flag for earlier in log for flag in earlier.flags}))
        told.jobs.extend(WorkflowActivationJob.FromString(job) for job in activation.jobs)
        with _bounded():
            completion = instance.activate(told)
        if not completion.HasField("successful"):
            return (TaskFailed(completion.failed.failure.message),)
        commands: list[Command] = [Flagged(flag) for flag in sorted(set(completion.successful.used_internal_flags))]
        commands += filter(None, map(_command, completion.successful.commands))
        return tuple(commands)

    def _evict(self, log: Log, instance: private.WorkflowInstance) -> None:
        told = WorkflowActivation(run_id="run")
        told.timestamp.FromSeconds(log[-1].now)
        told.jobs.add().remove_from_cache.SetInParent()
        instance.activate(told)


def _command(command: Any) -> Command | None:
    kind = command.WhichOneof("variant")
    made = _COMMANDS.get(kind)
    if made is not None:
        return made(getattr(command, kind))
    if kind in ("upsert_workflow_search_attributes", "modify_workflow_properties"):
        return None
    raise AssertionError(f"the model knows no {kind}")


def _asked(command: Any) -> AskActivity:
    local = command.DESCRIPTOR.name == "ScheduleLocalActivity"
    policy = command.retry_policy
    argument = command.arguments[0].data if command.arguments else b"null"
    return AskActivity(
        command.seq, command.activity_type, argument, local, policy.maximum_attempts,
        tuple(policy.non_retryable_error_types),
    )  # fmt: skip


def _responded(command: Any) -> Command:
    id_ = command.protocol_instance_id
    if command.HasField("accepted"):
        return Accepted(id_)
    if command.HasField("completed"):
        return Answered(id_, command.completed.data)
    return Answered(id_, None, command.rejected.SerializeToString(deterministic=True))


def _seconds(duration: Duration) -> int:
    return int(duration.seconds + (1 if duration.nanos else 0))


_COMMANDS: dict[str, Callable[[Any], Command]] = {
    "schedule_local_activity": _asked,
    "schedule_activity": _asked,
    "update_response": _responded,
    "respond_to_query": lambda command: Said(command.succeeded.response.data),
    "request_cancel_activity": lambda command: CancelActivity(command.seq),
    "request_cancel_local_activity": lambda command: CancelActivity(command.seq),
    "cancel_workflow_execution": lambda command: Ended(),
    "start_timer": lambda command: StartTimer(command.seq, _seconds(command.start_to_fire_timeout)),
    "cancel_timer": lambda command: CancelTimer(command.seq),
    "set_patch_marker": lambda command: Patched(command.patch_id),
    "complete_workflow_execution": lambda command: Ended(),
    "continue_as_new_workflow_execution": lambda command: ContinuedAsNew(command.arguments[0].data),
    "fail_workflow_execution": lambda command: TaskFailed(command.failure.message),
}


def _details(definition: Any, chain: str) -> private.WorkflowInstanceDetails:
    start = datetime.datetime.fromtimestamp(0, datetime.UTC)
    info: dict[str, Any] = dict.fromkeys(field.name for field in fields(temporalio.workflow.Info))
    info |= {
        "attempt": 1, "namespace": "default", "run_id": chain, "first_execution_run_id": chain, "workflow_id": "pi",
        "workflow_type": definition.name, "task_queue": names.TASK_QUEUE, "headers": {}, "search_attributes": {},
        "typed_search_attributes": temporalio.common.TypedSearchAttributes([]), "start_time": start,
        "workflow_start_time": start, "task_timeout": datetime.timedelta(seconds=1), "raw_memo": {},
        "priority": temporalio.common.Priority.default,
    }  # fmt: skip
    return private.WorkflowInstanceDetails(
        payload_converter_factory=lambda: CONVERTER,
        failure_converter_class=temporalio.converter.DefaultFailureConverter,
        interceptor_classes=[],
        defn=definition,
        info=temporalio.workflow.Info(**info),
        randomness_seed=1,
        extern_functions={"__temporal_assert_local_activity_valid": lambda activity: None},
        disable_eager_activity_execution=False,
        worker_level_failure_exception_types=[],
        patch_activation_callback=None,
        last_completion_result=Payloads(),
        last_failure=None,
    )
