"""PostgreSQL, Temporal or both are put back to a copy after which payments went on: nothing is charged twice, or lost.

The gateway's book is never put back: it is the truth.
"""

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import patient
from tests.support.fleet import APIS, SECRET, WORKERS, Fleet, fleet
from tests.support.servers import temporal_cli

RETURN = {"return_url": "https://shop.example"}
CARD = {"amount": 2_000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True, **RETURN}
HOLD = {**CARD, "capture_method": "manual"}
TEMPORAL = ("temporal.db", "temporal.db-wal", "temporal.db-shm")
BOTH = ("postgres", *TEMPORAL)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Fleet]:
    with fleet(tmp_path) as made:
        made.start_servers()
        made.start_all()
        yield made


def ended(stack: Fleet) -> None:
    for name in (*APIS, *WORKERS, "temporal", "postgres"):
        stack.stop(name)


def begun(stack: Fleet) -> None:
    stack.start_postgres()
    stack.start_temporal()
    stack.start_all()


def copied(source: Path, target: Path, names: tuple[str, ...]) -> None:
    """As they are, owners and all."""
    for name in names:
        gone = target / name
        if gone.is_dir():
            shutil.rmtree(gone)
        else:
            gone.unlink(missing_ok=True)
        if (source / name).exists():
            subprocess.run(["cp", "-a", str(source / name), str(target / name)], check=True)


def swept(stack: Fleet) -> None:
    """A sweep comes to its end, as one does every minute."""
    address = stack.environment["TEMPORAL_ADDRESS"]
    query = 'WorkflowType = "Housekeeping" AND ExecutionStatus = "Completed" AND WorkflowId STARTS_WITH "sweep-2"'

    def count() -> str:
        return temporal_cli(address, "workflow", "count", "-q", query).stdout

    before = count()
    assert temporal_cli(address, "schedule", "trigger", "--schedule-id", "sweep").returncode == 0
    stack.wait_for(lambda: count() != before)


def entries(stack: Fleet) -> list[dict[str, Any]]:
    book = patient.get(f"http://127.0.0.1:{stack.ports['simulator']}/_ledger").json()
    return list(book["entries"])


def moved(stack: Fleet, made: dict[str, str]) -> dict[str, str]:
    """What happens after the copy."""
    client: Any = stack.client()
    intents = client.v1.payment_intents
    assert intents.capture(made["captured"], {"amount_to_capture": 1_500}).amount_received == 1_500
    intents.cancel(made["canceled"])
    client.v1.refunds.create({"payment_intent": made["refunded"], "amount": 100})
    intents.confirm(made["confirmed"], {"payment_method": "pm_card_mastercard", **RETURN})
    return {"new": intents.create(CARD).id, "held": intents.create(HOLD).id}


STATUSES = {"captured": "succeeded", "canceled": "canceled", "refunded": "succeeded", "confirmed": "succeeded",
            "new": "succeeded", "held": "requires_capture"}  # fmt: skip


@pytest.mark.parametrize(
    "put_back", [("postgres",), TEMPORAL, ("postgres", *TEMPORAL)], ids=["records", "engine", "both"]
)
def test_what_a_copy_has_forgotten_is_found_again(stack: Fleet, tmp_path: Path, put_back: tuple[str, ...]) -> None:
    client: Any = stack.client()
    intents = client.v1.payment_intents
    made = {
        "captured": intents.create(HOLD).id,
        "canceled": intents.create(HOLD).id,
        "refunded": intents.create(CARD).id,
        "confirmed": intents.create({"amount": 700, "currency": "usd"}).id,
    }
    swept(stack)
    ended(stack)
    copy = tmp_path / "copy"
    copy.mkdir()
    copied(stack.directory, copy, put_back)
    begun(stack)
    made |= moved(stack, made)
    swept(stack)
    ended(stack)
    truth = entries(stack)
    copied(copy, stack.directory, put_back)
    if put_back == BOTH:
        # Both are of one moment: nothing but the gateway knows that there was a later one.
        stack.start_postgres()
        assert stack.perdure("rebuild", "--begin").returncode == 0
        stack.start_temporal()
        stack.start_all()
    else:
        begun(stack)
    began = time.monotonic()
    if "postgres" in put_back:
        refused = patient.post(f"{stack.url}/v1/payment_intents/{made['captured']}/capture", auth=(SECRET, ""))
        assert refused.status_code == 503
        assert "restored from a copy" in refused.json()["error"]["message"]
        assert refused.headers["stripe-should-retry"] == "true"
        health = patient.get(f"{stack.url}/health").json()["parts"]["restore"]
        assert "perdure rebuild" in health["reason"]
        assert intents.retrieve(made["captured"]).id, "what can be read is read"
    rebuilt = stack.perdure("rebuild")
    print(f"{put_back[0]}: ready after {time.monotonic() - began:.0f} s\n{rebuilt.stdout}")  # noqa: T201
    assert rebuilt.returncode == 0, rebuilt.stdout + rebuilt.stderr
    assert entries(stack) == truth, "nothing was asked of the gateway again"
    stack.wait_for(lambda: "restore" not in failing(stack))
    found = {name: intents.retrieve(id_) for name, id_ in made.items()}
    assert {name: intent.status for name, intent in found.items()} == STATUSES
    assert found["captured"].amount_received == 1_500
    assert client.v1.charges.retrieve(found["refunded"].latest_charge).amount_refunded == 100
    assert intents.capture(made["held"]).status == "succeeded"
    client.v1.refunds.create({"payment_intent": made["new"]})
    reconciled = stack.perdure("reconcile")
    assert reconciled.returncode == 0, reconciled.stdout
    charges = [entry["charge"] for entry in entries(stack) if entry["operation"] == "authorize"]
    assert len(charges) == len(set(charges)) == len(made)
    again = stack.perdure("rebuild")
    assert again.returncode == 0
    assert "There was nothing to rebuild." in again.stdout


def failing(stack: Fleet) -> list[str]:
    parts = patient.get(f"{stack.url}/health").json()["parts"]
    return [name for name, part in parts.items() if part["status"] != "ok"]
