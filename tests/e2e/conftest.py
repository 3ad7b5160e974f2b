"""`make run`'s own program as a subprocess, on free ports, in a directory of its own; and the official SDK."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import stripe

from contracts.api_versions import LATEST
from embedded.ports import free_port
from settings import ROOT, known_names
from tests.fidelity.response_types import faults
from tests.support import patient
from tests.support.cards import with_cards

SECRET, PUBLISHABLE = "sk_test_perdure", "pk_test_perdure"
START_SECONDS_MAX = 360
"""For all parts; the engine waits 180 s for each."""
STOP_SECONDS_MAX = 180


def _is_of_tests(name: str) -> bool:
    return name.startswith("PERDURE_") and name not in known_names()


class CheckedClient(stripe.RequestsClient):
    """The SDK's own HTTP client, of a shop that takes cards; what passes through it must be as Stripe's types say."""

    def request(self, method: str, url: str, headers: Any, post_data: Any = None, **more: Any) -> Any:
        sent = with_cards(url, post_data or "") if method == "post" else post_data
        try:
            body, status, answered = super().request(method, url, headers, sent, **more)
        except stripe.APIConnectionError as error:
            # The SDK repeats what was never answered, and not what was cut off in mid-answer; a shop does both.
            error.should_retry = True
            raise
        if headers.get("Stripe-Version", LATEST) != LATEST:
            return body, status, answered
        publishable = str(headers.get("Authorization", "")).startswith("Bearer pk_")
        assert faults(json.loads(body), partial=publishable) == [], f"{method} {url}"
        return body, status, answered


@dataclass
class Running:
    """One `python -m embedded`."""

    directory: Path
    environment: dict[str, str]
    process: subprocess.Popen[str] | None = None
    output: Path = field(default=Path())

    @classmethod
    def prepare(cls, directory: Path) -> "Running":
        names = ("API", "TEMPORAL", "TEMPORAL_UI", "SIMULATOR")
        ports = {f"PERDURE_{name}_PORT": str(free_port()) for name in names}
        # Without what only tests read: those are no settings, and would be refused as mistyped.
        ours = {name: value for name, value in os.environ.items() if not _is_of_tests(name)}  # noqa: TID251
        environment = {**ours, **ports, "PERDURE_DATA_DIR": str(directory / "data")}
        return cls(directory, environment, output=directory / "output")

    def port(self, name: str) -> int:
        return int(self.environment[f"PERDURE_{name}_PORT"])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port('API')}"

    @property
    def simulator(self) -> str:
        return f"http://127.0.0.1:{self.port('SIMULATOR')}"

    @property
    def said(self) -> str:
        return self.output.read_text()

    def start(self, *, wait: bool = True, **more: str) -> None:
        banners = self.said.count("Perdure is ready") if self.output.exists() else 0
        with self.output.open("a") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "embedded"],
                cwd=ROOT,
                env={**self.environment, **more},
                stdout=output,
                stderr=output,
                text=True,
            )
        if wait:
            process = self.process
            self.wait_for(lambda: self.said.count("Perdure is ready") > banners or process.poll() is not None)
            assert process.poll() is None, self.said

    def ready(self) -> bool:
        try:
            return all(httpx.get(f"{self.url}{path}", timeout=15).is_success for path in ("/readyz", "/health"))
        except httpx.HTTPError:
            return False

    def wait_for(self, condition: Any, seconds: float = START_SECONDS_MAX) -> None:
        """Poll: the condition is in other processes, and nothing would wake us."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"waited {seconds} s in vain\n{self.said}"
            time.sleep(0.05)

    def children(self) -> dict[str, psutil.Process]:
        """The direct children, by what they are."""
        assert self.process is not None
        names = {"postgres": "postgres", "start-dev": "temporal", "simulator": "simulator", "worker.py": "worker",
                 "api": "api", "simulator.adyen": "adyen"}  # fmt: skip
        found = {}
        for child in psutil.Process(self.process.pid).children():
            try:
                line = child.cmdline()
            except psutil.Error:
                continue  # it is ending
            for part, name in names.items():
                if any(argument.endswith(part) for argument in line):
                    found[name] = child
        return found

    def stop(self) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.kill_all()
            raise

    def kill_all(self) -> None:
        """Everything at once, as a power cut for processes would."""
        assert self.process is not None
        family = [psutil.Process(self.process.pid)]
        family += family[0].children(recursive=True)
        for act in (psutil.Process.suspend, psutil.Process.kill):
            for member in family:
                # A backend of PostgreSQL's may end by itself meanwhile.
                with contextlib.suppress(psutil.NoSuchProcess):
                    act(member)
        self.process.wait(60)

    def client(self, **options: Any) -> Any:
        """The official SDK, pointed here; every answer is held to its types, too.

        Any, because its TypedDicts refuse the tests' plain dicts.
        """
        options = {"api_key": SECRET, "http_client": CheckedClient(), **options}
        return stripe.StripeClient(base_addresses={"api": self.url, "files": self.url}, **options)

    def entries(self, charge: str | None = None) -> list[dict[str, Any]]:
        """The simulator's book."""
        query = {"charge": charge} if charge else {}
        book: dict[str, Any] = patient.get(f"{self.simulator}/_ledger", params=query).json()
        return list(book["entries"])

    def faults(self, **faults: Any) -> None:
        patient.post(f"{self.simulator}/_faults", json=faults).raise_for_status()


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One for the whole run; tests that break things start their own."""
    run = Running.prepare(tmp_path_factory.mktemp("run"))
    run.start()
    yield run
    assert run.stop() == 0, run.said


@pytest.fixture(scope="session")
def ending() -> Iterator[list[Running]]:
    """Those that were told to end while the next test has begun."""
    told: list[Running] = []
    yield told
    with contextlib.ExitStack() as stopping:
        # Each of them, whatever becomes of the others.
        for run in told:
            stopping.callback(run.stop)


@pytest.fixture
def fresh(tmp_path: Path, ending: list[Running]) -> Iterator[Running]:
    """One of one's own, not started yet; nobody waits for its end."""
    run = Running.prepare(tmp_path)
    yield run
    if run.process is not None and run.process.poll() is None:
        run.process.send_signal(signal.SIGTERM)
        ending.append(run)


@pytest.fixture
def sdk(running: Running) -> Any:
    return running.client()
