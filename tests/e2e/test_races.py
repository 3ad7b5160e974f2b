"""Two commands at the same moment: the simulator's book shows exactly one effect, and never more than was there.

`PERDURE_RACE_PAIRS=1000 make test ARGS=tests/e2e/test_races.py` races that many pairs of each kind.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import stripe

from tests.e2e.conftest import SECRET, Running

PAIRS = int(os.environ.get("PERDURE_RACE_PAIRS", "10"))  # noqa: TID251
AT_ONCE = 8
AMOUNT = 1_000
HELD = {
    "amount": AMOUNT,
    "currency": "usd",
    "payment_method": "pm_card_visa",
    "confirm": True,
    "capture_method": "manual",
}

Racer = Callable[[Running, Any, Any], Any]


def capture(running: Running, sdk: Any, intent: Any) -> Any:
    return sdk.v1.payment_intents.capture(intent.id)


def capture_part(running: Running, sdk: Any, intent: Any) -> Any:
    return sdk.v1.payment_intents.capture(intent.id, {"amount_to_capture": 600})


def cancel(running: Running, sdk: Any, intent: Any) -> Any:
    return sdk.v1.payment_intents.cancel(intent.id)


def expire(running: Running, sdk: Any, intent: Any) -> Any:
    path = f"{running.url}/v1/test_helpers/payment_intents/{intent.id}/fast_forward"
    return httpx.post(path, data={"seconds": 8 * 86_400}, auth=(SECRET, ""), timeout=90)


def refund(running: Running, sdk: Any, intent: Any) -> Any:
    return sdk.v1.refunds.create({"payment_intent": intent.id, "amount": 600})


RACES: dict[str, tuple[Racer, Racer]] = {
    "captures": (capture, capture_part),
    "capture and cancel": (capture, cancel),
    "capture and expiry": (capture, expire),
    "cancel and expiry": (cancel, expire),
    "refunds": (refund, refund),
}


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("race", RACES)
def test_one_effect(running: Running, sdk: Any, race: str) -> None:
    def run(_: int) -> str | None:
        intent = sdk.v1.payment_intents.create(HELD)
        if race == "refunds":
            sdk.v1.payment_intents.capture(intent.id)
        with ThreadPoolExecutor(2) as pair:
            tasks = [pair.submit(attempt, racer, running, sdk, intent) for racer in RACES[race]]
            for task in tasks:
                task.result()
        return fault(running, sdk, intent, race)

    with ThreadPoolExecutor(AT_ONCE) as many:
        faults = [found for found in many.map(run, range(PAIRS)) if found]
    assert faults == []


def attempt(racer: Racer, running: Running, sdk: Any, intent: Any) -> None:
    """One of the two; it may well be refused, and that is no fault."""
    try:
        racer(running, sdk, intent)
    except stripe.InvalidRequestError:
        return
    except stripe.RateLimitError:
        return


def fault(running: Running, sdk: Any, intent: Any, race: str) -> str | None:
    """What is wrong with the books, if anything."""
    after = sdk.v1.payment_intents.retrieve(intent.id)
    booked = running.entries(intent.latest_charge)
    taken = [entry["amount"] for entry in booked if entry["operation"] == "capture"]
    voided = [entry["amount"] for entry in booked if entry["operation"] == "void"]
    given = [entry["amount"] for entry in booked if entry["operation"] == "refund"]
    if race == "refunds":
        right = taken == [AMOUNT] and given == [600] and after.status == "succeeded"
    elif after.status == "succeeded":
        right = len(taken) == 1 and taken == [after.amount_received] and not voided
    else:
        right = after.status == "canceled" and not taken and voided == [AMOUNT]
    return None if right else f"{intent.id} is {after.status}, and the book has {booked}"
