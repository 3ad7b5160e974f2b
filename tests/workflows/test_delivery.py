"""Deliveries as workflows on a real Temporal: tried until taken, given up after three days, moved by the clock."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper

from contracts.messages import DeliveryStart
from contracts.names import API_VERSION
from domain.webhooks import GIVE_UP_AFTER_SECONDS, SigningSecret, delivery_id
from records.base import Attempt, Delivery, Dispatch, RecordsUnavailable, StoredEvent
from rendering.event import render
from rendering.printing import to_json
from temporal.dispatch import Dispatcher
from tests.support.builders import ACCOUNT, NOW, make_intent
from webhooks.base import Answer
from worker import build_delivery_worker
from workflows.delivery import WebhookDeliveryWorkflow


def an_event(id_: str) -> StoredEvent:
    from records.codec import dump_intent

    return StoredEvent(
        id=id_, account=ACCOUNT, livemode=False, created=NOW, type="payment_intent.created", subject="payment_intent",
        object_id="pi_1", request_id=None, idempotency_key=None, data={"object": dump_intent(make_intent())},
        api_version=API_VERSION,
    )  # fmt: skip


@dataclass
class MemoryOutbox:
    """One endpoint's deliveries."""

    enabled: bool = True
    deleted: bool = False
    away: int = 0
    queue: list[Dispatch] = field(default_factory=list)
    bodies: dict[str, bytes] = field(default_factory=dict)
    attempts: dict[str, list[Attempt]] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)

    async def waiting(self, limit: int) -> list[Dispatch]:
        return self.queue[:limit]

    async def dispatched(self, dispatches: list[Dispatch]) -> None:
        self.queue = [dispatch for dispatch in self.queue if dispatch not in dispatches]

    async def load(self, event: str, endpoint: str) -> Delivery | None:
        if self.away:
            self.away -= 1
            raise RecordsUnavailable("away")
        if self.deleted:
            return None
        return Delivery(
            event=an_event(event), endpoint=endpoint, url="https://shop.example", enabled=self.enabled,
            state=self.states.get(event, "under_way"), attempts=len(self.attempts.get(event, [])),
            body=self.bodies.get(event), secrets=(SigningSecret(secret="whsec_1"),),
        )  # fmt: skip

    async def freeze(self, event: str, endpoint: str, body: bytes) -> bytes:
        del endpoint
        return self.bodies.setdefault(event, body)

    async def attempted(self, event: str, endpoint: str, attempt: Attempt, state: str, due: int | None) -> None:
        del endpoint, due
        self.attempts.setdefault(event, []).append(attempt)
        self.states[event] = state

    async def end(self, event: str, endpoint: str, state: str) -> None:
        del endpoint
        self.states[event] = state


@dataclass
class FakeSender:
    """Answers as told, then 200."""

    answers: list[int | None] = field(default_factory=list)
    always: int | None = 200
    sent: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    hold: asyncio.Event | None = None

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        del url
        self.sent.append((body, headers))
        if self.hold is not None:
            await self.hold.wait()
        status = self.answers.pop(0) if self.answers else self.always
        return Answer(latency_ms=1, status=status, error=None if status else "ConnectError: nobody there")


@dataclass
class DeliveryStage:
    client: Client
    queue: str
    outbox: MemoryOutbox
    sender: FakeSender
    event: str

    async def start(self, **more: Any) -> Any:
        start = DeliveryStart(event=self.event, endpoint="we_1", **more)
        return await self.client.start_workflow(
            WebhookDeliveryWorkflow.run, start, id=delivery_id(self.event, "we_1"), task_queue=self.queue
        )

    async def until(self, condition: Any) -> None:
        async with asyncio.timeout(60):
            while not condition():
                await asyncio.sleep(0.02)


async def newest(event: StoredEvent, version: str | None) -> bytes:
    del version
    return to_json(render(event))


@pytest.fixture
async def stage(client: Client, request: pytest.FixtureRequest) -> AsyncIterator[DeliveryStage]:
    queue = f"q{abs(hash(request.node.nodeid)):x}"
    outbox, sender = MemoryOutbox(), FakeSender()
    async with build_delivery_worker(client, outbox, sender, newest, queue):
        yield DeliveryStage(client, queue, outbox, sender, f"evt_{queue}")


async def test_a_receiver_that_takes_it_is_asked_once(stage: DeliveryStage) -> None:
    handle = await stage.start()
    assert await handle.result() == "delivered"
    assert [attempt.status for attempt in stage.outbox.attempts[stage.event]] == [200]
    assert stage.outbox.states == {stage.event: "delivered"}
    body, headers = stage.sender.sent[0]
    assert headers["Stripe-Signature"].startswith("t=")
    assert body == stage.outbox.bodies[stage.event]
    assert (await handle.fetch_history()).events[-1].HasField("workflow_execution_completed_event_attributes")


async def test_a_receiver_that_is_down_for_seventy_hours_gets_it_when_it_is_back(stage: DeliveryStage) -> None:
    stage.sender.always = None
    handle = await stage.start()
    await stage.until(lambda: stage.sender.sent)
    hours = 0
    while hours < 70:
        hours += bool(await skip(stage, handle, timedelta(hours=1)))
    tried = len(stage.sender.sent)
    assert 20 <= tried <= 40
    assert stage.outbox.states[stage.event] == "under_way"
    stage.sender.always = 204
    while not await _ended(handle):
        await skip(stage, handle, timedelta(hours=1))
    assert await handle.result() == "delivered"
    assert len({body for body, _ in stage.sender.sent}) == 1, "the same bytes on every try"
    assert [attempt.number for attempt in stage.outbox.attempts[stage.event]] == list(
        range(1, len(stage.sender.sent) + 1)
    )


async def skip(stage: DeliveryStage, handle: Any, time: timedelta) -> bool:
    """Move the delivery's clock; False where it cannot be: while a try is under way, or once it has ended."""
    try:
        return await TimeSkipper(stage.client).fast_forward(handle, time)
    except RPCError:
        return False


async def _ended(handle: Any) -> bool:
    return bool((await handle.describe()).close_time)


async def test_it_is_given_up_after_three_days_and_not_before(stage: DeliveryStage) -> None:
    stage.sender.always = 500
    handle = await stage.start()
    await stage.until(lambda: stage.sender.sent)
    hours = 0
    while not await _ended(handle) and hours < 100:
        hours += 1
        await skip(stage, handle, timedelta(hours=1))
    assert await handle.result() == "failed"
    assert GIVE_UP_AFTER_SECONDS / 3_600 - 1 <= hours <= GIVE_UP_AFTER_SECONDS / 3_600 + 2
    assert stage.outbox.states == {stage.event: "failed"}


async def test_a_deleted_and_a_disabled_endpoint_are_not_asked(stage: DeliveryStage) -> None:
    stage.outbox.enabled = False
    assert await (await stage.start()).result() == "canceled"
    assert stage.outbox.states == {stage.event: "canceled"}
    stage.outbox.deleted, stage.event = True, stage.event + "2"
    assert await (await stage.start()).result() == "canceled"
    assert stage.sender.sent == []


async def test_sending_it_again_does_not_wait_for_the_pause(stage: DeliveryStage) -> None:
    stage.sender.answers = [500]
    handle = await stage.start()
    await stage.until(lambda: len(stage.outbox.attempts.get(stage.event, [])) == 1)
    stage.outbox.queue = [Dispatch(event=stage.event, endpoint="we_1", attempts=1, resend=True)]
    assert await Dispatcher(stage.client, stage.outbox, stage.queue).dispatch() == 1
    assert await handle.result() == "delivered"
    assert [attempt.status for attempt in stage.outbox.attempts[stage.event]] == [500, 200]


async def test_a_record_store_that_is_away_is_no_try(stage: DeliveryStage) -> None:
    stage.outbox.away = 2
    assert await (await stage.start()).result() == "delivered"
    assert [attempt.number for attempt in stage.outbox.attempts[stage.event]] == [1]


async def test_dispatching_twice_is_once(stage: DeliveryStage) -> None:
    stage.sender.hold = asyncio.Event()
    row = Dispatch(event=stage.event, endpoint="we_1", attempts=0, resend=False)
    dispatcher = Dispatcher(stage.client, stage.outbox, stage.queue)
    for _ in range(2):
        stage.outbox.queue = [row]
        assert await dispatcher.dispatch() == 1
    stage.sender.hold.set()
    assert await stage.client.get_workflow_handle(delivery_id(stage.event, "we_1")).result() == "delivered"
    assert len(stage.sender.sent) == 1


async def test_one_endpoint_has_so_many_at_once_and_no_more(stage: DeliveryStage) -> None:
    from activities.deliveries import PER_ENDPOINT_MAX

    stage.sender.hold = asyncio.Event()
    base = stage.event
    handles = []
    for number in range(PER_ENDPOINT_MAX + 4):
        stage.event = f"{base}_{number}"
        handles.append(await stage.start())
    await stage.until(lambda: len(stage.sender.sent) == PER_ENDPOINT_MAX)
    late = [h for h in handles if h.id.partition("/")[0] not in {e for e in stage.outbox.bodies}]
    assert len(late) == 4
    stage.sender.hold.set()
    for handle in late:
        while not await _ended(handle):
            await skip(stage, handle, timedelta(seconds=40))
    assert [await handle.result() for handle in handles] == ["delivered"] * len(handles)
    assert len(stage.sender.sent) == len(handles)
    assert {len(tries) for tries in stage.outbox.attempts.values()} == {1}, "waiting for room counts as no try"
