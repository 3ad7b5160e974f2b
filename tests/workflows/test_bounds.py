"""Bounds: whatever is sent, the workflow keeps within what Temporal's server takes, and the payment stays usable."""

import asyncio
from typing import Any

import pytest
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import WorkflowExecutionStatus

from domain.machine import limits
from domain.machine.decisions import ATTEMPTS_MAX
from domain.model.commands import Cancel, Capture, Confirm, Update
from domain.model.outcomes import Declined, PaymentAwaited
from domain.model.payment_intent import PaymentIntent
from domain.model.payment_methods import Address, BillingDetails, PaymentMethod
from domain.model.statuses import Status
from temporal.refusals import CommandRefused
from tests.support.builders import make_method
from tests.workflows.conftest import Stage

NO = Declined(decline_code="generic_decline", network_decline_code="01")
LONG = "x" * 5_000


def long_method(**fields: Any) -> PaymentMethod:
    """All that a buyer can say of himself."""
    address = Address(city=LONG, country=LONG, line1=LONG, line2=LONG, postal_code=LONG, state=LONG)
    return make_method(billing_details=BillingDetails(address=address, name=LONG, phone=LONG, tax_id=LONG), **fields)


async def filled(stage: Stage, **fields: Any) -> PaymentIntent:
    """An intent with as much said of it as one command can say."""
    intent = await stage.open(**fields)
    changes = {"payment_details": {"order_reference": "x" * (limits.COMMAND_BYTES_MAX - 1_000)}}
    return await stage.send(intent, Update(command_id="cmd_fill", changes=changes))


async def running(stage: Stage, intent: PaymentIntent) -> bool:
    described = await stage.client.get_workflow_handle(intent.id).describe()
    return described.status == WorkflowExecutionStatus.RUNNING


async def answer(stage: Stage, intent: PaymentIntent, command: Any) -> str | None:
    """None for a result, else the code of the refusal."""
    try:
        await stage.send(intent, command)
    except CommandRefused as refused:
        return refused.refusal.code or refused.refusal.message
    return None


async def test_many_rivals_on_an_intent_of_the_largest_do_not_end_its_workflow(stage: Stage) -> None:
    intent = await filled(stage, capture_method="manual")
    first = await stage.client.get_workflow_handle(intent.id).describe()
    for round_ in range(3):
        said = intent.payment_details
        updates = [Update(command_id=f"cmd_{round_}_{n}", changes={"payment_details": said}) for n in range(10)]
        answers = await asyncio.gather(*(answer(stage, intent, update) for update in updates))
        assert set(answers) <= {None, "lock_timeout"}
        assert None in answers
        captures = [Capture(command_id=f"cmd_c{round_}_{n}") for n in range(10)]
        refusals = await asyncio.gather(*(answer(stage, intent, capture) for capture in captures))
        assert set(refusals) == {"payment_intent_unexpected_state"}
    run = await stage.client.get_workflow_handle(intent.id, run_id=first.run_id).describe()
    assert run.status in (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.CONTINUED_AS_NEW)
    held = await stage.send(intent, Confirm(command_id="cmd_confirm", payment_method=make_method()))
    assert held.status == Status.REQUIRES_CAPTURE
    assert (await stage.send(held, Capture(command_id="cmd_capture"))).status == Status.SUCCEEDED


async def test_small_intents_are_never_busy_with_ten_at_once(stage: Stage) -> None:
    intent = await stage.open(metadata={"order": "x" * 500})
    updates = [Update(command_id=f"cmd_{n}", changes={"description": str(n)}) for n in range(10)]
    assert await asyncio.gather(*(answer(stage, intent, update) for update in updates)) == [None] * 10


async def test_declines_with_long_billing_details_leave_it_usable(stage: Stage) -> None:
    intent = await stage.open()
    stage.gateway.answers += [NO] * 9
    for number in range(9):
        declined = await stage.send(intent, Confirm(command_id=f"cmd_{number}", payment_method=long_method()))
        assert declined.status == Status.REQUIRES_PAYMENT_METHOD
    paid = await stage.send(intent, Confirm(command_id="cmd_paid", payment_method=long_method()))
    assert paid.status == Status.SUCCEEDED


async def test_as_many_declines_as_there_may_be(stage: Stage) -> None:
    intent = await stage.open()
    stage.gateway.answers += [NO] * ATTEMPTS_MAX
    for number in range(ATTEMPTS_MAX):
        declined = await stage.send(intent, Confirm(command_id=f"cmd_{number}", payment_method=long_method()))
        assert declined.status == Status.REQUIRES_PAYMENT_METHOD
    assert await running(stage, intent)
    assert (await stage.send(intent, Update(command_id="cmd_u", changes={"description": "still"}))).description
    last = await stage.send(intent, Confirm(command_id="cmd_last", payment_method=long_method()))
    assert last.status == Status.CANCELED


@pytest.mark.parametrize(
    "typed",
    [
        {"changes": {"metadata": {"a\x00": "x"}}},
        {"changes": {"metadata": {"a": "x\x00"}}},
        {"changes": {"a\x00": "x"}},
        {"changes": {"shipping": {"name": 10**30}}},
        {"changes": {"description": "x" * 400_000}},
        {"changes": {"x" * 100_000: "y"}},
        {"command_id": "x" * 1_000},
    ],
)
async def test_a_hostile_signal_is_refused_and_shown(stage: Stage, typed: dict[str, Any]) -> None:
    intent = await stage.open()
    handle = stage.client.get_workflow_handle(intent.id)
    await handle.signal("update", typed)
    async with asyncio.timeout(60):
        while "Last refused signal" not in await current_details(stage, intent):
            await asyncio.sleep(0.01)
    assert (await stage.state(intent)) == intent
    assert stage.projection.transitions == []
    assert (await stage.send(intent, Confirm(command_id="cmd_1", payment_method=make_method()))).status == "succeeded"


async def current_details(stage: Stage, intent: PaymentIntent) -> str:
    handle = stage.client.get_workflow_handle(intent.id)
    metadata = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return str(metadata.current_details)


@pytest.mark.parametrize("never", [10**12, 10**15])
async def test_a_payment_lives_whose_gateway_tells_a_time_that_no_timer_can_count(stage: Stage, never: int) -> None:
    """It failed every task, and no revival helped: the time was on the record."""
    stage.gateway.answers += [PaymentAwaited(reference="vou_1", url="https://pay.example", expires_at=never)]
    intent = await stage.open(currency="mxn", amount=20_000, payment_method_types=("oxxo",))
    method = make_method(card=None, type="oxxo")
    async with asyncio.timeout(60):
        shown = await stage.send(intent, Confirm(command_id="cmd_1", payment_method=method))
        assert shown.status is Status.REQUIRES_ACTION
        assert (await stage.send(shown, Cancel(command_id="cmd_2"))).status is Status.CANCELED
        assert await stage.client.get_workflow_handle(intent.id).result() == "canceled"
