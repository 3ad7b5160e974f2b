"""Several hosts' worth of processes on one machine: Temporal's services, APIs, workers, stores and what links them.

clients ── link-api ─┬─ api-1 ─┬─ link-temporal ─┬─ frontend-1 ─┬─ history-1, history-2 ─── link-store ── store
                     └─ api-2 ─┤                 └─ frontend-2 ─┴─ matching-1, matching-2, system-1
          worker-1, -2, -3 ────┤
                               ├─ link-records ── postgres (the records)
                               └─ link-gateway ── simulator
"""

import asyncio
import json
import os
import secrets  # noqa: TID251
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

from embedded.children import Child, Spec
from embedded.ports import free_port, listening, reserve
from embedded.postgres import DATABASE, SUPERUSER, EmbeddedPostgres
from records.accounts import ensure_account, ensure_key
from records.database import Database
from records.migrate import migrate
from settings import ROOT, TEST_ACCOUNT, Settings
from tests.cluster.service import Binaries, Service, Surroundings, create_schema

APIS, WORKERS = 2, 3
TEMPORAL = ("frontend-1", "frontend-2", "history-1", "history-2", "matching-1", "matching-2", "system-1")
"""Services of Temporal; `system` is its own worker service, which keeps schedules."""

LINKS = ("link-api", "link-temporal", "link-store", "link-records", "link-gateway")
PARTS = (
    *TEMPORAL,
    *LINKS,
    *(f"api-{number + 1}" for number in range(APIS)),
    *(f"worker-{number + 1}" for number in range(WORKERS)),
    "postgres",
    "store",
    "simulator",
)
"""Everything that can be broken."""

ROLES = {"system": "worker"}
"""Temporal's names of its services, where they would be mistaken here."""


@dataclass(slots=True)
class Stack:
    """All of it. `say` tells what happens."""

    settings: Settings
    binaries: Binaries
    say: Callable[[str], None]
    children: dict[str, Child] = field(default_factory=dict)

    async def start(self) -> None:
        """In the order in which somebody would install it; when it returns, payments can be taken.

        Raises:
            StartError: something cannot start.
        """
        directory, settings = self.settings.data_dir, self.settings
        (directory / "logs").mkdir(parents=True, exist_ok=True)
        records, store = EmbeddedPostgres(directory), EmbeddedPostgres(directory / "temporal", self.binaries.postgres)
        reserve(settings.api_port, settings.temporal_port, settings.simulator_port)
        gateway, behind_gateway = free_port(), settings.simulator_port
        await asyncio.gather(
            self._postgres("postgres", records), self._postgres("store", store), self._simulator(behind_gateway)
        )
        ports = {"link-store": free_port(), "link-records": free_port(), "link-gateway": gateway}
        await self._link("link-store", ports["link-store"], _socket(store))
        await self._link("link-records", ports["link-records"], _socket(records))
        await self._link("link-gateway", gateway, str(behind_gateway))
        await self._temporal(ports["link-store"])
        url = f"postgresql://{SUPERUSER}:unused@127.0.0.1:{ports['link-records']}/{DATABASE}"
        await records.ensure_database()
        await self._records(url)
        told = self._told(url, gateway)
        # For `perdure`, and whoever else wants to ask it something.
        (directory / "environment.json").write_text(json.dumps(told, indent=1))
        environment = _ours(**told)
        await self._set_up(environment)
        await self._ours(environment)

    async def stop(self) -> None:
        """Last started first; whoever serves none any more, at once with its like."""
        names = list(reversed(self.children))
        for kind in ("link-api", "api", "worker", "system", "frontend", "matching", "history", "link", ""):
            ending = [name for name in names if name.startswith(kind)]
            names = [name for name in names if name not in ending]
            await asyncio.gather(*(self.children[name].stop() for name in ending))

    async def _start(self, spec: Spec) -> None:
        child = Child(spec, self.settings.data_dir / "logs" / f"{spec.name}.log", self.say)
        self.children[spec.name] = child
        await self._timed(spec.name, child.start())

    async def _timed(self, name: str, work: Awaitable[object]) -> None:
        began = time.monotonic()
        await work
        self.say(f"  {name:<14} ready  ({time.monotonic() - began:.1f} s)")

    async def _postgres(self, name: str, server: EmbeddedPostgres) -> None:
        await asyncio.to_thread(server.prepare)
        spec = server.spec({**os.environ, "CLUSTER_PART": name})  # noqa: TID251
        await self._start(replace(spec, name=name))

    async def _simulator(self, port: int) -> None:
        engine = f"http://127.0.0.1:{self.settings.api_port}"
        command = [sys.executable, "-m", "simulator", "--port", str(port), "--engine", engine]
        command += ["--ledger", str(self.settings.data_dir / "simulator.db")]
        await self._listening("simulator", port, command, _ours(PERDURE_NOTIFICATION_SECRET=self._secret()))

    async def _link(self, name: str, port: int, *targets: str) -> None:
        command = [sys.executable, "-m", "tests.cluster.link", str(port), *targets]
        await self._listening(name, port, command, _ours())

    async def _listening(self, name: str, port: int, command: list[str], environment: dict[str, str]) -> None:
        async def ready() -> bool:
            return await listening(port)

        await self._start(Spec(name=name, command=command, environment=_part(name, environment), ready=ready))

    async def _temporal(self, store: int) -> None:
        services = [service_of(name) for name in TEMPORAL]
        frontends = self.settings.temporal_port
        await self._timed("Temporal's schema", asyncio.to_thread(create_schema, self.binaries, store))
        behind = [str(service.port) for service in services if service.role == "frontend"]
        directory = self.settings.data_dir / "temporal"
        await self._link("link-temporal", frontends, *behind)
        surroundings = Surroundings(directory, services, store, frontends)
        first, *others = (service.spec(self.binaries, surroundings) for service in services)
        # The first of all writes down what the cluster is; of several at once, all but one would end.
        await self._start(first)
        await asyncio.gather(*map(self._start, others))

    async def _records(self, url: str) -> None:
        await self._timed("schema", migrate(url))
        now, database = int(time.time()), Database(url)  # noqa: TID251
        try:
            await ensure_account(database, TEST_ACCOUNT, "Perdure test account", now)
            await ensure_key(database, TEST_ACCOUNT, self.settings.secret_key, "secret", livemode=False, now=now)
        finally:
            await database.close()

    def _told(self, url: str, gateway: int) -> dict[str, str]:
        """The settings of APIs, workers and `perdure`."""
        return {
            "DATABASE_URL": url,
            "TEMPORAL_ADDRESS": f"127.0.0.1:{self.settings.temporal_port}",
            "TEMPORAL_NAMESPACE": "default",
            "PERDURE_SIMULATOR_URL": f"http://127.0.0.1:{gateway}",
            "PERDURE_DATA_DIR": str(self.settings.data_dir),
            "PERDURE_NOTIFICATION_SECRET": self._secret(),
            "PERDURE_WEBHOOKS_PRIVATE": "allow",
        }

    def _secret(self) -> str:
        """Kept, so that a simulator that is started again is believed."""
        file = self.settings.data_dir / "notification-secret"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_hex(32))
        return file.read_text()

    async def _set_up(self, environment: dict[str, str]) -> None:
        """`perdure setup`, as OPERATING has it."""
        command = [sys.executable, "-m", "cli", "setup"]
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment)
        if await process.wait() != 0:
            raise RuntimeError("perdure setup failed; its own words are above")

    async def _ours(self, environment: dict[str, str]) -> None:
        ports = {f"api-{number + 1}": free_port() for number in range(APIS)}
        workers = {f"worker-{number + 1}": free_port() for number in range(WORKERS)}
        await self._link("link-api", self.settings.api_port, *map(str, ports.values()))
        await asyncio.gather(
            *(self._probed(name, port, self._api(port), environment) for name, port in ports.items()),
            *(
                self._probed(name, port, _worker(), environment | {"PERDURE_WORKER_METRICS_PORT": str(port)})
                for name, port in workers.items()
            ),
        )

    def _api(self, port: int) -> list[str]:
        return [sys.executable, "-m", "api", "--port", str(port)]

    async def _probed(self, name: str, port: int, command: list[str], environment: dict[str, str]) -> None:
        """Ready when it says so, as deploy/kubernetes asks."""

        async def ready() -> bool:
            try:
                async with httpx.AsyncClient(trust_env=False, timeout=2) as http:
                    return (await http.get(f"http://127.0.0.1:{port}/readyz")).is_success
            except httpx.HTTPError:
                return False

        await self._start(Spec(name=name, command=command, environment=_part(name, environment), ready=ready))


def service_of(name: str) -> Service:
    """The process of Temporal that is called so, on free ports."""
    role = name.rpartition("-")[0]
    return Service.make(name, ROLES.get(role, role))


def _worker() -> list[str]:
    return [sys.executable, str(ROOT / "worker.py")]


def _ours(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}  # noqa: TID251


def _part(name: str, environment: dict[str, str]) -> dict[str, str]:
    return {**environment, "CLUSTER_PART": name}


def _socket(server: EmbeddedPostgres) -> str:
    """Where it listens: in the directory that its URL names."""
    return str(Path(server.url.partition("host=")[2]) / ".s.PGSQL.5432")
