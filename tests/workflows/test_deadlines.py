"""A command that nobody waits for any more is dropped, unless it was begun; repeated, it is carried out."""

import asyncio
import time

import pytest
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from contracts.messages import CommandResult
from domain.model.commands import Command, Confirm, RefundCharge, late
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from temporal.deadlines import Deadlines
from temporal.engine import TemporalEngine
from tests.support.builders import make_method
from tests.workflows.conftest import Stage


def now() -> int:
    return int(time.time())  # noqa: TID251


def confirm(not_after: int) -> Confirm:
    return Confirm(command_id="cmd_confirm", payment_method=make_method(), not_after=not_after)


def handle_of(stage: Stage, intent: PaymentIntent) -> WorkflowHandle[object, str]:
    return stage.client.get_workflow_handle(intent.id)


async def updated(stage: Stage, intent: PaymentIntent, command: Command) -> CommandResult:
    result: CommandResult = await handle_of(stage, intent).execute_update(
        command.name, command, id=command.command_id, result_type=CommandResult
    )
    return result


async def refused_as_late(stage: Stage, intent: PaymentIntent, command: Command) -> None:
    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await updated(stage, intent, command)
    assert isinstance(failed.value.cause, ApplicationError)
    assert failed.value.cause.message == late().message


async def updates_in_history(stage: Stage, intent: PaymentIntent) -> int:
    history = await handle_of(stage, intent).fetch_history()
    return sum(event.HasField("workflow_execution_update_accepted_event_attributes") for event in history.events)


async def test_what_has_waited_for_a_worker_for_too_long_leaves_no_trace(stage: Stage) -> None:
    intent = await stage.open()
    await refused_as_late(stage, intent, confirm(now() - 10))
    assert await stage.state(intent) == stage.projection.records[intent.id].intent == intent
    assert (stage.gateway.calls, stage.projection.claims, await updates_in_history(stage, intent)) == (0, [], 0)
    repeated = await updated(stage, intent, confirm(now() + 10))
    assert repeated.intent.status == Status.SUCCEEDED, "the same update, and nobody remembers the first"
    assert len(stage.gateway.performed) == 1
    assert (await updated(stage, intent, confirm(now() - 10))).intent == repeated.intent, "what was done is told"


async def test_what_has_waited_for_another_command_is_dropped_and_can_be_repeated(stage: Stage) -> None:
    intent = await stage.open()
    paid = await stage.send(intent, confirm(0))
    stage.gateway.hold = asyncio.Event()
    first = asyncio.create_task(stage.send(paid, RefundCharge(command_id="first", refund="re_1", amount=100)))
    while stage.gateway.calls < 2:
        await asyncio.sleep(0.01)
    soon = RefundCharge(command_id="second", refund="re_2", amount=200, seen_version=paid.version, not_after=now() + 1)
    second = asyncio.create_task(refused_as_late(stage, paid, soon))
    while now() <= soon.not_after + 1:
        await asyncio.sleep(0.05)
    stage.gateway.hold.set()
    await asyncio.gather(first, second)
    assert [effect.operation for effect in stage.gateway.performed] == ["authorize", "refund"]

    async def reload() -> PaymentIntent:
        return await stage.projection.latest(paid.id) or paid

    engine = TemporalEngine(stage.client, stage.projection.latest, stage.queue, clock=now)
    again = RefundCharge(command_id="second", refund="re_2", amount=200)
    told = await engine.send(await reload(), again, reload)
    assert told.intent.charge is not None
    assert told.intent.charge.amount_refunded == 300


async def test_an_api_whose_clock_is_behind_takes_payments(stage: Stage) -> None:
    intent = await stage.open()
    behind = TemporalEngine(stage.client, stage.projection.latest, stage.queue, clock=lambda: now() - 3_600)

    async def reload() -> PaymentIntent:
        return intent

    assert isinstance(behind._deadlines, Deadlines)
    assert (await behind.send(intent, confirm(0), reload)).intent.status == Status.SUCCEEDED
    assert len(stage.gateway.performed) == 1


async def test_what_was_never_claimed_is_not_carried_out_when_the_records_are_back(stage: Stage) -> None:
    intent = await stage.open()
    stage.projection.away = True
    command = confirm(now() + 2)
    asking = asyncio.create_task(refused_as_late(stage, intent, command))
    while now() <= command.not_after:
        await asyncio.sleep(0.05)
    stage.projection.away = False
    await asking
    assert (stage.gateway.calls, stage.projection.claims, stage.projection.transitions) == (0, [], [])
    assert await stage.state(intent) == intent
    repeated = await stage.send(intent, Confirm(command_id="cmd_again", payment_method=make_method()))
    assert repeated.status == Status.SUCCEEDED
