"""A run whose end the server never takes: how that comes, what keeps it from coming, and how it is mended.

A query that comes with a task makes the SDK report what a local activity said before the workflow has gone on from it.
The end that follows is refused if a signal has come first; the signal is then handled after the end, in the same task,
and the server takes no command after an end. So it goes for ever (temporalio 1.35.0, server 1.32.0).
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.housekeeping import HousekeepingActivities
from contracts import names
from contracts.housekeeping import STUCK, Sweep
from domain.housekeeping import is_stuck
from tests.support import servers
from tests.support.builders import NOW
from tests.support.fakes import MemoryProjection
from tests.support.unfinished import MemoryUnfinished
from workflows.client import connect
from workflows.options import TASK_TIMEOUT
from workflows.waking import TemporalRuns

QUEUE = "payments-stuck"
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
    answers: list[bool | str] = field(default_factory=list)

    async def ask(self) -> None:
        try:
            self.answers.append(await self.handle.query(Ending.slow, rpc_timeout=timedelta(seconds=20)))
        except RPCError as error:
            self.answers.append(error.message)

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
    MEANWHILE[:] = [lambda: asyncio.run_coroutine_threadsafe(handle.signal(Ending.note), loop).result(10)]
    asking = asyncio.create_task(story.ask())
    # It is in the server's buffer, or refused, and nothing that could be waited for says so.
    await asyncio.sleep(0.3)
    async with story.worker():
        yield story
        await asking


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
        async with asyncio.timeout(20):
            assert await told.handle.result() == 1, "the signal was handled before the end"
        assert await runs.troubled() == []
        return
    async with asyncio.timeout(60):
        while not any(is_stuck(each) for each in await runs.troubled()):
            await asyncio.sleep(0.2)
    said: list[dict[str, Any]] = []
    records = MemoryUnfinished(MemoryProjection(), time=NOW)
    house = HousekeepingActivities(records, runs, said.append)
    swept = await house.page(Sweep(schedule="sweep", number=1, now=NOW, until=NOW, parts=(STUCK,)))
    assert swept.found == {"seen": 1, "stuck": 1}
    assert [line["payment_intent"] for line in said] == ["pi_ending"]
    async with asyncio.timeout(20):
        assert await told.client.get_workflow_handle("pi_ending").result() == 1, "no signal was lost"
    assert await runs.troubled() == []
