"""What the workflows of intents say of themselves, for reconciliation and housekeeping.

Reads only. A query of a workflow that no worker has in its cache has its history replayed.
"""

from datetime import timedelta
from typing import Any

from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
)
from temporalio.common import QueryRejectCondition
from temporalio.service import RPCError, RPCStatusCode

from contracts import names
from domain.model.payment_intent import PaymentIntent
from domain.model.setup_intent import SetupIntent
from domain.reconciliation.books import Closed, Running, Silent, WorkflowAnswer
from workflows.options import INSPECTION_TIMEOUT

PAGE = 1_000

BUSY, BUSY_TRIES = "query buffer is full", 5
"""What the server says of a workflow that is in the middle of a task; each try lasts two seconds (RPC_RETRY)."""

NONE = "none"
"""How a workflow has ended that Temporal does not know, or not any more."""

AWAY = (RPCStatusCode.UNAVAILABLE, RPCStatusCode.RESOURCE_EXHAUSTED)
"""That the service does not answer says nothing of the workflow."""


async def ask(
    client: Client,
    id_: str,
    timeout: timedelta,
    *,
    ended: bool = False,
    query: str = names.QUERY,
    state: Any = PaymentIntent,
) -> WorkflowAnswer:
    """What an intent's workflow says; one that is busy is asked again until the time is over.

    It is asked by this `query`, which answers with a `state`: those of a PaymentIntent, unless others are said.

    One whose run has `ended` is only asked if that is said: its history is replayed, as long as Temporal keeps it.
    (Readers of the API ask once, and not those that have ended: temporal/client.py.)

    Raises:
        RPCError: the service does not answer.
        Exception: of the payload codec, or of the decoder, if the answer cannot be read.
    """
    handle: WorkflowHandle[Any, Any] = client.get_workflow_handle(id_)
    reject = QueryRejectCondition.NONE if ended else QueryRejectCondition.NOT_OPEN
    try:
        said: Any = await handle.query(query, result_type=state, reject_condition=reject, rpc_timeout=timeout)
    except WorkflowQueryRejectedError as error:
        return Closed(error.status.name.lower() if error.status else "closed")
    except WorkflowQueryFailedError as error:
        return Silent(str(error))
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return Closed(NONE)
        if error.status in AWAY:
            raise
        return Silent(error.message)
    return Running(said)


class TemporalWorkflows:
    """The workflows of one kind of intent on a Temporal service."""

    def __init__(
        self, client: Client, workflow: str = names.WORKFLOW, query: str = names.QUERY, state: Any = PaymentIntent
    ) -> None:
        """Ask the connected service for those of this type, by their `query`, which answers with a `state`."""
        self._client, self._query, self._state = client, query, state
        self._running = f"WorkflowType = '{workflow}' AND ExecutionStatus = 'Running'"

    async def running(self) -> set[str]:
        """The ids of all that run, as Temporal's list has it: it may lag by seconds.

        Raises:
            RPCError: the service does not answer.
        """
        return {run.id async for run in self._client.list_workflows(self._running, page_size=PAGE)}

    async def state(self, id_: str) -> WorkflowAnswer:
        """What one of them says. One that is busy with a task is asked again for a while.

        Raises:
            RPCError: the service does not answer.
        """
        for _ in range(BUSY_TRIES):
            try:
                return await ask(self._client, id_, INSPECTION_TIMEOUT, query=self._query, state=self._state)
            except RPCError as error:
                if BUSY not in error.message:
                    raise
        return Silent("it is busy all the time")


def setup_workflows(client: Client) -> TemporalWorkflows:
    """Those of SetupIntents."""
    return TemporalWorkflows(client, names.SETUP_WORKFLOW, names.SETUP_QUERY, SetupIntent)
