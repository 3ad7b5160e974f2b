"""Activities alone: the retry table row by row, and that repeating one does no harm."""

from collections.abc import Callable
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.testing import ActivityEnvironment

from activities.failures import RETRIED
from activities.payments import PaymentActivities
from contracts.messages import Question, Recording, Work
from domain.commands import Capture, Confirm
from domain.outcomes import Authorize, Declined
from domain.refusals import InvariantViolation
from domain.statuses import Status
from gateways.base import GatewayError, GatewayRateLimited, GatewayRejected, GatewayUnavailable
from records.base import RecordsUnavailable
from tests.support.builders import NOW, confirmable, decided, in_status, make_intent
from tests.support.fakes import FakeGateway, MemoryCashBalances, MemoryProjection


def activities(*answers: Exception) -> tuple[PaymentActivities, FakeGateway, MemoryProjection]:
    gateway, projection = FakeGateway(answers=list(answers)), MemoryProjection()
    return PaymentActivities(gateway, projection, MemoryCashBalances()), gateway, projection


async def run(activity: Callable[..., Any], argument: object) -> Any:
    return await ActivityEnvironment().run(activity, argument)


def test_every_failure_is_in_the_table_or_definite() -> None:
    kinds = set(GatewayError.__subclasses__()) | {RecordsUnavailable}
    assert kinds == set(RETRIED) | {GatewayRejected}


@pytest.mark.parametrize(
    ("error", "kind", "seconds"),
    [
        (GatewayUnavailable("x"), "gateway_unavailable", None),
        (GatewayRateLimited("x", 7.0), "gateway_rate_limited", 7.0),
    ],
)
async def test_failures_that_pass_are_retried_and_nothing_is_recorded(
    error: Exception, kind: str, seconds: float | None
) -> None:
    payments, _, projection = activities(error)
    with pytest.raises(ApplicationError) as caught:
        await run(payments.carry_out, Work(intent=confirmable(), command=Confirm(), now=NOW))
    assert (caught.value.type, caught.value.non_retryable) == (kind, False)
    assert caught.value.category == ApplicationErrorCategory.BENIGN
    delay = caught.value.next_retry_delay
    assert (delay.total_seconds() if delay else None) == seconds
    assert projection.transitions == []


async def test_a_rejection_is_a_decline_because_nothing_was_done() -> None:
    payments, _, projection = activities(GatewayRejected("no"))
    result = await run(payments.carry_out, Work(intent=confirmable(), command=Confirm(), now=NOW))
    assert isinstance(result.outcome, Declined)
    assert result.outcome.decline_code == "processing_error"
    assert projection.transitions[0].after.status == Status.REQUIRES_PAYMENT_METHOD


async def test_repeating_after_a_lost_record_asks_the_gateway_under_the_same_key() -> None:
    payments, gateway, projection = activities()
    work = Work(intent=confirmable(), command=Confirm(), now=NOW)
    projection.away = True
    with pytest.raises(ApplicationError, match="away"):
        await run(payments.carry_out, work)
    projection.away = False
    for _ in range(2):
        await run(payments.carry_out, work)
    assert (gateway.calls, len(gateway.performed), len(projection.transitions)) == (3, 1, 1)


async def test_a_refused_command_is_a_fault_of_ours() -> None:
    payments, gateway, _ = activities()
    with pytest.raises(InvariantViolation):
        await run(payments.carry_out, Work(intent=make_intent(), command=Capture(), now=NOW))
    assert gateway.calls == 0


async def test_asking_looks_up_before_it_repeats() -> None:
    payments, gateway, _ = activities()
    effect = decided(confirmable(), Confirm()).effect
    assert effect is not None
    first = await run(payments.ask_gateway, Question(effect=effect))
    second = await run(payments.ask_gateway, Question(effect=effect))
    assert first == second
    assert gateway.calls == 1


async def test_recording_an_unknown_outcome_and_then_a_known_one() -> None:
    payments, gateway, projection = activities()
    intent = confirmable()
    effect = decided(intent, Confirm()).effect
    assert isinstance(effect, Authorize)
    await run(payments.record, Recording(intent=intent, command=Confirm(), effect=effect, now=NOW))
    unknown = projection.transitions[-1].after
    assert unknown.status == Status.PROCESSING
    outcome = await gateway.perform(effect)
    await run(payments.record, Recording(intent=unknown, effect=effect, outcome=outcome, now=NOW))
    assert projection.transitions[-1].after.status == Status.SUCCEEDED
    assert in_status(Status.PROCESSING).pending is not None
