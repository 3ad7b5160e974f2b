"""An API process with a port for operators, before it has anything that it needs: what is where, and that both end."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from embedded.ports import free_port
from settings import ROOT
from tests.support.servers import environment

ENDS_SECONDS_MAX = 20
STARTS_SECONDS_MAX = 60


@pytest.fixture
def ports() -> tuple[int, int]:
    return free_port(), free_port()


@pytest.fixture
def process(ports: tuple[int, int], tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    public, internal = ports
    settings = {"DATABASE_URL": "postgresql://u@127.0.0.1:1/x", "TEMPORAL_ADDRESS": "127.0.0.1:1",
                "PERDURE_INTERNAL_PORT": str(internal), "PERDURE_HOSTS": "shop.example"}  # fmt: skip
    command = [sys.executable, "-m", "api", "--port", str(public)]
    with (tmp_path / "log").open("wb") as log:
        started = subprocess.Popen(command, cwd=ROOT, env=environment(**settings), stdout=log, stderr=log)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


def get(port: int, path: str, host: str) -> httpx.Response:
    end = time.monotonic() + STARTS_SECONDS_MAX
    while True:
        try:
            return httpx.get(f"http://127.0.0.1:{port}{path}", headers={"Host": host}, timeout=60, trust_env=False)
        except httpx.ConnectError:
            assert time.monotonic() < end


def test_what_is_operators_is_on_their_port_alone(process: subprocess.Popen[bytes], ports: tuple[int, int]) -> None:
    public, internal = ports
    for path in ("/metrics", "/health", "/codec/login", "/codec/decode"):
        hidden = get(public, path, "shop.example")
        assert (hidden.status_code, hidden.json()["error"]["type"]) == (404, "invalid_request_error"), path
    # Prometheus and kubelet ask by address.
    shown = get(internal, "/metrics", f"10.0.0.7:{internal}")
    assert shown.status_code == 200
    assert "perdure_part_up" in shown.text
    parts = set(get(internal, "/health", "10.0.0.7").json()["parts"])
    assert parts == {"records", "engine", "workers", "gateway", "restore"}
    assert get(internal, "/v1/payment_intents", "10.0.0.7").status_code == 404
    for port, host in ((public, "shop.example"), (internal, "10.0.0.7")):
        assert get(port, "/healthz", host).status_code == 200
        assert get(port, "/readyz", host).status_code == 503, "it waits for what it needs"
    process.send_signal(signal.SIGTERM)
    assert process.wait(ENDS_SECONDS_MAX) in (0, -signal.SIGTERM)


@pytest.mark.usefixtures("process")
def test_a_port_that_is_taken_is_no_start(ports: tuple[int, int], process: subprocess.Popen[bytes]) -> None:
    get(ports[1], "/healthz", "any")
    settings = {"DATABASE_URL": "postgresql://u@127.0.0.1:1/x", "PERDURE_INTERNAL_PORT": str(ports[1])}
    command = [sys.executable, "-m", "api", "--port", str(free_port())]
    another = subprocess.run(
        command, cwd=ROOT, env=environment(**settings), capture_output=True, text=True, check=False, timeout=60
    )
    assert another.returncode != 0
    assert "address already in use" in another.stderr
    assert process.poll() is None
