"""Workflows that are behind their record, ahead of it, or beside it: what a kill at the wrong moment leaves."""

import asyncio
import time
from dataclasses import replace

import pytest

from contracts import names
from contracts.messages import PaymentIntentStart
from domain.machine.fence import Recorded, UnderWay
from domain.machine.transitions import carry_out
from domain.model.commands import AuthenticationResult, Cancel, Capture, CheckSettlement, Confirm, Update
from domain.model.outcomes import Accepted, Approved, AuthenticationRequired
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from records.base import RecordsRefused
from temporal.engine import ClockFixed, EngineUnavailable, PaymentStopped, TemporalEngine
from temporal.refusals import CommandRefused
from tests.support.builders import decided, make_intent, make_method
from tests.workflows.conftest import Stage

CONFIRM = Confirm(command_id="confirm", payment_method=make_method())
CAPTURE = Capture(command_id="capture", amount_to_capture=900)


async def held(stage: Stage) -> PaymentIntent:
    return await stage.send(await stage.open(capture_method="manual"), CONFIRM)


async def recorded_without_it(stage: Stage, state: PaymentIntent) -> PaymentIntent:
    """A capture that the gateway and the record know, and the workflow does not: both died before its task was done."""
    effect = decided(state, CAPTURE).effect
    assert effect is not None
    outcome = await stage.gateway.perform(effect)  # type: ignore[arg-type]
    transition = carry_out(state, CAPTURE, decided(state, CAPTURE), outcome, state.created + 5)
    await stage.projection.project(transition)
    return transition.after


async def until(stage: Stage, id_: str, status: Status) -> PaymentIntent:
    async with asyncio.timeout(60):
        while True:
            recorded = await stage.projection.recorded(id_)
            if recorded is not None and recorded.intent.status == status:
                return recorded.intent
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("seen", ["what is recorded", "what was recorded before"])
async def test_a_cancel_that_overtakes_its_capture_is_refused(stage: Stage, seen: str) -> None:
    """M1: both were in flight, the server forgot both, and they came back in the other order."""
    before = await held(stage)
    captured = await recorded_without_it(stage, before)
    with pytest.raises(CommandRefused) as caught:
        await stage.send(before if seen == "what was recorded before" else captured, Cancel(command_id="cancel"))
    assert caught.value.intent.status == Status.SUCCEEDED
    again = await stage.send(captured, CAPTURE)
    assert (again.status, again.amount_received) == (Status.SUCCEEDED, 900)
    assert [effect.operation for effect in stage.gateway.performed] == ["authorize", "capture"]


async def test_an_update_that_overtakes_its_confirm_does_not_change_what_was_charged(stage: Stage) -> None:
    """M2: the confirm of 1,099 is under way at the gateway; the amount is changed by who does not know it."""
    intent = await stage.open()
    await stage.projection.claim(intent, UnderWay(command=CONFIRM, now=intent.created))
    with pytest.raises(CommandRefused) as caught:
        await stage.send(intent, Update(command_id="update", changes={"amount": 2_500}))
    assert (caught.value.intent.status, caught.value.intent.amount_received) == (Status.SUCCEEDED, 1_099)
    assert (await stage.send(caught.value.intent, CONFIRM)).amount_received == 1_099
    assert len(stage.gateway.performed) == 1


async def test_a_signal_to_who_is_behind_reads_the_record_first(stage: Stage) -> None:
    """M6: the buyer has authenticated, and the workflow has never heard that they had to."""
    intent = await stage.open()
    asked = AuthenticationRequired(authentication="authn_1", url="https://bank.example")
    action = carry_out(intent, CONFIRM, decided(intent, CONFIRM), asked, intent.created)
    await stage.projection.project(action)
    told = AuthenticationResult(command_id="authn_1", authentication="authn_1", authenticated=True)
    assert await stage.engine.notify(intent.id, told)
    assert (await until(stage, intent.id, Status.SUCCEEDED)).amount_received == 1_099


async def test_the_signal_level_takes_up_what_the_record_says_and_its_timers(stage: Stage) -> None:
    intent = await stage.open(capture_method="manual")
    approved = Approved(authorization="auth_1")
    transition = carry_out(intent, CONFIRM, decided(intent, CONFIRM), approved, intent.created)
    await stage.projection.project(transition)
    assert (await stage.state(intent)).status == Status.REQUIRES_PAYMENT_METHOD
    await stage.client.get_workflow_handle(intent.id).signal(names.LEVEL)
    async with asyncio.timeout(60):
        while (await stage.state(intent)).status != Status.REQUIRES_CAPTURE:
            await asyncio.sleep(0.01)
    await stage.engine.fast_forward(intent.id, 8 * 86_400)
    await until(stage, intent.id, Status.CANCELED)
    assert [effect.operation for effect in stage.gateway.performed] == ["void"]


async def test_a_clock_that_is_moved_for_who_is_behind_moves_after_it_has_caught_up(stage: Stage) -> None:
    intent = await stage.open(capture_method="manual")
    approved = Approved(authorization="auth_1")
    transition = carry_out(intent, CONFIRM, decided(intent, CONFIRM), approved, intent.created)
    await stage.projection.project(transition)
    await stage.engine.fast_forward(intent.id, 8 * 86_400)
    await until(stage, intent.id, Status.CANCELED)
    assert [effect.operation for effect in stage.gateway.performed] == ["void"]


class ByThree(TemporalEngine):
    """One that lets the server skip to three timers at a time."""

    skips_max = 3


async def test_a_clock_that_has_not_come_all_the_way_is_not_said_to_have_moved(stage: Stage) -> None:
    intent = await held(stage)
    stage.gateway.lose_answers = True
    assert (await stage.send(intent, Capture(command_id="cmd_capture"))).status == Status.PROCESSING
    engine = ByThree(stage.client, stage.projection.latest, stage.queue)
    with pytest.raises(EngineUnavailable, match=r"not moved (all the way|in time)"):
        await engine.fast_forward(intent.id, 86_400)
    stage.gateway.lose_answers = False
    await engine.fast_forward(intent.id, 3_600)
    await until(stage, intent.id, Status.SUCCEEDED)


async def test_two_who_move_a_clock_at_once_move_it_or_are_told_to_try_again(stage: Stage) -> None:
    intent = await held(stage)
    moving = (stage.engine.fast_forward(intent.id, 8 * 86_400) for _ in range(2))
    told = await asyncio.gather(*moving, return_exceptions=True)
    assert all(one is None or isinstance(one, EngineUnavailable | ClockFixed) for one in told), told
    await until(stage, intent.id, Status.CANCELED)
    assert [effect.operation for effect in stage.gateway.performed] == ["authorize", "void"]


async def test_the_signal_level_finishes_what_is_under_way(stage: Stage) -> None:
    before = await held(stage)
    await stage.projection.claim(before, UnderWay(command=CAPTURE, now=before.created + 1))
    await stage.client.get_workflow_handle(before.id).signal(names.LEVEL)
    assert (await until(stage, before.id, Status.SUCCEEDED)).amount_received == 900


async def test_signals_without_an_id_are_carried_out_once(stage: Stage) -> None:
    before = await stage.open()
    handle = stage.client.get_workflow_handle(before.id)
    for number in range(3):
        await handle.signal(names.UPDATE, Update(changes={"metadata": {f"k{number}": "v"}}))
    async with asyncio.timeout(60):
        while len((await stage.state(before)).metadata) < 3:
            await asyncio.sleep(0.01)
    ledger = [entry.command_id for entry in (await stage.state(before)).ledger]
    assert len(set(ledger)) == 3
    assert [id_.rpartition("/")[2] for id_ in ledger] == ["1", "2", "3"]


async def test_a_record_from_an_older_copy_is_written_from_the_workflow(stage: Stage) -> None:
    opened = await stage.open(capture_method="manual")
    before = await stage.send(opened, CONFIRM)
    stage.projection.records[before.id] = Recorded(intent=opened)
    canceled = await stage.send(opened, Cancel(command_id="cancel"))
    assert canceled.status == Status.CANCELED
    assert stage.projection.records[before.id].intent == canceled
    assert [effect.operation for effect in stage.gateway.performed] == ["authorize", "void"]


async def test_a_stopped_payment_says_so_lives_and_goes_on_when_it_can(stage: Stage) -> None:
    before = await held(stage)
    project = stage.projection.project

    async def refuse(transition: object) -> object:
        raise RecordsRefused("CheckViolationError")

    stage.projection.project = refuse  # type: ignore[assignment,method-assign]
    with pytest.raises(PaymentStopped, match="CheckViolationError"):
        await stage.send(before, CAPTURE)
    with pytest.raises(PaymentStopped, match="CheckViolationError"):
        await stage.send(before, Cancel(command_id="cancel"))
    assert (await stage.state(before)).status == Status.REQUIRES_CAPTURE
    stage.projection.project = project  # type: ignore[method-assign]
    await stage.client.get_workflow_handle(before.id).signal(names.LEVEL)
    assert (await until(stage, before.id, Status.SUCCEEDED)).amount_received == 900
    assert [effect.operation for effect in stage.gateway.performed] == ["authorize", "capture"]


async def test_what_cannot_be_stored_is_refused_and_the_payment_goes_on(stage: Stage) -> None:
    before = await held(stage)
    stage.projection.refuses = True
    with pytest.raises(CommandRefused, match="cannot be stored"):
        await stage.send(before, CAPTURE)
    stage.projection.refuses = False
    assert (await stage.send(before, replace(CAPTURE, command_id="other"))).amount_received == 900
    assert [effect.operation for effect in stage.gateway.performed] == ["authorize", "capture"]


async def test_news_of_a_settlement_to_who_is_behind_reads_the_record_first(stage: Stage) -> None:
    """The debit was accepted and recorded, and the workflow has never heard of it."""
    method = replace(make_method(), type="sepa_debit", card=None, details={"bank_code": "19043", "last4": "3201"})
    data = {"customer_acceptance": {"type": "offline"}}
    intent = await stage.open(currency="eur", payment_method_types=("sepa_debit",), mandate_data=data)
    confirm = replace(CONFIRM, payment_method=method)
    accepted = carry_out(intent, confirm, decided(intent, confirm), Accepted(reference="deb_1"), intent.created)
    await stage.projection.project(accepted)
    assert accepted.after.charge is not None
    command = CheckSettlement(command_id="settlement", charge=accepted.after.charge.id)
    assert await stage.engine.notify(intent.id, command)
    assert (await until(stage, intent.id, Status.SUCCEEDED)).amount_received == 1_099


async def test_a_new_run_has_no_markers_of_patches(stage: Stage) -> None:
    """A replay asks for a marker a task too early after a local activity that took long; the rules are in the state."""
    intent = await stage.open(capture_method="manual", description="x")
    handle = stage.client.get_workflow_handle(intent.id)
    await handle.signal(names.CAPTURE)
    held = await stage.send(intent, CONFIRM)
    await stage.send(held, Update(command_id="update", changes={"metadata": {"order": "7"}}))
    found = (await handle.fetch_history()).events
    markers = [event.marker_recorded_event_attributes.marker_name for event in found]
    assert "core_local_activity" in markers
    assert "core_patch" not in markers


async def test_a_run_that_an_older_release_has_started_keeps_its_rules_until_it_is_started_again(stage: Stage) -> None:
    older = make_intent(rules=0, customer="cus_1", created=int(time.time()))  # noqa: TID251
    older = replace(older, id=f"{older.id}_{stage.queue}")
    stage.projection.records[older.id] = Recorded(intent=older)
    await stage.client.start_workflow(
        names.WORKFLOW, PaymentIntentStart(intent=older), id=older.id, task_queue=stage.queue
    )
    changed = await stage.send(older, Update(command_id="update", changes={"customer": "cus_2"}))
    assert (changed.customer, changed.rules) == ("cus_2", 0)
    await stage.client.get_workflow_handle(older.id).terminate()
    with pytest.raises(CommandRefused, match="once it already has been set"):
        await stage.send(changed, Update(command_id="again", changes={"customer": "cus_3"}))


async def test_who_repeats_what_has_ended_a_payment_wakes_a_workflow_that_does_not_know(stage: Stage) -> None:
    """The capture was recorded when worker and server died; its sender repeats it, and the record answers."""
    before = await held(stage)
    captured = await recorded_without_it(stage, before)
    again = await stage.send(captured, CAPTURE)
    assert again == captured
    async with asyncio.timeout(60):
        assert await stage.client.get_workflow_handle(before.id, result_type=str).result() == "succeeded"
    assert [effect.operation for effect in stage.gateway.performed] == ["authorize", "capture"]
