"""Schedules on a real Temporal: there once, renewed, paused; and each sweep knows where the last one ended."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import (
    ScheduleActionExecutionStartWorkflow,
    ScheduleHandle,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    ScheduleSpec,
)
from temporalio.service import RPCError

from contracts.housekeeping import SweepStart
from contracts.names import HOUSEKEEPING_WORKFLOW, SWEEP_SCHEDULE
from temporal.schedules import Scheduled, Schedules
from tests.support.unfinished import MemoryUnfinished
from tests.workflows.conftest import Stage
from tests.workflows.test_housekeeping import held
from worker import build_housekeeping_worker


def yearly(days: int) -> ScheduleSpec:
    return ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(days=days))])


@pytest.fixture
async def scheduled(stage: Stage) -> AsyncIterator[Scheduled]:
    """One that comes by itself once a year."""
    yield Scheduled(
        id=f"sweep_{stage.queue}",
        workflow=HOUSEKEEPING_WORKFLOW,
        argument=SweepStart(),
        spec=yearly(365),
        note="of a test",
        task_queue=f"{stage.queue}-house",
    )
    await stage.client.get_schedule_handle(f"sweep_{stage.queue}").delete()


def schedules(stage: Stage, table: list[Scheduled], **more: float) -> Schedules:
    said: list[str] = []
    return Schedules(stage.client, table, complain=said.append, **more)


async def runs(handle: ScheduleHandle, count: int) -> list[str]:
    """Wait for so many runs; their ids."""
    async with asyncio.timeout(60):
        while True:
            info = (await handle.describe()).info
            if len(info.recent_actions) >= count and not info.running_actions:
                started = [result.action for result in info.recent_actions]
                return [each.workflow_id for each in started if isinstance(each, ScheduleActionExecutionStartWorkflow)]
            await asyncio.sleep(0.05)


async def test_it_is_there_once_and_is_renewed_but_stays_paused(stage: Stage, scheduled: Scheduled) -> None:
    await asyncio.gather(*(schedules(stage, [scheduled]).ensure() for _ in range(3)))
    handle = stage.client.get_schedule_handle(scheduled.id)
    described = (await handle.describe()).schedule
    assert described.policy.overlap == ScheduleOverlapPolicy.SKIP
    assert not described.state.paused
    await handle.pause(note="the gateway moves house")
    changed = replace(scheduled, spec=yearly(100))
    await schedules(stage, [changed]).ensure()
    described = (await handle.describe()).schedule
    assert described.spec.intervals[0].every == timedelta(days=365), "looked after, not renewed"
    await schedules(stage, [changed]).ensure(renew=True)
    renewed = (await handle.describe()).schedule
    assert renewed.spec.intervals[0].every == timedelta(days=100)
    assert (renewed.state.paused, renewed.state.note) == (True, "the gateway moves house")


async def test_one_that_is_gone_is_made_again(stage: Stage, scheduled: Scheduled) -> None:
    looking_after = asyncio.create_task(schedules(stage, [scheduled], look_after_seconds=0.05).run())
    handle = stage.client.get_schedule_handle(scheduled.id)
    try:
        for _ in range(2):
            async with asyncio.timeout(60):
                while not await _there(handle):
                    await asyncio.sleep(0.02)
            await handle.delete()
        async with asyncio.timeout(60):
            while not await _there(handle):
                await asyncio.sleep(0.02)
    finally:
        looking_after.cancel()


async def _there(handle: ScheduleHandle) -> bool:
    try:
        await handle.describe()
    except RPCError:
        return False
    return True


async def test_each_sweep_begins_where_the_last_one_ended(stage: Stage, scheduled: Scheduled) -> None:
    records = MemoryUnfinished(stage.projection, time=int(time.time()))  # noqa: TID251
    await held(stage)
    await schedules(stage, [scheduled]).ensure()
    handle = stage.client.get_schedule_handle(scheduled.id)
    seen: list[Any] = []
    async with build_housekeeping_worker(stage.client, records, scheduled.task_queue, stage.queue):
        for number in (1, 2):
            await handle.trigger()
            (id_,) = (await runs(handle, number))[-1:]
            result = await stage.client.get_workflow_handle(id_, result_type=dict).result()
            seen.append((result["number"], result["found"].get("seen", 0)))
    assert seen == [(1, 1), (2, 0)], "what has not changed since is not looked at again"
    assert records.sweeps[SWEEP_SCHEDULE] == 2


async def test_why_they_cannot_be_made_is_said_once_for_each_reason(stage: Stage, scheduled: Scheduled) -> None:
    await schedules(stage, [scheduled]).ensure()  # For the fixture, which deletes it.
    said, too_long = asyncio.Queue[str](), replace(scheduled, id="x" * 2_000)
    trying = asyncio.create_task(Schedules(stage.client, [too_long], complain=said.put_nowait).run())
    assert "exceeds maximum allowed length" in await asyncio.wait_for(said.get(), 20)
    trying.cancel()
