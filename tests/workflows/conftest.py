"""A worker per test on the real dev server, with a queue, a gateway and a projection of its own."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
from temporalio.client import Client

from domain.machine.fence import Recorded
from domain.model.commands import Command
from domain.model.payment_intent import PaymentIntent
from temporal.engine import TemporalEngine
from tests.support.builders import make_intent
from tests.support.fakes import FakeGateway, MemoryCashBalances, MemoryProjection, MemorySetups
from worker import build_worker


@dataclass
class Stage:
    """What a workflow test works with."""

    client: Client
    queue: str
    gateway: FakeGateway
    projection: MemoryProjection
    balances: MemoryCashBalances
    engine: TemporalEngine
    setups: MemorySetups

    async def open(self, **fields: object) -> PaymentIntent:
        """A recorded and started intent, as old as now."""
        intent = make_intent(created=int(time.time()), **fields)  # noqa: TID251
        intent = replace(intent, id=f"{intent.id}_{self.queue}")
        self.projection.records[intent.id] = Recorded(intent=intent)
        await self.engine.start(intent)
        return intent

    async def send(self, intent: PaymentIntent, command: Command) -> PaymentIntent:
        """Carry out a command, as the API does: it has seen `intent`. The intent afterwards."""

        async def reload() -> PaymentIntent:
            return await self.projection.latest(intent.id) or intent

        seen = replace(command, seen_version=max(command.seen_version, intent.version))
        return (await self.engine.send(intent, seen, reload)).intent

    async def state(self, intent: PaymentIntent) -> PaymentIntent:
        """By query, also after the end; one that is busy is asked again."""
        async with asyncio.timeout(60):
            while (found := await self.engine.retrieve(intent.id)) is None:
                await asyncio.sleep(0.02)
        return found


@pytest.fixture
async def stage(client: Client, request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    queue = f"q{abs(hash(request.node.nodeid)):x}"
    gateway, projection, balances, setups = FakeGateway(), MemoryProjection(), MemoryCashBalances(), MemorySetups()
    async with build_worker(client, gateway, projection, balances, queue, setups=setups):
        engine = TemporalEngine(client, projection.latest, queue)
        yield Stage(client, queue, gateway, projection, balances, engine, setups)
