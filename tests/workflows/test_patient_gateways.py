"""Gateways that take seconds: asked on a queue of their own, once, while nothing else is held up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from activities.payments import PaymentActivities
from contracts.names import gateway_queue
from domain.model.commands import Capture, Confirm, ModificationResult, RefundCharge, ReportDispute
from domain.model.gateways import FIRST, GatewayProfile, Hop, Latency
from domain.model.outcomes import Accepted
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from gateways.base import GatewayUnavailable
from gateways.registry import Gateways
from temporal.gateway_workers import gateway_workers
from temporal.refusals import CommandRefused
from tests.support.builders import NOW, make_method
from tests.support.fakes import FakeGateway
from tests.workflows.conftest import Stage


@dataclass
class Patient:
    """A gateway that waits for `go` before it answers, beside the prompt one of the stage."""

    stage: Stage
    gateway: FakeGateway
    hop: Hop

    async def open(self, **fields: Any) -> PaymentIntent:
        method = make_method(tokens={self.hop.gateway: "tok_brisk"})
        return await self.stage.open(payment_method=method, status=Status.REQUIRES_CONFIRMATION, **fields)

    def confirm(self) -> Confirm:
        return Confirm(command_id="confirm", route=(self.hop,))


@asynccontextmanager
async def patient(stage: Stage, patience: int, **fake: Any) -> AsyncIterator[Patient]:
    name = f"brisk-{stage.queue}"
    profile = GatewayProfile(name=name, latency=Latency.PATIENT, patience_seconds=patience, concurrency=4)
    gateway = FakeGateway(profile=profile, **fake)
    gateways = Gateways({FIRST: stage.gateway, name: gateway})
    activities = PaymentActivities(gateways, stage.projection, stage.balances, clock=lambda: NOW)
    (worker,) = gateway_workers(stage.client, gateways.profiles, [activities.carry_out, activities.ask_gateway])
    assert worker.task_queue == gateway_queue(name)
    async with worker:
        yield Patient(stage, gateway, profile.hop)


async def test_a_healthy_answer_within_a_callers_patience_is_the_answer_however_many_wait(stage: Stage) -> None:
    """Many more calls at once than there are places, and than a task lasts; a prompt payment passes by them."""
    go = asyncio.Event()
    async with patient(stage, 30, hold=go) as slow:
        waiting = []
        for _ in range(8):
            intent = await slow.open(capture_method="manual")
            waiting.append(asyncio.create_task(stage.send(intent, slow.confirm())))
        async with asyncio.timeout(60):
            while slow.gateway.calls < 4:
                await asyncio.sleep(0.02)
        prompt = await stage.open(payment_method=make_method(), status=Status.REQUIRES_CONFIRMATION)
        assert (await stage.send(prompt, Confirm())).status is Status.SUCCEEDED
        assert not any(task.done() for task in waiting)
        go.set()
        held = await asyncio.gather(*waiting)
        assert {one.status for one in held} == {Status.REQUIRES_CAPTURE}
        assert len(slow.gateway.performed) == slow.gateway.calls == 8, "each is asked once"
        assert {one.charge.gateway for one in held if one.charge} == {slow.hop.gateway}
        assert (await stage.send(held[0], Capture())).status is Status.SUCCEEDED
        assert slow.gateway.performed[-1].operation == "capture"
    assert [effect.operation for effect in stage.gateway.performed] == ["authorize"], "and of nobody else"


async def test_after_a_callers_patience_it_is_processing_and_then_what_the_gateway_says(stage: Stage) -> None:
    go = asyncio.Event()
    async with patient(stage, 1, hold=go) as slow:
        intent = await slow.open()
        told = await stage.send(intent, slow.confirm())
        assert told.status is Status.PROCESSING
        assert told.pending is not None
        go.set()
        async with asyncio.timeout(60):
            while (await stage.projection.latest(intent.id)).status is not Status.SUCCEEDED:  # type: ignore[union-attr]
                await asyncio.sleep(0.05)
    assert len(slow.gateway.performed) == 1, "however often it was asked, it did it once"


async def test_news_that_overtake_the_answer_wait_for_it(stage: Stage) -> None:
    """They were refused at once, by a payment that knew nothing of them yet; and a gateway tells but once."""
    async with patient(stage, 30) as slow:
        held = await stage.send(await slow.open(capture_method="manual"), slow.confirm())
        assert held.charge is not None
        slow.gateway.hold = asyncio.Event()
        slow.gateway.answers = [Accepted(reference="mod_1")]
        capturing = asyncio.create_task(stage.send(held, Capture(command_id="capture")))
        async with asyncio.timeout(60):
            while slow.gateway.calls < 2:
                await asyncio.sleep(0.02)
        news = ModificationResult(
            command_id="news", charge=held.charge.id, operation="capture", reference="mod_1", succeeded=True,
            amount=held.amount, gateway=slow.hop.gateway, seen_version=held.version,
        )  # fmt: skip
        telling = asyncio.create_task(stage.send(held, news))
        async with asyncio.timeout(60):
            while not telling.done() and await updates(stage, held.id) < 3:
                await asyncio.sleep(0.02)
        assert not telling.done(), "nothing is said of them before the answer"
        slow.gateway.hold.set()
        assert (await telling).status is Status.SUCCEEDED
        assert (await capturing).status in (Status.PROCESSING, Status.SUCCEEDED)


async def test_news_that_were_refused_once_are_taken_when_they_are_told_again(stage: Stage) -> None:
    """They came while a refund was asked for, and nobody knew what became of it: the server remembered the refusal."""
    several = {"card": {"request_multicapture": "if_available"}}
    async with patient(stage, 6) as slow:
        held = await stage.send(
            await slow.open(capture_method="manual", payment_method_options=several), slow.confirm()
        )
        taken = await stage.send(held, Capture(command_id="capture", amount_to_capture=400, final_capture=False))
        assert taken.charge is not None
        slow.gateway.hold = asyncio.Event()
        refunding = asyncio.create_task(stage.send(taken, RefundCharge(command_id="refund", amount=100)))
        async with asyncio.timeout(60):
            while slow.gateway.calls < 3:
                await asyncio.sleep(0.02)
        news = ReportDispute(
            command_id="dp_1/needs_response", charge=taken.charge.id, reason="fraudulent", status="needs_response"
        )
        with pytest.raises(CommandRefused, match="cannot be accessed right now"):
            await stage.send(taken, news)
        assert (await refunding).pending is not None
        slow.gateway.hold.set()
        async with asyncio.timeout(60):
            while (now := await stage.state(taken)).pending is not None:
                await asyncio.sleep(0.05)
        told = await stage.send(now, news)
        assert told.charge is not None
        assert told.charge.dispute is not None


async def updates(stage: Stage, id_: str) -> int:
    """How many updates the workflow has accepted."""
    history = stage.client.get_workflow_handle(id_).fetch_history_events()
    return len(
        [event async for event in history if event.HasField("workflow_execution_update_accepted_event_attributes")]
    )


async def test_a_lost_answer_is_asked_for_again_under_the_same_key_within_a_callers_patience(stage: Stage) -> None:
    async with patient(stage, 30, answers=[GatewayUnavailable("no answer")]) as slow:
        paid = await stage.send(await slow.open(), slow.confirm())
    assert paid.status is Status.SUCCEEDED
    assert (slow.gateway.calls, len(slow.gateway.performed)) == (2, 1)


async def test_a_route_that_says_prompt_is_asked_within_the_task(stage: Stage) -> None:
    intent = await stage.open(payment_method=make_method(), status=Status.REQUIRES_CONFIRMATION)
    assert (await stage.send(intent, Confirm(command_id="confirm", route=(Hop(),)))).status is Status.SUCCEEDED
    history = [event async for event in stage.client.get_workflow_handle(intent.id).fetch_history_events()]
    assert not any(event.HasField("activity_task_scheduled_event_attributes") for event in history)


def test_the_queue_of_a_gateway_has_its_name() -> None:
    assert gateway_queue("brisk") == "gateway-brisk"
    assert gateway_queue("") == "gateway-simulator"


def test_a_prompt_gateway_needs_no_queue(stage: Stage) -> None:
    assert gateway_workers(stage.client, [GatewayProfile()], []) == []
