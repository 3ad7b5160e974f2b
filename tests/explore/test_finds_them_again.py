"""The explorer's own test: with a mend taken out it finds the fault again, says how, and can show it once more."""

import pytest

from tests.explore import walk
from tests.explore.test_explore import SECONDS_MAX
from tests.explore.variants import MENDS, Mend
from tests.explore.world import Rules

pytestmark = pytest.mark.timeout(3 * SECONDS_MAX)


@pytest.mark.parametrize("mend", MENDS, ids=lambda mend: mend.name)
def test_without_a_mend_the_fault_is_found(rules: Rules, mend: Mend) -> None:
    without, start = mend.without(rules)
    finding = walk.through_all(without, start, seconds=SECONDS_MAX).finding
    assert finding is not None
    assert len(finding.trace) == len(finding.choices) > 0
    *before, (_, wrong) = walk.again(without, start, finding.choices)
    assert wrong == finding.wrong, "the same choices lead to the same fault"
    assert not any(wrong for _, wrong in before), "it is the first thing wrong"
    without.code.workflow.close()


@pytest.mark.parametrize("mend", MENDS, ids=lambda mend: mend.name)
def test_with_the_mend_it_is_not(rules: Rules, mend: Mend) -> None:
    report = walk.through_all(*mend.in_place(rules), seconds=SECONDS_MAX)
    assert report.finding is None, f"\n{report.finding}"
    assert report.whole
