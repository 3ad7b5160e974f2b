"""Payments' histories replayed on the code of this very installation, and where they part from it.

Reads only: a history is fetched from Temporal, and the workflow is run over it here, without a worker and without
activities. Code that would now do something else than was done, or the same in another order, stops the payment that
has this history (ARCHITECTURE, "Changing the workflow"). What workers that are tied to a build have, they keep.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHistory
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from contracts import names
from temporal.codec import KeyUnknown
from workflows.payment_intent import PaymentIntentWorkflow
from workflows.setup_intent import SetupIntentWorkflow
from workflows.typed import TypedByHand

INTENTS: tuple[type, ...] = (PaymentIntentWorkflow, SetupIntentWorkflow)

OPEN = f"WorkflowType IN ('{names.WORKFLOW}', '{names.SETUP_WORKFLOW}') AND ExecutionStatus = 'Running'"

REPLAY_SECONDS_MAX = 60.0
"""The longest history (4,000 events) takes two; whoever takes so much longer does not come to an end."""

_EVENT = re.compile(r"HistoryEvent\(id: (\d+)")
_MESSAGE = re.compile(r'message: "((?:[^"\\]|\\.)*)"')
_TYPE = re.compile(r'r#type: "(\w+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Parting:
    """Where a history and the code part: in the task whose events are `first` to `last`, at `event` if it is known.

    `there` are those events of the history, `why` is what Temporal's SDK, or the code, says.
    """

    first: int
    last: int
    event: int | None
    there: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One run of an intent, of so many `events`; `parting` is None if the code still does what was done."""

    id: str
    run: str
    events: int
    parting: Parting | None = None


class Replays:
    """Replays what a Temporal service keeps."""

    def __init__(self, client: Client, workflows: Sequence[type] = INTENTS) -> None:
        """Ask the connected service; `workflows` are today's."""
        self._client = client
        quiet = TelemetryConfig(logging=LoggingConfig(TelemetryFilter(core_level="ERROR", other_level="ERROR")))
        self._replayer = Replayer(
            workflows=workflows,
            data_converter=client.data_converter,
            workflow_runner=UnsandboxedWorkflowRunner(),
            interceptors=[TypedByHand()],
            runtime=Runtime(telemetry=quiet),
        )

    async def of(self, id_: str) -> list[Replayed]:
        """Every run of one intent that Temporal still has, the oldest first; none if it has none.

        Raises:
            RPCError: the service does not answer.
            KeyUnknown: a payload cannot be read here.
        """
        listed = self._client.list_workflows(f"WorkflowId = '{id_}'")
        started = sorted([(run.start_time, run.run_id) async for run in listed])
        # The list lags: the newest run may not be in it yet.
        histories = [await self._fetched(id_, run) for run in (*(run for _, run in started), None)]
        runs = {_run(history): history for history in histories if history is not None}
        return [await self._replayed(history) for history in runs.values()]

    async def every_open(self) -> AsyncIterator[Replayed]:
        """The current run of every intent that is open.

        Raises:
            RPCError: the service does not answer.
            KeyUnknown: a payload cannot be read here.
        """
        async for run in self._client.list_workflows(OPEN):
            history = await self._fetched(run.id, run.run_id)
            if history is not None:
                yield await self._replayed(history)

    async def _fetched(self, id_: str, run: str | None) -> WorkflowHistory | None:
        try:
            return await self._client.get_workflow_handle(id_, run_id=run).fetch_history()
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return None
            raise

    async def _replayed(self, history: WorkflowHistory) -> Replayed:
        whole = Replayed(id=history.workflow_id, run=_run(history), events=len(history.events))
        why = await self._failure(history)
        if why is None:
            return whole
        done = 0
        for end in _ends(history.events):
            if await self._failure(WorkflowHistory(history.workflow_id, history.events[:end])) is not None:
                parting = _parting(history.events[done:end], why)
                return Replayed(id=whole.id, run=whole.run, events=whole.events, parting=parting)
            done = end
        return Replayed(id=whole.id, run=whole.run, events=whole.events, parting=_parting(history.events[done:], why))

    async def _failure(self, history: WorkflowHistory) -> str | None:
        """What goes wrong; None if nothing does."""
        if not any(event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED for event in history.events):
            # The code has not done anything yet.
            return None
        try:
            async with asyncio.timeout(REPLAY_SECONDS_MAX):
                result = await self._replayer.replay_workflow(history, raise_on_replay_failure=False)
        except TimeoutError:
            return f"the replay did not come to an end in {REPLAY_SECONDS_MAX:.0f} seconds"
        if result.replay_failure is None:
            return None
        why = _said(str(result.replay_failure))
        if why.startswith(f"{KeyUnknown.__name__}: "):
            raise KeyUnknown(why.partition(": ")[2])
        return why


def _run(history: WorkflowHistory) -> str:
    return history.events[0].workflow_execution_started_event_attributes.original_execution_run_id


def _ends(events: Sequence[HistoryEvent]) -> list[int]:
    """How much of a history each of its tasks has led to: up to where the next task is scheduled, or all of it."""
    scheduled = EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED
    return [*(index for index, event in enumerate(events) if index > 1 and event.event_type == scheduled), len(events)]


def _parting(task: Sequence[HistoryEvent], why: str) -> Parting:
    named = _EVENT.search(why)
    there = tuple(f"{event.event_id} {_kind(event)}" for event in task)
    event = int(named.group(1)) if named else None
    return Parting(first=task[0].event_id, last=task[-1].event_id, event=event, there=there, why=why)


def _kind(event: HistoryEvent) -> str:
    return EventType.Name(event.event_type).removeprefix("EVENT_TYPE_").lower()


def _said(failure: str) -> str:
    """The message inside of what Temporal's core prints, with the type of an error of the code's own."""
    message, kind = _MESSAGE.search(failure), _TYPE.search(failure)
    if message is None:
        return failure
    text = message.group(1).replace('\\"', '"').replace("[TMPRL1100] ", "")
    return f"{kind.group(1)}: {text}" if kind else text
