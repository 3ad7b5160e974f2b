"""What happens by the clock, as Temporal Schedules: seen, triggered and paused in the Temporal UI, or by its CLI.

Every worker sees to it that they are there, at its start and every minute: a Temporal whose database was lost or put
back gets them again. One that an operator has paused stays paused.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleState,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError

from contracts import names
from contracts.housekeeping import SweepStart
from contracts.reconciliation import ReconciliationStart

LOOK_AFTER_SECONDS = 60.0
"""How soon schedules that are gone are there again. To find that they are there costs one refused call."""

AGAIN_SECONDS = 5.0
"""How soon it is tried again when it could not be done."""

CATCHUP_WINDOW = timedelta(seconds=60)
"""What came due while Temporal was away for longer is not made up for: the next time will do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """A workflow that is started by the clock, never while the last one is still under way."""

    id: str
    workflow: str
    argument: Any
    spec: ScheduleSpec
    note: str
    task_queue: str = names.HOUSEKEEPING_QUEUE


SCHEDULES = (
    Scheduled(
        id=names.SWEEP_SCHEDULE,
        workflow=names.HOUSEKEEPING_WORKFLOW,
        argument=SweepStart(),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(minutes=1))]),
        note="Wakes payments that changed and were forgotten, commands that were begun, outcomes that are owed.",
    ),
    Scheduled(
        id=names.SWEEP_ALL_SCHEDULE,
        workflow=names.HOUSEKEEPING_WORKFLOW,
        argument=SweepStart(whole=True),
        # Half a minute after the minute, and not at the full hour, when everybody else's jobs begin.
        spec=ScheduleSpec(
            intervals=[ScheduleIntervalSpec(every=timedelta(hours=1), offset=timedelta(minutes=17, seconds=30))]
        ),
        note="Wakes payments whose workflow is gone, or whose time is up; ends workflows whose payment has ended.",
    ),
    Scheduled(
        id=names.RECONCILIATION_SCHEDULE,
        workflow=names.RECONCILIATION_WORKFLOW,
        argument=ReconciliationStart(),
        # At night in most of Europe and America, when there are the fewest payments to wait for it.
        spec=ScheduleSpec(calendars=[ScheduleCalendarSpec(hour=[ScheduleRange(3)], minute=[ScheduleRange(41)])]),
        note="Compares workflows, records and the gateway's book. `perdure reconcile` does the same at once.",
    ),
)


class Schedules:
    """Sees to it that schedules are there."""

    def __init__(
        self,
        client: Client,
        table: Sequence[Scheduled] = SCHEDULES,
        *,
        complain: Callable[[str], None],
        look_after_seconds: float = LOOK_AFTER_SECONDS,
    ) -> None:
        """Those of `table`, on the connected service. Once for each reason, `complain` is told why they cannot be."""
        self._client, self._table, self._complain = client, table, complain
        self._pause_seconds = look_after_seconds

    async def ensure(self, *, renew: bool = False) -> None:
        """Create what is missing; `renew` brings what is there to what this release wants. Twice is once.

        Raises:
            RPCError: Temporal does not answer, or does not allow it.
        """
        for scheduled in self._table:
            try:
                await self._client.create_schedule(scheduled.id, _schedule(scheduled, ScheduleState()))
            except ScheduleAlreadyRunningError:
                if renew:
                    await self._renew(scheduled)

    async def run(self) -> None:
        """Until cancelled. What cannot be done now is tried again."""
        renewed, why = False, ""
        while True:
            try:
                await self.ensure(renew=not renewed)
                renewed, why = True, ""
            except RPCError as error:
                if error.message != why:
                    why = error.message
                    self._complain(why)
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            await asyncio.sleep(self._pause_seconds)

    async def _renew(self, scheduled: Scheduled) -> None:
        def renewed(given: ScheduleUpdateInput) -> ScheduleUpdate:
            return ScheduleUpdate(schedule=_schedule(scheduled, given.description.schedule.state))

        await self._client.get_schedule_handle(scheduled.id).update(renewed)


def _schedule(scheduled: Scheduled, state: ScheduleState) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            scheduled.workflow,
            scheduled.argument,
            id=scheduled.id,
            task_queue=scheduled.task_queue,
            static_summary=scheduled.note,
        ),
        spec=scheduled.spec,
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=CATCHUP_WINDOW),
        state=state,
    )
