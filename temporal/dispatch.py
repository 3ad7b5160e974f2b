"""From the outbox to Temporal: starts the workflow of each delivery that nobody sees to. Runs beside every worker.

The outbox's rows are written with the events, so nothing is lost between a payment and its deliveries. A row is
marked only after its workflow was started; a dispatcher that dies in between, or two of them at once, start what is
there already, which does nothing.
"""

import asyncio

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError

from contracts import names
from contracts.messages import DeliveryStart
from domain.webhooks import delivery_id
from records.base import Dispatch, Outbox, RecordsUnavailable
from workflows.delivery import WebhookDeliveryWorkflow

PAUSE_SECONDS = 0.2
"""How often the outbox is looked into, and so how late a delivery may start: one indexed read of 0.3 ms."""

BATCH = 10
"""Rows read at a time, and marked together."""

BUSY = 2.0
"""A start that takes this many times as long as the fastest of late says that the server is busy with payments."""

FORGETTING = 1.02
"""By how much the fastest is forgiven at each start: a machine may become slower for good."""

YIELDING = 15.0
"""After a slow start, nothing for this many times as long as it took: deliveries wait, payments do not (ADR 0012)."""

YIELD_SECONDS_MAX = 1.0


class Dispatcher:
    """Empties the outbox for as long as it runs."""

    def __init__(
        self,
        client: Client,
        outbox: Outbox,
        task_queue: str = names.WEBHOOK_QUEUE,
        *,
        pause_seconds: float = PAUSE_SECONDS,
        yielding: float = YIELDING,
    ) -> None:
        """Start workflows on `task_queue`."""
        self._client, self._outbox, self._queue = client, outbox, task_queue
        self._pause_seconds, self._yielding = pause_seconds, yielding
        self._fastest = float("inf")

    async def run(self) -> None:
        """Until cancelled. What cannot be reached now is tried again."""
        while True:
            try:
                if await self.dispatch() == BATCH:
                    continue
            except (RecordsUnavailable, RPCError):
                await asyncio.sleep(1)
            await asyncio.sleep(self._pause_seconds)

    async def dispatch(self) -> int:
        """Start what is waiting, a batch of it; how many that were."""
        waiting = await self._outbox.waiting(BATCH)
        clock = asyncio.get_running_loop().time
        for dispatch in waiting:
            start = clock()
            await self._start(dispatch)
            await asyncio.sleep(self._yield_seconds(clock() - start))
        if waiting:
            await self._outbox.dispatched(waiting)
        return len(waiting)

    def _yield_seconds(self, taken: float) -> float:
        """How long to leave the server to others after a start that took so long."""
        self._fastest = min(taken, self._fastest * FORGETTING)
        return min(YIELD_SECONDS_MAX, self._yielding * taken) if taken > BUSY * self._fastest else 0

    async def _start(self, dispatch: Dispatch) -> None:
        id_ = delivery_id(dispatch.event, dispatch.endpoint)
        await self._client.start_workflow(
            WebhookDeliveryWorkflow.run,
            DeliveryStart(event=dispatch.event, endpoint=dispatch.endpoint, attempts=dispatch.attempts),
            id=id_,
            task_queue=self._queue,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal=names.RESEND if dispatch.resend else None,
            static_summary=f"{dispatch.event} to {dispatch.endpoint}",
        )
