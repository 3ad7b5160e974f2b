"""pyproject.toml and the lock files say the same, and so do the checks before a commit and `make lint`."""

import re

import pytest
import yaml

from settings import ROOT
from tests.architecture.dependencies import requirements

LOCKS = {
    "requirements.txt": ("server", "local"),
    "requirements-server.txt": ("server",),
    "requirements-dev.txt": ("test", "dev"),
    "requirements-old-sdk.txt": ("old-sdk",),
}


@pytest.mark.parametrize("lock", sorted(LOCKS))
def test_everything_named_is_pinned_and_nothing_else_is_asked_for(lock: str) -> None:
    named = {re.split(r"[^\w.-]", requirement)[0] for requirement in requirements(*LOCKS[lock])}
    blocks = re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text())
    asked = {
        block.partition("==")[0].partition("[")[0] for block in blocks if re.search(r"# +(via +)?-r -$", block, re.M)
    }
    assert asked == named


def test_make_lock_makes_each() -> None:
    recipe = (ROOT / "Makefile").read_text()
    assert {(lock, " ".join(parts)) for lock, parts in LOCKS.items()} == {
        (lock, parts) for parts, lock in re.findall(r"\$\(call PIN,([a-z -]+),([\w.-]+),", recipe)
    }


def test_what_runs_before_a_commit_is_what_make_lint_runs() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    lint = re.search(r"^lint:.*?\n\n", (ROOT / "Makefile").read_text(), re.M | re.S)
    assert lint is not None
    for hook in hooks:
        program = re.search(r"\.venv/bin/(\S+)", hook["entry"])
        assert program is not None
        assert f"$(BIN)/{program[1]}" in lint[0], hook["id"]
