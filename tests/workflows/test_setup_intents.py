"""SetupIntents on the real dev server: updates, signals, the timer, the fence, and what is not known for a while."""

import asyncio
import time
from dataclasses import replace

import pytest

from activities.housekeeping import HousekeepingActivities
from contracts import names
from contracts.housekeeping import OF_SETUPS, SweepBeginning
from domain.machine.fence import Recorded, UnderWay
from domain.model.commands import AuthenticationResult, Cancel, Confirm, Update
from domain.model.outcomes import Approved, AuthenticationRequired
from domain.model.resolutions import Resolve
from domain.model.statuses import Status
from gateways.base import GatewayUnavailable
from temporal.intent_runs import TemporalRuns
from temporal.kinds import SETUP_INTENTS
from temporal.refusals import CommandRefused
from tests.support.builders import make_method, make_setup
from tests.support.unfinished import MemoryUnfinished
from tests.workflows.conftest import Stage
from tests.workflows.setups import Setups

CHALLENGE = AuthenticationRequired(authentication="authn_1", url="https://bank.example/authn_1")


@pytest.fixture
def setups(stage: Stage) -> Setups:
    return Setups(stage)


def confirm(**fields: object) -> Confirm:
    given = {"command_id": "cmd_0000000000000000000001", "payment_method": make_method(), **fields}
    return Confirm(**given)  # type: ignore[arg-type]


async def test_a_card_is_set_up_and_the_workflow_ends(setups: Setups, stage: Stage) -> None:
    setup = await setups.open(customer="cus_1")
    done = await setups.send(setup, confirm())
    assert (done.status, done.payment_method and done.payment_method.customer) == (Status.SUCCEEDED, "cus_1")
    assert stage.setups.types(setup.id) == ["payment_method.attached", "setup_intent.succeeded"]
    handle = stage.client.get_workflow_handle(setup.id)
    assert await handle.result() == "succeeded"
    assert await setups.send(done, confirm()) == done, "a repetition is answered from the record"
    with pytest.raises(CommandRefused, match="already succeeded"):
        await setups.send(done, confirm(command_id="cmd_0000000000000000000002"))
    assert len(stage.gateway.performed) == 1
    noted = await setups.send(done, Update(command_id="cmd_3", changes={"description": "later"}))
    assert noted.description == "later"


async def test_the_buyers_answer_comes_as_a_signal(setups: Setups, stage: Stage) -> None:
    stage.gateway.answers = [CHALLENGE]
    setup = await setups.open()
    asked = await setups.send(setup, confirm(return_url="https://shop.example"))
    assert asked.status == Status.REQUIRES_ACTION
    answer = AuthenticationResult(command_id="authn_1", authentication="authn_1", authenticated=True)
    assert await setups.engine.notify(setup.id, answer)
    done = await setups.until(setup, lambda one: one.status == Status.SUCCEEDED)
    assert done.attempt is not None
    assert stage.setups.types(setup.id) == ["setup_intent.requires_action", "setup_intent.succeeded"]


async def test_a_buyer_who_does_not_come_back_is_not_waited_for(setups: Setups, stage: Stage) -> None:
    stage.gateway.answers = [CHALLENGE]
    setup = await setups.open()
    await setups.send(setup, confirm())
    await setups.engine.fast_forward(setup.id, 25 * 3_600)
    after = await setups.until(setup, lambda one: one.status == Status.REQUIRES_PAYMENT_METHOD)
    assert after.last_setup_error is not None
    assert after.last_setup_error.code == "setup_intent_setup_attempt_expired"
    assert after.attempt is not None
    assert after.attempt.status == "abandoned"


async def test_what_is_not_known_is_asked_until_it_is(setups: Setups, stage: Stage) -> None:
    stage.gateway.lose_answers = True
    setup = await setups.open()
    working = await setups.send(setup, confirm())
    assert working.status == Status.PROCESSING
    stage.gateway.lose_answers = False
    done = await setups.until(setup, lambda one: one.status == Status.SUCCEEDED)
    assert len(stage.gateway.performed) == 1, "it had arrived, and was found by its key"
    assert done.pending is None


@pytest.mark.parametrize(("done", "status"), [(True, Status.SUCCEEDED), (False, Status.REQUIRES_PAYMENT_METHOD)])
async def test_an_operator_says_what_became_of_it_and_it_is_asked_no_more(
    setups: Setups, stage: Stage, done: bool, status: Status
) -> None:
    stage.gateway.lose_answers = True
    setup = await setups.open()
    working = await setups.send(setup, confirm())
    assert working.pending is not None
    word = Resolve(command_id="resolve/1", key=working.pending.key, done=done, by="kim", evidence="file 7")
    with pytest.raises(CommandRefused, match="still keeps its key"):
        await setups.send(setup, word)
    assert await stage.setups.latest(setup.id) == working, "nothing has moved"
    handle = stage.client.get_workflow_handle(setup.id)
    typed = {"key": word.key, "done": done, "by": "kim", "evidence": "file 7", "regardless": "their account is closed"}
    await handle.signal(names.RESOLVE, {**typed, "dnoe": True})
    await handle.signal(names.RESOLVE, typed)
    told = await setups.until(setup, lambda one: one.status == status)
    assert [(one.by, one.done) for one in told.resolutions] == [("kim", done)]
    if done:
        async with asyncio.timeout(60):
            assert await handle.result() == "succeeded", "nothing holds it up"
    else:
        stage.gateway.lose_answers = False
        again = await setups.send(setup, confirm(command_id="cmd_again"))
        assert again.status == Status.SUCCEEDED, "another try is made at once"


async def test_a_claim_is_finished_by_whoever_comes_next(setups: Setups, stage: Stage) -> None:
    setup = await setups.open()
    claimed = UnderWay(command=confirm(), now=setup.created)
    stage.setups.records[setup.id] = Recorded(intent=setup, under_way=claimed)
    with pytest.raises(CommandRefused, match="already succeeded"):
        await setups.send(setup, confirm(command_id="cmd_0000000000000000000009"))
    found = await stage.setups.latest(setup.id)
    assert found is not None
    assert found.status == Status.SUCCEEDED
    assert len(stage.gateway.performed) == 1


async def test_canceling_the_run_cancels_the_intent(setups: Setups, stage: Stage) -> None:
    setup = await setups.open()
    await stage.client.get_workflow_handle(setup.id).cancel()
    after = await setups.until(setup, lambda one: one.status == Status.CANCELED)
    assert stage.setups.types(after.id) == ["setup_intent.canceled"]
    assert stage.gateway.performed == []


async def test_signals_that_nobody_knows_are_shown(setups: Setups, stage: Stage) -> None:
    setup = await setups.open()
    handle = stage.client.get_workflow_handle(setup.id)
    await handle.signal("capture", {})
    await handle.signal("cancel", {})
    await setups.until(setup, lambda one: one.status == Status.CANCELED)


async def test_a_gateway_that_is_away_is_asked_again(setups: Setups, stage: Stage) -> None:
    stage.gateway.answers = [GatewayUnavailable("away"), Approved(authorization="setatt_1")]
    setup = await setups.open()
    assert (await setups.send(setup, confirm())).status == Status.SUCCEEDED
    assert (await setups.engine.retrieve(setup.id)) is not None
    with pytest.raises(CommandRefused):
        await setups.send(setup, Cancel(command_id="cmd_4"))


async def test_a_sweep_wakes_what_nobody_sees_to(setups: Setups, stage: Stage) -> None:
    """A claim whose worker is gone, on a record without a workflow."""
    stage.setups.clock = int(time.time())  # noqa: TID251
    setup = replace(make_setup(created=stage.setups.clock - 3_000), id=f"seti_swept_{stage.queue}")
    claimed = UnderWay(command=confirm(), now=stage.setups.clock - 600)
    stage.setups.records[setup.id] = Recorded(intent=setup, under_way=claimed)
    runs, said = TemporalRuns(stage.client, stage.queue, SETUP_INTENTS), list[dict[str, object]]()
    of_setups = (MemoryUnfinished(stage.setups, time=stage.setups.clock), runs)
    payments = MemoryUnfinished(stage.projection, time=stage.setups.clock)
    house = HousekeepingActivities(payments, TemporalRuns(stage.client, stage.queue), said.append, setups=of_setups)
    sweep = await house.begin(SweepBeginning(schedule="sweep"))
    assert {f"{OF_SETUPS}{part}" for part in ("owed", "claimed", "changed", "stuck")} <= set(sweep.parts)
    while sweep.parts:
        sweep = await house.page(sweep)
    assert sweep.found["claimed"] == 1
    await setups.until(setup, lambda one: one.status == Status.SUCCEEDED)
    assert len(stage.gateway.performed) == 1
