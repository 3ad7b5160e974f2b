"""Housekeeping's view of Temporal: which payments' workflows run, what they know, and how one is woken."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
)
from temporalio.common import QueryRejectCondition, WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from contracts import names
from contracts.messages import start_of
from domain.housekeeping import Standing
from domain.payment_intent import PaymentIntent
from workflows.display import STATUS
from workflows.payment_intent import PaymentIntentWorkflow
from workflows.starting import start_options

ANSWER_TIMEOUT = timedelta(seconds=2)
"""A workflow that takes longer to answer is busy, or stands still; the next sweep asks again."""

LISTED = 500
"""Ids in a page of Temporal's own list."""


class TemporalRuns:
    """The workflows of PaymentIntents on a Temporal service."""

    def __init__(self, client: Client, task_queue: str = names.TASK_QUEUE) -> None:
        """Those on `task_queue`, where those that are gone are started."""
        self._client, self._task_queue = client, task_queue
        self._ours = f'ExecutionStatus = "Running" AND WorkflowType = "{names.WORKFLOW}" AND TaskQueue = "{task_queue}"'

    async def running(self, ids: Sequence[str]) -> dict[str, str]:
        """By visibility: one question for all of them."""
        these = ", ".join(f'"{id_}"' for id_ in ids)
        listed = self._client.list_workflows(f"{self._ours} AND WorkflowId IN ({these})", page_size=len(ids))
        return {each.id: each.typed_search_attributes.get(STATUS, "") async for each in listed}

    async def page(self, token: str, before: int) -> tuple[list[str], str]:
        """The next of those that were started before a time."""
        time = datetime.fromtimestamp(before, UTC).isoformat()
        query = f'{self._ours} AND StartTime < "{time}"'
        listed = self._client.list_workflows(query, page_size=LISTED, next_page_token=bytes.fromhex(token) or None)
        await listed.fetch_next_page()
        return [each.id for each in listed.current_page or []], (listed.next_page_token or b"").hex()

    async def standing(self, id_: str) -> Standing:
        """By query; of a run that has ended, by replaying its history, as long as Temporal keeps that."""
        try:
            return Standing(running=True, intent=await self._query(id_, QueryRejectCondition.NOT_OPEN))
        except WorkflowQueryRejectedError:
            return Standing(running=False, intent=await self._last_known(id_))
        except WorkflowQueryFailedError:
            return Standing(running=True)
        except RPCError as error:
            return Standing(running=error.status != RPCStatusCode.NOT_FOUND)

    async def wake(self, intent: PaymentIntent) -> None:
        """Signal, and start if there is nobody to signal: one call, so that nothing comes in between."""
        await self._client.start_workflow(
            PaymentIntentWorkflow.run,
            start_of(intent),
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal=names.LEVEL,
            **start_options(intent, self._task_queue),
        )

    async def level(self, id_: str) -> None:
        """Signal, and leave it if it has ended meanwhile."""
        try:
            await self._client.get_workflow_handle(id_).signal(names.LEVEL)
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise

    async def _query(self, id_: str, reject: QueryRejectCondition) -> PaymentIntent:
        handle: WorkflowHandle[PaymentIntentWorkflow, str]
        handle = self._client.get_workflow_handle_for(PaymentIntentWorkflow.run, id_)
        return await handle.query(
            PaymentIntentWorkflow.payment_intent, reject_condition=reject, rpc_timeout=ANSWER_TIMEOUT
        )

    async def _last_known(self, id_: str) -> PaymentIntent | None:
        try:
            return await self._query(id_, QueryRejectCondition.NONE)
        except (RPCError, WorkflowQueryFailedError):
            return None
