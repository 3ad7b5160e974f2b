"""deploy/ as its own tools see it: Kubernetes' schemas, and the settings and metrics that the code knows."""

import re
import subprocess
import sys
from typing import Any

import kubernetes_validate
import pytest
import yaml
from prometheus_client import REGISTRY

from observability import metrics
from serving.probes import LIVE, READY
from settings import ROOT

MANIFESTS = sorted((ROOT / "deploy" / "kubernetes").glob("*.yaml"))
COMPOSE = ROOT / "deploy" / "compose.yaml"
DOCUMENTS = [document for path in MANIFESTS for document in yaml.safe_load_all(path.read_text())]
KUBERNETES_VERSION = "1.31"


@pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda document: f"{document['kind']}/{document['metadata']['name']}"
)
def test_a_cluster_would_take_it(document: Any) -> None:
    kubernetes_validate.validate(document, KUBERNETES_VERSION, strict=True)


def test_every_setting_is_one_that_the_code_reads() -> None:
    known = (ROOT / "settings.py").read_text()
    for path in (*MANIFESTS, COMPOSE):
        for name in set(re.findall(r"PERDURE_[A-Z_]+", path.read_text())):
            assert f'"{name}"' in known, f"{path.name}: nobody reads {name}"


def test_every_command_is_one_of_ours() -> None:
    """What a container runs, answers `--help` here, or is there at least."""
    for document in DOCUMENTS:
        pod = document.get("spec", {}).get("template", {}).get("spec", {})
        for container in pod.get("containers", ()):
            command = container["command"]
            if command[1] != "-m":
                assert (ROOT / command[1]).exists(), command
                continue
            found = subprocess.run(
                [sys.executable, "-c", f"import importlib.util as u; assert u.find_spec({command[2]!r})"],
                cwd=ROOT, check=False,
            )  # fmt: skip
            assert found.returncode == 0, command


def _exported() -> set[str]:
    counted = {family.name for family in REGISTRY.collect()} | {f"{family.name}_total" for family in REGISTRY.collect()}
    return counted | set(metrics.STATES)


def test_every_alert_is_about_metrics_that_there_are() -> None:
    rules = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yaml").read_text())["groups"][0]["rules"]
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


def test_probes_ask_what_is_answered() -> None:
    """A balancer goes by readiness, which is of one process; nothing restarts a process because a part is away."""
    asked: dict[str, set[str]] = {}
    for document in DOCUMENTS:
        pod = document.get("spec", {}).get("template", {}).get("spec", {})
        for container in pod.get("containers", ()):
            for kind in ("startupProbe", "livenessProbe", "readinessProbe"):
                if kind in container:
                    asked.setdefault(kind, set()).add(container[kind]["httpGet"]["path"])
    assert asked == {"startupProbe": {LIVE}, "livenessProbe": {LIVE}, "readinessProbe": {READY}}
