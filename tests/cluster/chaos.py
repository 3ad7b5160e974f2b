"""`python -m tests.cluster.chaos` is `make cluster-chaos`: the storm of `make chaos`, on a Temporal cluster.

Services of Temporal are killed, frozen and restarted under payments and rivals, so that shards of history move; links
are cut and broken, so that parts do not hear each other. Two reconcilers look, as on one machine.
"""

import argparse
import contextlib
import shutil
import sys
import tempfile
from pathlib import Path

from tests.cluster.running import ClusterParts, ClusterRunning
from tests.e2e.storm.storm import Storm
from tests.e2e.storm.verdict import judge
from tests.e2e.test_chaos import reconciled


def blow(directory: Path, payments: int, kills: int, freezes: int, seed: int) -> int:
    """One storm; the exit status."""
    running = ClusterRunning.prepare(directory)
    running.start()
    try:
        with contextlib.closing(Storm(running, seed, ClusterParts)) as storm:
            orders = storm.blow(payments, kills, freezes)
            verdict = judge(running, storm.shop, storm.parts, orders)
        report = reconciled(running)
    finally:
        running.stop()
    print(f"seed {seed}: {verdict.line}\n{report.stdout}{report.stderr}", flush=True)  # noqa: T201
    if verdict.faults:
        print(verdict.story)  # noqa: T201
    return 1 if verdict.faults or report.returncode else 0


def main() -> None:
    """Blow, and keep what was left if something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.cluster.chaos", description=__doc__)
    parser.add_argument("--payments", type=int, default=5_000, help="(5000)")
    parser.add_argument("--kills", type=int, default=150, help="kills and restarts (150)")
    parser.add_argument("--freezes", type=int, default=50, help="freezes of parts and cuts of links (50)")
    parser.add_argument("--seed", type=int, default=20261128)
    given = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="perdure-cluster-"))
    status = blow(directory, given.payments, given.kills, given.freezes, given.seed)
    if status:
        print(f"Everything is kept in {directory}")  # noqa: T201
    else:
        shutil.rmtree(directory)
    sys.exit(status)


if __name__ == "__main__":
    main()
