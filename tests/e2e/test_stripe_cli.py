"""Stripe's own command line (1.52.0), pointed here: its triggers, fixtures, and events sent again."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import SECRET, Running
from tests.e2e.test_every_method import NODE
from tests.support.receivers import wait_until

CLI = NODE / "node_modules" / ".bin" / "stripe"
VERSION = "2026-08-26.dahlia"
"""The newest version that takes what the fixtures of 1.52.0 say (`payment_method_types`)."""

EVENTS = [
    "payment_intent.created",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "payment_intent.requires_action",
    "payment_intent.amount_capturable_updated",
    "payment_intent.processing",
    "payment_intent.partially_funded",
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    if not CLI.exists():
        pytest.skip("Stripe's CLI is not here: npm install --no-save --prefix tests/e2e/node @stripe/cli@1.52.0")
    return tmp_path


def stripe_(running: Running, home: Path, *command: str) -> str:
    """Run it; what it says."""
    ours = {"HOME": str(home), "STRIPE_API_KEY": SECRET, "STRIPE_CLI_TELEMETRY_OPTOUT": "1"}
    done = subprocess.run(
        [str(CLI), *command, "--api-base", running.url],
        env={**os.environ, **ours},  # noqa: TID251
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def told(client: Any, type_: str) -> set[str]:
    """The newest of a type; those of payments whose clock was moved are of days to come, and stay the first."""
    return {event.id for event in client.v1.events.list({"type": type_, "limit": 100}).data}


@pytest.mark.parametrize("event", EVENTS)
def test_every_trigger_of_a_payment_makes_its_event(running: Running, home: Path, event: str) -> None:
    client = running.client()
    before = told(client, event)
    assert "Trigger succeeded!" in stripe_(running, home, "trigger", event, "--api-version", VERSION)
    wait_until(lambda: bool(told(client, event) - before), "its event", 20)


def test_fixtures_are_carried_out_and_an_event_is_sent_again(running: Running, home: Path) -> None:
    params = {"amount": 2_000, "currency": "usd", "customer": "${customer:id}", "payment_method": "pm_card_visa",
              "confirm": True, "return_url": "https://shop.example", "metadata": {"of": "the fixture"}}  # fmt: skip
    fixtures = [
        {"name": "customer", "path": "/v1/customers", "method": "post", "params": {"email": "jenny@example.com"}},
        {"name": "paid", "path": "/v1/payment_intents", "method": "post", "params": params},
        {"name": "back", "path": "/v1/refunds", "method": "post", "params": {"payment_intent": "${paid:id}"}},
    ]
    path = home / "fixture.json"
    path.write_text(json.dumps({"_meta": {"template_version": 0}, "fixtures": fixtures}))
    stripe_(running, home, "fixtures", str(path))
    client = running.client()
    refund = client.v1.refunds.list({"limit": 1, "expand": ["data.payment_intent"]}).data[0]
    assert (refund.amount, refund.payment_intent.metadata["of"]) == (2_000, "the fixture")
    event = next(iter(told(client, "refund.created")))
    assert json.loads(stripe_(running, home, "events", "resend", event))["id"] == event
