"""Chaos: nothing that was acknowledged is lost, nothing is done twice, nothing is stuck, and both books agree.

A short storm here; `make chaos` is the long one (PERDURE_CHAOS_PAYMENTS, PERDURE_CHAOS_KILLS, PERDURE_CHAOS_SEED).
"""

import os
import subprocess
import sys
import time

import pytest

from settings import ROOT
from tests.e2e.conftest import Running
from tests.e2e.storm import FAULTS, Promise, Storm, settled

PAYMENTS = int(os.environ.get("PERDURE_CHAOS_PAYMENTS", "60"))  # noqa: TID251
KILLS = int(os.environ.get("PERDURE_CHAOS_KILLS", "10"))  # noqa: TID251
SEED = int(os.environ.get("PERDURE_CHAOS_SEED", "20261125"))  # noqa: TID251


def reconciled(running: Running) -> subprocess.CompletedProcess[str]:
    """`perdure reconcile`, as an operator runs it."""
    command = [sys.executable, "-m", "cli", "reconcile"]
    return subprocess.run(
        command, cwd=ROOT, env=running.environment, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.timeout(7_200)
def test_nothing_is_lost_doubled_or_stuck(fresh: Running) -> None:
    fresh.start()
    fresh.faults(**FAULTS, seed=SEED)
    storm, began = Storm(fresh, SEED), time.monotonic()
    promises = storm.blow(PAYMENTS, KILLS)
    seconds = time.monotonic() - began
    print(f"seed {SEED}: {PAYMENTS} payments, kills {storm.killed}, {seconds:.0f} s")  # noqa: T201
    fresh.wait_for(fresh.ready, 60)
    broken = [found for promise in promises if (found := kept(fresh, promise))]
    assert broken == []
    fresh.wait_for(lambda: "under way" not in reconciled(fresh).stdout, 120)
    report = reconciled(fresh)
    assert report.returncode == 0, report.stdout + report.stderr
    assert "No difference." in report.stdout
    print(report.stdout)  # noqa: T201


def kept(running: Running, promise: Promise) -> str | None:
    """What is wrong with a payment, compared with what we were told of it; None if nothing is."""
    client = running.client()
    intent = settled(client, promise.id, promise.status)
    if intent.amount_received != promise.received:
        return f"{promise.id}: received {intent.amount_received}, not {promise.received}"
    charges = [c for c in client.v1.charges.list({"payment_intent": promise.id, "limit": 100}).data if c.captured]
    if len(charges) > 1:
        return f"{promise.id}: charged {len(charges)} times"
    refunds = client.v1.refunds.list({"payment_intent": promise.id, "limit": 100}).data
    given = sum(refund.amount for refund in refunds if refund.status == "succeeded")
    return None if given == promise.refunded else f"{promise.id}: refunded {given}, not {promise.refunded}"
