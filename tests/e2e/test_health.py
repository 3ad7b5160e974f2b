"""Probes, a worker's end and secrets on the real stack, while parts are frozen: SIGSTOP, as when a machine pauses."""

import contextlib
import signal
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.conftest import Running
from tests.e2e.storm.parts import Parts
from tests.e2e.test_rolling_restart import Second, workers
from tests.support import patient
from worker import DRAIN_SECONDS_MAX

NAMES = {"worker": "workers", "simulator": "gateway", "temporal": "engine", "postgres": "records"}
PROMISED_SECONDS = 2
GRACE_SECONDS = 30
"""What Compose gives a worker before it kills it (deploy/compose.yaml)."""

MACHINE_SECONDS = 60
"""What is added here for a machine that has more to do."""


def reasons(running: Running) -> dict[str, str]:
    """Parts that are not well, asked as a probe does: with a deadline."""
    answer = httpx.get(f"{running.url}/health", timeout=PROMISED_SECONDS)
    assert answer.status_code in (200, 503)
    parts: dict[str, Any] = answer.json()["parts"]
    return {name: part["reason"] for name, part in parts.items() if part["status"] != "ok"}


def named(running: Running, part: str) -> bool:
    with contextlib.suppress(httpx.TimeoutException):
        return bool(reasons(running).get(NAMES[part]))
    return False


def well(running: Running) -> bool:
    with contextlib.suppress(httpx.TimeoutException):
        return not reasons(running)
    return False


def in_time(url: str) -> bool:
    """Whether it was answered within what is promised. The machine has more to do: once will do, as what waits for the
    part that is frozen never is."""
    with contextlib.suppress(httpx.TimeoutException):
        answer = httpx.get(url, timeout=PROMISED_SECONDS)
        assert answer.status_code == 200, (url, answer.text)
        return True
    return False


def test_whatever_is_frozen_is_named_in_time_and_no_api_leaves_its_balancer(fresh: Running) -> None:
    fresh.start()
    parts = Parts(fresh)
    for part in NAMES:
        with parts.frozen(part):
            fresh.wait_for(lambda part=part: named(fresh, part))
            for path in ("/healthz", "/readyz", "/metrics"):
                fresh.wait_for(lambda path=path: in_time(fresh.url + path))
        fresh.wait_for(lambda: well(fresh))
    assert '"event": "part not well"' in (fresh.directory / "data" / "logs" / "api.log").read_text()


def test_a_worker_that_is_told_to_stop_while_temporal_is_frozen_is_gone_within_its_grace(fresh: Running) -> None:
    fresh.start()
    second = Second(fresh)
    second.start("worker")
    try:
        fresh.wait_for(lambda: workers(fresh) == 2)
        with Parts(fresh).frozen("temporal"):
            second.processes["worker"].send_signal(signal.SIGTERM)
            assert DRAIN_SECONDS_MAX <= GRACE_SECONDS / 2
            assert second.processes["worker"].wait(GRACE_SECONDS + MACHINE_SECONDS) == 0
    finally:
        if second.processes["worker"].poll() is None:
            second.processes["worker"].kill()


def _files(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


def test_no_log_has_a_secret_and_no_store_has_a_key(fresh: Running) -> None:
    key = "sk_test_canary_of_the_whole_stack"
    fresh.start(PERDURE_SECRET_KEY=key, PERDURE_LOG_LEVEL="debug")
    auth = {"Authorization": f"Bearer {key}"}
    form = {
        "amount": 1099,
        "currency": "usd",
        "payment_method": "pm_card_visa",
        "confirm": "true",
        "allowed_payment_method_types[]": "card",
    }
    made = patient.post(f"{fresh.url}/v1/payment_intents", data=form, headers=auth).json()
    assert made["status"] == "succeeded"
    query = {"client_secret": made["client_secret"], "key": "pk_test_perdure"}
    shown = patient.get(f"{fresh.url}/v1/payment_intents/{made['id']}", params=query)
    assert shown.json()["status"] == "succeeded"
    with Parts(fresh).frozen("temporal"):
        away = patient.post(f"{fresh.url}/v1/payment_intents", data=form, headers=auth)
        assert away.status_code == 503
    assert fresh.stop() == 0
    logs = [*_files(fresh.directory / "data" / "logs"), fresh.output]
    api = (fresh.directory / "data" / "logs" / "api.log").read_text()
    assert made["id"] in api, "each request is a line with debug"
    assert '"event": "no answer"' in api
    for secret in (key, made["client_secret"], "pk_test_perdure"):
        assert [str(log) for log in logs if log != fresh.output and secret in log.read_text(errors="replace")] == []
    assert [str(path) for path in _files(fresh.directory / "data") if key.encode() in path.read_bytes()] == []
