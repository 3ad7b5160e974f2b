"""docs/OPERATING.md names what there is: every metric, once, with the process that has it, and every permission."""

import re

from prometheus_client.metrics import MetricWrapperBase

from observability import metrics
from records.accounts import RESOURCES
from settings import ROOT

PAGE = (ROOT / "docs" / "OPERATING.md").read_text()


def exported() -> list[str]:
    counted = [each for each in vars(metrics).values() if isinstance(each, MetricWrapperBase)]
    names = [name for each in counted for name in {sample.name for sample in each.describe()} | {each._name}]
    kinds = {each._name: "_total" if each._type == "counter" else "" for each in counted}
    return sorted({name + kinds.get(name, "") for name in names if name in kinds} | metrics.STATES.keys())


def test_every_metric_is_named_once_with_its_process() -> None:
    rows = [line for line in PAGE.splitlines() if re.match(r"\| (each API|each worker|both) \|", line)]
    named = [name for row in rows for name in re.findall(r"`([a-z_]+)`", row.split("|")[3])]
    assert sorted(f"perdure_{name}" for name in named) == exported()


def test_every_permission_is_named() -> None:
    said = PAGE.partition("The resources are")[2].partition("To expand")[0]
    assert set(re.findall(r"`([a-z_]+)`", said)) == RESOURCES
