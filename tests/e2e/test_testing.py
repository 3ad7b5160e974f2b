"""docs/TESTING.md: its examples, run as they stand there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from settings import ROOT
from tests.e2e.conftest import SECRET, Running

PAGE = (ROOT / "docs" / "TESTING.md").read_text()
LINES_MAX = 12


def example(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert len([line for line in found.splitlines() if line.strip()]) <= LINES_MAX
    return str(found)


def environment(running: Running | None = None) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PERDURE_", "PYTEST"))}  # noqa: TID251
    there = {"TEST_PERDURE_URL": running.url, "TEST_PERDURE_SIMULATOR": running.simulator} if running else {}
    return {**ours, **there, "TEST_PERDURE_KEY": SECRET, "PYTHONPATH": str(ROOT / "testing")}


def run(command: list[str], directory: Path, surroundings: dict[str, str]) -> str:
    done = subprocess.run(
        command, cwd=directory, env=surroundings, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_test_in_python_starts_an_engine_and_pays(tmp_path: Path) -> None:
    """The plugin's own engine, from nothing: so is what is stopped with it."""
    (tmp_path / "test_shop.py").write_text(example("python"))
    said = run(
        [sys.executable, "-m", "pytest", "-q", "-p", "perdure_pytest", "-p", "no:cacheprovider", "test_shop.py"],
        tmp_path,
        environment(),
    )
    assert "1 passed" in said


def test_and_one_in_node_uses_the_one_that_runs(running: Running, tmp_path: Path) -> None:
    node = shutil.which("node")
    assert node, "the suite runs Node elsewhere, too"
    code = example("js").replace("perdure/testing/perdure.mjs", str(ROOT / "testing" / "perdure.mjs"))
    (tmp_path / "shop.mjs").write_text(code)
    (tmp_path / "node_modules").symlink_to(ROOT / "tests" / "e2e" / "node" / "node_modules")
    run([node, "shop.mjs"], tmp_path, environment(running))
