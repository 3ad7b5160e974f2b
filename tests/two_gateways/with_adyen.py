"""`python -m tests.two_gateways.with_adyen` is `make adyen-chaos`: payments over an Adyen of ours, while parts die.

The Adyen alone, or (`--beside`) beside a simulator, by rules of routing that change. It errs, keeps errors under its
keys, is silent, and tells late, twice, shuffled and not at once; every part is killed and frozen, Adyen itself
included. At the end the independent books of the storm (tests/e2e/storm) are held against the files of both gateways,
and `perdure reconcile` looks as well. The exit status is 0 if nothing is wrong, lost, doubled or stuck.
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
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.conftest import Running
from tests.e2e.storm import books
from tests.e2e.storm.check import check_alone
from tests.e2e.storm.faults import KINDS, Fault
from tests.e2e.storm.parts import PARTS, Parts
from tests.e2e.storm.storm import Blow, blows
from tests.e2e.storm.verdict import STABLE_SECONDS
from tests.e2e.test_command_line import perdure
from tests.two_gateways.merchant import Merchant

AT_ONCE = 12
READY_SECONDS_MAX, QUIET_SECONDS_MAX, MOOD_SECONDS = 240.0, 600.0, 2.0
ADYEN = "adyen=adyen?simulated=yes&raw_cards=yes&multicapture=yes&increments=yes"
DECLINED = {
    "payment_method_data[type]": "card", "payment_method_data[card][number]": "4000000000000002",
    "payment_method_data[card][exp_month]": "3", "payment_method_data[card][exp_year]": "2034",
    "payment_method_data[card][cvc]": "737",
}  # fmt: skip
"""A card that both decline."""

TROUBLES: list[dict[str, Any]] = [
    {"trouble": "io_exception", "rate": 0.2}, {"trouble": "drop_after", "rate": 0.3}, {},
    {"trouble": "no_connection", "rate": 0.2}, {"trouble": "busy", "rate": 0.3}, {"p50_ms": 300, "p99_ms": 2_000},
    {"trouble": "drop_before", "rate": 0.2}, {"trouble": "unavailable", "rate": 0.2}, {},
]  # fmt: skip
NEWS = [[], ["twice"], ["shuffled", "lost"], ["late", "twice"], ["lost"]]
MOODS: list[dict[str, Any]] = [
    {}, {"drop": "after", "drop_rate": 0.3}, {"error_rate": 0.1, "news": ["twice"]}, {"answer_latency_ms": 600},
]  # fmt: skip
"""Of the simulator beside it."""

RULES: list[dict[str, Any]] = [
    {"rules": [{"name": "by lot", "split": {"adyen": 50, "simulator": 50}}], "tries": 2},
    {"rules": [{"name": "adyen first", "gateways": ["adyen", "simulator"]}], "tries": 2},
]


class Weather:
    """One run."""

    def __init__(self, running: Running, beside: bool, seed: int) -> None:
        self.running, self.beside, self.seed = running, beside, seed
        names = ("simulator", "adyen") if beside else ("adyen",)
        running.environment["PERDURE_GATEWAYS"] = " ".join(("simulator", ADYEN) if beside else (ADYEN,))
        self._urls = {name: f"http://127.0.0.1:{running.port('SIMULATOR') + at}" for at, name in enumerate(names)}
        parts = tuple(part for part in PARTS if part != "simulator") + names
        self.parts = Parts(running, names=parts, patience=READY_SECONDS_MAX)
        self.merchant = Merchant(running.url, seed, DECLINED)
        self._done = 0

    async def blow(self, payments: int, kills: int, freezes: int) -> None:
        """All payments live, while so much breaks, spread evenly over them."""
        permits, dice = asyncio.Semaphore(AT_ONCE), random.Random(self.seed)

        async def live(number: int) -> None:
            async with permits:
                await self.merchant.live(number)
                self._done += 1

        changing = asyncio.create_task(self._change(random.Random(self.seed)))
        planned = blows(dice, kills, freezes, self.parts.names)
        breaking = asyncio.create_task(self._break(planned, payments, dice))
        try:
            await asyncio.gather(breaking, *(live(number) for number in range(payments)))
        finally:
            for task in (changing, breaking):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        await asyncio.to_thread(self.running.wait_for, self.running.ready, READY_SECONDS_MAX)
        for name in self._urls:
            await _until_done(lambda name=name: self._misbehave(name, {}))  # type: ignore[misc]

    async def _change(self, dice: random.Random) -> None:
        """Another mood every few seconds, and other rules."""
        for trouble, news, rules in zip(
            itertools.cycle(TROUBLES), itertools.cycle(NEWS), itertools.cycle(RULES), strict=False
        ):
            await self._misbehave("adyen", {**trouble, "news": news, "seed": dice.randrange(1_000_000)})
            if self.beside:
                await self._misbehave("simulator", {**dice.choice(MOODS), "seed": dice.randrange(1_000_000)})
                await self._set(rules)
            await asyncio.sleep(MOOD_SECONDS)

    async def _misbehave(self, name: str, faults: dict[str, Any]) -> bool:
        """Whether it has heard that; one that is just away comes back without a mood."""
        try:
            async with httpx.AsyncClient(base_url=self._urls[name], timeout=10) as http:
                return (await http.post("/_faults", json=faults)).is_success
        except httpx.HTTPError:
            return False

    async def _set(self, rules: dict[str, Any]) -> None:
        """Let these hold from now on, if anybody can be told now."""
        file = self.running.directory / "rules.json"
        await asyncio.to_thread(file.write_text, json.dumps(rules))
        await asyncio.to_thread(perdure, self.running, "routes", "set", str(file))

    async def _break(self, planned: list[Blow], payments: int, dice: random.Random) -> None:
        for number, blow in enumerate(planned):
            share = (number + 1) * payments // (len(planned) + 1)
            while self._done < share:
                await asyncio.sleep(0.1)
            await asyncio.to_thread(self._strike, blow, dice)

    def _strike(self, blow: Blow, dice: random.Random) -> None:
        if blow.frozen is None:
            self.parts.kill(*blow.killed)
            return
        with self.parts.frozen(blow.frozen):
            # For so long it is frozen: the time is what is tried.
            early = dice.uniform(0, blow.seconds)
            time.sleep(early)
            if blow.killed:
                self.parts.kill(*blow.killed)
            time.sleep(blow.seconds - early)

    async def settled(self) -> tuple[books.Books | None, list[Fault]]:
        """The books once nothing is under way any more, and what is wrong with them, for as long as it changes."""
        end = time.monotonic() + QUIET_SECONDS_MAX
        while (waiting := await books.unsettled(self.running)) and time.monotonic() < end:
            await asyncio.sleep(2)
        if waiting:
            return None, [Fault(one, "stuck", "it waits for something that never comes") for one in waiting]
        await books.keep_house(self.running)
        found = await books.read(self.running)
        faults, since = check_alone(found), time.monotonic()
        while faults and time.monotonic() - since < STABLE_SECONDS:
            await asyncio.sleep(2)
            found = await books.read(self.running)
            again = check_alone(found)
            if set(again) != set(faults):
                faults, since = again, time.monotonic()
        return found, faults


async def _until_done(do: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(READY_SECONDS_MAX):
        while not await do():
            await asyncio.sleep(0.5)


async def run(directory: Path, given: argparse.Namespace) -> int:
    """One run; the exit status."""
    running = Running.prepare(directory)
    weather = Weather(running, given.beside, given.seed)
    try:
        await asyncio.to_thread(running.start, wait=False)
        await asyncio.to_thread(running.wait_for, running.ready, READY_SECONDS_MAX)
        began = time.monotonic()
        await weather.blow(given.payments, given.kills, given.freezes)
        blown = time.monotonic() - began
        found, faults = await weather.settled()
        judged = time.monotonic() - began - blown
        report = await asyncio.to_thread(perdure, running, "reconcile")
    finally:
        await weather.merchant.close()
        await asyncio.to_thread(running.stop)
    kinds, parts = Counter(fault.kind for fault in faults), weather.parts
    for fault in faults[:40]:
        print(fault)  # noqa: T201
    print(report.stdout + report.stderr)  # noqa: T201
    print(  # noqa: T201
        f"seed {given.seed}, Adyen {'beside a simulator' if given.beside else 'alone'}: payments "
        f"{dict(Counter(row['status'] for row in found.intents.values()) if found else {})}, charges by gateway "
        f"{dict(_by_gateway(found)) if found else {}}, kills {parts.count('kill')}, freezes {parts.count('freeze')}; "
        f"{', '.join(f'{kind} {kinds[kind]}' for kind in KINDS)}; {blown:.0f} s, judged in {judged:.0f} s",
        flush=True,
    )
    return 1 if faults or report.returncode else 0


def _by_gateway(found: books.Books) -> Counter[str]:
    charges = (charge for rows in found.charges.values() for charge in rows)
    return Counter(charge["data"].get("gateway") or "simulator" for charge in charges)


def main() -> None:
    """Run, and keep what was left if something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.two_gateways.with_adyen", description=__doc__)
    parser.add_argument("--payments", type=int, default=500, help="(500)")
    parser.add_argument("--kills", type=int, default=25, help="(25)")
    parser.add_argument("--freezes", type=int, default=5, help="(5)")
    parser.add_argument("--beside", action="store_true", help="beside a simulator, by routing")
    parser.add_argument("--seed", type=int, default=20261128)
    given = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="perdure-adyen-"))
    status = asyncio.run(run(directory, given))
    if status:
        print(f"FAIL; everything is kept in {directory}")  # noqa: T201
    else:
        print("PASS")  # noqa: T201
        shutil.rmtree(directory)
    sys.exit(status)


if __name__ == "__main__":
    main()
