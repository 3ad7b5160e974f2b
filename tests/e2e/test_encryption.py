"""Payloads encrypted in a real Temporal, keys changed while a payment is open, and read by who has the token."""

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.conftest import Running
from tests.support import patient

FIRST, SECOND = (f"{name}:{base64.b64encode(name[0].encode() * 32).decode()}" for name in ("first", "second"))
MARK = "canary-7c1d"


def history(running: Running, id_: str, *more: str) -> str:
    command = [
        str(Path(".venv/bin/temporal")), "workflow", "show", "--workflow-id", id_, "--output", "json",
        "--address", f"127.0.0.1:{running.port('TEMPORAL')}", *more,
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=240).stdout


def test_nothing_of_a_payment_is_readable_in_temporal(fresh: Running) -> None:
    fresh.start(PERDURE_PAYLOAD_KEYS=FIRST, PERDURE_CODEC_TOKEN="the-token")
    client: Any = fresh.client()
    given = {"amount": 2_000, "currency": "usd", "metadata": {"k": MARK}, "capture_method": "manual"}
    intent = client.v1.payment_intents.create({**given, "payment_method": "pm_card_visa", "confirm": True})
    assert intent.status == "requires_capture"
    raw = history(fresh, intent.id)
    data = [payload["data"] for payload in _payloads(json.loads(raw))]
    assert data
    assert all(MARK.encode() not in base64.b64decode(item) for item in data)
    fresh.kill_all()
    kept = list(Path(fresh.environment["PERDURE_DATA_DIR"]).glob("temporal.db*"))
    assert any(intent.id.encode() in path.read_bytes() for path in kept), "it is in one of these, or its log"
    assert [path.name for path in kept if MARK.encode() in path.read_bytes()] == []
    fresh.start(PERDURE_PAYLOAD_KEYS=f"{SECOND},{FIRST}", PERDURE_CODEC_TOKEN="the-token")
    client = fresh.client()
    assert client.v1.payment_intents.capture(intent.id).status == "succeeded"
    body = {"payloads": _payloads(json.loads(raw))}
    asked = f"{fresh.url}/codec/decode"
    assert patient.post(asked, json=body).status_code == 401
    assert patient.post(asked, json=body, headers={"Authorization": "Bearer wrong"}).status_code == 401
    answer = patient.post(asked, json=body, headers={"Authorization": "Bearer the-token"})
    assert any(MARK.encode() in base64.b64decode(payload["data"]) for payload in answer.json()["payloads"])
    with httpx.Client(base_url=fresh.url, timeout=90) as browser:
        assert browser.post("/codec/login", data={"token": "wrong"}).status_code == 401
        assert browser.post("/codec/login", data={"token": "the-token"}).status_code == 303
        seen = browser.post("/codec/decode", json=body)
        assert seen.status_code == 200
        assert seen.headers["access-control-allow-origin"] == f"http://127.0.0.1:{fresh.port('TEMPORAL_UI')}"
        assert browser.post("/codec/decode", content=b"{").status_code == 400
    shown = history(fresh, intent.id, "--codec-endpoint", f"{fresh.url}/codec", "--codec-auth", "Bearer the-token")
    assert MARK in shown or any(MARK.encode() in base64.b64decode(p["data"]) for p in _payloads(json.loads(shown)))


def _payloads(found: Any) -> list[dict[str, Any]]:
    """Every payload of a history."""
    if isinstance(found, dict):
        if "data" in found and "metadata" in found:
            return [found]
        return [payload for value in found.values() for payload in _payloads(value)]
    if isinstance(found, list):
        return [payload for value in found for payload in _payloads(value)]
    return []


def test_metrics_say_what_happens(running: Running) -> None:
    client: Any = running.client()
    client.v1.payment_intents.create(
        {"amount": 700, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    )
    exported = patient.get(f"{running.url}/metrics").text
    assert 'perdure_requests_total{operation="payment_intents.create",status="200"}' in exported
    for name in ("perdure_request_seconds_bucket", "perdure_unknown_outcomes", "perdure_deliveries_oldest_seconds"):
        assert name in exported
