"""Chaos: whatever dies, freezes or misbehaves, all books agree, and what was acknowledged is true.

A short storm here; `make chaos` is the long one (PERDURE_CHAOS_PAYMENTS, …_KILLS, …_FREEZES, …_SEED). At the end, two
reconcilers that share no code look: `perdure reconcile`, and the storm's own.
"""

import contextlib
import os
import random  # noqa: TID251
import subprocess
import sys
import time
from collections import Counter

import pytest

from settings import ROOT
from tests.e2e.conftest import Running
from tests.e2e.storm.parts import PARTS
from tests.e2e.storm.storm import LONGEST_FREEZE, SHORTEST_FREEZE, Storm, blows
from tests.e2e.storm.verdict import judge

PAYMENTS = int(os.environ.get("PERDURE_CHAOS_PAYMENTS", "80"))  # noqa: TID251
KILLS = int(os.environ.get("PERDURE_CHAOS_KILLS", "8"))  # noqa: TID251
FREEZES = int(os.environ.get("PERDURE_CHAOS_FREEZES", "3"))  # noqa: TID251
SEED = int(os.environ.get("PERDURE_CHAOS_SEED", "20261125"))  # noqa: TID251


def reconciled(running: Running) -> subprocess.CompletedProcess[str]:
    """`perdure reconcile`, as an operator runs it."""
    command = [sys.executable, "-m", "cli", "reconcile"]
    return subprocess.run(
        command, cwd=ROOT, env=running.environment, capture_output=True, text=True, timeout=600, check=False
    )


@pytest.mark.timeout(7_200)
def test_nothing_is_wrong_lost_doubled_or_stuck(fresh: Running) -> None:
    fresh.start()
    with contextlib.closing(Storm(fresh, SEED)) as storm:
        began = time.monotonic()
        orders = storm.blow(PAYMENTS, KILLS, FREEZES)
        blown = time.monotonic() - began
        verdict = judge(fresh, storm.shop, storm.parts, orders)
        judged = time.monotonic() - began - blown
    print(f"seed {SEED}: {verdict.line}; {blown:.0f} s, judged in {judged:.0f} s", flush=True)  # noqa: T201
    report = reconciled(fresh)
    print(report.stdout)  # noqa: T201
    assert verdict.faults == [], verdict.story
    assert report.returncode == 0, report.stdout + report.stderr
    assert "No difference." in report.stdout


def test_what_breaks_is_planned_as_it_was_asked_for() -> None:
    planned = blows(random.Random(1), 500, 100)
    assert sum(len(blow.killed) for blow in planned) == 500
    frozen = [blow for blow in planned if blow.frozen]
    assert len(frozen) == 100
    assert all(SHORTEST_FREEZE <= blow.seconds <= LONGEST_FREEZE for blow in frozen)
    assert all(blow.frozen not in blow.killed for blow in planned)
    assert any(len(blow.killed) == 2 for blow in planned)
    struck = Counter(part for blow in planned for part in blow.killed)
    assert all(80 <= struck[part] <= 120 for part in PARTS), struck
    assert Counter(blow.frozen for blow in frozen) == dict.fromkeys(PARTS, 20)
    assert planned == blows(random.Random(1), 500, 100)
    assert planned != blows(random.Random(2), 500, 100)
