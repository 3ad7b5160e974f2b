"""What a worker counts and says of what it asked and recorded: with codes that are known, and nothing personal."""

import logging
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client import REGISTRY
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.deliveries import DeliveryActivities
from activities.gateways import GatewayActivities
from activities.payments import PaymentActivities
from contracts.gateway_healths import GatewayStanding
from contracts.messages import Work
from domain.machine.fence import Recorded
from domain.model.commands import Confirm, RefundCharge
from domain.model.outcomes import Approved, Declined
from domain.model.statuses import Status
from gateways.base import GatewayUnavailable
from gateways.registry import Gateways
from tests.activities.test_deliveries import ATTEMPT, rendered
from tests.support.builders import NOW, confirmable, in_status
from tests.support.fakes import FakeGateway, MemoryCashBalances, MemoryProjection
from tests.workflows.test_delivery import FakeSender, MemoryOutbox
from tests.workflows.test_gateway import Written


@pytest.fixture(autouse=True)
def everything(caplog: pytest.LogCaptureFixture) -> None:
    """As with PERDURE_LOG_LEVEL=debug."""
    caplog.set_level(logging.DEBUG, "perdure")


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """What was said, as it is written down."""
    ours = [record for record in caplog.records if record.name.startswith("perdure.")]
    return [{"event": each.getMessage(), "level": each.levelname.lower(), **vars(each)["about"]} for each in ours]


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


class Counted:
    """How much some counters have grown since."""

    def __init__(self, *counters: tuple[str, dict[str, str]]) -> None:
        self.counters = counters
        self.before = self.now()

    def now(self) -> list[float]:
        return [counted(name, **labels) for name, labels in self.counters]

    @property
    def grown(self) -> list[float]:
        return [after - before for after, before in zip(self.now(), self.before, strict=True)]


def payments(*answers: Any, elapsing: Any = lambda: 0.0) -> tuple[PaymentActivities, MemoryProjection]:
    projection = MemoryProjection()
    gateway = FakeGateway(answers=list(answers))
    return PaymentActivities(
        gateway, projection, MemoryCashBalances(), elapsing=elapsing, clock=lambda: NOW
    ), projection


async def confirm(*answers: Any, **more: Any) -> None:
    activities, projection = payments(*answers, **more)
    intent = confirmable()
    projection.records[intent.id] = Recorded(intent=intent)
    try:
        await ActivityEnvironment().run(activities.carry_out, Work(intent=intent, command=Confirm(), now=NOW))
    except ApplicationError:
        assert projection.transitions == []


@pytest.mark.parametrize(
    ("code", "told"), [("insufficient_funds", "insufficient_funds"), ("Refusal 05: a bank's own words", "other")]
)
async def test_a_decline_is_counted_by_a_code_that_is_known(
    code: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    since = Counted(
        ("perdure_charges_total", {"result": "failed", "method": "card", "gateway": "simulator", "decline": told}),
        ("perdure_statuses_total", {"kind": "payment_intent", "status": "requires_payment_method"}),
        ("perdure_events_total", {"type": "payment_intent.payment_failed"}),
        ("perdure_events_total", {"type": "charge.failed"}),
        ("perdure_gateway_outcomes_total", {"operation": "authorize", "outcome": "declined", "gateway": "simulator"}),
    )
    await confirm(Declined(decline_code=code))
    assert since.grown == [1, 1, 1, 1, 1]
    (line,) = lines(caplog)
    assert (line["event"], line["level"], line["operation"]) == ("gateway answered", "debug", "authorize")
    assert (line["outcome"], line["decline"]) == ("declined", code)
    assert line["key"].startswith("pi_")


async def test_a_success_is_counted_with_its_method() -> None:
    since = Counted(
        ("perdure_charges_total", {"result": "succeeded", "method": "card", "gateway": "simulator", "decline": ""}),
        ("perdure_statuses_total", {"kind": "payment_intent", "status": "succeeded"}),
        ("perdure_events_total", {"type": "payment_intent.succeeded"}),
    )
    await confirm(Approved(authorization="auth_1"))
    assert since.grown == [1, 1, 1]


async def test_no_outcome_is_said_with_its_cause_and_nothing_is_counted_as_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    since = Counted(
        (
            "perdure_gateway_silences_total",
            {"operation": "authorize", "kind": "GatewayUnavailable", "gateway": "simulator"},
        ),
        ("perdure_statuses_total", {"kind": "payment_intent", "status": "succeeded"}),
        (
            "perdure_charges_total",
            {"result": "failed", "method": "card", "gateway": "simulator", "decline": "processing_error"},
        ),
    )
    await confirm(GatewayUnavailable("POST /authorizations: 503"))
    (line,) = lines(caplog)
    assert since.grown == [1, 0, 0]
    assert (line["event"], line["level"], line["why"]) == (
        "gateway gave no outcome", "info", "POST /authorizations: 503"
    )  # fmt: skip


async def test_a_slow_gateway_is_said_whatever_the_level(caplog: pytest.LogCaptureFixture) -> None:
    times = iter((0.0, 0.0, 2.5, 2.5, 2.5))
    await confirm(Approved(authorization="auth_1"), elapsing=lambda: next(times))
    (line,) = lines(caplog)
    assert (line["event"], line["level"], line["ms"]) == ("gateway slow", "info", 2_500)


@pytest.mark.parametrize(("health", "level"), [("open", "warning"), ("paused", "warning"), ("closed", "info")])
async def test_every_change_of_a_breaker_is_said(caplog: pytest.LogCaptureFixture, health: str, level: str) -> None:
    written = Written()
    activities = GatewayActivities(Gateways({}), written, release=pytest.fail)
    standing = GatewayStanding(name="alpha", health=health, since=NOW, why="no answer")
    await ActivityEnvironment().run(activities.keep_health, standing)
    (line,) = lines(caplog)
    about = {"gateway": "alpha", "health": health, "why": "no answer", "since": NOW}
    assert line == {"event": "gateway breaker", "level": level, **about}
    assert written.said == [health]


async def test_a_refund_is_counted_by_its_events() -> None:
    activities, projection = payments(Approved(authorization="auth_1"))
    intent = in_status(Status.SUCCEEDED)
    projection.records[intent.id] = Recorded(intent=intent)
    command = RefundCharge(command_id="c", refund="re_1", amount=5)
    since = Counted(
        ("perdure_events_total", {"type": "charge.refunded"}),
        ("perdure_statuses_total", {"kind": "payment_intent", "status": "succeeded"}),
    )
    await ActivityEnvironment().run(activities.carry_out, Work(intent=intent, command=command, now=NOW))
    assert since.grown == [1, 0], "its status is what it was"


@pytest.mark.parametrize(
    ("answer", "last", "result", "event", "level"),
    [
        (200, False, "taken", "webhook tried", "debug"),
        (503, False, "5xx", "webhook tried", "debug"),
        (None, True, "unreachable", "webhook given up", "warning"),
    ],
)
async def test_webhooks_are_counted_by_what_came_of_each_try(
    answer: int | None, last: bool, result: str, event: str, level: str, caplog: pytest.LogCaptureFixture
) -> None:
    outbox, sender = MemoryOutbox(), FakeSender(answers=[answer])
    deliveries = DeliveryActivities(outbox, sender, rendered, lambda: NOW)
    since = Counted(("perdure_webhook_tries_total", {"result": result}), ("perdure_webhook_seconds_count", {}))
    await deliveries.attempt(replace(ATTEMPT, last=last))
    assert since.grown == [1, 1]
    assert [(line["event"], line["level"], line["delivery"]) for line in lines(caplog)] == [
        (event, level, "evt_1/we_1")
    ]
