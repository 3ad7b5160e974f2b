"""Long lives: thousands of updates, and runs that are parked, with commands that come at the worst moment."""

import asyncio
import os
from dataclasses import replace

from temporalio.client import WorkflowExecutionStatus

from contracts.messages import PaymentIntentStart
from contracts.names import PARK
from domain.model.commands import Command, Confirm, Update
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from tests.support.builders import make_intent, make_method
from tests.workflows.conftest import Stage
from workflows.options import TASK_TIMEOUT
from workflows.payment_intent import PaymentIntentWorkflow

UPDATES = int(os.environ.get("PERDURE_LONG_UPDATES", "400"))  # noqa: TID251
HISTORY_EVENTS_MAX = 4_000 if UPDATES > 1_000 else 200
AT_ONCE = 20
CONFIRM = Confirm(command_id="cmd_confirm", payment_method=make_method())


async def send(stage: Stage, intent: PaymentIntent, command: Command) -> PaymentIntent:
    """As the API does: from the record, and saying which version of it was seen."""
    recorded = await stage.projection.latest(intent.id) or intent
    return await stage.send(recorded, replace(command, seen_version=recorded.version))


def note(number: int) -> Update:
    return Update(command_id=f"cmd_{number}", changes={"description": str(number)})


async def test_thousands_of_updates_roll_over_and_none_is_forgotten_or_done_twice(stage: Stage) -> None:
    intent = replace(make_intent(), id=stage.queue)
    await stage.client.start_workflow(
        PaymentIntentWorkflow.run,
        PaymentIntentStart(intent=intent, history_events_max=HISTORY_EVENTS_MAX),
        id=intent.id,
        task_queue=stage.queue,
        task_timeout=TASK_TIMEOUT,
    )
    for start in range(0, UPDATES, AT_ONCE):
        await asyncio.gather(*(send(stage, intent, note(number)) for number in range(start, start + AT_ONCE)))
    state = await send(stage, intent, note(UPDATES))
    assert state.version == UPDATES + 2
    known = {entry.command_id for entry in state.ledger}
    assert known >= {f"cmd_{number}" for number in range(max(0, UPDATES - 900), UPDATES)}
    history = await stage.client.get_workflow_handle(intent.id).fetch_history()
    assert len(history.events) < HISTORY_EVENTS_MAX * 2
    for number in (UPDATES - 1, UPDATES - 200):
        await send(stage, intent, note(number))
        assert (await stage.state(intent)).version == state.version, "repeated, it is not done again"
    assert (await send(stage, intent, CONFIRM)).status == Status.SUCCEEDED


async def test_an_idle_intent_is_parked_and_the_next_command_revives_it(stage: Stage) -> None:
    intent = await stage.open()
    noted = await send(stage, intent, note(1))
    handle = stage.client.get_workflow_handle(intent.id)
    await handle.signal(PARK)
    assert await handle.result() == Status.REQUIRES_PAYMENT_METHOD
    assert await stage.engine.retrieve(intent.id) == noted, "the closed run still answers"
    assert (await send(stage, noted, note(1))).version == noted.version, "the ledger was kept"
    paid = await send(stage, noted, CONFIRM)
    assert (paid.status, len(stage.gateway.performed)) == (Status.SUCCEEDED, 1)


async def test_one_that_is_not_idle_stays(stage: Stage) -> None:
    intent = await stage.open(capture_method="manual")
    await send(stage, intent, CONFIRM)
    handle = stage.client.get_workflow_handle(intent.id)
    await handle.signal(PARK)
    assert (await stage.state(intent)).status == Status.REQUIRES_CAPTURE
    assert (await handle.describe()).status == WorkflowExecutionStatus.RUNNING


async def test_commands_that_come_while_it_is_parked_are_carried_out_once(stage: Stage) -> None:
    for round_ in range(10):
        intent = await stage.open()
        handle = stage.client.get_workflow_handle(intent.id)
        command = replace(CONFIRM, command_id=f"cmd_confirm_{round_}", payment_method=make_method())
        results = await asyncio.gather(
            handle.signal(PARK), send(stage, intent, command), send(stage, intent, note(round_)), handle.signal(PARK),
            return_exceptions=True,
        )  # fmt: skip
        assert not isinstance(results[1], BaseException), results
        paid = await send(stage, intent, command)
        assert paid.status == Status.SUCCEEDED
    assert len(stage.gateway.performed) == 10
