"""`python -m bench.outage`: gateway A dead under load, B alive. What becomes of payments.

The whole engine with two simulators, A first in the rules and B second. Payments come at a steady rate, each with a new
card; in the middle A goes silent (it does what it is asked, and every answer is lost), and comes back. Then everything
is left to come to rest, and the four books are compared (`perdure reconcile`).
"""

import argparse
import asyncio
import contextlib
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bench.client import Client
from bench.systems import CARDS
from embedded.ports import free_port
from settings import ROOT

RULES = {"rules": [{"name": "A first", "gateways": ["alpha", "beta"]}]}
SETTLED_SECONDS_MAX = 240.0
SILENT = {"drop": "after", "drop_rate": 1.0}
ASKED = ["authorize", "capture", "void", "increment", "refund", "settlement", "retrieve", "standing"]
"""What a payment needs once its card is a token: with cards that are saved, A is dead and still has their tokens."""


@dataclass(slots=True)
class Tried:
    """One payment: when it came (seconds from the start), how long it took, and what it was told."""

    at: float
    seconds: float
    status: str
    id: str = ""


@dataclass(slots=True)
class Run:
    """What was seen."""

    tried: list[Tried] = field(default_factory=list)

    def within(self, since: float, until: float) -> list[Tried]:
        """Payments that came in this time."""
        return [one for one in self.tried if since <= one.at < until]


@asynccontextmanager
async def engine(directory: Path) -> AsyncIterator[tuple[Client, dict[str, str], list[int]]]:
    """Perdure with gateways alpha and beta, as `make run` runs it; and the simulators' ports."""
    first = free_port()
    names = ("API", "TEMPORAL", "TEMPORAL_UI")
    ports = {f"PERDURE_{name}_PORT": str(free_port()) for name in names} | {"PERDURE_SIMULATOR_PORT": str(first)}
    more = {"PERDURE_DATA_DIR": str(directory), "PERDURE_GATEWAYS": "alpha=simulator beta=simulator"}
    environment = {**os.environ, **ports, **more}  # noqa: TID251
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "embedded", cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    while b"is ready" not in (line := await process.stdout.readline()):
        if not line:
            sys.exit("the engine did not start")
    try:
        async with Client(int(ports["PERDURE_API_PORT"])) as http:
            yield http, environment, [first, first + 1]
    finally:
        process.terminate()
        await process.communicate()


async def perdure(environment: dict[str, str], *command: str) -> tuple[int, str]:
    """One command of the command line: its exit status, and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cli", *command, cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def pay(http: Client, run: Run, began: float) -> None:
    """A payment by a card that was never seen."""
    came = time.perf_counter()
    form = {"amount": 1099, "currency": "usd", "payment_method": "pm_card_visa", "confirm": "true", **CARDS}
    status, id_ = "error", ""
    with contextlib.suppress(aiohttp.ClientError, TimeoutError, RuntimeError):
        answer = await http.post("/v1/payment_intents", **form)
        status, id_ = str(answer.get("status", "error")), str(answer.get("id", ""))
    run.tried.append(Tried(came - began, time.perf_counter() - came, status, id_))


async def measure(given: argparse.Namespace) -> dict[str, Any]:
    """One run; its figures."""
    with tempfile.TemporaryDirectory(prefix="perdure-outage-") as directory:
        async with engine(Path(directory)) as (http, environment, ports), aiohttp.ClientSession() as out:
            file = Path(directory) / "rules.json"
            await asyncio.to_thread(file.write_text, json.dumps(RULES))
            status, said = await perdure(environment, "routes", "set", str(file))
            assert status == 0, said
            await asyncio.sleep(6)
            run, faults = Run(), f"http://127.0.0.1:{ports[0]}/_faults"
            began = time.perf_counter()
            dead, alive, end = given.before, given.before + given.dead, given.before + given.dead + given.after
            tasks = set[asyncio.Task[None]]()
            switched = 0
            for number in range(int(end * given.rate)):
                due = number / given.rate
                await asyncio.sleep(max(0.0, began + due - time.perf_counter()))
                if switched == 0 and due >= dead:
                    saved = {"operations": ASKED} if given.saved else {}
                    async with out.post(faults, json=SILENT | saved) as answer:
                        answer.raise_for_status()
                    switched = 1
                if switched == 1 and due >= alive:
                    async with out.delete(faults) as answer:
                        answer.raise_for_status()
                    switched = 2
                tasks.add(asyncio.create_task(pay(http, run, began)))
            await asyncio.gather(*tasks)
            rest = await _settled(http, run)
            status, report = await perdure(environment, "reconcile")
            found = figures(run, dead, alive, rest)
            return found | {"reconcile": status, "report": report.strip().splitlines()[-1]}


async def _settled(http: Client, run: Run) -> dict[str, str]:
    """How each payment stands that was `processing`, once nobody waits any more."""
    waiting = [one.id for one in run.tried if one.status == "processing"]
    known: dict[str, str] = {}
    async with asyncio.timeout(SETTLED_SECONDS_MAX):
        while len(known) < len(waiting):
            for id_ in waiting:
                if id_ not in known:
                    status = str((await http.get(f"/v1/payment_intents/{id_}"))["status"])
                    if status != "processing":
                        known[id_] = status
            await asyncio.sleep(1)
    return known


def figures(run: Run, dead: float, alive: float, rest: dict[str, str]) -> dict[str, Any]:
    """What was seen, in numbers."""
    during = run.within(dead, alive)
    told = Counter(one.status for one in during)
    slow = sorted(one.seconds for one in during)
    last = max((one.at for one in during if one.status != "succeeded"), default=dead)
    later = [one for one in during if one.at > last]
    return {
        "payments": len(run.tried),
        "while A was dead": len(during),
        "told": dict(told),
        "not succeeded at once, the last of them so many seconds after A died": round(last - dead, 1),
        "after that": len(later),
        "p50 ms": round(slow[len(slow) // 2] * 1_000) if slow else 0,
        "p99 ms": round(slow[int(len(slow) * 0.99)] * 1_000) if slow else 0,
        "those processing, in the end": dict(Counter(rest.values())),
    }


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.outage", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, seconds, means in (("before", 10, "all is well"), ("dead", 60, "A is dead"), ("after", 20, "A is back")):
        parser.add_argument(f"--{name}", type=float, default=seconds, metavar="S", help=f"so long {means} ({seconds})")
    parser.add_argument("--saved", action="store_true", help="A still makes tokens: cards that were saved before")
    parser.add_argument("--rate", type=float, default=10, metavar="N", help="payments a second (10)")
    for name, value in asyncio.run(measure(parser.parse_args())).items():
        print(f"{name:70} {value}")


if __name__ == "__main__":
    main()
