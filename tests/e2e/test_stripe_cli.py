"""Stripe's own command line (1.52.0), pointed here: listening, requests, triggers, fixtures, and events sent again."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.e2e.conftest import SECRET, Running
from tests.e2e.test_every_method import NODE
from tests.support.receivers import Receiver, receiving, wait_until

CLI = NODE / "node_modules" / "@stripe" / "cli-linux-x64" / "bin" / "stripe"
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
        pytest.skip("Stripe's CLI is not here: `make test` installs it with npm, on Linux x86-64")
    return tmp_path


def surroundings(home: Path) -> dict[str, str]:
    ours = {"HOME": str(home), "STRIPE_API_KEY": SECRET, "STRIPE_CLI_TELEMETRY_OPTOUT": "1"}
    return {**os.environ, **ours}  # noqa: TID251


def stripe_(running: Running, home: Path, *command: str) -> str:
    """Run it; what it says."""
    done = subprocess.run(
        [str(CLI), *command, "--api-base", running.url],
        env=surroundings(home),
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Window:
    """One that runs until it is ended, and what it says."""

    def __init__(self, output: Path) -> None:
        self._output = output

    @property
    def said(self) -> str:
        return self._output.read_text()

    def waits_for(self, text: str) -> None:
        wait_until(lambda: text in self.said, f"{text!r} in {self.said}")


@contextmanager
def window(running: Running, home: Path, *command: str) -> Iterator[Window]:
    """Have it run until the end of the block."""
    output = home / f"{command[0]}-{len(list(home.iterdir()))}"
    with output.open("w") as out:
        process = subprocess.Popen(
            [str(CLI), *command, "--api-base", running.url],
            env=surroundings(home), stdin=subprocess.DEVNULL, stdout=out, stderr=out,
        )  # fmt: skip
    try:
        shown = Window(output)
        shown.waits_for("Ready!")
        yield shown
    finally:
        process.terminate()
        process.wait(90)


def told(client: Any, type_: str) -> set[str]:
    """The newest of a type; those of payments whose clock was moved are of days to come, and stay the first."""
    return {event.id for event in client.v1.events.list({"type": type_, "limit": 100}).data}


@pytest.mark.parametrize("event", EVENTS)
def test_every_trigger_of_a_payment_makes_its_event(running: Running, home: Path, event: str) -> None:
    client = running.client()
    before = told(client, event)
    assert "Trigger succeeded!" in stripe_(running, home, "trigger", event, "--api-version", VERSION)
    wait_until(lambda: bool(told(client, event) - before), "its event")


@pytest.mark.parametrize("event", ["charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed"])
def test_and_so_does_every_trigger_of_a_dispute(running: Running, home: Path, event: str) -> None:
    """They ask for the dispute once, as soon as the payment is made; on a busy machine its bank may be later."""
    client = running.client()
    before = told(client, event)

    def made() -> bool:
        command = [str(CLI), "trigger", event, "--api-version", VERSION, "--api-base", running.url]
        done = subprocess.run(command, env=surroundings(home), capture_output=True, text=True, timeout=240)
        return "Trigger succeeded!" in done.stdout

    wait_until(made, "the trigger to find the dispute")
    wait_until(lambda: bool(told(client, event) - before), "its event")


def test_a_platform_listens_to_its_accounts(running: Running, home: Path) -> None:
    secret = stripe_(running, home, "listen", "--print-secret").strip()
    client, wanted = running.client(), "payment_intent.created"
    account = client.v1.accounts.create({"type": "express"}).id
    with receiving(Receiver(secrets=[secret])) as own, receiving(Receiver(secrets=[secret])) as connect:
        to = ("--forward-to", own.url, "--forward-connect-to", connect.url)
        with window(running, home, "listen", "--events", wanted, *to):
            mine = client.v1.payment_intents.create({"amount": 700, "currency": "usd"})
            theirs = client.v1.payment_intents.create({"amount": 700, "currency": "usd"}, {"stripe_account": account})
            # Each is told at least once, and may be told twice.
            wait_until(
                lambda: set(own.types(mine.id)) == set(connect.types(theirs.id)) == {wanted}, "each where it belongs"
            )
            assert {event["account"] for event in connect.events} == {account}
            assert own.types(theirs.id) == []
            before = len(connect.events)
            stripe_(running, home, "events", "resend", connect.events[0]["id"], "--account", account)
            wait_until(lambda: len(connect.events) > before, "it again")
            assert own.refused == connect.refused == []


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


def test_it_listens_and_forwards_and_events_sent_again_arrive(running: Running, home: Path) -> None:
    secret = stripe_(running, home, "listen", "--print-secret").strip()
    client, wanted = running.client(), ["payment_intent.created", "payment_intent.canceled"]
    with receiving(Receiver(secrets=[secret])) as shop:
        forwarding = ("--events", ",".join(wanted), "--forward-to", shop.url)
        with (
            window(running, home, "listen", *forwarding) as usual,
            window(running, home, "listen", "--latest") as latest,
        ):
            assert secret in usual.said
            intent = client.v1.payment_intents.create({"amount": 700, "currency": "usd"})
            client.v1.payment_intents.cancel(intent.id)
            latest.waits_for("payment_intent.canceled")
            wait_until(lambda: set(shop.types(intent.id)) == set(wanted), "both events")
            events = [event["id"] for event in shop.events]
            for event in events:
                usual.waits_for(f"[200] POST {shop.url} [{event}]")
            stripe_(running, home, "events", "resend", events[0])
            wait_until(
                lambda: [event["id"] for event in shop.events].count(events[0]) > events.count(events[0]),
                "one of them again",
            )
            assert shop.refused == []


def test_it_follows_requests(running: Running, home: Path) -> None:
    client = running.client()
    with window(running, home, "logs", "tail", "--filter-request-status", "FAILED", "--format", "JSON") as shown:
        client.v1.customers.create({})
        with pytest.raises(stripe.InvalidRequestError) as refused:
            client.v1.payment_intents.create({"amount": 1, "currency": "usd"})
        shown.waits_for(str(refused.value.request_id))
        (line,) = [line for line in re.sub(r"\x1b\[[0-9;]*m", "", shown.said).splitlines() if '"request_id"' in line]
        told = json.loads(line)
        assert (told["status"], told["method"], told["url"]) == (400, "POST", "/v1/payment_intents")
        assert told["error"]["code"] == "amount_too_small"
