"""Sweeps on a real Temporal: what was forgotten is found and woken, and what is well is left alone."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.testing import TimeSkipper

from activities.housekeeping import HousekeepingActivities
from contracts.housekeeping import STUCK, Sweep, SweepBeginning, SweepResult, SweepStart
from contracts.names import PARK, SWEEP_SCHEDULE
from domain.machine.fence import Recorded, UnderWay
from domain.model.commands import Cancel, Capture, Confirm, RefundCharge, Update
from domain.model.outcomes import Approved
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from gateways.base import GatewayUnavailable
from temporal.intent_runs import TemporalRuns
from tests.replay.scenarios import until
from tests.support.builders import after, make_method
from tests.support.unfinished import MemoryUnfinished
from tests.workflows.conftest import Stage
from worker import build_housekeeping_worker
from workflows.housekeeping import HousekeepingWorkflow

CONFIRM = Confirm(command_id="cmd_confirm", payment_method=make_method())


@dataclass
class House:
    """A stage, and the worker that keeps its house."""

    stage: Stage
    records: MemoryUnfinished
    said: list[dict[str, Any]] = field(default_factory=list)
    sweeps: int = 0

    async def sweep(self, *, whole: bool = False) -> dict[str, int]:
        """Without what was only looked at."""
        self.sweeps += 1
        result = await self.stage.client.execute_workflow(
            HousekeepingWorkflow.run,
            SweepStart(whole=whole),
            id=f"sweep_{self.sweeps}_{self.stage.queue}",
            task_queue=f"{self.stage.queue}-house",
        )
        return {what: count for what, count in result.found.items() if what != "seen"}

    async def listed(self, intent: PaymentIntent, *, running: bool) -> None:
        """Wait until Temporal's list, which lags, has it."""
        query = f'WorkflowId = "{intent.id}" AND ExecutionStatus = "Running"'
        async with asyncio.timeout(60):
            while ((await self.stage.client.count_workflows(query)).count > 0) is not running:
                await asyncio.sleep(0.05)


@pytest.fixture
async def house(stage: Stage) -> AsyncIterator[House]:
    records = MemoryUnfinished(stage.projection, time=int(time.time()))  # noqa: TID251
    async with build_housekeeping_worker(stage.client, records, f"{stage.queue}-house", stage.queue):
        yield House(stage, records)


async def held(stage: Stage) -> PaymentIntent:
    return await stage.send(await stage.open(capture_method="manual"), CONFIRM)


async def terminate(house: House, intent: PaymentIntent) -> None:
    await house.stage.client.get_workflow_handle(intent.id).terminate("as an operator might")
    await house.listed(intent, running=False)


async def test_what_is_well_is_left_alone(house: House, stage: Stage) -> None:
    intents = [await held(stage), await stage.open(), await stage.send(await stage.open(), CONFIRM)]
    await house.listed(intents[0], running=True)
    await stage.state(intents[1])  # Its first task is done.
    lengths = [await _events(stage, intent) for intent in intents]
    assert await house.sweep() == {}
    assert await house.sweep(whole=True) == {}
    assert [await _events(stage, intent) for intent in intents] == lengths, "nobody was disturbed"


async def _events(stage: Stage, intent: PaymentIntent) -> int:
    described = await stage.client.get_workflow_handle(intent.id).describe()
    return described.raw_description.workflow_execution_info.history_length


@pytest.mark.parametrize("whole", [False, True])
async def test_a_hold_whose_workflow_was_terminated_is_revived_and_expires_on_time(
    house: House, stage: Stage, whole: bool
) -> None:
    intent = await held(stage)
    await terminate(house, intent)
    assert await house.sweep(whole=whole) == {"missing": 1}
    await house.listed(intent, running=True)
    assert await house.sweep(whole=whole) == {}
    handle = stage.client.get_workflow_handle(intent.id)
    assert intent.charge is not None
    assert intent.charge.capture_before is not None
    left = intent.charge.capture_before - intent.created
    await TimeSkipper(stage.client).fast_forward(handle, timedelta(seconds=left - 60))
    assert (await stage.state(intent)).status == Status.REQUIRES_CAPTURE
    await TimeSkipper(stage.client).fast_forward(handle, timedelta(seconds=120))
    await until(stage, intent.id, Status.CANCELED)
    assert [effect.operation for effect in stage.gateway.performed] == ["authorize", "void"]


async def test_an_idle_one_that_was_parked_stays_parked(house: House, stage: Stage) -> None:
    intent = await stage.open()
    handle = stage.client.get_workflow_handle(intent.id)
    await handle.signal(PARK)
    await handle.result()
    await house.listed(intent, running=False)
    assert await house.sweep() == {}
    assert await house.sweep(whole=True) == {}
    assert (await handle.describe()).status == WorkflowExecutionStatus.COMPLETED


async def test_a_workflow_that_was_reset_levels(house: House, stage: Stage) -> None:
    """The server keeps the updates of a reset run; what was signaled or recorded since is lost to it."""
    intent = await held(stage)
    await terminate(house, intent)
    handle = stage.client.get_workflow_handle(intent.id)
    events = (await handle.fetch_history()).events
    first_task = next(e.event_id for e in events if e.HasField("workflow_task_completed_event_attributes"))
    request = ResetWorkflowExecutionRequest(
        namespace=stage.client.namespace,
        workflow_execution=WorkflowExecution(workflow_id=intent.id, run_id=(await handle.describe()).run_id),
        reason="a test",
        workflow_task_finish_event_id=first_task,
        request_id=stage.queue,
        reset_reapply_exclude_types=[1, 2],  # type: ignore[list-item]  # Signals and updates.
    )
    await stage.client.workflow_service.reset_workflow_execution(request)
    await until(stage, intent.id, Status.REQUIRES_PAYMENT_METHOD)
    await house.listed(intent, running=True)
    assert await house.sweep(whole=True) == {"behind": 1}
    await until(stage, intent.id, Status.REQUIRES_CAPTURE)
    assert await stage.state(intent) == intent
    assert len(stage.gateway.performed) == 1


async def test_a_record_ahead_of_its_workflow_is_noticed_when_it_has_changed(house: House, stage: Stage) -> None:
    """Worker and server were killed together, before the task was complete that had written the record."""
    intent = await held(stage)
    challenged = replace(intent, version=intent.version + 1, description="forgotten")
    stage.projection.records[intent.id] = Recorded(intent=challenged)
    assert await house.sweep() == {"behind": 1}
    async with asyncio.timeout(60):
        while (await stage.state(intent)).description != "forgotten":
            await asyncio.sleep(0.05)


async def test_a_record_behind_its_workflow_is_written_anew(house: House, stage: Stage) -> None:
    intent = await held(stage)
    noted = await stage.send(intent, Update(command_id="cmd_u", changes={"description": "since the backup"}))
    stage.projection.records[intent.id] = Recorded(intent=intent)
    assert await house.sweep() == {"ahead": 1}
    async with asyncio.timeout(60):
        while stage.projection.records[intent.id].intent != noted:
            await asyncio.sleep(0.05)


async def test_one_that_ended_since_the_backup_ends_in_the_record_too(house: House, stage: Stage) -> None:
    intent = await held(stage)
    captured = await stage.send(intent, Capture(command_id="cmd_c"))
    await stage.client.get_workflow_handle(intent.id).result()
    await house.listed(intent, running=False)
    stage.projection.records[intent.id] = Recorded(intent=intent)
    assert await house.sweep() == {"ahead": 1}
    async with asyncio.timeout(60):
        while stage.projection.records[intent.id].intent != captured:
            await asyncio.sleep(0.05)
    assert [effect.operation for effect in stage.gateway.performed] == ["authorize", "capture"]


async def test_restored_records_are_all_compared_however_long_ago_they_changed(house: House, stage: Stage) -> None:
    intent = await held(stage)
    noted = await stage.send(intent, Update(command_id="cmd_u", changes={"description": "since the backup"}))
    stage.projection.records[intent.id] = Recorded(intent=intent)
    beginning = SweepResult(number=41, until=house.records.time)
    house.records.sweeps[SWEEP_SCHEDULE] = 41
    sweep = await _begun(house, beginning)
    assert (sweep.since.changed, sweep.compare, sweep.number) == (house.records.time, False, 42)
    assert await _whole(house, sweep) == {}, "it has not changed since"
    house.records.sweeps[SWEEP_SCHEDULE] = 40
    sweep = await _begun(house, beginning)
    assert (sweep.since.changed, sweep.compare, sweep.number) == (0, True, 42)
    assert await _whole(house, sweep) == {"seen": 1, "ahead": 1}
    async with asyncio.timeout(60):
        while stage.projection.records[intent.id].intent != noted:
            await asyncio.sleep(0.05)


async def test_a_payment_that_ended_in_the_seconds_that_a_failover_lost_ends_in_the_record_too(
    house: House, stage: Stage
) -> None:
    """It may be parked, as far as the record says, so that nobody misses its workflow; and no sweep is lost."""
    intent = await stage.open()
    paid = await stage.send(intent, CONFIRM)
    await stage.client.get_workflow_handle(intent.id).result()
    await house.listed(intent, running=False)
    stage.projection.records[intent.id] = Recorded(intent=intent)
    house.records.sweeps[SWEEP_SCHEDULE] = 41
    last = SweepResult(number=41, until=house.records.time, lineage=house.records.said_lineage)
    assert await _whole(house, await _begun(house, last)) == {}
    house.records.said_lineage = "another server's"
    assert await _whole(house, await _begun(house, last)) == {"seen": 1, "ahead": 1}
    async with asyncio.timeout(60):
        while stage.projection.records[intent.id].intent != paid:
            await asyncio.sleep(0.05)
    assert len(stage.gateway.performed) == 1


async def _whole(house: House, sweep: Sweep) -> dict[str, int]:
    """What the sweep finds by record."""
    while sweep.parts[0] != STUCK:
        sweep = await _activities(house).page(sweep)
    return sweep.found


def _activities(house: House) -> HousekeepingActivities:
    return HousekeepingActivities(house.records, TemporalRuns(house.stage.client, house.stage.queue), house.said.append)


async def _begun(house: House, last: SweepResult) -> Sweep:
    return await _activities(house).begin(SweepBeginning(schedule=SWEEP_SCHEDULE, last=last))


@pytest.mark.parametrize("gone", [False, True])
async def test_a_command_that_was_begun_and_forgotten_is_finished(house: House, stage: Stage, gone: bool) -> None:
    intent = await held(stage)
    if gone:
        await terminate(house, intent)
    capture = UnderWay(command=Capture(command_id="cmd_c"), now=house.records.time - 61)
    stage.projection.records[intent.id] = Recorded(intent=intent, under_way=capture)
    assert (await house.sweep())["claimed"] >= 1
    assert await stage.client.get_workflow_handle(intent.id).result() == Status.SUCCEEDED
    assert [effect.operation for effect in stage.gateway.performed] == ["authorize", "capture"]


async def test_a_refund_that_was_begun_and_forgotten_is_finished_although_its_payment_has_ended(
    house: House, stage: Stage
) -> None:
    paid = await stage.send(await stage.open(), CONFIRM)
    await stage.client.get_workflow_handle(paid.id).result()
    refund = UnderWay(command=RefundCharge(command_id="cmd_r", refund="re_1"), now=house.records.time - 61)
    stage.projection.records[paid.id] = Recorded(intent=paid, under_way=refund)
    assert await house.sweep() == {"claimed": 1}
    async with asyncio.timeout(60):
        while len(stage.gateway.performed) < 2 or stage.projection.records[paid.id].under_way:
            await asyncio.sleep(0.05)
    assert [effect.operation for effect in stage.gateway.performed] == ["authorize", "refund"]


async def test_claims_that_are_young_or_that_nothing_has_helped_for_an_hour_are_left(
    house: House, stage: Stage
) -> None:
    intent = await held(stage)
    await house.listed(intent, running=True)
    for age in (59, 3_601):
        claim = UnderWay(command=Capture(command_id="cmd_c"), now=house.records.time - age)
        stage.projection.records[intent.id] = Recorded(intent=intent, under_way=claim)
        assert await house.sweep() == {}
    assert (await house.sweep(whole=True))["claimed"] >= 1, "once an hour it is tried all the same"
    assert await stage.client.get_workflow_handle(intent.id).result() == Status.SUCCEEDED


async def test_an_unknown_outcome_whose_workflow_is_gone_is_found_out(house: House, stage: Stage) -> None:
    stage.gateway.answers += [GatewayUnavailable("away")] * 40
    unknown = await stage.send(await stage.open(), CONFIRM)
    assert unknown.pending is not None
    assert "missing" not in await house.sweep(), "it is being asked about"
    await terminate(house, unknown)
    stage.gateway.answers.clear()
    assert (await house.sweep())["missing"] >= 1
    assert await stage.client.get_workflow_handle(unknown.id).result() == Status.SUCCEEDED
    assert len(stage.gateway.performed) == 1


async def test_workflows_whose_payment_has_ended_or_is_not_recorded_level(house: House, stage: Stage) -> None:
    """Temporal was put back to an older copy; or the records were."""
    ended, lost = await held(stage), await held(stage)
    canceled = after(ended, Cancel(), Approved(authorization="a"))
    stage.projection.records[ended.id] = Recorded(intent=canceled)
    del stage.projection.records[lost.id]
    house.records.time += 3_600
    for intent in (ended, lost):
        await house.listed(intent, running=True)
    found = await house.sweep(whole=True)
    assert found["ended"] >= 1
    assert found["unrecorded"] >= 1
    assert await stage.client.get_workflow_handle(ended.id).result() == Status.CANCELED
    async with asyncio.timeout(60):
        while lost.id not in stage.projection.records:
            await asyncio.sleep(0.05)
    assert stage.projection.records[lost.id].intent == lost


async def test_one_that_is_late_is_woken(house: House, stage: Stage) -> None:
    """Its clock stands still, as far as it knows: nobody has told it that its time is up."""
    intent = await held(stage)
    await house.listed(intent, running=True)
    house.records.time += 8 * 86_400
    found = await house.sweep(whole=True)
    assert found["overdue"] == 1


async def test_many_pages_are_one_sweep_and_rests_lie_between_them(house: House, stage: Stage) -> None:
    intent = await held(stage)
    for number in range(120):
        other = replace(intent, id=f"{intent.id}_{number:03}", status=Status.CANCELED, canceled_at=1, charge=None)
        stage.projection.records[other.id] = Recorded(intent=replace(other, status=Status.REQUIRES_PAYMENT_METHOD))
    await house.sweep()
    handle: WorkflowHandle[HousekeepingWorkflow, SweepResult]
    handle = stage.client.get_workflow_handle_for(HousekeepingWorkflow.run, f"sweep_1_{stage.queue}")
    history = await handle.fetch_history()
    timers = [event for event in history.events if event.HasField("timer_started_event_attributes")]
    assert len(timers) >= 3
    assert (await handle.result()).found == {"seen": 121}
