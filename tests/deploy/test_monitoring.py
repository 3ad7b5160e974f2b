"""deploy/prometheus and OPERATING.md, by the metrics that the code exports."""

import json
import re
from pathlib import Path

import yaml
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.metrics import MetricWrapperBase

from api.build import OPERATIONS
from contracts.names import TASK_QUEUE
from observability import metrics
from settings import ROOT
from tests.deploy.promtool import complaints

PROMETHEUS = ROOT / "deploy" / "prometheus"


def _exported() -> set[str]:
    counted = {f"{family.name}{end}" for family in REGISTRY.collect() for end in ("", "_total", "_bucket")}
    return counted | set(metrics.STATES)


def test_every_alert_is_about_metrics_that_there_are() -> None:
    rules = yaml.safe_load((PROMETHEUS / "alerts.yaml").read_text())["groups"][0]["rules"]
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        named = set(re.findall(r"perdure_[a-z_]+", rule["expr"]))
        assert named, rule
        assert named <= _exported(), rule["alert"]


def _labels() -> dict[str, set[str]]:
    """Of each series, what tells its values apart."""
    counted = [each for each in vars(metrics).values() if isinstance(each, MetricWrapperBase)]
    ends = ("", "_total", "_bucket", "_count", "_sum")
    of_processes = {f"{each._name}{end}": set(each._labelnames) for each in counted for end in ends}
    return of_processes | {name: {label} for name, label in metrics.LABELS.items()}


def test_what_is_asked_of_a_metric_is_told_apart_by_labels_that_it_has() -> None:
    """`{status="500"}` of a metric without that label matches nothing: the alert would never fire, and look well."""
    known = _labels()
    files = [yaml.safe_load((PROMETHEUS / name).read_text()) for name in ("alerts.yaml", "recording.yaml")]
    asked = [rule["expr"] for each in files for group in each["groups"] for rule in group["rules"]]
    asked += [each["expr"] for panel in PANELS for each in panel["targets"]]
    selected = [found for each in asked for found in re.findall(r"(perdure_[a-z_]+)\{([^}]*)\}", each)]
    assert len(selected) > 10
    for name, matchers in selected:
        labels = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers))
        assert labels, (name, matchers)
        assert labels <= known.get(name, set()), (name, matchers)


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


RULES = yaml.safe_load((PROMETHEUS / "alerts.yaml").read_text())["groups"][0]["rules"]
ALERTS = (ROOT / "docs" / "ALERTS.md").read_text()
BOARD = json.loads((ROOT / "deploy" / "grafana" / "perdure.json").read_text())
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]


def test_every_alert_has_its_page_and_the_page_has_no_other() -> None:
    sections = dict(re.findall(r"^## (\w+)\n\*\*(page|ticket)\.\*\*", ALERTS, re.MULTILINE))
    assert sections == {rule["alert"]: rule["labels"]["severity"] for rule in RULES}
    for rule in RULES:
        assert rule["annotations"]["runbook"] == f"docs/ALERTS.md#{rule['alert'].lower()}"
    named = set(re.findall(r"\]\(#(\w+)\)", ALERTS))
    assert named <= {name.lower() for name in sections}


def test_the_page_names_metrics_and_commands_that_there_are() -> None:
    named = set(re.findall(r"`(perdure_[a-z_]+)", ALERTS))
    assert named <= _exported()
    commands = set(re.findall(r"`\./perdure (\w+)", ALERTS))
    assert commands <= {path.stem for path in (ROOT / "cli").glob("*.py")}


def test_what_an_alert_waits_for_begins_at_nothing() -> None:
    """To Prometheus, a series that is first seen at 1 has not grown: the first stopped payment would be missed."""
    assert len(OPERATIONS) > 50, "to import them is enough"
    shown = generate_latest().decode()
    for line in (
        'perdure_broken_total{why="GatewayMismatch"}',
        'perdure_gateway_mismatches_total{gateway="simulator",operation="void"}',
        'perdure_request_log_lost_total{why="full"}',
        'perdure_commands_late_total{what="dropped"}',
        'perdure_requests_total{operation="payment_intents.confirm",status="500"}',
    ):
        assert f"\n{line} " in shown, line


def test_every_panel_of_the_board_shows_metrics_that_there_are() -> None:
    exported = _exported()
    for panel in PANELS:
        named = {name for each in panel["targets"] for name in re.findall(r"perdure_[a-z_]+", each["expr"])}
        assert named, panel["title"]
        assert named <= exported, panel["title"]
        for each in panel["targets"]:
            # A metric's label, a value of one, or nothing that its words are shown for.
            shown = set(re.findall(r"{{(\w+)}}", each["legendFormat"]))
            grouped = set(re.findall(r"\w+", " ".join(re.findall(r"by \(([^)]*)\)", each["expr"]))))
            assert shown <= grouped, (panel["title"], each["expr"])


def test_the_board_is_one_that_grafana_takes() -> None:
    ids = [panel["id"] for panel in BOARD["panels"]]
    assert len(set(ids)) == len(ids)
    assert BOARD["templating"]["list"][0]["type"] == "datasource", "it names no Prometheus of anybody's"
    taken: set[tuple[int, int]] = set()
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert max(x for x, _ in cells) < 24, panel["title"]
        assert not cells & taken, panel["title"]
        taken |= cells


def test_every_alert_has_what_it_is_about_on_the_board() -> None:
    asked = " ".join(each["expr"] for panel in PANELS for each in panel["targets"])
    for rule in RULES:
        for name in set(re.findall(r"perdure_[a-z_]+", rule["expr"])) - {"perdure_gateway_mismatches_total"}:
            assert name in asked or name == "perdure_commands_late_total", (rule["alert"], name)


def test_prometheus_own_tool_takes_the_rules(tmp_path: Path) -> None:
    """And the board's expressions, as rules that record them."""
    for name in ("alerts.yaml", "recording.yaml"):
        assert complaints("check", "rules", PROMETHEUS / name) == ""
    asked = [each["expr"].replace("$__rate_interval", "1m") for panel in PANELS for each in panel["targets"]]
    recorded = [{"record": f"board:{number}", "expr": expression} for number, expression in enumerate(asked)]
    (tmp_path / "board.yaml").write_text(yaml.safe_dump({"groups": [{"name": "board", "rules": recorded}]}))
    assert complaints("check", "rules", tmp_path / "board.yaml") == ""
    assert complaints("test", "rules", ROOT / "tests" / "deploy" / "alerts.test.yaml") == ""
