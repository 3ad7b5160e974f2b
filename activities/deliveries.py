"""The one effect of a webhook's delivery: try it once, and write down what came of it.

Safe to repeat: a receiver may get an event twice (it knows it by its id), and the body is the same bytes each time.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities import telemetry
from activities.failures import retry
from contracts import names
from contracts.messages import DeliveryAttempt, DeliveryResult
from domain.webhooks import delivery_id, signature_header
from records.base import Attempt, Delivery, Outbox, RecordsUnavailable, StoredEvent
from webhooks.base import Answer, Sender

PER_ENDPOINT_MAX = 8
"""Tries under way at once to one endpoint, per worker process."""

PERMIT_PATIENCE_SECONDS = 1.0
"""How long a try waits for one of them; then it is postponed, so that a slow endpoint holds no room others need."""

USER_AGENT = "Perdure/1.0 (webhooks)"

T = TypeVar("T")

Renderer = Callable[[StoredEvent, str | None], Awaitable[bytes]]
"""An event as JSON, in the API version an endpoint asks for (None: the event's own)."""


class DeliveryActivities:
    """Deliveries, on the outbox and the sender they are given."""

    def __init__(self, outbox: Outbox, sender: Sender, render: Renderer, clock: Callable[[], int]) -> None:
        """Inject the ports. `clock` is real time (Unix seconds): receivers compare signatures with theirs."""
        self._outbox, self._sender, self._render, self._clock = outbox, sender, render, clock
        self._permits: dict[str, asyncio.Semaphore] = {}

    @activity.defn(name=names.ATTEMPT_DELIVERY)
    async def attempt(self, attempt: DeliveryAttempt) -> DeliveryResult:
        """Try once.

        Safe to retry: see the module; a try that was written down is not written twice.
        """
        try:
            return await self._attempt(attempt)
        except ApplicationError:
            raise
        except Exception as error:
            # Of ours, and not the receiver's: but the merchant waits for news, and sees why there is none.
            activity.logger.exception("a delivery failed: %s", delivery_id(attempt.event, attempt.endpoint))
            failed = Answer(latency_ms=0, error=f"a fault of ours: {type(error).__name__}")
            return await self._written(attempt, failed, self._clock())

    async def _attempt(self, attempt: DeliveryAttempt) -> DeliveryResult:
        delivery = await self._reach(self._outbox.load(attempt.event, attempt.endpoint))
        if delivery is None:
            return DeliveryResult(state="canceled", detail="the endpoint was deleted")
        if delivery.attempts >= attempt.number:
            # Tried and written down by a worker that died before it could say so.
            state = "delivered" if delivery.state == "delivered" else "failed"
            return DeliveryResult(state=state, detail="tried before, as written down")
        if not delivery.enabled:
            await self._reach(self._outbox.end(attempt.event, attempt.endpoint, "canceled"))
            return DeliveryResult(state="canceled", detail="the endpoint is disabled")
        permits = self._permits.setdefault(attempt.endpoint, asyncio.Semaphore(PER_ENDPOINT_MAX))
        try:
            async with asyncio.timeout(PERMIT_PATIENCE_SECONDS):
                await permits.acquire()
        except TimeoutError:
            return DeliveryResult(state="postponed", detail=f"{PER_ENDPOINT_MAX} deliveries to it are under way")
        try:
            return await self._try(delivery, attempt)
        finally:
            permits.release()

    async def _try(self, delivery: Delivery, attempt: DeliveryAttempt) -> DeliveryResult:
        body = delivery.body
        if body is None:
            rendered = await self._reach(self._render(delivery.event, delivery.api_version))
            body = await self._reach(self._outbox.freeze(attempt.event, attempt.endpoint, rendered))
        now = self._clock()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Accept": "*/*; q=0.5, application/xml",
            "User-Agent": USER_AGENT,
            "Stripe-Signature": signature_header(delivery.secrets, body, now),
        }
        answer = await self._sender.post(delivery.url, body, headers)
        return await self._written(attempt, answer, now)

    async def _written(self, attempt: DeliveryAttempt, answer: Answer, now: int) -> DeliveryResult:
        """Write down what came of it, and how the delivery stands then."""
        state = "delivered" if answer.taken else "failed" if attempt.last else "under_way"
        written = Attempt(
            number=attempt.number,
            created=now,
            latency_ms=answer.latency_ms,
            status=answer.status,
            excerpt=answer.excerpt,
            error=answer.error,
        )
        due = attempt.due if state == "under_way" else None
        await self._reach(self._outbox.attempted(attempt.event, attempt.endpoint, written, state, due))
        telemetry.count_delivery(attempt.event, attempt.endpoint, written, state)
        return DeliveryResult(state="failed" if state == "under_way" else state, detail=describe(answer))

    async def _reach(self, reading: Awaitable[T]) -> T:
        try:
            return await reading
        except RecordsUnavailable as error:
            raise retry(error) from error


def describe(answer: Answer) -> str:
    """What came of a try, in a line."""
    return answer.error or f"HTTP {answer.status} in {answer.latency_ms} ms"
