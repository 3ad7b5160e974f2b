"""An installation as strangers have it: PostgreSQL, Temporal, a gateway, two APIs behind a balancer, two workers.

Every process is started by the command that docs/OPERATING.md has for it, with an environment of its own, so that each
can be replaced by one with other settings while payments go on.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
import stripe

from embedded.ports import free_port
from embedded.postgres import EmbeddedPostgres
from embedded.temporal import GARBAGE_COLLECTION, find_binary, temporal_command
from records.accounts import ensure_account, ensure_key
from records.database import Database
from records.migrate import migrate
from settings import ROOT, TEST_ACCOUNT, Settings, known_names
from temporal.client import connect
from tests.support.balancer import balanced

SECRET = "sk_test_fleet"
NOTIFICATIONS = "a secret of the gateway and all APIs"
APIS, WORKERS = ("api-1", "api-2"), ("worker-1", "worker-2")
WAIT_SECONDS_MAX = 240
STOP_SECONDS_MAX = 90
BY_US = (0, -signal.SIGTERM, -signal.SIGKILL)
"""How processes end that were told to."""


@dataclass
class Fleet:
    """The processes by name, what each was started with, and where it listens."""

    directory: Path
    more: dict[str, str] = field(default_factory=dict)
    """Settings of every process of ours."""
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    url: str = ""
    """Of the balancer."""

    @property
    def postgres(self) -> EmbeddedPostgres:
        return EmbeddedPostgres(self.directory)

    @property
    def environment(self) -> dict[str, str]:
        """What a process of ours finds there, and an operator's shell."""
        ours = {name: value for name, value in os.environ.items() if not _is_setting(name)}  # noqa: TID251
        return {
            **ours,
            "PYTHONPATH": str(ROOT),
            "PATH": f"{Path(sys.executable).parent}:{ours['PATH']}",
            "DATABASE_URL": self.postgres.url,
            "TEMPORAL_ADDRESS": f"127.0.0.1:{self.ports['temporal']}",
            "PERDURE_SIMULATOR_URL": f"http://127.0.0.1:{self.ports['simulator']}",
            "PERDURE_NOTIFICATION_SECRET": NOTIFICATIONS,
            "PERDURE_WEBHOOKS_PRIVATE": "allow",
            "PERDURE_DATA_DIR": str(self.directory),
            **self.more,
        }

    def launch(self, name: str, command: list[str], environment: dict[str, str], user: str | None = None) -> None:
        with (self.directory / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=log, user=user, group=user
            )

    def start_postgres(self, *options: str) -> None:
        self.postgres.prepare()
        spec = self.postgres.spec(self.environment)
        self.launch("postgres", [*spec.command, *options], spec.environment, spec.user)

        async def answers() -> bool:
            return await spec.ready()

        self.wait_for(lambda: asyncio.run(answers()))
        asyncio.run(self.postgres.ensure_database())

    def start_temporal(self) -> None:
        port, database = self.ports["temporal"], self.directory / "temporal.db"
        command = temporal_command(find_binary(Settings.read({})), port, database, ui_port=None)
        self.launch("temporal", command, {**self.environment, **GARBAGE_COLLECTION})

        async def answers() -> bool:
            try:
                await connect(f"127.0.0.1:{port}", "default")
            except RuntimeError:
                return False
            return True

        self.wait_for(lambda: asyncio.run(answers()))

    def start_simulator(self, **more: str) -> None:
        port, ledger = str(self.ports["simulator"]), str(self.directory / "simulator.db")
        command = [sys.executable, "-m", "simulator", "--port", port, "--ledger", ledger, "--engine", self.url]
        self.launch("simulator", command, {**self.environment, **more})
        self.wait_for(lambda: _answers(f"http://127.0.0.1:{port}/_ledger?charge=none"))

    def start(self, name: str, **more: str) -> None:
        """An API or a worker, with these settings as well; ready when this returns."""
        self.begin(name, **more)
        self.wait_for(lambda: self.ready(name))

    def begin(self, name: str, **more: str) -> None:
        """As `start`, and does not wait."""
        port = str(self.ports[name])
        if name.startswith("api"):
            command, own = [sys.executable, "-m", "api", "--port", port], {}
        else:
            command, own = [sys.executable, "worker.py"], {"PERDURE_WORKER_METRICS_PORT": port}
        self.launch(name, command, {**self.environment, **own, **more})

    def ready(self, name: str) -> bool:
        assert self.processes[name].poll() is None, self.log(name)
        return _answers(f"http://127.0.0.1:{self.ports[name]}/readyz")

    def stop(self, name: str, number: signal.Signals = signal.SIGTERM) -> None:
        process = self.processes[name]
        process.send_signal(signal.SIGINT if name == "postgres" else number)
        process.wait(STOP_SECONDS_MAX)

    def replace(self, name: str, **more: str) -> None:
        """As a rolling update does: one ends as it is told to, and the next takes its place."""
        self.stop(name)
        self.start(name, **more)

    def log(self, name: str) -> str:
        return (self.directory / f"{name}.log").read_text(errors="replace")

    def wait_for(self, condition: Callable[[], object], seconds: float = WAIT_SECONDS_MAX) -> None:
        """Poll: the condition is in other processes, and nothing would wake us."""
        end = time.monotonic() + seconds
        while not condition():
            ended = [name for name, process in self.processes.items() if process.poll() not in (None, *BY_US)]
            assert ended == [], [self.log(name)[-2_000:] for name in ended]
            assert time.monotonic() < end, f"waited {seconds} s in vain"
            time.sleep(0.05)

    def client(self, api_key: str = SECRET, retries: int = 3) -> stripe.StripeClient:
        """The official SDK, at the balancer."""
        return stripe.StripeClient(api_key, base_addresses={"api": self.url}, max_network_retries=retries)

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        """A command in an operator's shell."""
        return subprocess.run(
            command, cwd=ROOT, env={**self.environment, **more}, capture_output=True, text=True, timeout=240,
            check=False,
        )  # fmt: skip

    def perdure(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "cli", *arguments, **more)

    def sql(self, *statements: str) -> None:
        """As PostgreSQL's superuser."""

        async def run() -> None:
            connection = await asyncpg.connect(self.postgres.url)
            try:
                for statement in statements:
                    await connection.execute(statement)
            finally:
                await connection.close()

        asyncio.run(run())

    async def make_account(self) -> None:
        database, now = Database(self.environment["DATABASE_URL"]), 1_750_000_000
        try:
            await ensure_account(database, TEST_ACCOUNT, "Fleet", now)
            await ensure_key(database, TEST_ACCOUNT, SECRET, "secret", livemode=False, now=now)
        finally:
            await database.close()

    def start_servers(self) -> None:
        self.start_postgres()
        self.prepare()

    def prepare(self) -> None:
        """The schema, an account, and the other servers."""
        asyncio.run(migrate(self.environment["DATABASE_URL"]))
        asyncio.run(self.make_account())
        self.start_temporal()
        self.start_simulator()

    def start_all(self) -> None:
        """Two workers and two APIs."""
        for name in (*WORKERS, *APIS):
            self.begin(name)
        self.wait_for(lambda: all(self.ready(name) for name in (*WORKERS, *APIS)))

    def end(self) -> None:
        """Kill whatever is left, the youngest first."""
        for process in reversed(self.processes.values()):
            if process.poll() is None:
                process.kill()
            process.wait()


def _is_setting(name: str) -> bool:
    return name.startswith("PERDURE_") or name in known_names()


def _answers(url: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(url, timeout=5, trust_env=False).is_success
    return False


@contextlib.contextmanager
def fleet(directory: Path, **more: str) -> Iterator[Fleet]:
    """One with nothing started but the balancer; ended with the block."""
    ports = {name: free_port() for name in ("temporal", "simulator", *APIS, *WORKERS)}
    made = Fleet(directory, more, ports=ports)
    with balanced([("127.0.0.1", ports[name]) for name in APIS]) as port:
        made.url = f"http://127.0.0.1:{port}"
        try:
            yield made
        finally:
            made.end()
