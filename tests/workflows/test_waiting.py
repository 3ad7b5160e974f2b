"""A caller waits as long as was set, and no longer; what was asked for happens all the same."""

import asyncio
import time

import pytest

from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from temporal.engine import EngineUnavailable, TemporalEngine
from tests.workflows.conftest import Stage
from tests.workflows.test_long_lives import CONFIRM


async def test_no_longer_than_was_set(stage: Stage) -> None:
    intent = await stage.open()
    impatient = TemporalEngine(stage.client, stage.projection.latest, stage.queue, answer_seconds=0.4)

    async def reload() -> PaymentIntent:
        return intent

    stage.gateway.hold = asyncio.Event()
    began = time.monotonic()
    with pytest.raises(EngineUnavailable):
        await impatient.send(intent, CONFIRM, reload)
    assert time.monotonic() - began < 10, "the default is 15 s"
    stage.gateway.hold.set()
    assert await stage.client.get_workflow_handle(intent.id).result() == Status.SUCCEEDED
    assert len(stage.gateway.performed) == 1
