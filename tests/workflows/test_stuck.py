"""A run whose end the server never takes: how that comes, what keeps it from coming, and how it is mended.

A query that comes with a task makes the SDK report what a local activity said before the workflow has gone on from it.
The end that follows is refused if a signal has come first; the signal is then handled after the end, in the same task,
and the server takes no command after an end. So it goes for ever (temporalio 1.35.0, server 1.32.0).
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from temporalio import activity, workflow
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import ResetReapplyExcludeType
from temporalio.api.query.v1 import WorkflowQuery
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    PollWorkflowTaskQueueRequest,
    QueryWorkflowRequest,
    ResetWorkflowExecutionRequest,
    RespondWorkflowTaskCompletedRequest,
)
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.housekeeping import HousekeepingActivities
from contracts import names
from contracts.housekeeping import STUCK, Sweep
from contracts.messages import PaymentIntentStart, start_of
from domain.machine.fence import Recorded
from domain.machine.housekeeping import Trouble, is_stuck
from domain.model.commands import Capture
from domain.model.statuses import Status
from temporal.client import connect
from temporal.intent_runs import TemporalRuns
from tests.support import servers
from tests.support.builders import NOW, in_status
from tests.support.fakes import MemoryProjection
from tests.support.unfinished import MemoryUnfinished
from workflows.display import STATUS
from workflows.options import TASK_TIMEOUT

QUEUE, PATIENCE = "payments-stuck", timedelta(seconds=60)
MEANWHILE: list[Callable[[], None]] = []
"""What happens at the moment when the run has ended, and the server has not been told."""


@activity.defn(name="prompt")
async def prompt() -> None:
    """As the gateway that answers at once."""


@activity.defn(name="noted")
async def noted() -> None:
    """What a signal makes the workflow do."""


@workflow.defn(name=names.WORKFLOW)
class Ending:
    """Ends by a command, as a payment does; its query takes longer than its local activity."""

    def __init__(self) -> None:
        self.ended, self.notes = False, 0

    @workflow.run
    async def run(self) -> int:
        await workflow.wait_condition(lambda: self.ended and workflow.all_handlers_finished())
        if not workflow.unsafe.is_replaying() and MEANWHILE:
            MEANWHILE.pop()()
        return self.notes

    @workflow.signal
    async def end(self) -> None:
        await workflow.execute_local_activity(prompt, start_to_close_timeout=timedelta(seconds=5))
        self.ended = True

    @workflow.signal
    async def note(self) -> None:
        await workflow.execute_activity(noted, start_to_close_timeout=timedelta(seconds=5))
        self.notes += 1

    @workflow.query
    def slow(self) -> bool:
        # The query has to last longer than the local activity, however busy the machine is.
        time.sleep(0.2)
        return self.ended


@dataclass
class Story:
    client: Client
    handle: WorkflowHandle[Any, int]

    async def ask(self) -> None:
        """Once, as no client of the SDK does: it asks again by itself."""
        execution, query = WorkflowExecution(workflow_id=self.handle.id), WorkflowQuery(query_type="slow")
        asked = QueryWorkflowRequest(namespace="default", execution=execution, query=query)
        with contextlib.suppress(RPCError):
            await self.client.workflow_service.query_workflow(asked, retry=False, timeout=PATIENCE)

    async def insist(self) -> None:
        with contextlib.suppress(RPCError):
            await self.handle.query(Ending.slow, rpc_timeout=PATIENCE)

    def worker(self) -> Worker:
        return Worker(
            self.client, task_queue=QUEUE, workflows=[Ending], activities=[prompt, noted],
            workflow_runner=UnsandboxedWorkflowRunner(),
        )  # fmt: skip


async def play(client: Client) -> AsyncIterator[Story]:
    """A command and a query wait for a worker; a signal comes at the moment when the run has ended."""
    handle = await client.start_workflow(Ending.run, id="pi_ending", task_queue=QUEUE, task_timeout=TASK_TIMEOUT)
    story = Story(client, handle)
    async with story.worker():
        await handle.query(Ending.slow)
    await handle.signal(Ending.end)
    loop = asyncio.get_running_loop()
    MEANWHILE[:] = [lambda: asyncio.run_coroutine_threadsafe(handle.signal(Ending.note), loop).result(60)]
    # The server has room for one of two at most: once one was refused, the other is in its buffer, or refused as well.
    asking = [asyncio.create_task(story.ask()) for _ in range(2)]
    await next(asyncio.as_completed(asking))
    asking.append(asyncio.create_task(story.insist()))
    async with story.worker():
        yield story
        await asyncio.gather(*asking)


@pytest.fixture(params=["1", "0"], ids=["queries come with tasks", "as make run has it"])
async def story(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[str, Story]]:
    config = f"history.maxBufferedQueryCount={request.param}"
    async with servers.temporal(tmp_path, "--dynamic-config-value", config) as address:
        async for each in play(await connect(address, "default")):
            yield request.param, each


async def test_a_run_that_cannot_end(story: tuple[str, Story]) -> None:
    buffered, told = story
    runs = TemporalRuns(told.client, QUEUE)
    if buffered == "0":
        async with asyncio.timeout(60):
            assert await told.handle.result() == 1, "the signal was handled before the end"
        assert await runs.troubled() == []
        return
    await troubled(runs)
    assert await swept(runs) == ({"seen": 1, "stuck": 1}, ["pi_ending"])
    async with asyncio.timeout(60):
        assert await told.client.get_workflow_handle("pi_ending").result() == 1, "no signal was lost"
    assert await runs.troubled() == []


async def troubled(runs: TemporalRuns) -> Trouble:
    """Wait until the one run there is fails its task again and again."""
    async with asyncio.timeout(60):
        while not (stuck := [each for each in await runs.troubled() if is_stuck(each)]):
            await asyncio.sleep(0.2)
    return stuck[0]


async def swept(runs: TemporalRuns, projection: MemoryProjection | None = None) -> tuple[dict[str, int], list[str]]:
    """What a sweep found, and of whom it spoke."""
    said: list[dict[str, Any]] = []
    house = HousekeepingActivities(MemoryUnfinished(projection or MemoryProjection(), time=NOW), runs, said.append)
    done = await house.page(Sweep(schedule="sweep", number=1, now=NOW, until=NOW, parts=(STUCK,)))
    return done.found, [line["payment_intent"] for line in said]


@dataclass
class Deaf:
    """A worker that takes every task, and reports only those it is told to."""

    client: Client
    reports: bool = True

    async def work(self) -> None:
        service, queue = self.client.workflow_service, TaskQueue(name=QUEUE)
        while True:
            poll = PollWorkflowTaskQueueRequest(namespace="default", task_queue=queue, identity="deaf")
            task = await service.poll_workflow_task_queue(poll, timeout=timedelta(seconds=70))
            if task.task_token and self.reports:
                done = RespondWorkflowTaskCompletedRequest(namespace="default", task_token=task.task_token)
                await service.respond_workflow_task_completed(done)

    async def completed(self, handle: WorkflowHandle[Any, Any], tasks: int) -> None:
        """Wait until so many of its tasks are done."""
        async with asyncio.timeout(60):
            while len(await completed_tasks(handle)) < tasks:
                await asyncio.sleep(0.1)


async def completed_tasks(handle: WorkflowHandle[Any, Any]) -> list[int]:
    events = (await handle.fetch_history()).events
    return [each.event_id for each in events if each.HasField("workflow_task_completed_event_attributes")]


@pytest.fixture
async def deaf(tmp_path: Path) -> AsyncIterator[Deaf]:
    async with servers.temporal(tmp_path) as address:
        worker = Deaf(await connect(address, "default"))
        working = asyncio.create_task(worker.work())
        yield worker
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def test_what_was_set_back_and_gets_no_further_is_left_to_a_person(deaf: Deaf) -> None:
    runs, latest = TemporalRuns(deaf.client, QUEUE), deaf.client.get_workflow_handle("pi_deaf")
    options: dict[str, Any] = {"task_queue": QUEUE, "task_timeout": TASK_TIMEOUT}
    first = await deaf.client.start_workflow(Ending.run, id="pi_deaf", **options)
    await deaf.completed(first, 1)
    deaf.reports = False
    await latest.signal(Ending.note)
    early = await troubled(runs)
    moved_on = replace(early, attempt=early.attempt + 100)
    assert await runs.set_back(moved_on) is None, "its task is another one, at an earlier attempt"
    assert (await latest.describe()).run_id == early.run
    assert await swept(runs) == ({"seen": 1, "stuck": 1}, ["pi_deaf"])
    second = (await latest.describe()).run_id
    assert second != early.run

    await troubled(runs)
    assert await swept(runs) == ({"seen": 1, "failing": 1}, ["pi_deaf"])
    assert (await latest.describe()).run_id == second, "it would be the same again, at every sweep"


async def has_been_signaled(handle: WorkflowHandle[Any, Any], *expected: str) -> None:
    """In this order, and with nothing else; what comes while a task is under way is in the history after that."""
    found: list[str] = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(60):
            while len(found) < len(expected):
                events = (await handle.fetch_history()).events
                signals = [event.workflow_execution_signaled_event_attributes.signal_name for event in events]
                found = [name for name in signals if name]
                await asyncio.sleep(0.1)
    assert found == list(expected), "who sent it was told that it is durable, and what was about a run ends with it"


async def test_one_whose_first_task_was_forgotten_begins_anew(tmp_path: Path) -> None:
    """The server forgets one only when it is killed at the right moment: here it waits for longer than it seems."""
    held = in_status(Status.REQUIRES_CAPTURE)
    projection = MemoryProjection()
    projection.records[held.id] = Recorded(intent=held, under_way=None)
    async with servers.temporal(tmp_path) as address:
        client = await connect(address, "default")
        handle = client.get_workflow_handle(held.id)
        first = await client.start_workflow(
            Ending.run, id=held.id, task_queue=QUEUE, task_timeout=TASK_TIMEOUT, start_delay=timedelta(hours=1)
        )
        await handle.signal(names.LEVEL)
        await handle.signal(names.CAPTURE, Capture(command_id="told"))
        waiting = await client.start_workflow(Ending.run, id="pi_waiting", task_queue=QUEUE, task_timeout=TASK_TIMEOUT)
        assert await TemporalRuns(client, QUEUE).troubled() == [], "its time has not come"
        late = TemporalRuns(client, QUEUE, clock=lambda: time.time() + 7_200)  # noqa: TID251
        async with asyncio.timeout(60):
            while not (found := await late.troubled()):
                await asyncio.sleep(0.2)
        assert [(each.id, each.begun) for each in found] == [(held.id, False)], "the other one waits for a worker"
        assert await swept(late, projection) == ({"seen": 1, "anew": 1}, [held.id])
        old = await client.get_workflow_handle(held.id, run_id=first.result_run_id).describe()
        new = await handle.describe()
        assert (old.status, new.status) == (WorkflowExecutionStatus.TERMINATED, WorkflowExecutionStatus.RUNNING)
        await has_been_signaled(handle, names.LEVEL, names.CAPTURE)
        assert (await waiting.describe()).status == WorkflowExecutionStatus.RUNNING
        assert await late.troubled() == []


@dataclass
class Service:
    """Takes the request for a reset."""

    requests: list[ResetWorkflowExecutionRequest] = field(default_factory=list)

    async def reset_workflow_execution(self, request: ResetWorkflowExecutionRequest, *, retry: bool) -> None:
        assert retry
        self.requests.append(request)


class Stuck(TemporalRuns):
    """Of one run whose fourth task was the last."""

    async def _last_completed(self, trouble: Trouble) -> int | None:
        return 4

    async def _trouble(self, id_: str, run: str) -> Trouble:
        return Trouble(id_, run, 9, answered=False)


async def test_updates_are_not_applied_again() -> None:
    client: Any = SimpleNamespace(namespace="default", workflow_service=Service())
    assert await Stuck(client, QUEUE).set_back(Trouble("pi_1", "run", 9, answered=False)) == "stuck"
    (request,) = client.workflow_service.requests
    excluded = list(request.reset_reapply_exclude_types)
    assert excluded == [ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE], "signals are"


@workflow.defn(name=names.WORKFLOW)
class Otherwise:
    """As `Ending`, by code that went another way: it begins with a timer."""

    @workflow.run
    async def run(self) -> int:
        await workflow.sleep(3_600)
        return 0


async def test_what_cannot_be_replayed_goes_on_from_its_record(tmp_path: Path) -> None:
    held = in_status(Status.REQUIRES_CAPTURE)
    async with servers.temporal(tmp_path) as address:
        client = await connect(address, "default")
        runs, latest = TemporalRuns(client, QUEUE), client.get_workflow_handle(held.id)
        attributes = TypedSearchAttributes([SearchAttributePair(STATUS, str(held.status))])
        options: dict[str, Any] = {"task_queue": QUEUE, "task_timeout": TASK_TIMEOUT, "search_attributes": attributes}
        first = await client.start_workflow(Otherwise.run, id=held.id, **options)
        how: dict[str, Any] = {"task_queue": QUEUE, "workflow_runner": UnsandboxedWorkflowRunner()}
        async with Worker(client, workflows=[Otherwise], **how):
            await Deaf(client).completed(first, 1)
        async with Worker(client, workflows=[Ending], activities=[prompt, noted], **how):
            await latest.signal(Ending.note)
            await latest.signal(names.RELEASE)
            trouble = await troubled(runs)
            assert (trouble.replays, trouble.answered, trouble.shown) == (False, True, str(held.status))
            assert await runs.set_back(trouble) == "failing", "what was done before cannot be gone through, either"
            projection = MemoryProjection()
            projection.records[held.id] = Recorded(intent=held, under_way=None)
            assert await swept(runs, projection) == ({"seen": 1, "anew": 1}, [held.id])
        old = await client.get_workflow_handle(held.id, run_id=trouble.run).describe()
        new = await latest.describe()
        assert (old.status, new.status) == (WorkflowExecutionStatus.TERMINATED, WorkflowExecutionStatus.RUNNING)
        assert new.run_id != old.run_id
        events = (await latest.fetch_history()).events
        await has_been_signaled(latest, names.LEVEL, "note")
        given = events[0].workflow_execution_started_event_attributes.input.payloads
        (start,) = await client.data_converter.decode(given, [PaymentIntentStart])
        assert start == start_of(held)
        assert await runs.begin_anew(trouble, held) is None, "that run has ended"
        assert (await latest.describe()).run_id == new.run_id
