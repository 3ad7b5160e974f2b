"""A gateway that answers something else: the payment stops, nothing is recorded; it goes on once the books agree."""

import asyncio

import pytest

from contracts import names
from domain.model.commands import Cancel, Capture, Command, Confirm
from domain.model.outcomes import Authorize, CaptureHold
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from gateways.base import GatewayMismatch
from temporal.engine import PaymentStopped
from tests.replay.scenarios import until
from tests.support.builders import make_method
from tests.workflows.conftest import Stage

CONFIRM = Confirm(command_id="cmd_confirm", payment_method=make_method())
HOLD = {"capture_method": "manual"}


async def until_details(stage: Stage, intent: PaymentIntent, text: str) -> None:
    """Wait until the Temporal UI says so."""
    handle = stage.client.get_workflow_handle(intent.id)
    async with asyncio.timeout(60):
        while text not in str(await handle.query("__temporal_workflow_metadata")):
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("command", "status"),
    [(Capture(command_id="cmd_2"), Status.SUCCEEDED), (Cancel(command_id="cmd_2"), Status.CANCELED)],
)
async def test_a_command_is_not_repeated_nor_called_unknown(stage: Stage, command: Command, status: Status) -> None:
    held = await stage.send(await stage.open(**HOLD), CONFIRM)
    written, calls = len(stage.projection.transitions), stage.gateway.calls
    stage.gateway.answers.append(GatewayMismatch("answered about something else"))
    with pytest.raises(PaymentStopped, match="something else"):
        await stage.send(held, command)
    assert stage.gateway.calls == calls + 1
    assert len(stage.projection.transitions) == written, "nothing is concluded"
    assert (await stage.state(held)).status == Status.REQUIRES_CAPTURE
    claimed = stage.projection.records[held.id].under_way
    assert claimed is not None
    assert claimed.command.command_id == "cmd_2", "and what was asked stays written down"
    await stage.client.get_workflow_handle(held.id).signal(names.LEVEL)
    await until(stage, held.id, status)


async def test_what_was_captured_elsewhere_is_never_called_released(stage: Stage) -> None:
    """M3: the record and the workflow know nothing of a capture, and the payment is canceled."""
    held = await stage.send(await stage.open(**HOLD), CONFIRM)
    assert held.charge is not None
    reference = held.charge.authorization or ""
    await stage.gateway.perform(CaptureHold(key="elsewhere", authorization=reference, amount=1_000))
    written = len(stage.projection.transitions)
    for _ in range(2):
        with pytest.raises(PaymentStopped, match="has captured 1000"):
            await stage.send(held, Cancel(command_id="cmd_c"))
    assert len(stage.projection.transitions) == written
    assert (await stage.state(held)).status == Status.REQUIRES_CAPTURE
    await stage.client.get_workflow_handle(held.id).signal(names.LEVEL)
    await until_details(stage, held, "has captured 1000")
    assert stage.projection.transitions[-1].after.status == Status.PROCESSING
    assert stage.projection.transitions[-1].after.canceled_at is None


async def test_an_unknown_outcome_that_turns_out_to_be_something_else_stays_unknown(stage: Stage) -> None:
    intent = await stage.open()
    stage.gateway.lose_answers = True
    assert (await stage.send(intent, CONFIRM)).status == Status.PROCESSING
    first = stage.gateway.performed[0]
    assert isinstance(first, Authorize)
    stage.gateway.performed[0] = Authorize(
        key=first.key, charge=first.charge, amount=9_999, currency="usd", token=first.token, capture=True
    )
    written = len(stage.projection.transitions)
    stage.gateway.lose_answers = False
    await until_details(stage, intent, "answered about 9999")
    assert len(stage.projection.transitions) == written
    assert (await stage.state(intent)).status == Status.PROCESSING
    stage.gateway.performed[0] = first
    await stage.client.get_workflow_handle(intent.id).signal(names.LEVEL)
    await until(stage, intent.id, Status.SUCCEEDED)
