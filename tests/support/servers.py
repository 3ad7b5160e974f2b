"""Real servers for tests: a PostgreSQL and a Temporal of their own, on free ports, in a temporary directory."""

import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from embedded.children import Child, Spec
from embedded.ports import free_port, listening
from embedded.postgres import EmbeddedPostgres
from embedded.temporal import find_binary, temporal_command
from records.migrate import migrate
from settings import ROOT, Settings
from temporal.client import connect


def environment(**more: str) -> dict[str, str]:
    """Ours, with the project on the path."""
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}  # noqa: TID251


def _silent(line: str) -> None:
    del line


@asynccontextmanager
async def postgres(directory: Path) -> AsyncIterator[str]:
    """A migrated PostgreSQL; gives its URL."""
    server = EmbeddedPostgres(directory)
    server.prepare()
    child = Child(server.spec(environment()), directory / "postgres.log", _silent)
    await child.start()
    try:
        await server.ensure_database()
        await migrate(server.url)
        yield server.url
    finally:
        await child.stop()


@asynccontextmanager
async def temporal(directory: Path, *extra: str) -> AsyncIterator[str]:
    """A Temporal dev server as `make run` runs it, without the Web UI; gives its address."""
    port = free_port()
    command = temporal_command(find_binary(Settings.read({})), port, directory / "temporal.db", ui_port=None)

    async def ready() -> bool:
        # It listens a moment before it answers.
        if not await listening(port):
            return False
        try:
            await connect(f"127.0.0.1:{port}", "default")
        except RuntimeError:
            return False
        return True

    spec = Spec(name="Temporal", command=[*command, *extra], environment=environment(GOGC="300"), ready=ready)
    child = Child(spec, directory / "temporal.log", _silent)
    await child.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await child.stop()


def temporal_cli(address: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the official CLI against a server, as an operator would."""
    binary = find_binary(Settings.read({}))
    command = [binary, *arguments, "--address", address]
    return subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
