"""What is measured, each started on free ports in a directory of its own: Perdure, the bare skeleton, localstripe."""

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.client import Client
from embedded.ports import free_port
from embedded.temporal import DYNAMIC_CONFIG, GARBAGE_COLLECTION, find_binary, temporal_command
from embedded.visibility import slim
from settings import ROOT, Settings

CARDS = {"allowed_payment_method_types[]": "card"}
"""A payment that only takes cards: it can be confirmed by a server, with nobody to send away."""

START_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 15.0


@dataclass(frozen=True, slots=True)
class System:
    """One that runs: its client, its directory, and its first process."""

    http: Client
    directory: Path
    process: psutil.Process
    marks: frozenset[str] = frozenset()
    """Words of which each of its processes has one in its command, where its first process has others as well."""

    def temporal_bytes(self) -> int:
        """What Temporal's database takes on disk, its log included."""
        return sum(path.stat().st_size for path in self.directory.glob("temporal.db*"))

    def processor_seconds(self) -> dict[str, float]:
        """What each part has used of the machine's cores since it was started, PostgreSQL's processes together."""
        used = {name: _seconds(process) for name, process in self.processes().items()}
        servers = [p for p in psutil.process_iter(["name"]) if p.info["name"] == "postgres" and self._serves(p)]
        return used | ({"PostgreSQL": sum(map(_seconds, servers))} if servers else {})

    def _serves(self, server: psutil.Process) -> bool:
        with contextlib.suppress(psutil.Error):
            return str(self.directory) in " ".join([*server.cmdline(), server.cwd()])
        return False

    def processes(self) -> dict[str, psutil.Process]:
        """The processes that do the work, by what they are."""
        names = {"-m api": "API", "worker.py": "worker", "bench.bare worker": "worker", "bench.bare api": "API",
                 "simulator": "simulator", "start-dev": "Temporal", "localstripe": "API"}  # fmt: skip
        found = {}
        for process in [self.process, *self.process.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                words = process.cmdline()
                if self.marks and self.marks.isdisjoint(words):
                    continue
                command = " ".join(words)
                found.update({name: process for part, name in names.items() if part in command})
        return found


def _seconds(process: psutil.Process) -> float:
    """What a process has used; nothing any more, if it has just ended."""
    with contextlib.suppress(psutil.Error):
        return float(sum(process.cpu_times()[:2]))
    return 0.0


@asynccontextmanager
async def engine(**settings: str) -> AsyncIterator[System]:
    """Perdure, as `make run` runs it, with these settings."""
    names = ("API", "TEMPORAL", "TEMPORAL_UI", "SIMULATOR")
    ports = {f"PERDURE_{name}_PORT": str(free_port()) for name in names}
    with tempfile.TemporaryDirectory(prefix="perdure-bench-") as directory:
        environment = {**os.environ, **ports, "PERDURE_DATA_DIR": directory, **settings}  # noqa: TID251
        command = [sys.executable, "-m", "embedded"]
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=PIPE)
        assert process.stdout is not None
        while b"is ready" not in (line := await process.stdout.readline()):
            if not line:
                sys.exit("the engine did not start")
        try:
            async with Client(int(ports["PERDURE_API_PORT"])) as http:
                yield System(http, Path(directory), psutil.Process(process.pid))
        finally:
            process.send_signal(signal.SIGTERM)
            await process.communicate()


AS_IT_COMES = {name: value for name, value in DYNAMIC_CONFIG.items() if not name.startswith("system.")}
"""The reference's configuration of the server (polls, timers, updates in flight), and no waiting task is overtaken."""


@asynccontextmanager
async def bare(*, tuned: bool = False) -> AsyncIterator[System]:
    """The skeleton (bare.py), on a server of its own with the reference's settings; `tuned`, with all of the product's.

    That is: its indexes (ADR 0021), its client without compression, and search attributes not read from disk each time.
    """
    temporal_port, port = free_port(), free_port()
    address = f"127.0.0.1:{temporal_port}"
    with tempfile.TemporaryDirectory(prefix="perdure-bench-") as directory:
        database = Path(directory) / "temporal.db"
        config = DYNAMIC_CONFIG if tuned else AS_IT_COMES
        server = temporal_command(find_binary(Settings.read()), temporal_port, database, None, config)
        ours, how = [sys.executable, "-m", "bench.bare"], ["--address", address, *(["--tuned"] if tuned else [])]
        parts = [[*ours, "worker", *how], [*ours, "api", "--port", str(port), *how]]
        async with _running([server], temporal_port):
            if tuned:
                slim(database)
            async with _running(parts, port), Client(port) as http:
                marks = frozenset({address, str(database)})
                yield System(http, Path(directory), psutil.Process(), marks)


@asynccontextmanager
async def localstripe(intents: int) -> AsyncIterator[System]:
    """The best known of the fakes, holding so many intents (localstripe_server.py)."""
    port = free_port()
    command = [sys.executable, "-m", "bench.localstripe_server", "--port", str(port), "--intents", str(intents)]
    async with _running([command], port), Client(port) as http:
        yield System(http, Path(), psutil.Process())


@asynccontextmanager
async def _running(commands: list[list[str]], port: int) -> AsyncIterator[None]:
    """These processes, from when `port` is listened to."""
    environment = {**os.environ, **GARBAGE_COLLECTION}  # noqa: TID251
    processes: list[Process] = []
    try:
        for command in commands:
            processes.append(await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=DEVNULL))
        await until_listening(port)
        yield
    finally:
        for process in processes:
            process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), STOP_SECONDS_MAX)


async def until_listening(port: int) -> None:
    """Until something listens there, on this machine.

    Raises:
        TimeoutError: nothing ever did.
    """
    async with asyncio.timeout(START_SECONDS_MAX):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.1)
