"""Nobody knows what became of it, and an operator says so: in a running workflow, whatever it was doing about it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client import REGISTRY

from contracts import by_hand, names
from domain.model.commands import Capture, Command, Confirm, ModificationResult, RefundCharge
from domain.model.gateways import GatewayProfile
from domain.model.outcomes import Accepted
from domain.model.payment_intent import PaymentIntent
from domain.model.resolutions import Resolve
from domain.model.statuses import Status
from gateways.base import GatewayHeldBack, GatewayMismatch, GatewayUnavailable
from temporal.engine import PaymentStopped, TemporalEngine
from temporal.refusals import CommandRefused
from tests.replay.gateway_scenarios import hold_back, until_parked
from tests.replay.scenarios import until
from tests.support.builders import make_method
from tests.support.fakes import FakeGateway
from tests.workflows.conftest import Stage
from tests.workflows.test_mismatches import until_details
from worker import build_worker

CONFIRM = Confirm(command_id="cmd_confirm", payment_method=make_method())


def word(key: str, done: bool, **more: Any) -> Resolve:
    given = {"key": key, "done": done, "reference": "auth_x" if done else "", "by": "kim", "evidence": "file 7"}
    return Resolve(command_id=f"resolve/{key}/{len(more)}", **{**given, **more})


def stopped() -> float:
    """How often a payment was stopped as its gateway keeps the key no more."""
    return REGISTRY.get_sample_value("perdure_broken_total", {"why": "KeyForgotten"}) or 0.0


def mismatches(operation: str) -> float:
    labels = {"operation": operation, "gateway": "simulator"}
    return REGISTRY.get_sample_value("perdure_gateway_mismatches_total", labels) or 0.0


def silent(stage: Stage) -> None:
    """The gateway does what it is asked, and says nothing."""
    stage.gateway.lose_answers = True


@pytest.fixture
async def forgetful(stage: Stage) -> AsyncIterator[Stage]:
    """Its gateway keeps keys for three seconds."""
    gateway, queue = FakeGateway(profile=GatewayProfile(keeps_keys_seconds=3)), f"{stage.queue}f"
    async with build_worker(stage.client, gateway, stage.projection, stage.balances, queue, setups=stage.setups):
        engine = TemporalEngine(stage.client, stage.projection.latest, queue)
        yield replace(stage, queue=queue, gateway=gateway, engine=engine)


async def unknown(stage: Stage, command: Command = CONFIRM) -> PaymentIntent:
    told = await stage.send(await stage.open(), command)
    assert told.status is Status.PROCESSING
    assert told.pending is not None
    return told


@pytest.mark.parametrize(("done", "status"), [(True, Status.SUCCEEDED), (False, Status.REQUIRES_PAYMENT_METHOD)])
async def test_while_its_gateway_can_be_asked_a_reason_is_needed(stage: Stage, done: bool, status: Status) -> None:
    silent(stage)
    waiting = await unknown(stage)
    assert waiting.pending is not None
    said = word(waiting.pending.key, done)
    with pytest.raises(CommandRefused, match="still keeps its key"):
        await stage.send(waiting, said)
    assert (await stage.projection.latest(waiting.id)) == waiting, "nothing has moved"
    ended = await stage.send(waiting, word(said.key, done, regardless="they have closed our account"))
    assert ended.status is status
    assert ended.resolutions[0].regardless == "they have closed our account"
    if done:
        assert ended.charge is not None
        assert ended.charge.authorization == "auth_x"
    again = await stage.send(waiting, word(said.key, done, regardless="they have closed our account"))
    assert again.version == ended.version, "a repetition answers the same"
    stage.gateway.lose_answers = False
    if done:
        async with asyncio.timeout(60):
            await stage.client.get_workflow_handle(ended.id).result()
        paid = await stage.send(ended, RefundCharge(command_id="cmd_refund", refund="re_1", amount=5))
        assert paid.charge is not None
        assert paid.charge.amount_refunded == 5
    else:
        paid = await stage.send(ended, replace(CONFIRM, command_id="cmd_again"))
        assert paid.status is Status.SUCCEEDED, "and another method may be tried at once"


async def test_what_is_asked_is_asked_no_more_once_it_is_resolved(stage: Stage) -> None:
    silent(stage)
    waiting = await unknown(stage)
    assert waiting.pending is not None
    await stage.send(waiting, word(waiting.pending.key, True, regardless="seen in their portal"))
    handle = stage.client.get_workflow_handle(waiting.id)
    async with asyncio.timeout(60):
        assert await handle.result() == "succeeded", "nothing holds it up"
    assert not (await handle.describe()).raw_description.pending_activities


async def test_a_key_that_is_forgotten_is_not_used_again_and_a_person_is_told(forgetful: Stage) -> None:
    stage = forgetful
    silent(stage)
    before = stopped()
    waiting = await unknown(stage)
    assert waiting.pending is not None
    calls, clock = stage.gateway.calls, asyncio.get_running_loop().time
    forgotten_by = clock() + 4
    while clock() < forgotten_by:
        await asyncio.sleep(0.1)
    assert stopped() == before, "who does not answer may yet say what became of it"
    stage.gateway.known.clear()
    stage.gateway.lose_answers = False
    await until_details(stage, waiting, "does not keep the key")
    assert stopped() == before + 1
    assert stage.gateway.calls == calls, "a new payment under an old key would be a second one"
    ended = await stage.send(waiting, word(waiting.pending.key, True))
    assert ended.status is Status.SUCCEEDED, "no reason is needed any more"


async def test_what_a_gateway_that_is_held_back_owes_is_resolved_at_once(stage: Stage) -> None:
    stage.gateway.answers = [*[GatewayUnavailable("away")] * 3, *[GatewayHeldBack("held back")] * 9]
    waiting = await unknown(stage)
    assert waiting.pending is not None
    ended = await stage.send(waiting, word(waiting.pending.key, False, regardless="the account there is closed"))
    assert ended.status is Status.REQUIRES_PAYMENT_METHOD
    stage.gateway.answers = []
    assert (await stage.send(ended, replace(CONFIRM, command_id="cmd_again"))).status is Status.SUCCEEDED


def news(held: PaymentIntent) -> ModificationResult:
    assert held.charge is not None
    told = ModificationResult(charge=held.charge.id, operation="capture", reference="mod_1", succeeded=True)
    return replace(told, command_id=by_hand.news_id(told))


async def test_what_is_asked_is_asked_no_more_once_its_gateways_news_have_come(stage: Stage) -> None:
    held = await stage.send(await stage.open(capture_method="manual"), CONFIRM)
    silent(stage)
    assert (await stage.send(held, Capture(command_id="cmd_2"))).pending is not None
    ended = await stage.send(held, news(held))
    assert (ended.status, ended.pending) == (Status.SUCCEEDED, None)
    handle = stage.client.get_workflow_handle(held.id)
    async with asyncio.timeout(60):
        assert await handle.result() == "succeeded", "a question that repeats without end does not hold it up"
    assert not (await handle.describe()).raw_description.pending_activities


async def test_a_gateway_that_is_held_back_is_waited_for_no_more_once_its_news_have_come(stage: Stage) -> None:
    held = await stage.send(await stage.open(capture_method="manual"), CONFIRM)
    hold_back(stage)
    assert (await stage.send(held, Capture(command_id="cmd_2"))).pending is not None
    handle = stage.client.get_workflow_handle(held.id)
    await until_parked(handle)
    assert (await stage.send(held, news(held))).status is Status.SUCCEEDED
    async with asyncio.timeout(60):
        assert await stage.client.get_workflow_handle(held.id).result() == "succeeded"


async def test_news_that_are_typed_wrong_are_refused_whatever_their_id(stage: Stage) -> None:
    held = await stage.send(await stage.open(capture_method="manual"), CONFIRM)
    stage.gateway.answers.append(Accepted(reference="mod_1"))
    promised = await stage.send(held, Capture(command_id="cmd_2"))
    assert promised.charge is not None
    handle, typed = stage.client.get_workflow_handle(held.id), {"charge": promised.charge.id, "reference": "mod_1"}
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"command_id": "mine/1", "succeded": True}, "succeded"),
        ({"command_id": "mod_1/capture/succeeded", "succeded": True}, "succeded"),
        ({"command_id": "mine/2", "succeeded": "yes"}, "Invalid succeeded"),
    ]
    for more, why in wrong:
        await handle.signal(names.MODIFICATION_RESULT, {**typed, **more})
        await until_details(stage, promised, why)
        assert await stage.projection.latest(held.id) == promised, "nothing has moved"
    await handle.signal(names.MODIFICATION_RESULT, {**typed, "command_id": "mine/3", "succeeded": True})
    await until(stage, held.id, Status.SUCCEEDED)


async def test_a_gateway_that_contradicts_an_operator_is_told_of_once(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    held = await stage.send(await stage.open(capture_method="manual"), CONFIRM)
    stage.gateway.answers.append(Accepted(reference="mod_1"))
    promised = await stage.send(held, Capture(command_id="cmd_2"))
    assert promised.accepted is not None
    said = await stage.send(promised, word(promised.accepted.effect.key, False, regardless="their portal has nothing"))
    assert said.status is Status.REQUIRES_CAPTURE
    counted = mismatches("capture")
    for again in ("", "again"):
        ended = await stage.send(said, replace(news(held), command_id=f"mod_1/capture/succeeded{again}"))
        assert (ended.status, ended.resolutions[0].contradicted) == (Status.SUCCEEDED, True)
    assert mismatches("capture") == counted + 1
    (line,) = [one for one in caplog.records if one.message == "news that contradict an operator"]
    assert "GatewayMismatch" in line.about["why"]  # type: ignore[attr-defined]


async def test_a_payment_that_was_stopped_in_the_middle_of_a_command_is_resolved_by_signal(stage: Stage) -> None:
    held = await stage.send(await stage.open(capture_method="manual"), CONFIRM)
    stage.gateway.answers.append(GatewayMismatch("answered about something else"))
    with pytest.raises(PaymentStopped, match="something else"):
        await stage.send(held, Capture(command_id="cmd_2"))
    handle, key = stage.client.get_workflow_handle(held.id), f"{held.id}/1/capture/1"
    typed = {
        "key": key,
        "done": True,
        "reference": "cap_1",
        "by": "kim",
        "evidence": "file 7",
        "regardless": "they see it captured",
    }
    await handle.signal(names.RESOLVE, {**typed, "dnoe": True})
    await until_details(stage, held, "dnoe")
    assert (await stage.projection.latest(held.id)) == held
    await handle.signal(names.RESOLVE, typed)
    await until(stage, held.id, Status.SUCCEEDED)
    ended = await stage.projection.latest(held.id)
    assert ended is not None
    assert [(one.by, one.operation) for one in ended.resolutions] == [("kim", "capture")]


async def test_news_that_do_not_come_are_spoken_for_after_a_day_or_for_a_reason(stage: Stage) -> None:
    held = await stage.send(await stage.open(capture_method="manual"), CONFIRM)
    stage.gateway.answers.append(Accepted(reference="mod_1"))
    promised = await stage.send(held, Capture(command_id="cmd_2"))
    assert promised.accepted is not None
    said = word(promised.accepted.effect.key, True)
    with pytest.raises(CommandRefused, match="may still tell how it ended"):
        await stage.send(promised, said)
    ended = await stage.send(promised, word(said.key, True, regardless="their portal has it"))
    assert ended.status is Status.SUCCEEDED
    assert ended.amount_received == 1_099
