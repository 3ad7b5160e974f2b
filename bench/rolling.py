"""What a rolling upgrade is made of: releases in directories, their processes, and a balancer of connections."""

import asyncio
import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from embedded.ports import free_port
from tests.support.pipes import join
from tests.support.servers import environment

READY_SECONDS_MAX = 120
END_SECONDS_MAX = 40
LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Release:
    """A tree of the project."""

    name: str
    directory: Path

    def run(self, *arguments: str, **settings: str) -> str:
        """A command of this release; what it said."""
        done = subprocess.run(
            [sys.executable, *arguments], cwd=self.directory, env=self.environment(settings), capture_output=True,
            text=True, check=False, timeout=READY_SECONDS_MAX,
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"{self.name}: {' '.join(arguments)}: {done.stdout[-2_000:]}{done.stderr[-2_000:]}")
        return done.stdout

    def environment(self, settings: dict[str, str]) -> dict[str, str]:
        """With this tree on the path, and no other."""
        return environment(**settings) | {"PYTHONPATH": str(self.directory)}

    def command(self, role: str, port: int, engine: str, directory: Path) -> list[str]:
        """What runs a role."""
        if role == "simulator":
            ledger = str(directory / "simulator.db")
            return [sys.executable, "-m", "simulator", "--port", str(port), "--ledger", ledger, "--engine", engine]
        if role == "worker":
            return [sys.executable, "worker.py"]
        if (self.directory / "api" / "__main__.py").exists():
            return [sys.executable, "-m", "api", "--port", str(port), "--drain-seconds", "25"]
        return [sys.executable, "-m", "uvicorn", "api.app:app", "--port", str(port), "--no-access-log"]


@dataclass(slots=True)
class Process:
    """One of a release."""

    role: str
    port: int
    log: Path
    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls, role: str, release: Release, settings: dict[str, str], log: Path) -> "Process":
        """Start a role; its probes are on its port, a worker's as well."""
        port, given = free_port(), dict(settings)
        engine = given.pop("ENGINE", "")
        if role == "worker":
            given["PERDURE_WORKER_METRICS_PORT"] = str(port)
        command = release.command(role, port, engine, log.parent)
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=release.directory, env=release.environment(given), stdout=output, stderr=output
            )
        return cls(role, port, log, process)

    def ready(self) -> bool:
        """As a probe asks; a worker of before there was one says so in its log."""
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.role} has ended: {self.log.read_text()[-2_000:]}")
        with contextlib.suppress(httpx.HTTPError):
            status = httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=2, trust_env=False).status_code
            if status != httpx.codes.NOT_FOUND:
                return status == httpx.codes.OK
        return self.role == "worker" and "worker ready" in self.log.read_text()

    def end(self) -> float:
        """SIGTERM; how long it took (seconds)."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(END_SECONDS_MAX)
        return time.monotonic() - began

    def kill(self) -> None:
        """At once."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for it, looking again and again."""
    async with asyncio.timeout(READY_SECONDS_MAX):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110 - what is waited for is another process's
            await asyncio.sleep(LOOK_SECONDS)


@dataclass
class Balancer:
    """Gives each new connection to the next port, as a Service of Kubernetes does: of requests it knows nothing."""

    ports: list[int] = field(default_factory=list)
    url: str = ""
    turn: int = 0
    server: asyncio.Server | None = None

    async def __aenter__(self) -> "Balancer":
        self.server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        """Take no more."""
        if self.server is not None:
            self.server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.turn += 1
        try:
            behind = await asyncio.open_connection("127.0.0.1", self.ports[self.turn % len(self.ports)])
        except (OSError, ZeroDivisionError):
            writer.close()
            return
        await join((reader, writer), behind)
