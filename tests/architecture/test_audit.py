"""The dependency audit reads reports as they are: a fault fails, silence is said to be silence."""

import json
from typing import Any

import pytest

from tests.architecture.audit import verdict

CLEAN = {"name": "orjson", "version": "3.0", "vulns": []}
FAULTY = {"name": "old", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
SKIPPED = {"name": "unknown", "skip_reason": "Dependency not found on PyPI"}


@pytest.mark.parametrize(
    ("dependencies", "bad", "said"),
    [
        ([CLEAN, FAULTY], True, "old 1.0: PYSEC-1"),
        ([CLEAN, SKIPPED], False, "1 of 2 packages audited"),
        ([SKIPPED], False, "nothing was audited"),
    ],
)
def test_a_report(dependencies: list[dict[str, Any]], bad: bool, said: str) -> None:
    read = verdict("requirements.txt", json.dumps({"dependencies": dependencies, "fixes": []}))
    assert read.bad is bad
    assert said in read.text


@pytest.mark.parametrize("report", ["", "<html>", "{}"])
def test_no_report(report: str) -> None:
    assert verdict("requirements.txt", report).bad is False
    assert "nothing was audited" in verdict("requirements.txt", report).text
