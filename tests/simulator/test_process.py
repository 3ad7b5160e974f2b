"""The simulator as a process of its own: whom it answers, what it keeps, and that it ends when it is told to."""

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

EVIL = {"Host": "evil.example"}


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def simulator(tmp_path: Path, port: int, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "simulator", "--port", str(port), "--ledger", str(tmp_path / "book.db")]
    with Path("/dev/full").open("w") as full:
        process = subprocess.Popen([*command, *getattr(request, "param", ())], cwd=ROOT, stderr=full)
    with process:
        end = time.monotonic() + 30
        while not _answers(port) and time.monotonic() < end and process.poll() is None:
            time.sleep(0.05)
        yield process
        process.kill()


def _answers(port: int) -> bool:
    try:
        httpx.get(f"http://127.0.0.1:{port}/_health")
    except httpx.HTTPError:
        return False
    return True


def test_on_loopback_it_answers_to_the_names_of_loopback(
    simulator: subprocess.Popen[bytes], port: int, tmp_path: Path
) -> None:
    url = f"http://127.0.0.1:{port}"
    assert httpx.post(f"{url}/_faults", json={"outage": True}, headers=EVIL).status_code == 421
    assert "--answer-to" in httpx.get(f"{url}/_ledger", headers=EVIL).json()["message"]
    assert not httpx.get(f"{url}/_faults").json()["outage"]
    assert {kept.stat().st_mode & 0o077 for kept in tmp_path.iterdir()} == {0}
    httpx.post(f"{url}/_faults", json={"latency_ms": 600_000})
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{url}/tokens", json={"reference": "pm_card_visa"}, timeout=0.5)
    simulator.send_signal(signal.SIGTERM)
    assert simulator.wait(30) in (0, -signal.SIGTERM), "whoever waits for an answer does not keep it"


@pytest.mark.parametrize("simulator", [("--answer-to", "gateway"), ("--answer-to", "*")], indirect=True)
def test_it_answers_to_the_names_that_it_is_given(simulator: subprocess.Popen[bytes], port: int) -> None:
    answer_to = str(simulator.args[-1])  # type: ignore[index]
    host = "anybody.example" if answer_to == "*" else answer_to
    assert httpx.get(f"http://127.0.0.1:{port}/_ledger", headers={"Host": host}).status_code == 200


APART = (
    "--engine",
    "http://api:8000",
    "--public-url",
    "https://bank.example",
    "--engine-public-url",
    "https://shop.example",
)


@pytest.mark.usefixtures("simulator")
@pytest.mark.parametrize(("simulator", "own", "back"), [
    (APART, "https://bank.example", "https://shop.example"),
    (APART[:2], "http://127.0.0.1", "http://api:8000"),
], indirect=["simulator"])  # fmt: skip
def test_buyers_are_sent_to_where_they_reach_it_and_the_engine(port: int, own: str, back: str) -> None:
    """In containers, the two reach each other by names that no browser knows."""
    url = f"http://127.0.0.1:{port}"
    token = httpx.post(f"{url}/tokens", json={"reference": "pm_card_authenticationRequired"}).json()["token"]
    body = {"key": "k", "charge": "ch_1", "amount": 1_000, "currency": "usd", "capture": False, "token": token}
    asked = httpx.post(f"{url}/authorizations", json=body).json()
    assert asked["url"].startswith(own)
    closed = httpx.post(f"{url}/authentications/{asked['authentication']}/result", data={"result": "close"})
    assert (closed.status_code, closed.headers["location"].startswith(f"{back}/3d_secure/return?")) == (303, True)
