"""A sweep as a workflow: page after page, with rests between them, started by a Temporal Schedule.

The schedules are temporal/schedules.py. Holds no rules: what is looked at, and who is woken, is
activities/housekeeping.py. What it ends with is where the next one begins: Temporal hands it over, and has forgotten it
if it has forgotten payments.
"""

from dataclasses import replace
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.housekeeping import HousekeepingActivities
    from contracts import names
    from contracts.housekeeping import Sweep, SweepBeginning, SweepResult, SweepStart
    from workflows.options import SWEEP_OPTIONS

PAGES_A_RUN_MAX = 200
"""About 2,400 events of history; then the sweep goes on in a new run."""


@workflow.defn(name=names.HOUSEKEEPING_WORKFLOW)
class HousekeepingWorkflow:
    """One sweep."""

    @workflow.run
    async def run(self, start: SweepStart) -> SweepResult:
        """Look at every page, then say how it ended."""
        sweep = start.sweep or await self._begin(whole=start.whole)
        for _ in range(PAGES_A_RUN_MAX):
            if not sweep.parts:
                break
            sweep = await workflow.execute_activity_method(
                HousekeepingActivities.page, sweep, **SWEEP_OPTIONS, summary=sweep.parts[0]
            )
            workflow.set_current_details(_details(sweep))
            if sweep.parts and sweep.rest_seconds:
                await workflow.sleep(timedelta(seconds=sweep.rest_seconds), summary="payments first")
        if sweep.parts:
            workflow.continue_as_new(replace(start, sweep=sweep))
        return await self._end(sweep)

    async def _begin(self, *, whole: bool) -> Sweep:
        last = workflow.get_last_completion_result(SweepResult) if workflow.has_last_completion_result() else None
        schedule = names.SWEEP_ALL_SCHEDULE if whole else names.SWEEP_SCHEDULE
        beginning = SweepBeginning(schedule=schedule, whole=whole, last=last)
        return await workflow.execute_activity_method(HousekeepingActivities.begin, beginning, **SWEEP_OPTIONS)

    async def _end(self, sweep: Sweep) -> SweepResult:
        await workflow.execute_activity_method(HousekeepingActivities.end, sweep, **SWEEP_OPTIONS)
        return SweepResult(number=sweep.number, until=sweep.until, found=sweep.found, lineage=sweep.lineage)


def _details(sweep: Sweep) -> str:
    """What people read in the Temporal UI."""
    return "\n".join(f"- {what}: {count}" for what, count in sorted(sweep.found.items()))
