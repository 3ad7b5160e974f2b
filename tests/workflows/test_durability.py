"""What a PaymentIntent survives: lost answers, outages, an absent record store, roll-overs, and seven days."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from temporalio.exceptions import CancelledError
from temporalio.testing import TimeSkipper
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.payments import PaymentActivities
from contracts.messages import PaymentIntentStart
from domain.machine.transitions import carry_out
from domain.model.commands import Cancel, Capture, Confirm, Update
from domain.model.outcomes import Authorize, Declined
from domain.model.statuses import Status
from gateways.base import GatewayRateLimited, GatewayRejected, GatewayUnavailable
from tests.replay.scenarios import until
from tests.support.builders import NOW, decided, make_intent, make_method
from tests.support.fakes import FakeGateway, MemoryCashBalances, MemoryProjection
from tests.workflows.conftest import Stage
from workflows.options import TASK_TIMEOUT
from workflows.payment_intent import PaymentIntentWorkflow

CONFIRM = Confirm(command_id="cmd_confirm", payment_method=make_method())
HOLD = {"capture_method": "manual"}


@pytest.mark.parametrize("failure", [GatewayUnavailable("no answer"), GatewayRateLimited("slow down", 0.05)])
async def test_one_lost_call_is_repeated_and_the_caller_notices_nothing(stage: Stage, failure: Exception) -> None:
    stage.gateway.answers.append(failure)
    intent = await stage.open()
    assert (await stage.send(intent, CONFIRM)).status == Status.SUCCEEDED
    assert len(stage.gateway.performed) == 1


async def test_what_was_canceled_without_anybody_asking_is_begun_again(stage: Stage) -> None:
    """As by a worker that was too slow for its task. The command failed for good, and, where no caller waited for it,
    the payment took it for a request to be canceled."""
    stage.gateway.answers += [CancelledError("Cancelled")] * 3
    intent = await stage.open()
    assert (await stage.send(intent, CONFIRM)).status == Status.SUCCEEDED
    assert len(stage.gateway.performed) == 1


async def test_a_signal_whose_work_was_canceled_without_anybody_asking_is_carried_out(stage: Stage) -> None:
    held = await stage.send(await stage.open(**HOLD), CONFIRM)
    assert held.status == Status.REQUIRES_CAPTURE
    stage.gateway.answers += [CancelledError("Cancelled")] * 3
    handle = stage.client.get_workflow_handle(held.id)
    await handle.signal("capture", Capture(command_id="cmd_capture"))
    assert await handle.result() == Status.SUCCEEDED, "by a signal, of which nobody hears that it failed"
    assert [effect.operation for effect in stage.gateway.performed] == ["authorize", "capture"]


async def test_a_rejected_call_is_a_processing_error(stage: Stage) -> None:
    stage.gateway.answers.append(GatewayRejected("no such token"))
    intent = await stage.open()
    result = await stage.engine.start_with(intent, CONFIRM)
    assert result.error is not None
    assert (result.error.code, result.intent.status) == ("processing_error", Status.REQUIRES_PAYMENT_METHOD)


async def test_lost_answers_are_processing_until_the_gateway_says(stage: Stage) -> None:
    stage.gateway.lose_answers = True
    intent = await stage.open()
    waiting = await stage.send(intent, CONFIRM)
    assert waiting.status == Status.PROCESSING
    assert len(stage.gateway.performed) == 1, "it did act; we only could not know"
    noted = await stage.send(intent, Update(command_id="cmd_note", changes={"description": "patience"}))
    assert (noted.status, noted.description) == (Status.PROCESSING, "patience")
    stage.gateway.lose_answers = False
    await until(stage, intent.id, Status.SUCCEEDED)
    assert len(stage.gateway.performed) == 1, "one charge, however often we asked"
    assert stage.projection.types(intent.id) == [
        "payment_intent.processing",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]


@pytest.mark.parametrize(("command", "status"), [(Capture(), Status.SUCCEEDED), (Cancel(), Status.CANCELED)])
async def test_an_outage_while_money_is_held(stage: Stage, command: Capture | Cancel, status: Status) -> None:
    intent = await stage.open(**HOLD)
    await stage.send(intent, CONFIRM)
    stage.gateway.lose_answers = True
    assert (await stage.send(intent, replace(command, command_id="cmd_2"))).status == Status.PROCESSING
    stage.gateway.lose_answers = False
    await until(stage, intent.id, status)
    assert len(stage.gateway.performed) == 2


async def test_a_request_for_cancellation_does_not_interrupt_the_search_for_the_truth(stage: Stage) -> None:
    stage.gateway.lose_answers = True
    intent = await stage.open()
    await stage.send(intent, CONFIRM)
    await stage.client.get_workflow_handle(intent.id).cancel()
    await until(stage, intent.id, Status.PROCESSING)
    stage.gateway.lose_answers = False
    await until(stage, intent.id, Status.SUCCEEDED)
    assert len(stage.gateway.performed) == 1


async def test_a_workflow_that_does_not_know_what_it_has_done_learns_it_from_the_record(stage: Stage) -> None:
    """Server and worker were killed together, after the activity and before the end of its task."""
    intent = await stage.open(**HOLD)
    lost = Confirm(command_id="cmd_lost", payment_method=CONFIRM.payment_method)
    decision = decided(intent, lost)
    assert isinstance(decision.effect, Authorize)
    outcome = await stage.gateway.perform(decision.effect)
    held = carry_out(intent, lost, decision, outcome, intent.created)
    await stage.projection.project(held)
    assert (await stage.state(intent)).status == Status.REQUIRES_PAYMENT_METHOD
    captured = await stage.send(intent, Capture(command_id="cmd_c", seen_version=held.after.version))
    assert (captured.status, captured.amount_received) == (Status.SUCCEEDED, 1_099)
    again = await stage.send(captured, lost)
    assert again.version == captured.version, "the record brought the ledger along"
    assert [effect.operation for effect in stage.gateway.performed] == ["authorize", "capture"]


async def test_a_late_decline(stage: Stage) -> None:
    stage.gateway.answers += [GatewayUnavailable("no answer")] * 20
    intent = await stage.open()
    assert (await stage.send(intent, CONFIRM)).status == Status.PROCESSING
    stage.gateway.answers[:] = [Declined(decline_code="stolen_card")]
    await until(stage, intent.id, Status.REQUIRES_PAYMENT_METHOD)
    assert stage.projection.types(intent.id)[-2:] == ["charge.failed", "payment_intent.payment_failed"]


async def test_the_record_store_is_away_for_a_while(stage: Stage) -> None:
    intent = await stage.open()
    stage.projection.away = True
    sending = asyncio.create_task(stage.send(intent, Update(command_id="cmd_u", changes={"description": "x"})))
    await asyncio.sleep(0)
    async with asyncio.timeout(60):
        while not await _activity_attempts(stage, intent.id):
            await asyncio.sleep(0.05)
    assert not sending.done(), "the record is written before the answer"
    stage.projection.away = False
    assert (await sending).description == "x"
    assert len(stage.projection.transitions) == 1


async def _activity_attempts(stage: Stage, id_: str) -> int:
    described = await stage.client.get_workflow_handle(id_).describe()
    return len(described.raw_description.pending_activities)


async def test_rolling_over_in_mid_life_keeps_state_and_ledger(stage: Stage) -> None:
    intent = make_intent(**HOLD)
    intent = replace(intent, id=stage.queue)
    await stage.client.start_workflow(
        PaymentIntentWorkflow.run,
        PaymentIntentStart(intent=intent, history_events_max=12),
        id=intent.id,
        task_queue=stage.queue,
        task_timeout=TASK_TIMEOUT,
    )
    handle = stage.client.get_workflow_handle(intent.id)
    first = (await handle.describe()).run_id
    for number in range(6):
        await stage.send(intent, Update(command_id=f"cmd_{number}", changes={"metadata": {f"k{number}": "v"}}))
    held = await stage.send(intent, CONFIRM)
    async with asyncio.timeout(60):
        while (await handle.describe()).run_id == first:
            await asyncio.sleep(0.02)
    state = await stage.state(intent)
    assert state.metadata == {f"k{number}": "v" for number in range(6)}
    assert (state.status, state.version) == (Status.REQUIRES_CAPTURE, held.version)
    again = await stage.send(intent, CONFIRM)
    assert again.version == held.version, "a known command is not carried out again in the next run"
    assert len(stage.gateway.performed) == 1
    assert (await stage.send(intent, Capture(command_id="cmd_capture"))).status == Status.SUCCEEDED


async def test_a_hold_lapses_after_seven_days_and_not_a_minute_before(stage: Stage) -> None:
    intent = await stage.open(**HOLD)
    other = await stage.open(**HOLD)
    held = await stage.send(intent, CONFIRM)
    await stage.send(other, CONFIRM)
    assert held.charge is not None
    assert held.charge.capture_before is not None
    skipper = TimeSkipper(stage.client)
    handle = stage.client.get_workflow_handle(intent.id)
    window = held.charge.capture_before - held.charge.created
    await skipper.fast_forward(handle, timedelta(seconds=window - 60))
    assert (await stage.state(intent)).status == Status.REQUIRES_CAPTURE
    await skipper.fast_forward(handle, timedelta(seconds=120))
    await until(stage, intent.id, Status.CANCELED)
    expired = await stage.state(intent)
    assert (expired.cancellation_reason, expired.amount_capturable) == ("expired", 0)
    assert stage.projection.types(intent.id)[-2:] == ["charge.expired", "payment_intent.canceled"]
    assert [effect.operation for effect in stage.gateway.performed] == ["authorize", "authorize", "void"]
    assert (await stage.state(other)).status == Status.REQUIRES_CAPTURE, "only this payment's clock moved"


async def test_the_workflow_runs_in_temporals_sandbox_too(stage: Stage) -> None:
    """Production runs unsandboxed, for speed; here the sandbox watches workflows/ for what is not deterministic.

    And nothing is cached, so every task replays the history, and every task ends with an eviction.
    """
    gateway, projection, queue = FakeGateway(), MemoryProjection(), f"{stage.queue}-sandboxed"
    activities = PaymentActivities(gateway, projection, MemoryCashBalances(), clock=lambda: NOW)
    runner = SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default)
    assert not isinstance(runner, UnsandboxedWorkflowRunner)
    worker = Worker(
        stage.client,
        task_queue=queue,
        workflows=[PaymentIntentWorkflow],
        activities=[
            activities.carry_out,
            activities.ask_gateway,
            activities.record,
            activities.recall,
            activities.check,
        ],
        workflow_runner=runner,
        max_cached_workflows=0,
    )
    sandboxed = replace(
        stage, queue=queue, engine=type(stage.engine)(stage.client, projection.latest, queue), projection=projection
    )
    async with worker:
        intent = await sandboxed.open(**HOLD)
        await sandboxed.send(intent, CONFIRM)
        assert (await sandboxed.send(intent, Capture(command_id="cmd_c"))).status == Status.SUCCEEDED
