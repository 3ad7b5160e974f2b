"""SetupIntents on the real dev server: updates, signals, the timer, the fence, and what is not known for a while."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.machine.fence import Recorded, UnderWay
from domain.model.commands import AuthenticationResult, Cancel, Command, Confirm, Update
from domain.model.outcomes import Approved, AuthenticationRequired
from domain.model.setup_intent import SetupIntent
from domain.model.statuses import Status
from gateways.base import GatewayUnavailable
from temporal.engine import CommandRefused, TemporalIntents
from temporal.kinds import SETUP_INTENTS
from tests.support.builders import make_method, make_setup
from tests.workflows.conftest import Stage

CHALLENGE = AuthenticationRequired(authentication="authn_1", url="https://bank.example/authn_1")


class Setups:
    """What a test does with SetupIntents on a stage."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.engine = TemporalIntents(SETUP_INTENTS, stage.client, stage.setups.latest, stage.queue)

    async def open(self, **fields: object) -> SetupIntent:
        setup = make_setup(created=int(time.time()), **fields)  # noqa: TID251
        setup = replace(setup, id=f"{setup.id}_{self.stage.queue}")
        self.stage.setups.records[setup.id] = Recorded(intent=setup)
        await self.engine.start(setup)
        return setup

    async def send(self, setup: SetupIntent, command: Command) -> SetupIntent:
        async def reload() -> SetupIntent:
            return await self.stage.setups.latest(setup.id) or setup

        return (await self.engine.send(setup, replace(command, seen_version=setup.version), reload)).intent

    async def until(self, setup: SetupIntent, holds: Callable[[SetupIntent], bool]) -> SetupIntent:
        async with asyncio.timeout(20):
            while not ((found := await self.stage.setups.latest(setup.id)) and holds(found)):
                await asyncio.sleep(0.02)
        return found


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
