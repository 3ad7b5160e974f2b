"""A try at a delivery, whatever goes wrong with it: it is written down, shown, and ends like any that failed."""

from dataclasses import replace
from typing import Any

import pytest

from activities.deliveries import DeliveryActivities
from contracts.messages import DeliveryAttempt
from records.base import Delivery, StoredEvent
from tests.support.builders import NOW
from tests.workflows.test_delivery import FakeSender, MemoryOutbox
from webhooks.base import Answer

ATTEMPT = DeliveryAttempt(event="evt_1", endpoint="we_1", number=1, due=NOW + 60, last=False)


async def rendered(event: StoredEvent, version: str | None) -> bytes:
    del event, version
    return b"{}"


def broken(*arguments: Any) -> Any:
    raise KeyError("a fault of ours")


class BrokenSender(FakeSender):
    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        broken()
        return await super().post(url, body, headers)


class BrokenOutbox(MemoryOutbox):
    async def load(self, event: str, endpoint: str) -> Delivery | None:
        broken()
        return await super().load(event, endpoint)


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("what", ["rendering", "sending", "loading"])
async def test_a_fault_of_ours_is_a_try_that_failed(what: str, last: bool) -> None:
    outbox = BrokenOutbox() if what == "loading" else MemoryOutbox()
    sender = BrokenSender() if what == "sending" else FakeSender()
    activities = DeliveryActivities(outbox, sender, broken if what == "rendering" else rendered, lambda: NOW)
    result = await activities.attempt(replace(ATTEMPT, last=last))
    assert (result.state, result.detail) == ("failed", "a fault of ours: KeyError")
    assert [(tried.number, tried.status, tried.error) for tried in outbox.attempts["evt_1"]] == [
        (1, None, "a fault of ours: KeyError")
    ]
    assert outbox.states == {"evt_1": "failed" if last else "under_way"}
    assert sender.sent == []
