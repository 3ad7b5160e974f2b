"""Payments at a fleet, a few a second, while something is done to it; what fails in spite of the SDK's own retries."""

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.support.fleet import Fleet

THREADS = 3
PAUSE_SECONDS = 0.1
"""Of each: a few payments a second in all, which leaves the processes that are replaced some of the machine."""


@dataclass
class Traffic:
    """Card payments in one request, holds with a capture, and refunds, in turn; by whichever key is the current one."""

    fleet: Fleet
    key: str
    retries: int = 8
    paid: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def go(self) -> None:
        number, key = 0, ""
        while not self.over.wait(PAUSE_SECONDS):
            if key != self.key:
                key = self.key
                client: Any = self.fleet.client(key, self.retries)
            number += 1
            try:
                self.paid.append(_pay(client, number))
            except Exception as error:  # kept for the test to show
                self.failed.append(f"{type(error).__name__}: {error}")

    def enough(self, more: int = 12) -> None:
        """Some payments go through in between."""
        before = len(self.paid)
        self.fleet.wait_for(lambda: self.failed or len(self.paid) >= before + more)


def _pay(client: Any, number: int) -> str:
    given = {
        "amount": 2_000,
        "currency": "usd",
        "payment_method": "pm_card_visa",
        "confirm": True,
        "allowed_payment_method_types": ["card"],
    }
    if number % 3 == 0:
        given["capture_method"] = "manual"
    intents = client.v1.payment_intents
    made = intents.create(given)
    # While the gateway is away, its outcome is not known; that is no failure.
    assert made.status in ("succeeded", "requires_capture", "processing"), made
    if made.status == "requires_capture":
        captured = intents.capture(made.id, {"amount_to_capture": 1_500})
        assert (captured.status, captured.amount_received) in (("succeeded", 1_500), ("processing", 0)), captured
    elif made.status == "succeeded" and number % 3 == 1:
        client.v1.refunds.create({"payment_intent": made.id, "amount": 500})
    return str(made.id)


@contextlib.contextmanager
def traffic(fleet: Fleet, key: str, **more: Any) -> Iterator[Traffic]:
    """Traffic for as long as the block lasts; then nothing may have failed."""
    load = Traffic(fleet, key, **more)
    threads = [threading.Thread(target=load.go) for _ in range(THREADS)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        load.over.set()
        for thread in threads:
            thread.join(180)
        taken = time.monotonic() - began
        print(f"{len(load.paid)} paid, {len(load.failed)} failed in {taken:.0f} s {load.failed[:3]}")  # noqa: T201
