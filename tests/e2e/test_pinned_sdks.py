"""A dozen releases of the official SDKs, each in the version of Stripe's API that it was made for, on one journey."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from contracts.api_versions import LATEST
from settings import ROOT
from tests.e2e.conftest import SECRET, Running
from tests.support.receivers import Receiver, receiving, wait_until

SDKS, NODE = ROOT / "tests" / "e2e" / "sdks", ROOT / "tests" / "e2e" / "node"
INSTALLED = ROOT / ".venv" / "sdks"

PYTHON = [
    ("2.60.0", "2020-08-27", True), ("5.5.1", "2022-11-15", True), ("8.11.1", "2023-10-16", False),
    ("11.6.1", "2025-02-24.acacia", False), ("13.2.1", "2025-10-29.clover", False), ("16.1.0", LATEST, False),
]  # fmt: skip
NODES = [
    ("stripe-7", "2019-12-03", True), ("stripe-11", "2022-11-15", True), ("stripe-14", "2023-10-16", False),
    ("stripe-17", "2025-02-24.acacia", False), ("stripe-18", "2025-08-27.basil", False),
    ("stripe-20", "2026-02-25.clover", False), ("stripe", LATEST, False),
]  # fmt: skip
"""Which release, which version, and whether it has to be told: older ones did not pin what they were made for."""


@contextmanager
def told_of_it(running: Running, version: str) -> Iterator[Receiver]:
    """A webhook endpoint in this version."""
    client = running.client()
    with receiving(Receiver()) as receiver:
        asked = {"url": receiver.url, "enabled_events": ["payment_intent.succeeded"], "api_version": version}
        endpoint = client.v1.webhook_endpoints.create(asked)
        receiver.secrets.append(endpoint.secret)
        yield receiver
        client.v1.webhook_endpoints.delete(endpoint.id)


def journey(running: Running, version: str, command: list[str], environment: dict[str, str] | None = None) -> None:
    """Run it, and hear of its payment in the same version."""
    with told_of_it(running, version) as receiver:
        done = subprocess.run(command, cwd=NODE, env=environment, capture_output=True, text=True, timeout=240)
        assert done.returncode == 0, done.stderr
        intent = json.loads(done.stdout)["intent"]
        wait_until(lambda: receiver.types(intent), "the webhook")
        event = next(one for one in receiver.events if one["data"]["object"]["id"] == intent)
        assert event["api_version"] == version
        assert ("charges" in event["data"]["object"]) == (version < "2022-11-15")
        assert ("invoice" in event["data"]["object"]) == (version < "2025-03-31.basil")


@pytest.mark.parametrize(("sdk", "version", "is_told"), PYTHON, ids=[one[0] for one in PYTHON])
def test_of_python(running: Running, sdk: str, version: str, is_told: bool) -> None:
    own = {"5.5.1": [ROOT / ".venv" / "old-sdk"], "16.1.0": []}
    path = ":".join(map(str, own.get(sdk, [INSTALLED / sdk, ROOT / ".venv" / "old-sdk"])))
    script = [sys.executable, "-W", "ignore", str(SDKS / "journey.py"), running.url, SECRET]
    journey(running, version, script + [version] * is_told, {"PYTHONPATH": path})


@pytest.mark.parametrize(("package", "version", "is_told"), NODES, ids=[one[0] for one in NODES])
def test_of_node(running: Running, package: str, version: str, is_told: bool) -> None:
    node = shutil.which("node")
    if node is None or not (NODE / "node_modules" / package).is_dir():
        pytest.skip("no Node.js here, or its SDKs are not installed (`make test` does, where there is npm)")
    journey(running, version, [node, "journey.mjs", running.url, SECRET, package, *[version] * is_told])
