"""The last sweep that Temporal knows of: what the records are held against when a process starts."""

from datetime import timedelta

from temporalio.client import Client, WorkflowFailureError
from temporalio.service import RPCError, RPCStatusCode

from contracts import names
from contracts.housekeeping import SweepResult

TIMEOUT = timedelta(seconds=2)

_QUERY = (
    f'WorkflowType = "{names.HOUSEKEEPING_WORKFLOW}" AND ExecutionStatus = "Completed" '
    f'AND WorkflowId STARTS_WITH "{names.SWEEP_SCHEDULE}-2"'
)
"""Temporal adds the time to a schedule's id, so that this is `sweep`, and not `sweep-all`."""

LOOKED_AT = 20
"""Temporal's list may be in any order where there are many; among these is one of the last minutes."""


async def last_sweep(client: Client) -> SweepResult | None:
    """How the last one ended; None if Temporal has none any more, as when it was lost.

    Raises:
        RPCError: it does not answer.
    """
    listed = client.list_workflows(_QUERY, page_size=LOOKED_AT, limit=LOOKED_AT, rpc_timeout=TIMEOUT)
    ended = sorted([each async for each in listed], key=lambda each: each.start_time, reverse=True)
    for each in ended[:1]:
        handle = client.get_workflow_handle(each.id, run_id=each.run_id, result_type=SweepResult)
        try:
            found: SweepResult = await handle.result(follow_runs=False, rpc_timeout=TIMEOUT)
        except WorkflowFailureError:
            return None
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
        else:
            return found
    return None
