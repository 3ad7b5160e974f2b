"""What the workflows of PaymentIntents say of themselves, for reconciliation: which run, and the state of each.

Reads only. A query of a workflow that no worker has in its cache has its history replayed.
"""

from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
)
from temporalio.common import QueryRejectCondition
from temporalio.service import RPCError, RPCStatusCode

from contracts import names
from domain.reconciliation.books import Closed, Running, Silent, WorkflowAnswer
from workflows.options import INSPECTION_TIMEOUT
from workflows.payment_intent import PaymentIntentWorkflow

_RUNNING = f"WorkflowType = '{names.WORKFLOW}' AND ExecutionStatus = 'Running'"
PAGE = 1_000


class TemporalWorkflows:
    """The workflows on a Temporal service."""

    def __init__(self, client: Client) -> None:
        """Ask the connected service."""
        self._client = client

    async def running(self) -> set[str]:
        """The ids of all that run, as Temporal's list has it: it may lag by seconds.

        Raises:
            RPCError: the service does not answer.
        """
        return {run.id async for run in self._client.list_workflows(_RUNNING, page_size=PAGE)}

    async def state(self, id_: str) -> WorkflowAnswer:
        """What one of them says.

        Raises:
            RPCError: the service does not answer.
        """
        handle: WorkflowHandle[PaymentIntentWorkflow, str] = self._client.get_workflow_handle_for(
            PaymentIntentWorkflow.run, id_
        )
        try:
            state = await handle.query(
                PaymentIntentWorkflow.payment_intent,
                reject_condition=QueryRejectCondition.NOT_OPEN,
                rpc_timeout=INSPECTION_TIMEOUT,
            )
        except WorkflowQueryRejectedError as error:
            return Closed(error.status.name.lower() if error.status else "closed")
        except WorkflowQueryFailedError as error:
            return Silent(str(error))
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return Closed("none")
            if error.status in (RPCStatusCode.UNAVAILABLE, RPCStatusCode.RESOURCE_EXHAUSTED):
                raise
            return Silent(error.message)
        return Running(state)
