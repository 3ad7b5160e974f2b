"""Reconciliation as a workflow, started every night by a Temporal Schedule: one activity, and its report.

Operators find each night's report as the result of the workflow in the Temporal UI, and all of it in the table
`reconciliations`.
"""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.reconciliation import ReconciliationActivities
    from contracts import names
    from contracts.reconciliation import ReconciliationResult, ReconciliationStart
    from workflows.options import RECONCILE_OPTIONS


@workflow.defn(name=names.RECONCILIATION_WORKFLOW)
class ReconciliationWorkflow:
    """One reconciliation of all payments and setups."""

    @workflow.run
    async def run(self, start: ReconciliationStart) -> ReconciliationResult:
        """Compare all books, and show what differs."""
        del start
        result = await workflow.execute_activity_method(ReconciliationActivities.reconcile, **RECONCILE_OPTIONS)
        workflow.set_current_details(_details(result))
        return result


def _details(result: ReconciliationResult) -> str:
    """What people read in the Temporal UI."""
    compared = f"**{result.intents}** PaymentIntents and **{result.setup_intents}** SetupIntents compared"
    lines = [f"{compared}, {result.under_way} under way."]
    lines += [f"- {kind.replace('_', ' ')}: **{count}**" for kind, count in result.kinds.items()]
    return "\n".join(lines if result.kinds else [*lines, "No difference."])
