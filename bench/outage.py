"""`python -m bench.outage`: gateway A dead under load, B alive. What becomes of payments.

The whole engine with two simulators, A first in the rules and B second. Payments come at a steady rate, each with a new
card; in the middle A goes silent (it does what it is asked, and every answer is lost), and comes back. Then everything
is left to come to rest, both gateways' files are read, and the four books are compared (`perdure reconcile`). What A is
asked meanwhile is counted on its way there (bench/counting.py). Ends with a line that says whether it held; the exit
status is 1 if it did not.
"""

import argparse
import asyncio
import contextlib
import json
import os
import secrets  # noqa: TID251
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bench.client import Client
from bench.counting import Counting, counting
from bench.patient import Book, read_book
from bench.systems import CARDS, until_listening
from bench.verdicts import Verdict
from embedded.ports import free_port
from settings import ROOT

RULES = {"rules": [{"name": "A first", "gateways": ["alpha", "beta"]}]}
SETTLED_SECONDS_MAX = 240.0
OPENS_SECONDS_MAX = 5.0
"""So soon after A has died nobody new is sent there: five calls that are silent, and a second until everybody knows."""

TRIES = 3
"""How often a payment is asked for that was not answered in a minute: under the same key, it is the same payment."""

SUCCEED_LEAST = 0.999
"""Of those that A was not asked for: who was there when it fell silent is unknown, and ends well later."""

ASKED_A_SECOND, ASKED_IN_TEN = "asked of A a second, while open", "asked of A in ten seconds, at most"
SILENT = {"drop": "after", "drop_rate": 1.0}
HANGING = {"latency_ms": 600_000}
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
    began: float = 0.0
    died: float = 0.0
    back: float = 0.0
    """When the first came, when A died, and when it came back (`time.perf_counter`)."""

    def within(self, since: float, until: float) -> list[Tried]:
        """Payments that came in this time."""
        return [one for one in self.tried if since <= one.at < until]


@dataclass(frozen=True, slots=True)
class Stage:
    """The engine, gateway A and what it was asked, and where both gateways keep their files."""

    http: Client
    environment: dict[str, str]
    directory: Path
    a: int
    """Where A listens itself."""
    asked: Counting


@asynccontextmanager
async def engine(directory: Path) -> AsyncIterator[Stage]:
    """Perdure with gateways alpha and beta, as `make run` runs it, but that alpha is behind what counts."""
    names = ("API", "TEMPORAL", "TEMPORAL_UI", "SIMULATOR")
    ports = {f"PERDURE_{name}_PORT": str(free_port()) for name in names}
    a, secret = free_port(), secrets.token_hex(32)
    async with counting(a) as asked, _alpha(directory, a, f"http://127.0.0.1:{ports['PERDURE_API_PORT']}", secret):
        gateways = f"alpha=simulator?url=http://127.0.0.1:{asked.port} beta=simulator"
        more = {"PERDURE_DATA_DIR": str(directory), "PERDURE_GATEWAYS": gateways, "PERDURE_NOTIFICATION_SECRET": secret}
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
                yield Stage(http, environment, directory, a, asked)
        finally:
            process.terminate()
            await process.communicate()


@asynccontextmanager
async def _alpha(directory: Path, port: int, engine_url: str, secret: str) -> AsyncIterator[None]:
    ledger = str(directory / "simulator-alpha.db")
    ours = ["--port", str(port), "--ledger", ledger, "--name", "alpha", "--engine", engine_url]
    environment = {**os.environ, "PERDURE_NOTIFICATION_SECRET": secret}  # noqa: TID251
    with (directory / "simulator-alpha.log").open("w") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "simulator", *ours, cwd=ROOT, env=environment, stderr=log
        )
    try:
        await until_listening(port)
        yield
    finally:
        process.terminate()
        await process.wait()


async def perdure(environment: dict[str, str], *command: str) -> tuple[int, str]:
    """One command of the command line: its exit status, and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cli", *command, cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def pay(http: Client, run: Run, number: int) -> None:
    """A payment by a card that was never seen, under a key of its own."""
    came = time.perf_counter()
    form = {"amount": 1099, "currency": "usd", "payment_method": "pm_card_visa", "confirm": "true", **CARDS}
    status, id_ = "error", ""
    for _ in range(TRIES):
        with contextlib.suppress(aiohttp.ClientError, TimeoutError, RuntimeError):
            answer = await http.post("/v1/payment_intents", f"order_{number}", **form)
            status, id_ = str(answer.get("status", "error")), str(answer.get("id", ""))
            break
    run.tried.append(Tried(came - run.began, time.perf_counter() - came, status, id_))


async def measure(given: argparse.Namespace) -> tuple[dict[str, Any], Verdict]:
    """One run; its figures, and whether it held."""
    with tempfile.TemporaryDirectory(prefix="perdure-outage-") as directory:
        async with engine(Path(directory)) as stage:
            file = Path(directory) / "rules.json"
            await asyncio.to_thread(file.write_text, json.dumps(RULES))
            status, said = await perdure(stage.environment, "routes", "set", str(file))
            assert status == 0, said
            await asyncio.sleep(6)
            run = await _pay(stage, given)
            rest = await _settled(stage.http, run)
            status, report = await perdure(stage.environment, "reconcile")
            found = figures(run, given.before, given.before + given.dead, rest)
            books = {name: read_book(stage.directory / f"simulator-{name}.db") for name in ("alpha", "beta")}
            asked = _asked(run, stage.asked, given.saved)
            verdict = judge(run, rest, books, asked, status)
            return found | asked | {"reconcile": status, "report": report.strip().splitlines()[-1]}, verdict


async def _pay(stage: Stage, given: argparse.Namespace) -> Run:
    """Payments at a steady rate, while A dies and comes back."""
    run, faults = Run(began=time.perf_counter()), f"http://127.0.0.1:{stage.a}/_faults"
    dead, alive, end = given.before, given.before + given.dead, given.before + given.dead + given.after
    tasks, began = set[asyncio.Task[None]](), run.began
    async with aiohttp.ClientSession() as out:
        for number in range(int(end * given.rate)):
            due = number / given.rate
            await asyncio.sleep(max(0.0, began + due - time.perf_counter()))
            if not run.died and due >= dead:
                saved = {"operations": ASKED} if given.saved else {}
                async with out.post(faults, json=(HANGING if given.hanging else SILENT) | saved) as answer:
                    answer.raise_for_status()
                run.died = time.perf_counter()
            if not run.back and due >= alive:
                run.back = time.perf_counter()
                async with out.delete(faults) as answer:
                    answer.raise_for_status()
            tasks.add(asyncio.create_task(pay(stage.http, run, number)))
        await asyncio.gather(*tasks)
    return run


def _asked(run: Run, counted: Counting, saved: bool) -> dict[str, Any]:
    """What A was asked while its breaker was open, at the latest from when it has to be."""
    opened = run.died + OPENS_SECONDS_MAX
    if saved:
        counted = Counting(asked=[one for one in counted.asked if not one[1].startswith("/tokens")])
    many = len(counted.within(opened, run.back))
    return {
        "asked of A while it was dead": len(counted.within(run.died, run.back)),
        ASKED_A_SECOND: round(many / max(run.back - opened, 1.0), 3),
        ASKED_IN_TEN: counted.most(opened, run.back, 10.0),
    }


def judge(
    run: Run, rest: Mapping[str, str], books: Mapping[str, Book], asked: Mapping[str, Any], reconciled: int
) -> Verdict:
    """What is to hold."""
    verdict = Verdict("gateway A dead, B alive")
    during = [one for one in run.tried if run.died <= run.began + one.at < run.back]
    unknown = [one for one in during if one.status == "processing"]
    late = [one for one in unknown if run.began + one.at > run.died + OPENS_SECONDS_MAX]
    good = sum(one.status == "succeeded" for one in during)
    verdict.hold("of new payments, succeeded at once", good / max(len(during) - len(unknown), 1), least=SUCCEED_LEAST)
    verdict.hold(f"unknown later than {OPENS_SECONDS_MAX:g} s after A died", len(late), most=0)
    verdict.hold("unknown at A, and not succeeded in the end", sum(s != "succeeded" for s in rest.values()), most=0)
    told = sum(one.status == "succeeded" for one in run.tried) + sum(s == "succeeded" for s in rest.values())
    verdict.hold(
        "paid by the books and not told, or the other way", abs(sum(b.paid for b in books.values()) - told), most=0
    )
    verdict.hold("effects done twice", sum(book.repeated for book in books.values()), most=0)
    verdict.hold("requests a second to A while open", asked[ASKED_A_SECOND], most=1)
    verdict.hold("and in any ten seconds", asked[ASKED_IN_TEN], most=10)
    verdict.hold("differences by `perdure reconcile`", reconciled, most=0)
    return verdict


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
    parser.add_argument("--hanging", action="store_true", help="A takes what it is asked and never answers")
    parser.add_argument("--rate", type=float, default=10, metavar="N", help="payments a second (10)")
    found, verdict = asyncio.run(measure(parser.parse_args()))
    for name, value in found.items():
        print(f"{name:70} {value}")
    print(verdict.said(), flush=True)
    sys.exit(bool(verdict.failed))


if __name__ == "__main__":
    main()
