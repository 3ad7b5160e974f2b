"""Two gateways as processes of our own, each behind what counts its requests (bench/counting.py)."""

import asyncio
import json
import os
import sqlite3
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench.counting import Counting, counting
from bench.systems import until_listening
from embedded.ports import free_port
from settings import ROOT

LATER = "later=capture,void,refund,increment&news_ms=600"
CONDUCT = {
    "slow": f"p50_ms=100&p99_ms=600&failing=0.3&{LATER}",
    "other": f"p50_ms=40&p99_ms=300&failing=0.2&{LATER}",
}
DECLARED = {name: "latency=patient&patience=5&later=capture,void,refund,increment" for name in CONDUCT}
SECRET = "of the two gateways, and nobody else's"


@dataclass
class Simulator:
    """One of them."""

    name: str
    port: int
    engine: str
    ledger: Path
    counted: Counting
    process: Process | None = None

    @property
    def setting(self) -> str:
        """Its entry in PERDURE_GATEWAYS: the engine knows it by what counts."""
        return f"{self.name}=simulator?url=http://127.0.0.1:{self.counted.port}&{DECLARED[self.name]}"

    async def start(self) -> None:
        """Until it listens."""
        ours = ["--port", str(self.port), "--ledger", str(self.ledger), "--name", self.name]
        told = ["--engine", self.engine, "--conduct", CONDUCT[self.name]]
        environment = {**os.environ, "PERDURE_NOTIFICATION_SECRET": SECRET}  # noqa: TID251
        with self.ledger.with_suffix(".log").open("a") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "simulator", *ours, *told, cwd=ROOT, env=environment, stderr=log
            )
        await until_listening(self.port)

    async def kill(self) -> None:
        """As `kill -9` does it."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def faults(self, **faults: Any) -> None:
        """Misbehave like this from now on; nothing given is to be well."""
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=60) as http:
            (await http.post("/_faults", json=faults)).raise_for_status()

    async def tell(self) -> None:
        """Tell now whatever it has to tell."""
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=60) as http:
            (await http.post("/_news")).raise_for_status()

    def answers(self) -> Mapping[str, str]:
        """What it has answered to each key, by its own file: `approved`, `declined`, `accepted`, …."""
        with closing(sqlite3.connect(f"file:{self.ledger}?mode=ro", uri=True)) as ledger:
            rows: list[tuple[str, str]] = ledger.execute("SELECT key, answer FROM operations").fetchall()
        return {key: str(json.loads(answer).get("type", "")) for key, answer in rows}


@asynccontextmanager
async def simulators(data: Path, engine: str) -> AsyncIterator[dict[str, Simulator]]:
    """Both, running, by name; `data` is the directory of the engine, whose judges look for their files there."""
    data.mkdir(parents=True, exist_ok=True)
    ports = {name: free_port() for name in CONDUCT}
    async with counting(ports["slow"]) as slow, counting(ports["other"]) as other:
        counted = {"slow": slow, "other": other}
        found = {
            name: Simulator(name, ports[name], engine, data / f"simulator-{name}.db", counted[name]) for name in CONDUCT
        }
        try:
            for simulator in found.values():
                await simulator.start()
            yield found
        finally:
            for simulator in found.values():
                await simulator.kill()
