"""A pytest plugin for other people's tests: a payment engine on free ports, and an account of its own for each test.

Needs nothing but Python and a checkout of Perdure in which `make install` was run; it may be in any environment:

    PYTHONPATH=/path/to/perdure/testing pytest -p perdure_pytest

One engine is started when a test first asks for it, and stopped with the run. With TEST_PERDURE_URL, TEST_PERDURE_KEY
and TEST_PERDURE_SIMULATOR, the one that runs there is used instead: a container's, or that of all workers of a run.
"""

import base64
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
START_SECONDS_MAX = 180
KEY = "sk_test_perdure"


class Refused(Exception):
    """The engine answered with an error: its `status`, and Stripe's `error` hash."""

    def __init__(self, status: int, error: dict[str, Any]) -> None:
        """What it said."""
        super().__init__(f"{status}: {error.get('message')}")
        self.status, self.error = status, error


@dataclass(frozen=True)
class Engine:
    """Where an engine is reached, and by which key accounts are made."""

    url: str
    simulator: str
    key: str = KEY


@dataclass
class Account:
    """One test's account: `secret_key` and `publishable_key` for any of Stripe's libraries, pointed at `url`."""

    engine: Engine
    id: str
    secret_key: str
    publishable_key: str
    spoiled: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The base URL for Stripe's libraries."""
        return self.engine.url

    def get(self, path: str, **query: Any) -> Any:
        """GET `path`."""
        return call("GET", f"{self.url}{path}?{form(query)}", self.secret_key)

    def post(self, path: str, **parameters: Any) -> Any:
        """POST `path`; nested parameters are dicts and lists. Raises `Refused`."""
        return call("POST", f"{self.url}{path}", self.secret_key, form(parameters).encode())

    def wait_for(self, type_: str, object_id: str | None = None, seconds: float = 30) -> Any:
        """The newest event of a type (about an object), once it is there."""
        until = time.monotonic() + seconds
        while True:
            for event in self.get("/v1/events", type=type_, limit=100)["data"]:
                if object_id in (None, event["data"]["object"]["id"]):
                    return event
            if time.monotonic() > until:
                raise AssertionError(f"no {type_} of {object_id or 'anything'} within {seconds} s")
            time.sleep(0.05)

    def fast_forward(self, payment_intent: str, seconds: int) -> Any:
        """Move one payment's clock; every timer that comes due fires, in order."""
        return self.post(f"/v1/test_helpers/payment_intents/{payment_intent}/fast_forward", seconds=seconds)

    def spoil(self, payment_intent: str, **faults: Any) -> None:
        """Let the gateway misbehave towards one payment, by a seed if it rolls dice; healed at the end of the test.

        `latency_ms=3000`, `outage=True`, `drop="after"` (it is done, and the answer is lost), `error_rate=0.5, seed=7`,
        `count=2` (twice, then never again), `operations=["capture"]`.
        """
        self.spoiled.append(payment_intent)
        body = json.dumps({**faults, "payments": [payment_intent]}).encode()
        call("POST", f"{self.engine.simulator}/_faults", "", body, "application/json")

    def heal(self) -> None:
        """Everything that was spoiled."""
        while self.spoiled:
            call("DELETE", f"{self.engine.simulator}/_faults?payment={self.spoiled.pop()}", "")


def call(
    method: str, url: str, key: str, body: bytes | None = None, kind: str = "application/x-www-form-urlencoded"
) -> Any:
    """One request; its answer as JSON."""
    headers = {"Authorization": f"Basic {base64.b64encode(f'{key}:'.encode()).decode()}", "Content-Type": kind}
    request = urllib.request.Request(url, body, headers if key else {"Content-Type": kind}, method=method)
    try:
        with OPENER.open(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        with error:
            raise Refused(error.code, json.loads(error.read()).get("error", {})) from None


OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""An engine for tests is on this machine, whatever proxy there is."""


def form(parameters: dict[str, Any]) -> str:
    """Parameters as Stripe's forms have them: `metadata[order]=1&expand[0]=customer`."""

    def flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
        items = (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else None
        )
        if items is None:
            yield name, str(value).lower() if isinstance(value, bool) else str(value)
            return
        for key, each in items:
            yield from flat(f"{name}[{key}]", each)

    return urllib.parse.urlencode([pair for name, value in parameters.items() for pair in flat(name, value)])


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def started(directory: Path) -> tuple[Engine, "subprocess.Popen[bytes]"]:
    """An engine of one's own, ready to take payments."""
    api, temporal, ui, simulator = free_ports(4)
    ports = {"API": api, "TEMPORAL": temporal, "TEMPORAL_UI": ui, "SIMULATOR": simulator}
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PERDURE_", "PYTHON"))}
    environment |= {f"PERDURE_{name}_PORT": str(port) for name, port in ports.items()}
    environment |= {"PERDURE_DATA_DIR": str(directory), "PERDURE_SECRET_KEY": KEY}
    python = CHECKOUT / ".venv" / "bin" / "python"
    log = directory / "engine.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(python), "-m", "embedded"], cwd=CHECKOUT, env=environment, stdout=output, stderr=output
        )
    until = time.monotonic() + START_SECONDS_MAX
    while b"Perdure is ready" not in log.read_bytes():
        if process.poll() is not None or time.monotonic() > until:
            process.kill()
            raise RuntimeError(f"the engine did not start:\n{log.read_text()}")
        time.sleep(0.1)
    return Engine(f"http://127.0.0.1:{api}", f"http://127.0.0.1:{simulator}"), process


@pytest.fixture(scope="session")
def perdure_engine() -> Iterator[Engine]:
    """The engine of this run."""
    if url := os.environ.get("TEST_PERDURE_URL"):
        simulator = os.environ.get("TEST_PERDURE_SIMULATOR", "http://127.0.0.1:8010")
        yield Engine(url.rstrip("/"), simulator.rstrip("/"), os.environ.get("TEST_PERDURE_KEY", KEY))
        return
    with tempfile.TemporaryDirectory(prefix="perdure-", ignore_cleanup_errors=True) as directory:
        engine, process = started(Path(directory))
        try:
            yield engine
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


@pytest.fixture
def perdure(perdure_engine: Engine) -> Iterator[Account]:
    """An account of this test's own, with nothing in it."""
    made = call("POST", f"{perdure_engine.url}/v1/test_helpers/accounts", perdure_engine.key, b"")
    account = Account(perdure_engine, made["id"], made["secret_key"], made["publishable_key"])
    yield account
    account.heal()
