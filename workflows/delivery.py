"""One event to one endpoint as one durable workflow, found in the Temporal UI by the event's id: `evt_…/we_…`.

Tries until the receiver takes it, three days are over, or the endpoint is gone; the pauses are durable timers. What a
try is, is activities/deliveries.py; how long the pauses are, domain/webhooks.py.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import FailureError

with workflow.unsafe.imports_passed_through():
    from activities.deliveries import DeliveryActivities
    from contracts import names
    from contracts.messages import DeliveryAttempt, DeliveryResult, DeliveryStart
    from domain.webhooks import GIVE_UP_AFTER_SECONDS, delivery_id, retry_pause_seconds
    from workflows.options import ATTEMPT_OPTIONS, DURABLE_ATTEMPT_OPTIONS, POSTPONED_SECONDS


@workflow.defn(name=names.DELIVERY_WORKFLOW)
class WebhookDeliveryWorkflow:
    """One delivery, from the event to the receiver's 2xx."""

    @workflow.init
    def __init__(self, start: DeliveryStart) -> None:
        """Nothing was tried yet, unless it is sent again."""
        self._number = start.attempts
        self._rounds = 0
        self._resend = False
        self._said: list[str] = []

    @workflow.run
    async def run(self, start: DeliveryStart) -> str:
        """Try, wait, try again; end with delivered, failed or canceled."""
        id_ = delivery_id(start.event, start.endpoint)
        give_up_at = start.give_up_at or int(workflow.time()) + GIVE_UP_AFTER_SECONDS
        while True:
            self._resend = False
            now = int(workflow.time())
            last = now >= give_up_at
            # The last try is when the three days are over, not up to a pause before.
            pause = min(retry_pause_seconds(id_, self._rounds + 1), max(1, give_up_at - now))
            result = await self._try(start, now + pause, last=last)
            self._show(result)
            if result.state == "postponed":
                await self._pause(POSTPONED_SECONDS + pause % POSTPONED_SECONDS, "the endpoint is busy")
                continue
            self._number += 1
            self._rounds += 1
            if last or result.state != "failed":
                return result.state
            await self._pause(pause, f"try {self._number + 1}")

    @workflow.signal(name=names.RESEND)
    def on_resend(self) -> None:
        """Somebody wants it tried now."""
        self._resend = True

    async def _try(self, start: DeliveryStart, due: int, *, last: bool) -> DeliveryResult:
        attempt = DeliveryAttempt(
            event=start.event, endpoint=start.endpoint, number=self._number + 1, due=due, last=last
        )
        try:
            return await workflow.execute_local_activity_method(
                DeliveryActivities.attempt, attempt, **ATTEMPT_OPTIONS, summary=f"try {attempt.number}"
            )
        except FailureError:
            # The record store is away: not the receiver's fault, so it counts as no try; wait until it is back.
            return await workflow.execute_activity_method(
                DeliveryActivities.attempt, attempt, **DURABLE_ATTEMPT_OPTIONS, summary=f"try {attempt.number}"
            )

    async def _pause(self, seconds: int, summary: str) -> None:
        try:
            await workflow.wait_condition(
                lambda: self._resend, timeout=timedelta(seconds=seconds), timeout_summary=summary
            )
        except TimeoutError:
            return

    def _show(self, result: DeliveryResult) -> None:
        self._said.append(f"- try {self._number + 1}: {result.state}, {result.detail}")
        workflow.set_current_details("\n".join(self._said[-40:]))
