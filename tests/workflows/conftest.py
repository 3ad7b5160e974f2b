"""A worker per test on the real dev server, with a queue, a gateway and a projection of its own."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from temporalio.client import Client

from api.engine import TemporalEngine
from domain.commands import Command
from domain.payment_intent import PaymentIntent
from tests.support.builders import make_intent
from tests.support.fakes import FakeGateway, MemoryCashBalances, MemoryProjection
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

    async def open(self, **fields: object) -> PaymentIntent:
        """A started intent, as old as now."""
        import time

        intent = make_intent(created=int(time.time()), **fields)  # noqa: TID251
        intent = _unique(intent, self.queue)
        await self.engine.start(intent)
        return intent

    async def send(self, intent: PaymentIntent, command: Command) -> PaymentIntent:
        """Carry out a command; the intent afterwards."""

        async def reload() -> PaymentIntent:
            known = [t.after for t in self.projection.transitions if t.after.id == intent.id]
            return known[-1] if known else intent

        return (await self.engine.send(intent, command, reload)).intent

    async def state(self, intent: PaymentIntent) -> PaymentIntent:
        """By query, also after the end."""
        found = await self.engine.retrieve(intent.id)
        assert found is not None
        return found


def _unique(intent: PaymentIntent, queue: str) -> PaymentIntent:
    from dataclasses import replace

    return replace(intent, id=f"{intent.id}_{queue}")


@pytest.fixture
async def stage(client: Client, request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    queue = f"q{abs(hash(request.node.nodeid)):x}"
    gateway, projection, balances = FakeGateway(), MemoryProjection(), MemoryCashBalances()
    async with build_worker(client, gateway, projection, balances, queue):
        yield Stage(client, queue, gateway, projection, balances, TemporalEngine(client, queue))
