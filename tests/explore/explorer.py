"""The explorer put together: the real code, a scenario, a walk; and what a report looks like."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from activities.setups import SetupActivities
from tests.explore import scenarios, walk
from tests.explore.code import ActivityCode, GatewayPort, StorePort
from tests.explore.gateway import Book
from tests.explore.later import LaterPort
from tests.explore.scenarios import Scenario
from tests.explore.sdk import WorkflowCode
from tests.explore.store import Store
from tests.explore.walk import Report
from tests.explore.worker import Code
from tests.explore.world import Rules, World
from workflows.payment_intent import PaymentIntentWorkflow
from workflows.setup_intent import SetupIntentWorkflow


@contextmanager
def real() -> Iterator[Rules]:
    """Everything as it is in production."""
    code = Code(WorkflowCode(PaymentIntentWorkflow), ActivityCode())
    setting_up = ActivityCode(SetupActivities(GatewayPort(), StorePort(), clock=lambda: 0))
    setups = Code(WorkflowCode(SetupIntentWorkflow), setting_up)
    later = Code(WorkflowCode(PaymentIntentWorkflow), ActivityCode(gateway=LaterPort()))
    yield Rules(code, frozenset(), setups=setups, later=later)
    for each in (code, setups, later):
        each.workflow.close()


def start(rules: Rules, scenario: Scenario) -> tuple[Rules, World]:
    """What a walk through a scenario starts with."""
    return scenarios.prepare(scenario, rules, Store(), Book())


@dataclass(frozen=True)
class Explored:
    """A scenario, and what came of it; `repeat` are the options that show it again."""

    scenario: Scenario
    report: Report
    repeat: str

    def __str__(self) -> str:
        """One line; and the way to what is wrong, if anything is."""
        report = self.report
        extent = "" if report.whole or report.finding else "  (not all of it)"
        line = (
            f"{self.scenario.name:42} {self.scenario.faults} faults {report.worlds:>9,} worlds "
            f"{report.steps:>9,} steps {report.ways:>15,} ways {report.seconds:6.1f} s{extent}"
        )
        if report.finding is None:
            return line
        return f'{line}\n{report.finding}\n      again: make explore ARGS="{self.repeat}"'


def whole(rules: Rules, scenario: Scenario, seconds: float) -> Explored:
    """Every interleaving of a scenario."""
    report = walk.through_all(*start(rules, scenario), seconds)
    return Explored(scenario, report, _again(scenario, report))


def at_random(rules: Rules, scenario: Scenario, seed: int, walks: int) -> Iterator[Explored]:
    """So many random ways through a scenario, until one is wrong; the n-th has a seed of its own."""
    prepared = start(rules, scenario)
    for number in range(walks):
        report = walk.at_random(*prepared, zlib.crc32(f"{seed}/{scenario.name}/{number}".encode()))
        yield Explored(scenario, report, _again(scenario, report))
        if report.finding:
            return


def _again(scenario: Scenario, report: Report) -> str:
    choices = ".".join(map(str, report.finding.choices)) if report.finding else ""
    return f"--scenario '{scenario.name}' --faults {scenario.faults} --choices {choices}"
