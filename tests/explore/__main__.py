"""`make explore`: walk every scenario whole, then long ones at random, until something is wrong or time is up.

Options come as ARGS, or as PERDURE_EXPLORE_… in the environment (settings of a test, so not in settings.py).
"""

import argparse
import logging
import os
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from tests.explore import explorer, walk
from tests.explore.explorer import Explored
from tests.explore.scenarios import LONG, SCENARIOS, Scenario
from tests.explore.setup_scenarios import SETUP_LONG, SETUP_SCENARIOS
from tests.explore.world import KINDS, Rules


def options(arguments: list[str]) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="make explore", description=__doc__)

    def option(name: str, default: str, help_: str, kind: type = str) -> None:
        given = os.environ.get(f"PERDURE_EXPLORE_{name.upper()}", default)  # noqa: TID251
        parser.add_argument(f"--{name}", type=kind, default=kind(given), help=f"{help_} ({given or 'all'})")

    option("seed", "1", "for the random walks", int)
    option("seconds", "120", "longest walk through one scenario", float)
    option("faults", "1", "how much may go wrong on one way", int)
    option("walks", "300", "random walks through each long scenario", int)
    option("scenario", "", "only scenarios whose names begin so")
    option("kinds", "", "only these kinds of faults, by a part of their names, separated by commas")
    option("choices", "", "go this way through the scenario once more, and show it")
    return parser.parse_args(arguments)


def chosen(given: argparse.Namespace, among: tuple[Scenario, ...]) -> list[Scenario]:
    """The scenarios asked for, with the faults asked for."""
    kinds = frozenset(kind for kind in KINDS if given.kinds and any(part in kind for part in given.kinds.split(",")))
    return [
        replace(scenario, faults=max(given.faults, scenario.faults), kinds=kinds or scenario.kinds)
        for scenario in among
        if scenario.name.startswith(given.scenario)
    ]


def explored(rules: Rules, given: argparse.Namespace) -> Iterator[Explored]:
    """All walks, one after the other."""
    for scenario in chosen(given, SCENARIOS + SETUP_SCENARIOS):
        yield explorer.whole(rules, scenario, given.seconds)
    for scenario in chosen(given, LONG + SETUP_LONG):
        yield from explorer.at_random(rules, scenario, given.seed, given.walks)


def show_again(rules: Rules, given: argparse.Namespace) -> None:
    """Print a known way."""
    scenario = chosen(given, SCENARIOS + SETUP_SCENARIOS + LONG + SETUP_LONG)[0]
    choices = tuple(map(int, given.choices.split(".")))
    for number, (step, wrong) in enumerate(walk.again(*explorer.start(rules, scenario), choices), 1):
        print(f"{number:4}  {step.words}", *(f"   ✗  {one}" for one in wrong), sep="\n")  # noqa: T201


def main() -> int:
    """The exit status: 1 if anything is wrong."""
    logging.disable(logging.CRITICAL)  # Of the workflow's own code, which says what it refuses.
    given = options(sys.argv[1:])
    with explorer.real() as rules:
        if given.choices:
            show_again(rules, given)
            return 0
        return _show(explored(rules, given))


def _show(all_: Iterator[Explored]) -> int:
    total: Counter[str] = Counter()
    seconds, shown = 0.0, None
    for one in all_:
        if one.report.finding or one.scenario is not shown:
            print(one, flush=True)  # noqa: T201
        shown, report = one.scenario, one.report
        total.update(worlds=report.worlds, steps=report.steps, ways=report.ways, wrong=report.finding is not None)
        seconds += report.seconds
    print(f"\n{', '.join(f'{total[what]:,} {what}' for what in total)}, in {seconds:.0f} s")  # noqa: T201
    return 1 if total["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
