"""Every interleaving of small scenarios, and a few random ones of long ones. `make explore` walks far more."""

import pytest

from tests.explore import explorer, walk
from tests.explore.scenarios import LONG, QUICK, Scenario
from tests.explore.setup_scenarios import SETUP_LONG, SETUP_QUICK
from tests.explore.world import Rules

SEED = 1
WALKS = 12

SECONDS_MAX = 1_200
"""For one scenario. The largest takes a minute on a quiet machine of two cores, and some are slower and busier."""

pytestmark = pytest.mark.timeout(2 * SECONDS_MAX)


@pytest.mark.parametrize("scenario", QUICK + SETUP_QUICK, ids=lambda scenario: scenario.name)
def test_no_interleaving_is_wrong(rules: Rules, scenario: Scenario) -> None:
    explored = explorer.whole(rules, scenario, seconds=SECONDS_MAX)
    assert explored.report.finding is None, f"\n{explored}"
    assert explored.report.whole
    assert explored.report.ways > 0


@pytest.mark.parametrize("scenario", LONG + SETUP_LONG, ids=lambda scenario: scenario.name)
def test_no_random_way_is_wrong(rules: Rules, scenario: Scenario) -> None:
    for explored in explorer.at_random(rules, scenario, SEED, WALKS):
        assert explored.report.finding is None, f"\n{explored}"


def test_the_same_seed_is_the_same_way(rules: Rules) -> None:
    rules, start = explorer.start(rules, LONG[0])
    one, other = walk.at_random(rules, start, 7), walk.at_random(rules, start, 7)
    assert (one.worlds, one.finding) == (other.worlds, other.finding)
    assert walk.at_random(rules, start, 8).worlds != one.worlds
