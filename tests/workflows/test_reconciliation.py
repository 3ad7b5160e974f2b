"""The nightly reconciliation on a real server: its result is the report, and the Temporal UI shows it."""

from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.reconciliation import ReconciliationActivities
from contracts.reconciliation import ReconciliationResult, ReconciliationStart
from domain.reconciliation.report import Report
from tests.activities.test_reconciliation import FOUND, Told
from tests.support.builders import NOW
from workflows.reconciliation import ReconciliationWorkflow


async def test_the_report_is_its_result(client: Client) -> None:
    told, queue = Told(Report(intents=5, differences=[FOUND])), "reconciliation"
    activities = ReconciliationActivities(told, told, told.said.append, lambda: NOW)
    async with Worker(
        client, task_queue=queue, workflows=[ReconciliationWorkflow], activities=[activities.reconcile],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):  # fmt: skip
        handle = await client.start_workflow(
            ReconciliationWorkflow.run, ReconciliationStart(), id=queue, task_queue=queue
        )
        result: ReconciliationResult = await handle.result()
        assert (result.intents, result.kinds, result.differences[0].id) == (5, {"captured_differs": 1}, "ch_1")
        shown = await handle.query("__temporal_workflow_metadata")
    assert "captured differs: **1**" in str(shown)
