"""Refunds of a payment that has ended: the workflow is revived for each, and waits for the gateway where it must."""

import asyncio

import pytest

from domain.model.commands import Confirm, RefundCharge
from domain.model.outcomes import Declined, Refund
from domain.model.payment_intent import PaymentIntent
from domain.model.refund_events import RefundFailed, RefundRequested, RefundSucceeded
from domain.model.statuses import Status
from temporal.refusals import CommandRefused
from tests.support.builders import make_method
from tests.workflows.conftest import Stage


async def paid(stage: Stage) -> PaymentIntent:
    intent = await stage.send(await stage.open(), Confirm(command_id="cmd_1", payment_method=make_method()))
    await stage.client.get_workflow_handle(intent.id).result()
    return intent


def refund_facts(stage: Stage) -> list[str]:
    kinds = (RefundRequested, RefundSucceeded, RefundFailed)
    events = [event for transition in stage.projection.transitions for event in transition.events]
    return [type(event).__name__ for event in events if isinstance(event, kinds)]


async def test_an_ended_payment_is_refunded_and_ends_again(stage: Stage) -> None:
    intent = await paid(stage)
    after = await stage.send(intent, RefundCharge(command_id="cmd_r", refund="re_1", amount=99))
    assert after.status == Status.SUCCEEDED
    assert after.charge is not None
    assert after.charge.amount_refunded == 99
    assert await stage.client.get_workflow_handle(intent.id).result() == "succeeded"
    assert stage.projection.types(intent.id)[-2:] == ["refund.created", "charge.refunded"]


async def test_refunds_at_once_never_give_back_more_than_was_taken(stage: Stage) -> None:
    intent = await paid(stage)
    commands = [RefundCharge(command_id=f"cmd_r{n}", refund=f"re_{n}", amount=400) for n in range(5)]
    answers = await asyncio.gather(*(stage.send(intent, command) for command in commands), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, CommandRefused)]
    assert len(refused) == 3
    given = [effect.amount for effect in stage.gateway.performed if isinstance(effect, Refund)]
    assert given == [400, 400]


async def test_a_lost_answer_is_a_pending_refund_until_the_gateway_says(stage: Stage) -> None:
    intent = await paid(stage)
    stage.gateway.lose_answers = True
    after = await stage.send(intent, RefundCharge(command_id="cmd_r", refund="re_1"))
    assert after.status == Status.SUCCEEDED, "the payment is what it was"
    assert isinstance(after.pending, Refund)
    with pytest.raises(CommandRefused) as caught:
        await stage.send(after, RefundCharge(command_id="cmd_s", refund="re_2"))
    assert caught.value.refusal.code in ("lock_timeout", "charge_already_refunded")
    stage.gateway.lose_answers = False
    assert await stage.client.get_workflow_handle(intent.id).result() == "succeeded"
    assert refund_facts(stage) == ["RefundRequested", "RefundSucceeded"]
    assert len([effect for effect in stage.gateway.performed if isinstance(effect, Refund)]) == 1
    assert stage.projection.types(intent.id)[-4:] == ["refund.created", "charge.refunded",
                                                        "charge.refund.updated", "refund.updated"]  # fmt: skip


async def test_a_late_no_gives_nothing_back(stage: Stage) -> None:
    intent = await paid(stage)
    stage.gateway.lose_answers = True
    stage.gateway.answers.append(Declined(decline_code="generic_decline"))
    await stage.send(intent, RefundCharge(command_id="cmd_r", refund="re_1"))
    stage.gateway.lose_answers = False
    await stage.client.get_workflow_handle(intent.id).result()
    latest = await stage.projection.latest(intent.id)
    assert latest is not None
    assert latest.charge is not None
    assert latest.charge.amount_refunded == 0
    assert refund_facts(stage) == ["RefundRequested", "RefundFailed"]


async def test_a_repeated_refund_is_one(stage: Stage) -> None:
    intent = await paid(stage)
    command = RefundCharge(command_id="cmd_r", refund="re_1", amount=99)
    for _ in range(2):
        after = await stage.send(intent, command)
        assert after.charge is not None
        assert after.charge.amount_refunded == 99
