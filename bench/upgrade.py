"""A rolling upgrade under payments that go on: `python -m bench.upgrade REVISION [--back]`.

Two APIs behind a balancer of connections and two workers run REVISION, which is taken from git. Payments (confirmed and
held, then captured: two requests of the official SDK) come at their pace whoever waits, every second one from a client
that repeats nothing. Meanwhile this tree's release takes over as deploy/kubernetes has it: schema, Temporal, workers,
APIs, one at a time, a new one being ready before an old one is told to stop. With --back, the old one then takes over
again. In the end all books are compared. What failed is printed, by when.
"""

import argparse
import asyncio
import itertools
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import stripe

from bench.rolling import Balancer, Process, Release, until
from embedded.children import Child
from embedded.postgres import EmbeddedPostgres
from settings import ROOT
from tests.support.servers import environment, temporal

RATE, SETTLED_SECONDS = 20.0, 8.0
WARM_SECONDS = 15.0
"""Not counted: processes that are new are slow, and a burst that meets them is shed."""

CALLERS = 128
PREDECESSOR_STAYS_SECONDS = 5.0
"""What deploy/kubernetes' preStop waits once a process is out of the balancer."""

UNREPEATED_SHARE_MAX = 0.005
SHOWN_MAX = 300


@dataclass
class Load:
    """Payments at their pace, at one address, by two kinds of clients in turn."""

    url: str
    key: str
    rate: float
    over: threading.Event = field(default_factory=threading.Event)
    paid: list[tuple[float, float, bool]] = field(default_factory=list)
    """When each was due, how long it took (seconds), whether its client repeats."""
    failed: list[tuple[float, bool, str]] = field(default_factory=list)
    first: dict[str, str] = field(default_factory=dict)
    """What the first of each kind of failure said."""
    began: float = field(default_factory=time.monotonic)
    clients: threading.local = field(default_factory=threading.local)

    def run(self) -> None:
        """Until it is over; then wait for those under way."""
        with ThreadPoolExecutor(CALLERS) as callers:
            for number in itertools.count():
                due = self.began + number / self.rate
                if self.over.wait(max(0.0, due - time.monotonic())):
                    return
                callers.submit(self._pay, number, due)

    def forget(self) -> None:
        """Count from now on."""
        self.paid, self.failed = [], []
        self.first.clear()

    def _pay(self, number: int, due: float) -> None:
        repeats = number % 2 == 0
        try:
            intents = self._client(repeats).v1.payment_intents
            held = intents.create(
                # With an address to come back to, for releases that choose among every type take no card without one.
                {"amount": 900 + number, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True,
                 "capture_method": "manual", "return_url": "https://shop.example", "metadata": {"order": str(number)}}
            )  # fmt: skip
            status = intents.capture(held.id).status
            if status != "succeeded":
                raise RuntimeError(f"captured, and {status}")
        except (stripe.StripeError, RuntimeError) as error:
            said = f"{type(error).__name__} {getattr(error, 'http_status', '')}"
            self.failed.append((due - self.began, repeats, said))
            self.first.setdefault(said, str(error)[:SHOWN_MAX])
        else:
            self.paid.append((due - self.began, time.monotonic() - due, repeats))

    def _client(self, repeats: bool) -> Any:
        """One for each thread and kind: it keeps its connection, as a shop's does."""
        if not hasattr(self.clients, "made"):
            self.clients.made = {}
        if repeats not in self.clients.made:
            self.clients.made[repeats] = stripe.StripeClient(
                self.key, base_addresses={"api": self.url}, max_network_retries=2 if repeats else 0,
                http_client=stripe.RequestsClient(),
            )  # fmt: skip
        return self.clients.made[repeats]

    def said(self) -> str:
        """Of each kind of client, how many paid, how many failed, how long it took."""
        lines = []
        for repeats in (True, False):
            took = sorted(seconds for _, seconds, kind in self.paid if kind is repeats)
            failed = [why for _, kind, why in self.failed if kind is repeats]
            share = len(failed) / max(1, len(took) + len(failed))
            middle, slow = (took[int(len(took) * part)] if took else 0.0 for part in (0.5, 0.99))
            slowest = took[-1] if took else 0.0
            lines.append(
                f"retries {'on ' if repeats else 'off'}: {len(took)} paid, {len(failed)} failed ({share:.2%}), "
                f"p50 {middle:.2f} s, p99 {slow:.2f} s, slowest {slowest:.1f} s; {dict(Counter(failed))}"
            )
        lines += [f"  {kind}: {text}" for kind, text in self.first.items()]
        return "\n".join(lines)

    def holds(self) -> bool:
        """Nobody who repeats failed, and hardly anybody who does not."""
        kinds = Counter(repeats for _, repeats, _ in self.failed)
        asked = len(self.paid) + len(self.failed)
        return kinds[True] == 0 and kinds[False] <= UNREPEATED_SHARE_MAX * asked / 2


@dataclass
class Rollout:
    """Two of each, replaced one by one."""

    balancer: Balancer
    settings: dict[str, str]
    directory: Path
    load: Load | None = None
    processes: dict[str, list[Process]] = field(default_factory=lambda: {"worker": [], "api": []})
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def say(self, line: str) -> None:
        """With how far the load is."""
        at = f"{time.monotonic() - self.load.began:5.1f} s  " if self.load else ""
        print(f"{at}{line}", flush=True)

    async def add(self, role: str, release: Release) -> None:
        """Start one, wait until it is ready, and let it have connections."""
        log = self.directory / f"{role}-{next(self.numbers)}-{release.name}.log"
        process = Process.start(role, release, self.settings, log)
        self.processes[role].append(process)
        await until(process.ready)
        if role == "api":
            self.balancer.ports.append(process.port)

    async def take_away(self, role: str) -> float:
        """The oldest: out of the balancer, and after a while SIGTERM; how long it took to end."""
        process = self.processes[role].pop(0)
        if role == "api":
            self.balancer.ports.remove(process.port)
            await asyncio.sleep(PREDECESSOR_STAYS_SECONDS)
        return await asyncio.to_thread(process.end)

    async def to(self, release: Release) -> None:
        """Replace every worker, then every API."""
        for role in ("worker", "api"):
            for _ in range(2):
                await self.add(role, release)
                took = await self.take_away(role)
                self.say(f"{role}: one of {release.name} is ready, one of before ended in {took:.1f} s")

    def close(self) -> None:
        """End what still runs."""
        for process in itertools.chain(*self.processes.values()):
            process.kill()


async def upgraded(old: Release, new: Release, rate: float, directory: Path, *, back: bool) -> bool:
    """The whole of it, with everything in `directory`; whether it held."""
    server = EmbeddedPostgres(directory)
    await asyncio.to_thread(server.prepare)
    child = Child(server.spec(environment()), directory / "postgres.log", lambda _: None)
    await child.start()
    await server.ensure_database()
    async with temporal(directory) as address, Balancer() as balancer:
        settings = {"DATABASE_URL": server.url, "TEMPORAL_ADDRESS": address, "PERDURE_NOTIFICATION_SECRET": "shared"}
        bank = Process.start("simulator", new, {**settings, "ENGINE": balancer.url}, directory / "simulator.log")
        settings["PERDURE_SIMULATOR_URL"] = f"http://127.0.0.1:{bank.port}"
        rollout = Rollout(balancer, settings, directory)
        try:
            old.run("-m", "records.migrate", **settings)
            key = next(word for word in old.run("-m", "cli", "keys", "create", **settings).split() if "sk_" in word)
            for role in ("worker", "worker", "api", "api"):
                await rollout.add(role, old)
            return await loaded(rollout, Load(balancer.url, key, rate), old, new, back=back)
        finally:
            rollout.close()
            bank.kill()
            await child.stop()


async def loaded(rollout: Rollout, load: Load, old: Release, new: Release, *, back: bool) -> bool:
    """Upgrade while payments go on, and compare the books."""
    rollout.load = load
    paying = asyncio.create_task(asyncio.to_thread(load.run))
    try:
        await asyncio.sleep(WARM_SECONDS)
        load.forget()
        await asyncio.sleep(SETTLED_SECONDS)
        for arguments in (("-m", "records.migrate"), ("-m", "cli", "setup")):
            await asyncio.to_thread(new.run, *arguments, **rollout.settings)
            rollout.say(f"{arguments[1]} {' '.join(arguments[2:])} of {new.name}")
        await rollout.to(new)
        if back:
            await asyncio.sleep(SETTLED_SECONDS)
            await rollout.to(old)
        await asyncio.sleep(SETTLED_SECONDS)
    finally:
        load.over.set()
        await paying
    print(load.said())
    seconds = Counter(int(when) for when, _, _ in load.failed)
    print(
        f"  failed, by the second in which they were due: {dict(sorted(seconds.items()))}"
        if seconds
        else "  no failure"
    )
    compared = await asyncio.to_thread(new.run, "-m", "cli", "reconcile", **rollout.settings)
    print(compared.splitlines()[-1])
    return load.holds()


def main() -> None:
    """Take the old release from git, and upgrade."""
    parser = argparse.ArgumentParser(prog="python -m bench.upgrade", description=__doc__)
    parser.add_argument("revision", help="the release to begin with, as git knows it")
    parser.add_argument("--rate", type=float, default=RATE, help=f"payments a second ({RATE:.0f})")
    parser.add_argument("--back", action="store_true", help="let the old release take over again in the end")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="perdure-release-") as tree, tempfile.TemporaryDirectory() as directory:
        # PostgreSQL runs as another user, who has to get in.
        Path(directory).chmod(0o755)
        archive = subprocess.run(["git", "archive", given.revision], cwd=ROOT, check=True, capture_output=True).stdout
        subprocess.run(["tar", "-x", "-C", tree], input=archive, check=True)
        releases = Release(given.revision, Path(tree)), Release("this", ROOT)
        held = asyncio.run(upgraded(*releases, given.rate, Path(directory), back=given.back))
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
