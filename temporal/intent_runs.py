"""Housekeeping's view of Temporal: which payments' workflows run, what they know, and how one is woken."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.api.common.v1 import WorkflowExecution as Execution
from temporalio.api.enums.v1 import ResetReapplyExcludeType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest, SignalWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from contracts import names
from domain.machine.housekeeping import Known, Standing, Trouble, can_be_set_back
from domain.reconciliation.books import Closed, Running, WorkflowAnswer
from temporal.inspection import NONE, ask
from temporal.kinds import PAYMENT_INTENTS, Hosted
from workflows.display import STATUS

ANSWER_TIMEOUT = timedelta(seconds=2)
"""A workflow that takes longer to answer is busy, or stands still; the next sweep asks again."""

LISTED = 500
"""Ids in a page of Temporal's own list."""

PROBLEMS, TIMED_OUT = "TemporalReportedProblems", "category=WorkflowTaskTimedOut"
"""The server's own search attribute, and what it says of a task that nobody answers."""

DIFFERS = "cause=WorkflowTaskFailedCauseNonDeterministicError"
"""And what it says of a history that the code does not go through as it was gone through before."""

TROUBLED = 20
"""Looked at in one sweep."""

UNBEGUN_SECONDS = 120
"""A first task that was not even scheduled so long after its time never will be."""

SET_BACK = "housekeeping: its task does not get done"
"""Why a run was reset. The run that comes of it has this in its history, and is not reset again before it gets on."""

BEGUN_ANEW = "housekeeping: its history cannot be gone on with; another run goes on from the record"
"""Why a run was terminated."""

ABOUT_A_RUN = frozenset({names.LEVEL, names.RELEASE, names.PARK})
"""Signals that mean nothing to another run: it levels itself, and waits for nothing yet."""


class TemporalRuns:
    """The workflows of one kind of intent on a Temporal service."""

    def __init__(
        self,
        client: Client,
        task_queue: str = names.TASK_QUEUE,
        kind: Hosted[Any, Any] = PAYMENT_INTENTS,
        clock: Callable[[], float] = time.time,  # noqa: TID251
    ) -> None:
        """Those of a `kind` on `task_queue`, where those that are gone are started; `clock` tells Unix seconds."""
        self._client, self._task_queue, self._kind, self._clock = client, task_queue, kind, clock
        self._ours = f'ExecutionStatus = "Running" AND WorkflowType = "{kind.workflow}" AND TaskQueue = "{task_queue}"'

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

    async def known(self) -> AsyncIterator[str]:
        """By visibility: every payment that Temporal has a history of, each once."""
        seen: set[str] = set()
        query = f'WorkflowType = "{self._kind.workflow}" AND TaskQueue = "{self._task_queue}"'
        async for each in self._client.list_workflows(query, page_size=LISTED):
            if each.id not in seen:
                seen.add(each.id)
                yield each.id

    async def standing(self, id_: str) -> Standing:
        """By query; of a run that has ended, by replaying its history, as long as Temporal keeps that."""
        try:
            answer = await self._ask(id_)
            if answer == Closed(NONE):
                return Standing(running=False)
            if isinstance(answer, Closed):
                last = await self._ask(id_, ended=True)
                return Standing(running=False, intent=last.state if isinstance(last, Running) else None)
        except RPCError:
            # Too busy to answer, or Temporal is: nothing is concluded, and the next sweep asks again.
            return Standing(running=True)
        return Standing(running=True, intent=answer.state if isinstance(answer, Running) else None)

    async def _ask(self, id_: str, *, ended: bool = False) -> WorkflowAnswer:
        kind = self._kind
        return await ask(self._client, id_, ANSWER_TIMEOUT, ended=ended, query=kind.query, state=kind.state)

    async def wake(self, intent: Known) -> None:
        """Signal, and start if there is nobody to signal: one call, so that nothing comes in between."""
        await self._client.start_workflow(
            self._kind.run,
            self._kind.start(intent),
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal=names.LEVEL,
            **self._kind.options(intent, self._task_queue),
        )

    async def level(self, id_: str) -> None:
        """Signal, and leave it if it has ended meanwhile."""
        try:
            await self._client.get_workflow_handle(id_).signal(names.LEVEL)
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise

    async def troubled(self) -> list[Trouble]:
        """By visibility, where the server itself notes after a few attempts that a task fails; then by asking each."""
        query = f"{self._ours} AND {PROBLEMS} IS NOT NULL"
        listed = self._client.list_workflows(query, page_size=TROUBLED, limit=TROUBLED)
        return [*[await self._trouble(each.id, each.run_id) async for each in listed], *await self._unbegun()]

    async def _unbegun(self) -> list[Trouble]:
        """Those whose first task the server has forgotten: a kill in their first half second may do that to one.

        `start_delay` is a timer of the server's (1.32.0). Without it nothing else schedules a task, neither a signal
        nor an update that was answered and forgotten with it, and queries wait until their buffer is full.
        """
        late = datetime.fromtimestamp(self._clock() - UNBEGUN_SECONDS, UTC).isoformat()
        query = f'{self._ours} AND BuildIds IS NULL AND ExecutionTime < "{late}"'
        listed = self._client.list_workflows(query, page_size=TROUBLED, limit=TROUBLED)
        candidates = [(each.id, each.run_id) async for each in listed]
        return [
            replace(await self._trouble(id_, run), begun=False)
            for id_, run in candidates
            if not await self._had_task(id_, run)
        ]

    async def _had_task(self, id_: str, run: str) -> bool:
        """By its history, which does not lag as the list does."""
        handle = self._client.get_workflow_handle(id_, run_id=run)
        if (await handle.describe()).raw_description.HasField("pending_workflow_task"):
            return True
        async for event in handle.fetch_history_events():
            if event.HasField("workflow_task_scheduled_event_attributes"):
                return True
        return False

    async def _trouble(self, id_: str, run: str) -> Trouble:
        described = await self._client.get_workflow_handle(id_, run_id=run).describe()
        pending = described.raw_description.pending_workflow_task
        problems = [str(each) for each in described.search_attributes.get(PROBLEMS, [])]
        return Trouble(
            id_,
            run,
            pending.attempt,
            answered=TIMED_OUT not in problems,
            replays=DIFFERS not in problems,
            shown=described.typed_search_attributes.get(STATUS, ""),
        )

    async def set_back(self, trouble: Trouble) -> str | None:
        """By a reset to the last task that was completed: the server hands the signals since on to it.

        Not the updates: applied again beside signals they come in another order than a replay has them in. Who has sent
        them sends them again, and the record knows what was done.
        """
        task = await self._last_completed(trouble)
        # Its task may have been done while we read: what a worker has completed since is not to be done again.
        now = await self._trouble(trouble.id, trouble.run)
        if now.attempt < trouble.attempt:
            return None
        if task is None or not can_be_set_back(now):
            return "failing"
        request = ResetWorkflowExecutionRequest(
            namespace=self._client.namespace,
            workflow_execution=Execution(workflow_id=trouble.id, run_id=trouble.run),
            reason=SET_BACK,
            workflow_task_finish_event_id=task,
            reset_reapply_exclude_types=[ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE],
            # The same for the same run: who repeats it does not set it back twice.
            request_id=f"set-back/{trouble.run}",
        )
        try:
            await self._client.workflow_service.reset_workflow_execution(request, retry=True)
        except RPCError as error:
            if error.status not in (RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT):
                raise
            return "failing"
        return "stuck"

    async def begin_anew(self, trouble: Trouble, recorded: Known) -> str | None:
        """Terminate this very run, and wake the intent, which starts another: what it is about is in the record.

        Whatever the old run's worker still carries out, it carries out under the fence, as the new one's does. Between
        the two calls there is no run: if we die there, the next sweep finds that one is missing. What the old run was
        signaled and never got to is signaled to the new one: who sent it was told that it is durable.
        """
        try:
            await self._client.get_workflow_handle(trouble.id, run_id=trouble.run).terminate(reason=BEGUN_ANEW)
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
            return None
        await self.wake(recorded)
        for signal in await self._unheard(trouble):
            await self._client.workflow_service.signal_workflow_execution(signal, retry=True)
        return "anew"

    async def _unheard(self, trouble: Trouble) -> list[SignalWorkflowExecutionRequest]:
        """The signals that came after the last completed task, with what they carry as it was. Each is taken once."""
        unheard: list[SignalWorkflowExecutionRequest] = []
        async for event in self._client.get_workflow_handle(trouble.id, run_id=trouble.run).fetch_history_events():
            if event.HasField("workflow_task_completed_event_attributes"):
                unheard.clear()
            if not event.HasField("workflow_execution_signaled_event_attributes"):
                continue
            signaled = event.workflow_execution_signaled_event_attributes
            if signaled.signal_name not in ABOUT_A_RUN:
                unheard.append(
                    SignalWorkflowExecutionRequest(
                        namespace=self._client.namespace,
                        workflow_execution=Execution(workflow_id=trouble.id),
                        signal_name=signaled.signal_name,
                        input=signaled.input,
                        header=signaled.header,
                        request_id=f"unheard/{trouble.run}/{event.event_id}",
                    )
                )
        return unheard

    async def _last_completed(self, trouble: Trouble) -> int | None:
        """The event of the last completed task; None if there is none, or none since the run was set back before.

        A reset writes the reason that it was given into the new run, where it cuts the old one off.
        """
        last = None
        async for event in self._client.get_workflow_handle(trouble.id, run_id=trouble.run).fetch_history_events():
            if event.HasField("workflow_task_completed_event_attributes"):
                last = event.event_id
            elif event.workflow_task_failed_event_attributes.failure.message == SET_BACK:
                last = None
        return last
