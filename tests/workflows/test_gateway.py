"""The breaker of a gateway on a real server: open, closed again, paused, drained; who waits is told when it is over."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.gateways import GatewayActivities
from contracts import names
from contracts.gateway_healths import GatewayStanding
from domain.model.commands import Confirm
from domain.model.gateways import FIRST
from domain.model.outcomes import GatewayEffect, Outcome
from domain.model.statuses import Status
from domain.routing.breaker import FAULTS_IN_A_ROW_MAX
from domain.routing.candidates import Health
from gateways.base import GatewayUnavailable
from gateways.breakers import with_breakers
from gateways.registry import Gateways
from temporal.breakers import Reports, ask, begin_anew, release, workflow_id
from temporal.engine import TemporalEngine
from tests.support.builders import make_method
from tests.support.fakes import FakeGateway
from tests.workflows.conftest import Stage
from worker import build_worker
from workflows.gateway import GatewayWorkflow


@dataclass
class Door(FakeGateway):
    """A gateway that may be gone."""

    gone: bool = False
    asked: int = 0
    unheard: int = 0

    async def ready(self) -> bool:
        self.asked += 1
        return not self.gone

    async def perform(self, effect: GatewayEffect) -> Outcome:
        self._find()
        return await super().perform(effect)

    async def retrieve(self, effect: GatewayEffect) -> Outcome | None:
        self._find()
        return await super().retrieve(effect)

    def _find(self) -> None:
        if self.gone:
            self.unheard += 1
            raise GatewayUnavailable("no answer")


@dataclass
class Written:
    """Where breakers write, and who waits."""

    health: str = "closed"
    said: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    asked: int = 0
    """How often somebody wanted to know who waits."""

    async def keep(self, standing: GatewayStanding) -> None:
        self.health = standing.health
        self.said.append(standing.health)

    async def waiting(self, gateway: str, after: str, most: int) -> list[str]:
        assert gateway.startswith("alpha")
        self.asked += 1
        return sorted(id_ for id_ in self.ids if id_ > after)[:most]

    async def owed(self, gateway: str) -> GatewayEffect | None:
        return None

    async def until(self, health: Health) -> None:
        async with asyncio.timeout(60):
            while self.health != health:
                await asyncio.sleep(0.02)


@dataclass
class Watch:
    """A gateway with its breaker, and the worker of that."""

    client: Client
    name: str
    queue: str
    door: Door
    written: Written

    async def said(self, signal: str) -> None:
        await ask(self.client, self.name, signal, task_queue=self.queue)

    async def standing(self) -> GatewayStanding:
        handle = self.client.get_workflow_handle(workflow_id(self.name))
        found: GatewayStanding = await handle.query(names.GATEWAY_QUERY, result_type=GatewayStanding)
        return found


@pytest.fixture
async def watch(client: Client, stage: Stage) -> AsyncIterator[Watch]:
    door, written, queue = Door(), Written(), f"{stage.queue}-house"
    name = f"alpha-{stage.queue}"

    async def quickly(seconds: float) -> None:
        await asyncio.sleep(seconds / 3)

    activities = GatewayActivities(
        Gateways({name: door, FIRST: door}), written, lambda id_: release(client, id_), quickly
    )
    async with Worker(
        client, task_queue=queue, workflows=[GatewayWorkflow], workflow_runner=UnsandboxedWorkflowRunner(),
        activities=[activities.keep_health, activities.await_gateway, activities.release_payments],
    ):  # fmt: skip
        yield Watch(client, name, queue, door, written)
        await client.get_workflow_handle(workflow_id(name)).terminate()


async def test_it_opens_when_it_is_told_and_closes_when_the_gateway_answers(watch: Watch) -> None:
    watch.door.gone = True
    reports = Reports(watch.client, complain=pytest.fail, task_queue=watch.queue)
    for _ in range(3):
        reports.tripped(watch.name, "no answer")
    await watch.written.until(Health.OPEN)
    standing = await watch.standing()
    assert (standing.health, standing.why) == ("open", "no answer")
    asked = watch.door.asked
    async with asyncio.timeout(60):
        while watch.door.asked < asked + 3:
            await asyncio.sleep(0.01)
    assert watch.written.health == "open", "asked, and not there"
    watch.door.gone = False
    await watch.written.until(Health.CLOSED)
    assert watch.written.said == ["open", "closed"]
    assert (await watch.standing()).why == "it answers"


@pytest.mark.parametrize(
    ("health", "said"),
    [(Health.OPEN, ["closed"]), (Health.HALF_OPEN, ["open", "closed"]), (Health.PAUSED, ["closed"])],
)
async def test_a_breaker_that_was_lost_is_begun_anew_by_its_last_word(
    watch: Watch, health: Health, said: list[str]
) -> None:
    await watch.said(names.PAUSE)
    await watch.written.until(Health.PAUSED)
    handle = watch.client.get_workflow_handle(workflow_id(watch.name))
    running = (await handle.describe()).run_id
    await begin_anew(watch.client, {watch.name: health}, watch.queue)
    assert (await handle.describe()).run_id == running, "it runs"
    await handle.terminate()
    await begin_anew(watch.client, {watch.name: Health.CLOSED, f"{watch.name}-other": Health.CLOSED}, watch.queue)
    assert (await handle.describe()).run_id == running, "nobody is held back"
    watch.written.health = health
    watch.written.said.clear()
    await begin_anew(watch.client, {watch.name: health}, watch.queue)
    if health is Health.PAUSED:
        assert (await watch.standing()).health == "paused"
        await watch.said(names.RESUME)
    await watch.written.until(Health.CLOSED)
    assert watch.written.said == said


async def test_operators_pause_drain_and_resume_and_a_pause_outlasts_an_outage(watch: Watch) -> None:
    await watch.said(names.DRAIN)
    await watch.written.until(Health.DRAINING)
    watch.door.gone = True
    await watch.said(names.TRIP)
    await watch.written.until(Health.OPEN)
    await watch.said(names.PAUSE)
    await watch.written.until(Health.PAUSED)
    asked = watch.door.asked
    watch.door.gone = False
    await watch.said(names.RESUME)
    await watch.written.until(Health.CLOSED)
    assert watch.door.asked > asked
    assert watch.written.said == ["draining", "open", "paused", "open", "closed"]


async def test_who_waits_is_told_even_if_an_operator_lets_it_drain_just_then(watch: Watch) -> None:
    """The word came in the two seconds between the gateway's return and the release: nobody was told."""
    watch.written.ids = ["pi_waits"]
    watch.door.gone = True
    Reports(watch.client, complain=pytest.fail, task_queue=watch.queue).tripped(watch.name, "no answer")
    await watch.written.until(Health.OPEN)
    watch.door.gone = False
    await watch.written.until(Health.CLOSED)
    await watch.said(names.DRAIN)
    await watch.written.until(Health.DRAINING)
    async with asyncio.timeout(60):
        while not watch.written.asked:
            await asyncio.sleep(0.02)


async def test_a_payment_that_waits_for_a_silent_gateway_is_parked_and_released_when_it_is_back(
    client: Client, stage: Stage, watch: Watch
) -> None:
    queue, reports = f"{stage.queue}-parked", Reports(client, complain=pytest.fail, task_queue=watch.queue)
    behind = with_breakers(
        Gateways({FIRST: watch.door}),
        lambda _: Health(watch.written.health),
        lambda _, why: reports.tripped(watch.name, why),
    )
    moved = replace(stage, queue=queue, engine=TemporalEngine(client, stage.projection.latest, queue))
    watch.door.gone = True
    async with build_worker(client, behind, stage.projection, stage.balances, queue):
        payments = [await moved.open() for _ in range(2)]
        watch.written.ids = [one.id for one in payments]
        for number, one in enumerate(payments):
            confirm = Confirm(command_id=f"c{number}", payment_method=make_method())
            assert (await moved.send(one, confirm)).status == Status.PROCESSING
        await watch.written.until(Health.OPEN)
        watch.door.gone = False
        await watch.written.until(Health.CLOSED)
        async with asyncio.timeout(60):
            for one in payments:
                while (await moved.state(one)).status != Status.SUCCEEDED:
                    await asyncio.sleep(0.05)
    assert watch.door.unheard == FAULTS_IN_A_ROW_MAX, "nobody asked while it was open"
    assert len({effect.key for effect in watch.door.performed}) == 2, "each once, under its own key"
