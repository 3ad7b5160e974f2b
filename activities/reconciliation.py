"""The nightly reconciliation as an activity: it runs the reconciler (reconciler.py), keeps its report, and says it."""

from collections.abc import Callable
from typing import Protocol

from temporalio import activity

from activities.failures import retry
from contracts import names
from contracts.reconciliation import DIFFERENCES_KEPT_MAX, DifferenceFound, ReconciliationResult
from domain.model.hashes import JsonObject
from domain.reconciliation.report import Difference, Report
from gateways.base import GatewayError
from records.base import RecordsUnavailable

DIFFERENCES_RECORDED_MAX = 10_000
"""About 2 MiB; what differs more often than that has one cause."""

Say = Callable[[JsonObject], None]
"""Writes a line into the log."""


class Reconciles(Protocol):
    """The reconciler."""

    async def reconcile(self, progress: Callable[[int], None]) -> Report:
        """Compare all books."""
        ...


class Reports(Protocol):
    """Where reports are kept, and read by the metrics."""

    async def keep(self, ended: int, report: JsonObject) -> None:
        """Write one down that ended at `ended` (Unix seconds)."""
        ...


class ReconciliationActivities:
    """Reconciliation, on the reconciler that it is given."""

    def __init__(self, reconciler: Reconciles, reports: Reports, say: Say, clock: Callable[[], int]) -> None:
        """Inject them; `clock` gives Unix seconds."""
        self._reconciler, self._reports, self._say, self._clock = reconciler, reports, say, clock

    @activity.defn(name=names.RECONCILE)
    async def reconcile(self) -> ReconciliationResult:
        """Compare, keep the report, write a line into the log, and answer with the most important of it.

        Safe to retry: it changes no payment; a report that is kept twice is the same.
        """
        try:
            report = await self._reconciler.reconcile(activity.heartbeat)
            now, shown = self._clock(), report.shown()
            await self._reports.keep(now, {**shown, "differences": shown["differences"][:DIFFERENCES_RECORDED_MAX]})
        except (RecordsUnavailable, GatewayError) as error:
            raise retry(error) from error
        counted = {"intents": report.intents, "setup_intents": report.setup_intents}
        self._say({**counted, "under_way": len(report.under_way), "differences": shown["kinds"]})
        return _result(report, now)


def _result(report: Report, now: int) -> ReconciliationResult:
    return ReconciliationResult(
        ended=now,
        intents=report.intents,
        setup_intents=report.setup_intents,
        charges=report.charges,
        workflows=report.workflows,
        transfers=report.transfers,
        under_way=len(report.under_way),
        kinds={kind.value: count for kind, count in report.kinds().items()},
        differences=tuple(_found(one) for one in report.differences[:DIFFERENCES_KEPT_MAX]),
    )


def _found(one: Difference) -> DifferenceFound:
    return DifferenceFound(
        kind=one.kind.value, id=one.id, payment_intent=one.payment_intent, setup_intent=one.setup_intent,
        what=one.what, ours=str(one.ours), theirs=str(one.theirs),
    )  # fmt: skip
