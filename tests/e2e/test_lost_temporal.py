"""Temporal's database is lost, or put back to an older copy: payments of every kind finish by themselves."""

import json
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

from tests.e2e.conftest import SECRET, Running
from tests.e2e.test_command_line import perdure
from tests.e2e.test_families import confirmed
from tests.support import patient
from tests.support.servers import temporal_cli

USD = {"amount": 1099, "currency": "usd"}
HOLD = {**USD, "payment_method": "pm_card_visa", "confirm": True, "capture_method": "manual"}
CHALLENGED = {
    **USD, "payment_method": "pm_card_authenticationRequired", "confirm": True, "return_url": "https://shop.example",
}  # fmt: skip

SWEPT_SECONDS_MAX = 400
"""Half a minute until a change counts as forgotten, a minute to the next sweep, and the machine may be busy."""


def payments(run: Running) -> dict[str, Any]:
    """One that is held, one that waits for its buyer, one for its bank, one for the gateway, and one for nobody."""
    sdk = run.client()
    made = {
        "idle": sdk.v1.payment_intents.create(USD),
        "held": sdk.v1.payment_intents.create(HOLD),
        "challenged": sdk.v1.payment_intents.create(CHALLENGED),
    }
    captured = sdk.v1.payment_intents.create(HOLD)
    run.faults(outage=True, operations=["capture"], news=["late"])
    made["unknown"] = sdk.v1.payment_intents.capture(captured.id)
    made["debited"] = confirmed(sdk, "sepa_debit")
    statuses = ["requires_payment_method", "requires_capture", "requires_action", "processing", "processing"]
    assert [intent.status for intent in made.values()] == statuses
    return made


def temporal(run: Running, *arguments: str) -> Any:
    done = temporal_cli(f"127.0.0.1:{run.port('TEMPORAL')}", *arguments, "-o", "json")
    return json.loads(done.stdout) if done.returncode == 0 and done.stdout.strip() else None


def running(run: Running, intent: Any) -> bool:
    described = temporal(run, "workflow", "describe", "-w", intent.id)
    return bool(described) and described["workflowExecutionInfo"]["status"] == "WORKFLOW_EXECUTION_STATUS_RUNNING"


def finish(run: Running, made: dict[str, Any]) -> None:
    """What the world does, and nobody but the world; then how it must end."""
    sdk = run.client()

    def status(name: str) -> str:
        return str(sdk.v1.payment_intents.retrieve(made[name].id).status)

    url = made["challenged"].next_action.redirect_to_url.url
    patient.post(url, json={"authenticated": True}).raise_for_status()
    run.wait_for(lambda: status("challenged") == "succeeded")
    for name in ("unknown", "debited"):
        run.wait_for(lambda name=name: status(name) == "succeeded", SWEPT_SECONDS_MAX)
    run.wait_for(lambda: running(run, made["held"]), SWEPT_SECONDS_MAX)
    forward = f"{run.url}/v1/test_helpers/payment_intents/{made['held'].id}/fast_forward"
    gone = httpx.post(forward, data={"seconds": 8 * 86_400}, auth=(SECRET, ""), timeout=90).json()
    assert (gone["status"], gone["amount_capturable"]) == ("canceled", 0)
    assert [entry["operation"] for entry in run.entries(gone["latest_charge"])] == ["authorize", "void"]
    for name in ("challenged", "unknown"):
        charge = sdk.v1.payment_intents.retrieve(made[name].id).latest_charge
        assert [entry["operation"] for entry in run.entries(charge)] == ["authorize", "capture"]
    assert sdk.v1.payment_intents.confirm(made["idle"].id, {"payment_method": "pm_card_visa"}).status == "succeeded"


def agree(run: Running) -> None:
    reconciled = perdure(run, "reconcile")
    assert reconciled.returncode == 0, reconciled.stdout


def lose(database: Path) -> None:
    for path in database.parent.glob("temporal.db*"):
        path.unlink()


def test_the_database_is_lost(fresh: Running) -> None:
    fresh.start()
    made = payments(fresh)
    assert fresh.stop() == 0
    lose(fresh.directory / "data" / "temporal.db")
    fresh.start()
    assert not running(fresh, made["idle"]), "it may wait for its merchant without a workflow"
    finish(fresh, made)
    agree(fresh)
    assert {each["scheduleId"] for each in temporal(fresh, "schedule", "list")} >= {"sweep", "sweep-all"}


def test_the_database_is_put_back_to_an_older_copy(fresh: Running) -> None:
    fresh.start()
    sdk = fresh.client()
    before = [sdk.v1.payment_intents.create(HOLD) for _ in range(2)]
    swept(fresh, "sweep")
    assert fresh.stop() == 0
    copy, data = fresh.directory / "copy", fresh.directory / "data"
    copy.mkdir()
    for path in data.glob("temporal.db*"):
        shutil.copy2(path, copy)
    fresh.start()
    captured = sdk.v1.payment_intents.capture(before[0].id)
    made = payments(fresh)
    assert fresh.stop() == 0
    lose(data / "temporal.db")
    for path in copy.iterdir():
        shutil.copy2(path, data)
    fresh.start()
    finish(fresh, made)
    assert sdk.v1.payment_intents.retrieve(captured.id).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError):
        sdk.v1.payment_intents.cancel(captured.id)
    # It runs, as the copy has it, unless the hour was just over.
    swept(fresh, "sweep-all")
    fresh.wait_for(lambda: not running(fresh, captured), SWEPT_SECONDS_MAX)
    assert running(fresh, before[1])
    assert [entry["operation"] for entry in fresh.entries(captured.latest_charge)] == ["authorize", "capture"]
    agree(fresh)


def swept(run: Running, schedule: str) -> None:
    """Trigger a sweep, as an operator would, and wait for its end."""
    since = sweeps(run, schedule)
    done = temporal_cli(f"127.0.0.1:{run.port('TEMPORAL')}", "schedule", "trigger", "--schedule-id", schedule)
    assert done.returncode == 0, done.stderr
    run.wait_for(lambda: sweeps(run, schedule) > since)


def sweeps(run: Running, schedule: str) -> int:
    query = f'WorkflowType = "Housekeeping" AND ExecutionStatus = "Completed" AND WorkflowId STARTS_WITH "{schedule}-2"'
    return int(temporal(run, "workflow", "count", "-q", query).get("count", 0))  # A zero is left out.
