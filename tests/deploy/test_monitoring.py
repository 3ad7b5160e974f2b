"""deploy/prometheus and OPERATING.md, by the metrics that the code exports."""

import re

import yaml
from prometheus_client import REGISTRY

from contracts.names import TASK_QUEUE
from observability import metrics
from settings import ROOT

PROMETHEUS = ROOT / "deploy" / "prometheus"


def _exported() -> set[str]:
    counted = {family.name for family in REGISTRY.collect()} | {f"{family.name}_total" for family in REGISTRY.collect()}
    return counted | set(metrics.STATES)


def test_every_alert_is_about_metrics_that_there_are() -> None:
    rules = yaml.safe_load((PROMETHEUS / "alerts.yaml").read_text())["groups"][0]["rules"]
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        named = set(re.findall(r"perdure_[a-z_]+", rule["expr"]))
        assert named, rule
        assert named <= _exported(), rule["alert"]


def test_every_metric_that_is_to_be_watched_is_one_that_there_is() -> None:
    table = re.findall(r"^\|[^|\n]*`perdure_[^|\n]*\|", (ROOT / "docs" / "OPERATING.md").read_text(), re.MULTILINE)
    named = {name for cell in table for name in re.findall(r"`(perdure_[a-z_]+)", cell)}
    assert len(named) > 20
    assert {name for name in named if name not in _exported() and f"{name}_seconds" not in _exported()} == set()


def test_what_is_recorded_is_what_autoscalers_ask_for() -> None:
    rule = yaml.safe_load((PROMETHEUS / "recording.yaml").read_text())["groups"][0]["rules"][0]
    assert set(re.findall(r"perdure_[a-z_]+", rule["expr"])) <= _exported()
    assert set(re.findall(r"temporal_[a-z_]+", rule["expr"])) == {
        # The SDK's name for its histogram; in milliseconds, as it is configured (worker.py).
        "temporal_workflow_task_schedule_to_start_latency_bucket"
    }
    assert set(re.findall(r'(?:queue|task_queue)="(\w+)"', rule["expr"])) == {TASK_QUEUE}
    adapted = yaml.safe_load((PROMETHEUS / "adapter.yaml").read_text())["externalRules"][0]
    assert adapted["seriesQuery"] == rule["record"]
    optional = ROOT / "deploy" / "kubernetes" / "optional"
    asked = yaml.safe_load((optional / "worker-by-latency.yaml").read_text())["spec"]["metrics"][0]["external"]
    assert asked["metric"]["name"] == adapted["name"]["as"]
    keda = yaml.safe_load((optional / "worker-by-keda.yaml").read_text())["spec"]["triggers"]
    assert [each["metadata"]["query"] for each in keda if each["type"] == "prometheus"] == [rule["record"]]
