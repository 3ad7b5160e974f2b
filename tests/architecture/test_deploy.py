"""deploy/ as its own tools see it: Kubernetes' schemas, Compose's, and the settings that the code knows."""

import json
import re
import subprocess
import sys
from importlib import resources
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from contracts.names import SEARCH_ATTRIBUTES
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


def test_compose_would_take_it() -> None:
    schema = resources.files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    jsonschema.validate(yaml.safe_load(COMPOSE.read_text()), json.loads(schema.read_text()))


def test_every_setting_is_one_that_the_code_reads() -> None:
    known = (ROOT / "settings.py").read_text()
    for path in (*MANIFESTS, COMPOSE):
        for name in set(re.findall(r"PERDURE_[A-Z_]+", path.read_text())):
            assert f'"{name}"' in known, f"{path.name}: nobody reads {name}"


def test_every_search_attribute_is_declared() -> None:
    command = yaml.safe_load(COMPOSE.read_text())["services"]["temporal"]["command"]
    assert dict(re.findall(r"--search-attribute (\w+)=(\w+)", command)) == SEARCH_ATTRIBUTES


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
