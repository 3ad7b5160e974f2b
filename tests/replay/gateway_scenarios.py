"""Scenarios of payments at gateways that fail over, are held back, take seconds, or answer later: see scenarios.py."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle
from temporalio.testing import TimeSkipper

from contracts import by_hand, names
from contracts.messages import PaymentIntentStart
from domain.machine.fence import Recorded
from domain.model.commands import Cancel, Capture, Confirm, IncrementAuthorization, ModificationResult, RefundCharge
from domain.model.gateways import AT_FIRST
from domain.model.outcomes import Accepted, Approved, Declined
from domain.model.payment_intent import PaymentIntent
from domain.model.resolutions import Resolve
from domain.model.statuses import Status
from gateways.base import GatewayHeldBack
from tests.support.builders import make_intent, make_method
from tests.workflows.conftest import Stage
from tests.workflows.test_patient_gateways import patient
from workflows.options import PARKED_SECONDS_MAX, TASK_TIMEOUT
from workflows.payment_intent import PaymentIntentWorkflow

CONFIRM = Confirm(command_id="cmd_confirm", payment_method=make_method())


async def held(stage: Stage, **fields: object) -> PaymentIntent:
    return await stage.send(await stage.open(capture_method="manual", **fields), CONFIRM)


def news(intent: PaymentIntent, operation: str, succeeded: bool, **more: object) -> ModificationResult:
    charge = intent.charge.id if intent.charge else ""
    told = ModificationResult(charge=charge, operation=operation, reference="mod_1", succeeded=succeeded)
    told = replace(told, **more)  # type: ignore[arg-type]
    return replace(told, command_id=by_hand.news_id(told))


async def status(stage: Stage, id_: str, wanted: Status) -> None:
    async with asyncio.timeout(60):
        while (found := await stage.engine.retrieve(id_)) is None or found.status != wanted:
            await asyncio.sleep(0.05)


def hold_back(stage: Stage) -> None:
    """Its breaker is open: neither the three tries of a call nor a look-up get through."""
    stage.gateway.answers += [GatewayHeldBack("its breaker is open")] * 3
    stage.gateway.held_back = True


async def until_parked(handle: WorkflowHandle[Any, Any]) -> None:
    """Until it waits for its gateway's breaker, by a timer of that length."""
    waits = f'"{round(PARKED_SECONDS_MAX.total_seconds())}s"'
    async with asyncio.timeout(60):
        while waits not in (await handle.fetch_history()).to_json():
            await asyncio.sleep(0.05)


async def routed_to_the_next(stage: Stage) -> str:
    stage.gateway.answers.append(Declined(decline_code="do_not_honor"))
    intent = await stage.open()
    paid = await stage.send(intent, replace(CONFIRM, route=(AT_FIRST, AT_FIRST)))
    assert (paid.status, paid.attempts) == (Status.SUCCEEDED, 2)
    await stage.client.get_workflow_handle(intent.id).result()
    return intent.id


async def parked_and_released(stage: Stage) -> str:
    """Its gateway was held back when it was asked; then its breaker says that it may be."""
    hold_back(stage)
    intent = await stage.open()
    await stage.send(intent, CONFIRM)
    handle = stage.client.get_workflow_handle(intent.id)
    await until_parked(handle)
    stage.gateway.held_back = False
    await handle.signal(names.RELEASE)
    await handle.result()
    return intent.id


async def patient_call(stage: Stage) -> str:
    """Asked on a queue of its gateway's; the next time for longer than its caller waits."""
    go = asyncio.Event()
    async with patient(stage, 2, hold=go) as slow:
        intent = await slow.open(capture_method="manual")
        go.set()
        told = await stage.send(intent, slow.confirm())
        assert told.status is Status.REQUIRES_CAPTURE
        go.clear()
        assert (await stage.send(told, Capture(command_id="cmd_2"))).status is Status.PROCESSING
        go.set()
        await stage.client.get_workflow_handle(intent.id).result()
    return intent.id


async def answered_later(stage: Stage) -> str:
    """A raise, and a capture of which the failure is told before the success; then it is told twice."""
    options = {"card": {"request_incremental_authorization": "if_available"}}
    intent = await held(stage, payment_method_options=options)
    stage.gateway.answers += [Accepted(reference="mod_0"), Accepted(reference="mod_1")]
    promised = await stage.send(intent, IncrementAuthorization(command_id="cmd_2", amount=2_000))
    raised = await stage.send(promised, news(promised, "increment", True, reference="mod_0"))
    assert raised.amount == 2_000
    promised = await stage.send(raised, Capture(command_id="cmd_3"))
    await stage.send(promised, news(promised, "capture", False))
    lost = await stage.send(promised, news(promised, "capture", True))
    assert (lost.status, lost.charge and lost.charge.capture_failed) == (Status.SUCCEEDED, 2_000)
    await stage.send(lost, news(promised, "capture", True))
    await stage.client.get_workflow_handle(intent.id).result()
    return intent.id


async def asked_when_no_news_came(stage: Stage) -> str:
    intent = await held(stage)
    stage.gateway.answers.append(Accepted(reference="mod_1", ask_after_seconds=600))
    promised = await stage.send(intent, Cancel(command_id="cmd_2"))
    assert promised.accepted is not None
    stage.gateway.known[promised.accepted.effect.key] = Approved(authorization="")
    handle = stage.client.get_workflow_handle(intent.id)
    await TimeSkipper(stage.client).fast_forward(handle, timedelta(hours=1))
    await status(stage, intent.id, Status.CANCELED)
    return intent.id


async def news_while_it_is_asked(stage: Stage) -> str:
    """The question that repeats without end is called back."""
    intent = await held(stage)
    stage.gateway.lose_answers = True
    waiting = await stage.send(intent, Capture(command_id="cmd_2"))
    paid = await stage.send(waiting, news(waiting, "capture", True))
    await stage.client.get_workflow_handle(intent.id).result()
    stage.gateway.lose_answers = False
    await stage.send(paid, RefundCharge(command_id="cmd_3", refund="re_1", amount=5))
    return intent.id


async def news_call_the_question_back(stage: Stage) -> str:
    """And nothing comes after it: the run itself is kept."""
    intent = await held(stage)
    stage.gateway.lose_answers = True
    waiting = await stage.send(intent, Capture(command_id="cmd_2"))
    await stage.send(waiting, news(waiting, "capture", True))
    await stage.client.get_workflow_handle(intent.id).result()
    return intent.id


async def held_before(stage: Stage, **fields: object) -> PaymentIntent:
    """By a run that a release before the second generation of rules has started."""
    older = make_intent(rules=1, capture_method="manual", created=int(time.time()), **fields)  # noqa: TID251
    older = replace(older, id=f"{older.id}_{stage.queue}")
    stage.projection.records[older.id] = Recorded(intent=older)
    start = PaymentIntentStart(intent=older)
    await stage.client.start_workflow(
        PaymentIntentWorkflow.run, start, id=older.id, task_queue=stage.queue, task_timeout=TASK_TIMEOUT
    )
    return await stage.send(older, CONFIRM)


async def news_while_an_older_run_asks(stage: Stage) -> str:
    """It asks on until it is answered, as it did when there were no other rules."""
    intent = await held_before(stage)
    stage.gateway.lose_answers = True
    waiting = await stage.send(intent, Capture(command_id="cmd_2"))
    await stage.send(waiting, news(waiting, "capture", True))
    stage.gateway.lose_answers = False
    await stage.client.get_workflow_handle(intent.id).result()
    return intent.id


async def news_of_the_second_of_two(stage: Stage) -> str:
    """The first was found out by its key, so they might be about that one: an older run takes them at their word."""
    intent = await held_before(stage, payment_method_options={"card": {"request_multicapture": "if_available"}})
    for number in (1, 2):
        stage.gateway.lose_answers = True
        part = Capture(command_id=f"cmd_capture_{number}", amount_to_capture=100, final_capture=False)
        intent = await stage.send(intent, part)
        assert intent.pending is not None
        if number == 2:
            told = news(intent, "capture", True, reference="mod_2", amount=100)
            intent = await stage.send(intent, told)
            assert (intent.pending, intent.amount_received) == (None, 200)
        stage.gateway.lose_answers = False
        await status(stage, intent.id, Status.REQUIRES_CAPTURE)
        intent = await stage.state(intent)
    await stage.send(intent, Capture(command_id="cmd_rest"))
    await stage.client.get_workflow_handle(intent.id).result()
    return intent.id


async def resolved(stage: Stage) -> str:
    """An operator has spoken, and is contradicted."""
    intent = await held(stage)
    stage.gateway.answers.append(Accepted(reference="mod_1"))
    promised = await stage.send(intent, Capture(command_id="cmd_2"))
    assert promised.accepted is not None
    word = Resolve(
        command_id="resolve/1", key=promised.accepted.effect.key, done=False, by="kim", evidence="file 7",
        regardless="they do not answer",
    )  # fmt: skip
    said = await stage.send(promised, word)
    told = await stage.send(said, news(said, "capture", True))
    assert told.resolutions[0].contradicted
    await stage.client.get_workflow_handle(intent.id).result()
    return intent.id


GATEWAY_SCENARIOS: dict[str, Callable[[Stage], Awaitable[str]]] = {
    scenario.__name__: scenario
    for scenario in (
        routed_to_the_next, parked_and_released, patient_call, answered_later, asked_when_no_news_came,
        news_while_it_is_asked, news_call_the_question_back, news_while_an_older_run_asks, news_of_the_second_of_two,
        resolved,
    )
}  # fmt: skip
