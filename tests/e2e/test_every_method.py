"""Every PaymentIntents method of the official SDKs, Python and Node, in this version and in older ones they may pin."""

import json
import shutil
import subprocess
import sys
from typing import Any

import pytest
import stripe

from settings import ROOT
from tests.e2e.conftest import SECRET, Running

USD = {"amount": 1099, "currency": "usd"}
VERSIONS = (None, "2025-09-30.clover", "2022-11-15")
NODE = ROOT / "tests" / "e2e" / "node"


@pytest.fixture(params=VERSIONS, ids=lambda version: version or "newest")
def intents(running: Running, request: pytest.FixtureRequest) -> Any:
    """The SDK's PaymentIntents, pinned to a version."""
    options = {"stripe_version": request.param} if request.param else {}
    return running.client(**options).v1.payment_intents


def test_the_life_of_a_payment(intents: Any) -> None:
    created = intents.create({**USD, "allowed_payment_method_types": ["card"]})
    assert intents.retrieve(created.id).status == "requires_payment_method"
    assert intents.update(created.id, {"description": "later"}).description == "later"
    paid = intents.confirm(created.id, {"payment_method": "pm_card_visa", "return_url": "https://shop.example"})
    assert paid.status == "succeeded"
    canceled = intents.cancel(intents.create(USD).id, {"cancellation_reason": "abandoned"})
    assert canceled.cancellation_reason == "abandoned"


def test_holding_money(intents: Any) -> None:
    held = intents.create(
        {
            **USD,
            "capture_method": "manual",
            "confirm": True,
            "payment_method": "pm_card_visa",
            "payment_method_options": {"card": {"request_incremental_authorization": "if_available"}},
            "amount_details": {"line_items": [{"product_name": "Book", "quantity": 1, "unit_cost": 1099}]},
        }
    )
    assert held.status == "requires_capture"
    assert intents.increment_authorization(held.id, {"amount": 1500}).amount == 1500
    lines = intents.amount_details_line_items.list(held.id)
    assert [(line.product_name, line.unit_cost) for line in lines.auto_paging_iter()] == [("Book", 1099)]
    assert intents.capture(held.id, {"amount_to_capture": 1000}).amount_received == 1000


def test_what_waits_for_other_methods_says_so(intents: Any) -> None:
    intent = intents.create(USD)
    for command, given in ((intents.verify_microdeposits, {"amounts": [32, 45]}), (intents.apply_customer_balance, {})):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            command(intent.id, given)
        assert caught.value.code == "payment_intent_unexpected_state"


def test_every_page_of_a_list_and_of_a_search(intents: Any) -> None:
    run = intents.create(USD).id
    ids = [intents.create({**USD, "metadata": {"run": run, "n": str(number)}}).id for number in range(7)]
    listed = [intent.id for intent in intents.list({"limit": 3, "ending_before": run}).auto_paging_iter()]
    assert listed[-7:] == ids, "auto-pagination backwards goes from older to newer"
    query = {"query": f'metadata["run"]:"{run}"', "limit": 3}
    found = [intent.id for intent in intents.search(query).auto_paging_iter()]
    assert found == ids[::-1]
    counted = intents.search({**query, "expand": ["total_count"]})
    assert counted.total_count == 7


def test_an_sdk_of_years_ago(running: Running) -> None:
    script, packages = ROOT / "tests" / "e2e" / "old_sdk.py", ROOT / ".venv" / "old-sdk"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(script), running.url, SECRET],
        env={"PYTHONPATH": str(packages)}, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert (done.stdout, done.returncode) == ("every step held\n", 0), done.stderr


@pytest.mark.parametrize("version", VERSIONS)
def test_the_node_sdk(running: Running, version: str | None) -> None:
    node = shutil.which("node")
    if node is None or not (NODE / "node_modules").is_dir():
        pytest.skip("no Node.js here, or its SDK is not installed (`make test` does, where there is npm)")
    pinned = [version] if version else []
    done = subprocess.run(
        [node, "every_method.mjs", running.url, SECRET, *pinned], cwd=NODE, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["methods"], said["setups"]) == (12, 7)
