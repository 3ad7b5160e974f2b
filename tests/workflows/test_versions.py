"""Two builds at once: a payment finishes on the code it was started on, and a new one starts on the new."""

import asyncio
import itertools
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from temporalio.client import Client

from domain.model.commands import Capture
from embedded.temporal import find_binary
from settings import Settings
from temporal.engine import TemporalEngine
from temporal.tuning import DEPLOYMENT
from tests.support.builders import make_intent
from tests.support.fakes import FakeGateway, MemoryCashBalances, MemoryProjection
from tests.workflows.conftest import Stage
from tests.workflows.test_long_lives import CONFIRM
from worker import build_worker

QUEUE = "versions"


@asynccontextmanager
async def build(client: Client, id_: str) -> AsyncIterator[FakeGateway]:
    """A worker of this build, with a gateway that tells which build asked it."""
    gateway, projection = FakeGateway(), MemoryProjection()
    async with build_worker(client, gateway, projection, MemoryCashBalances(), QUEUE, build_id=id_):
        yield gateway


def asked(gateway: FakeGateway, id_: str) -> list[str]:
    """What this build asked of its gateway for one payment."""
    return [effect.operation for effect in gateway.performed if effect.key.startswith(f"{id_}/")]


async def current(address: str, build_id: str) -> None:
    """What an operator types when a build is to take new payments; the server has to have heard of it first."""
    command = [
        str(find_binary(Settings.read({}))), "worker", "deployment", "set-current-version", "--address", address,
        "--deployment-name", DEPLOYMENT, "--build-id", build_id, "--yes", "--ignore-missing-task-queues",
    ]  # fmt: skip
    async with asyncio.timeout(60):
        while True:
            done = await asyncio.create_subprocess_exec(*command, stdout=DEVNULL, stderr=DEVNULL)
            if await done.wait() == 0:
                return
            await asyncio.sleep(0.2)


async def test_each_payment_stays_with_its_build(stage: Stage, temporal_address: str) -> None:
    engine: Any = TemporalEngine(stage.client, stage.projection.latest, QUEUE)
    old = make_intent(id=f"{stage.queue}_old", capture_method="manual")

    async def reload() -> Any:
        return old

    async def confirmed_by(gateway: FakeGateway) -> str:
        """The first new payment that this build gets: the server takes a moment to tell every queue who is current."""
        async with asyncio.timeout(60):
            for number in itertools.count():
                new = make_intent(id=f"{stage.queue}_new_{number}")
                await engine.start(new)
                await engine.send(new, CONFIRM, reload)
                if asked(gateway, new.id):
                    return new.id
        raise AssertionError("unreachable")

    async with build(stage.client, "one") as first:
        await current(temporal_address, "one")
        await engine.start(old)
        await engine.send(old, CONFIRM, reload)
        async with build(stage.client, "two") as second:
            await current(temporal_address, "two")
            new = await confirmed_by(second)
            await engine.send(old, Capture(command_id="cmd_capture"), reload)
    assert (asked(first, old.id), asked(second, old.id)) == (["authorize", "capture"], [])
    assert (asked(first, new), asked(second, new)) == ([], ["authorize"])
