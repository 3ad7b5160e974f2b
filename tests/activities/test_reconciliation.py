"""The nightly reconciliation: what it keeps and says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.reconciliation import ReconciliationActivities
from contracts.reconciliation import DIFFERENCES_KEPT_MAX, DifferenceFound, ReconciliationResult
from domain.reconciliation.kinds import Kind
from domain.reconciliation.report import Difference, Report
from gateways.base import GatewayUnavailable
from tests.support.builders import NOW

FOUND = Difference(kind=Kind.CAPTURED_DIFFERS, id="ch_1", ours=0, theirs=900, payment_intent="pi_1")


@dataclass
class Told:
    """A reconciler with an answer ready."""

    answer: Report | Exception
    said: list[dict[str, Any]] = field(default_factory=list)
    kept: list[tuple[int, dict[str, Any]]] = field(default_factory=list)

    async def reconcile(self, progress: Callable[[int], None]) -> Report:
        progress(5)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def keep(self, ended: int, report: dict[str, Any]) -> None:
        self.kept.append((ended, report))

    async def run(self) -> ReconciliationResult:
        activities = ReconciliationActivities(self, self, self.said.append, lambda: NOW)
        return await ActivityEnvironment().run(activities.reconcile)


async def test_what_is_found_is_kept_and_said() -> None:
    told = Told(Report(intents=5, charges=4, workflows=3, transfers=2, under_way=["pi_2"], differences=[FOUND]))
    result = await told.run()
    shown = DifferenceFound(
        kind="captured_differs", id="ch_1", payment_intent="pi_1", what="captured differs", ours="0", theirs="900"
    )
    assert result == ReconciliationResult(
        ended=NOW, intents=5, charges=4, workflows=3, transfers=2, under_way=1, kinds={"captured_differs": 1},
        differences=(shown,),
    )  # fmt: skip
    assert told.said == [{"intents": 5, "setup_intents": 0, "under_way": 1, "differences": {"captured_differs": 1}}]
    assert told.kept == [(NOW, told.answer.shown() if isinstance(told.answer, Report) else {})]


async def test_the_report_stays_small_enough_for_a_history() -> None:
    many = Told(Report(differences=[FOUND] * (DIFFERENCES_KEPT_MAX + 1)))
    result = await many.run()
    assert (len(result.differences), result.kinds) == (DIFFERENCES_KEPT_MAX, {"captured_differs": 201})


async def test_a_book_that_cannot_be_read_is_tried_again_and_nothing_is_said() -> None:
    told = Told(GatewayUnavailable("away"))
    with pytest.raises(ApplicationError) as caught:
        await told.run()
    assert caught.value.type == "gateway_unavailable"
    assert (told.said, told.kept) == ([], [])
