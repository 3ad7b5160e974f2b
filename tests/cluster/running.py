"""The cluster as the storm sees it: like an engine of one machine, with more parts."""

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from settings import ROOT
from tests.cluster.stack import PARTS
from tests.e2e.conftest import Running
from tests.e2e.storm.parts import Parts

START_SECONDS_MAX = 240
RESTART_SECONDS_MAX = 180
"""Who is asked to end first finishes what is under way, which may wait for another part that is away."""


@dataclass
class ClusterRunning(Running):
    """One `python -m tests.cluster`."""

    def start(self, *, wait: bool = True, **more: str) -> None:
        """Start it, and wait until payments can be taken."""
        with self.output.open("a") as output:
            self.process = self._spawn(output, more)
        process = self.process
        if wait:
            self.wait_for(lambda: "Perdure is ready" in self.said or process.poll() is not None, START_SECONDS_MAX)
            assert process.poll() is None, self.said
            told = Path(self.environment["PERDURE_DATA_DIR"]) / "environment.json"
            self.environment |= json.loads(told.read_text())

    def _spawn(self, output: IO[str], more: dict[str, str]) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.cluster"]
        return subprocess.Popen(
            command, cwd=ROOT, env={**self.environment, **more}, stdout=output, stderr=output, text=True
        )

    def children(self) -> dict[str, psutil.Process]:
        """By what they were told to be."""
        assert self.process is not None
        found = {}
        for child in psutil.Process(self.process.pid).children():
            try:
                part = child.environ().get("CLUSTER_PART")
            except psutil.Error:
                continue  # it is ending
            if part:
                found[part] = child
        return found


@dataclass
class ClusterParts(Parts):
    """Every third part that is killed is asked to end instead, as in a rolling restart: Temporal's shards move."""

    names: Sequence[str] = PARTS
    patience: float = RESTART_SECONDS_MAX
    ended: int = 0

    def _end(self, process: psutil.Process) -> None:
        self.ended += 1
        process.resume()
        if self.ended % 3:
            process.kill()
        else:
            # PostgreSQL, told to terminate, waits for its clients; who restarts it cuts them off.
            process.send_signal(signal.SIGINT if process.name() == "postgres" else signal.SIGTERM)
