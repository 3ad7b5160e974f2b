"""The doors of a running engine: who is let in, what it keeps from others, and that it ends when it is told to."""

import signal
import stat
import threading
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.e2e.conftest import SECRET, Running
from tests.support import patient

USD = {"amount": 1099, "currency": "usd"}
PAID = {**USD, "payment_method": "pm_card_visa", "confirm": True}


def test_ctrl_c_answers_whoever_waits_and_ends(fresh: Running) -> None:
    fresh.start()
    auth = httpx.BasicAuth(SECRET, "")
    listener = patient.post(f"{fresh.url}/v1/listeners", data={"name": "laptop"}, auth=auth).json()
    answers: list[httpx.Response] = []

    def ask() -> None:
        url = f"{fresh.url}/v1/listeners/{listener['id']}/events"
        answers.append(httpx.get(url, params={"wait_seconds": 25}, auth=auth, timeout=120))

    waiting = threading.Thread(target=ask)
    waiting.start()
    api = fresh.children()["api"]
    fresh.wait_for(lambda: _connected(api, fresh.port("API")))
    assert fresh.process is not None
    fresh.process.send_signal(signal.SIGINT)
    assert fresh.process.wait(180) == 0
    waiting.join(60)
    assert [answer.status_code for answer in answers] == [200]
    assert answers[0].json()["data"] == []
    assert "killing it" not in fresh.said


def _connected(process: psutil.Process, port: int) -> bool:
    return any(c.status == psutil.CONN_ESTABLISHED and c.laddr.port == port for c in process.net_connections("inet"))


def test_what_is_kept_is_for_its_user_alone_and_was_made_so(fresh: Running) -> None:
    data = fresh.directory / "data"
    (data / "logs").mkdir(parents=True)
    for name in ("logs/api.log", "simulator.db"):
        (data / name).touch(0o644)
        (data / name).chmod(0o644)
    data.chmod(0o755)
    fresh.start()
    fresh.client().v1.payment_intents.create(PAID)
    kept = [data, *data.rglob("*")]
    assert {"temporal.db", "temporal.db-wal", "simulator.db", "simulator.db-wal", "lock", "worker.log", "postgres"} <= {
        path.name for path in kept
    }
    assert [str(path) for path in kept if _open_to_others(path)] == []


def _open_to_others(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return False  # PostgreSQL and SQLite have files of a moment
    if stat.S_ISLNK(mode):
        return False
    # A directory may be walked through, where root runs it: PostgreSQL is another user then, and has its own inside.
    return bool(mode & (0o076 if stat.S_ISDIR(mode) else 0o077))


def test_a_full_disk_under_the_logs_changes_no_answer(fresh: Running) -> None:
    logs = fresh.directory / "data" / "logs"
    logs.mkdir(parents=True)
    for name in ("api", "worker", "simulator"):
        (logs / f"{name}.log").symlink_to("/dev/full")
    fresh.start()
    sdk = fresh.client(max_network_retries=0)
    assert sdk.v1.payment_intents.create(PAID).status == "succeeded"
    fresh.faults(outage=True)
    answer = patient.post(
        f"{fresh.url}/v1/payment_methods", data={"type": "card", "card[token]": "tok_visa"}, auth=(SECRET, "")
    )
    assert (answer.status_code, answer.json()["error"]["type"]) == (503, "api_error")
    patient.delete(f"{fresh.simulator}/_faults")
    assert sdk.v1.payment_intents.create(PAID).status == "succeeded"
    assert "died" not in fresh.said


def test_another_name_for_this_machine_opens_nothing(running: Running) -> None:
    """As a page does that has pointed its own name at 127.0.0.1: for the browser it is of our origin."""
    rebound: dict[str, Any] = {"headers": {"Host": "evil.example"}}
    for url in (f"{running.simulator}/_ledger", f"{running.simulator}/_faults", f"{running.url}/demo",
                f"{running.url}/metrics", f"{running.url}/v1/payment_intents"):  # fmt: skip
        answer = httpx.get(url, **rebound)
        assert answer.status_code == 421, url
        assert "evil.example" in answer.text
    assert httpx.post(f"{running.simulator}/_faults", json={"outage": True}, **rebound).status_code == 421
    assert not patient.get(f"{running.simulator}/_faults").json()["outage"]
    for name in (f"localhost:{running.port('API')}", "LOCALHOST", "[::1]:8000", "127.0.0.1"):
        assert patient.get(f"{running.url}/healthz", headers={"Host": name}).status_code == 200, name


def test_a_mistyped_setting_is_one_clear_line(fresh: Running) -> None:
    fresh.start(wait=False, PERDURE_LOG_LEVL="debug")
    assert fresh.process is not None
    assert fresh.process.wait(120) == 1
    assert "PERDURE_LOG_LEVL is not a setting. Did you mean PERDURE_LOG_LEVEL?" in fresh.said
