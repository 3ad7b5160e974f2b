"""`python -m tests.two_gateways` is `make gateways-chaos`: payments over two gateways that take their time.

Both answer captures, releases, raises and refunds later; their news are late, doubled, shuffled, early and lost, some
captures fail after they had succeeded, answers are lost, and worker, API and both gateways are killed. Meanwhile the
rules of routing change. At the end the independent books of the storm (tests/e2e/storm) are held against both gateways'
files, `perdure reconcile` looks as well, and no payment may have been moved after an unknown outcome. The exit status
is 0 if nothing is wrong, doubled or stuck.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import random  # noqa: TID251
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.conftest import Running
from tests.e2e.storm import books
from tests.e2e.storm.check import check_alone
from tests.e2e.storm.faults import KINDS, Fault
from tests.e2e.storm.parts import Parts
from tests.e2e.storm.verdict import STABLE_SECONDS
from tests.e2e.test_command_line import perdure
from tests.two_gateways.judging import Asked, moved, moved_rightly, tries_by_gateway
from tests.two_gateways.merchant import Merchant
from tests.two_gateways.simulators import SECRET, Simulator, simulators

AT_ONCE = 12
READY_SECONDS_MAX, QUIET_SECONDS_MAX = 240.0, 600.0
CALM_SECONDS = 4.0
"""Between two blows."""

MOVES = ["authorize", "capture", "void", "increment", "refund"]
MOODS: list[dict[str, Any]] = [
    {"drop": "after", "drop_rate": 0.3, "operations": MOVES, "news": ["twice"]},
    {"error_rate": 0.2, "operations": MOVES, "news": ["lost", "late"]},
    {"answer_latency_ms": 900, "operations": MOVES, "news": ["early", "twice"]},
    {"drop": "before", "drop_rate": 0.3, "news": ["shuffled", "lost"]},
    {},
]
RULES: list[dict[str, Any]] = [
    {"rules": [{"name": "slow first", "gateways": ["slow", "other"]}], "tries": 2},
    {"rules": [{"name": "other first", "gateways": ["other", "slow"]}], "tries": 2},
    {"rules": [{"name": "by lot", "split": {"slow": 60, "other": 40}}], "tries": 2},
]
VICTIMS = ("worker", "slow", "worker", "other", "api")


@dataclass
class Gale:
    """One run."""

    running: Running
    gateways: dict[str, Simulator]
    merchant: Merchant
    seed: int
    blows: int = 0
    versions: int = 0

    async def blow(self, payments: int) -> None:
        """All payments live, while things happen to them."""
        permits = asyncio.Semaphore(AT_ONCE)

        async def live(number: int) -> None:
            async with permits:
                await self.merchant.live(number)

        breaking = asyncio.create_task(self._break())
        try:
            await asyncio.gather(*(live(number) for number in range(payments)))
        finally:
            breaking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await breaking
        await self._heal()

    async def _break(self) -> None:
        dice, parts = random.Random(self.seed), Parts(self.running, patience=READY_SECONDS_MAX)
        for victim, rules in zip(itertools.cycle(VICTIMS), itertools.cycle(RULES), strict=False):
            await self._set(rules)
            for number, simulator in enumerate(self.gateways.values()):
                await simulator.faults(**dice.choice(MOODS), seed=self.blows * 2 + number)
            await asyncio.sleep(CALM_SECONDS)
            await self._kill(parts, victim)
            self.blows += 1

    async def _kill(self, parts: Parts, victim: str) -> None:
        simulator = self.gateways.get(victim)
        if simulator is None:
            await asyncio.to_thread(parts.kill, victim)
        else:
            await simulator.kill()
            await simulator.start()

    async def _set(self, rules: dict[str, Any]) -> None:
        """Let these hold from now on."""
        file = self.running.directory / "rules.json"
        await asyncio.to_thread(file.write_text, json.dumps(rules))
        done = await asyncio.to_thread(perdure, self.running, "routes", "set", str(file))
        assert done.returncode == 0, done.stderr
        self.versions += 1

    async def _heal(self) -> None:
        """A blow that was cut off in the middle may have left a gateway dead."""
        for simulator in self.gateways.values():
            if simulator.process is None or simulator.process.returncode is not None:
                await simulator.start()
            await simulator.faults()
        await asyncio.to_thread(self.running.wait_for, self.running.ready, READY_SECONDS_MAX)

    async def settled(self) -> tuple[books.Books | None, list[Fault]]:
        """The books once nothing is under way any more, and what is wrong with them, for as long as it changes."""
        end = time.monotonic() + QUIET_SECONDS_MAX
        while (waiting := await books.unsettled(self.running)) and time.monotonic() < end:
            await self._tell()
        if waiting:
            return None, [Fault(one, "stuck", "it waits for something that never comes") for one in waiting]
        await books.keep_house(self.running)
        found = await books.read(self.running)
        faults, since = check_alone(found), time.monotonic()
        while faults and time.monotonic() - since < STABLE_SECONDS:
            await self._tell()
            found = await books.read(self.running)
            again = check_alone(found)
            if set(again) != set(faults):
                faults, since = again, time.monotonic()
        return found, faults

    async def _tell(self) -> None:
        """What is due much later is told now; and it is given a moment."""
        for simulator in self.gateways.values():
            await simulator.tell()
        await asyncio.sleep(2)

    def asked(self) -> dict[str, Asked]:
        """What both gateways were asked, and have answered."""
        return {name: Asked(each.counted.keys, each.answers()) for name, each in self.gateways.items()}


async def run(directory: Path, payments: int, seed: int) -> int:
    """One run; the exit status."""
    running = Running.prepare(directory)
    async with simulators(directory / "data", running.url) as gateways:
        running.environment["PERDURE_GATEWAYS"] = " ".join(each.setting for each in gateways.values())
        running.environment["PERDURE_NOTIFICATION_SECRET"] = SECRET
        merchant = Merchant(running.url, seed)
        try:
            await asyncio.to_thread(running.start, wait=False)
            await asyncio.to_thread(running.wait_for, running.ready, READY_SECONDS_MAX)
            gale = Gale(running, gateways, merchant, seed)
            began = time.monotonic()
            await gale.blow(payments)
            blown = time.monotonic() - began
            found, faults = await gale.settled()
            report = await asyncio.to_thread(perdure, running, "reconcile")
            faults += moved(gale.asked())
        finally:
            await merchant.close()
            await asyncio.to_thread(running.stop)
        return said(gale, found, faults, blown, report.stdout if report.returncode == 0 else report.stdout + "FAIL")


def said(gale: Gale, found: books.Books | None, faults: list[Fault], blown: float, report: str) -> int:
    """Say what was seen; the exit status."""
    kinds, asked = Counter(fault.kind for fault in faults), gale.asked()
    failed = [
        entry
        for entries in (found.gateway.entries.values() if found else ())
        for entry in entries
        if entry["operation"] == "capture_failure"
    ]
    statuses = Counter(row["status"] for row in found.intents.values()) if found else Counter[str]()
    for fault in faults[:40]:
        print(fault)  # noqa: T201
    print(report)  # noqa: T201
    print(  # noqa: T201
        f"seed {gale.seed}: payments {dict(statuses)}, authorizations {tries_by_gateway(asked)}, at both "
        f"{moved_rightly(asked)}, rules changed {gale.versions} times, {gale.blows} killed, "
        f"{len(failed)} captures failed after all; {', '.join(f'{kind} {kinds[kind]}' for kind in KINDS)}; "
        f"{blown:.0f} s",
        flush=True,
    )
    tried = bool(failed) and moved_rightly(asked) > 0 and all(tries_by_gateway(asked).values())
    return 0 if tried and not faults and not report.endswith("FAIL") else 1


def main() -> None:
    """Run, and keep what was left if something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.two_gateways", description=__doc__)
    parser.add_argument("--payments", type=int, default=500, help="(500)")
    parser.add_argument("--seed", type=int, default=20261128)
    given = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="perdure-gateways-"))
    status = asyncio.run(run(directory, given.payments, given.seed))
    if status:
        print(f"FAIL; everything is kept in {directory}")  # noqa: T201
    else:
        print("PASS")  # noqa: T201
        shutil.rmtree(directory)
    sys.exit(status)


if __name__ == "__main__":
    main()
