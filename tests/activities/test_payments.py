"""Activities alone: the retry table row by row, and that repeating one does no harm."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.testing import ActivityEnvironment

from activities.failures import BROKEN, RETRIED, retry
from activities.payments import PaymentActivities
from contracts.messages import Question, Recollection, Recording, Work
from domain.machine.evolution import next_version
from domain.machine.fence import Answer, Recorded, UnderWay
from domain.machine.transitions import Transition
from domain.model.commands import LATE, Cancel, Capture, Confirm
from domain.model.gateways import GatewayProfile
from domain.model.outcomes import (
    Approved,
    AskSettlement,
    Authorize,
    Declined,
    Effect,
    GatewayEffect,
    MoveFunds,
    Outcome,
    Refund,
)
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from domain.refusals import InvariantViolation
from gateways.base import (
    GatewayError,
    GatewayHeldBack,
    GatewayMismatch,
    GatewayRateLimited,
    GatewayRejected,
    GatewayUnavailable,
)
from records.base import RecordsRefused, RecordsUnavailable
from tests.support.builders import NOW, confirmable, decided, in_status, make_intent
from tests.support.fakes import FakeGateway, MemoryCashBalances, MemoryProjection


def activities(*answers: Exception) -> tuple[PaymentActivities, FakeGateway, MemoryProjection]:
    gateway, projection = FakeGateway(answers=list(answers)), MemoryProjection()
    return PaymentActivities(gateway, projection, MemoryCashBalances(), clock=lambda: NOW), gateway, projection


async def run(activity: Callable[..., Any], argument: object) -> Any:
    return await ActivityEnvironment().run(activity, argument)


def kinds_of(failure: type[Exception]) -> Iterator[type[Exception]]:
    for kind in failure.__subclasses__():
        yield kind
        yield from kinds_of(kind)


def test_every_failure_is_in_the_table_or_definite() -> None:
    ours = {kind for kind in kinds_of(GatewayError) if kind.__module__ == GatewayError.__module__}
    assert ours | {RecordsUnavailable} == set(RETRIED) | {GatewayRejected, GatewayMismatch}


def test_an_adapters_own_kind_of_failure_is_one_of_the_ports() -> None:
    class Silenced(GatewayUnavailable):
        """As an adapter may have it."""

    assert retry(Silenced("x")).type == RETRIED[GatewayUnavailable]


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


def held(projection: MemoryProjection) -> PaymentIntent:
    """A hold that is recorded."""
    intent = in_status(Status.REQUIRES_CAPTURE)
    projection.records[intent.id] = Recorded(intent=intent)
    return intent


async def test_repeating_after_a_lost_answer_of_the_store_is_the_same_claim_and_one_effect() -> None:
    payments, gateway, projection = activities()
    intent = held(projection)
    first = Work(intent=intent, command=Capture(command_id="c"), now=NOW)
    again = Work(intent=intent, command=Capture(command_id="c", seen_version=2), now=NOW + 9)
    gateway.lose_answers = True
    with pytest.raises(ApplicationError, match="lost"):
        await run(payments.carry_out, first)
    gateway.lose_answers = False
    result = await run(payments.carry_out, again)
    assert (result.now, result.latest) == (NOW, None), "it was decided when it was claimed"
    assert len(gateway.performed) == len(projection.transitions) == 1


async def test_nothing_is_asked_while_the_store_is_away() -> None:
    payments, gateway, projection = activities()
    work = Work(intent=held(projection), command=Capture(command_id="c"), now=NOW)
    projection.away = True
    with pytest.raises(ApplicationError, match="away"):
        await run(payments.carry_out, work)
    assert gateway.calls == 0


async def test_a_command_that_cannot_be_stored_is_refused_before_anybody_is_asked() -> None:
    payments, gateway, projection = activities()
    work = Work(intent=held(projection), command=Capture(command_id="c"), now=NOW)
    projection.refuses = True
    result = await run(payments.carry_out, work)
    assert (result.refusal is not None, result.outcome, result.latest) == (True, None, None)
    assert gateway.calls == 0


async def test_what_nobody_waits_for_any_more_is_not_begun() -> None:
    payments, gateway, projection = activities()
    intent, projection.clock = held(projection), NOW + 11
    result = await run(
        payments.carry_out, Work(intent=intent, command=Capture(command_id="c", not_after=NOW + 10), now=NOW)
    )
    assert (result.refusal and result.refusal.code, result.outcome, result.latest) == (LATE, None, None)
    assert (gateway.calls, projection.transitions) == (0, [])
    assert projection.records[intent.id] == Recorded(intent=intent)


async def test_what_was_begun_in_time_is_finished_however_late_it_is() -> None:
    payments, gateway, projection = activities()
    intent = held(projection)
    gateway.lose_answers = True
    with pytest.raises(ApplicationError, match="lost"):
        await run(payments.carry_out, Work(intent=intent, command=Capture(command_id="c", not_after=NOW + 1), now=NOW))
    gateway.lose_answers, projection.clock = False, NOW + 60
    again = Work(intent=intent, command=Capture(command_id="c", not_after=NOW + 9), now=NOW + 60)
    assert (await run(payments.carry_out, again)).now == NOW
    assert len(gateway.performed) == len(projection.transitions) == 1


@pytest.mark.parametrize("claimed", [False, True])
async def test_a_command_with_a_deadline_is_unknown_only_if_it_was_claimed(claimed: bool) -> None:
    payments, _, projection = activities()
    intent, capture = held(projection), Capture(command_id="c", not_after=NOW + 10)
    if claimed:
        await projection.claim(intent, UnderWay(command=capture, now=NOW))
    effect = decided(intent, capture).effect
    assert effect is not None
    elsewhere = await run(payments.record, Recording(intent=intent, command=capture, effect=effect, now=NOW))
    assert elsewhere == (None if claimed else intent)
    assert [bool(written.after.pending) for written in projection.transitions] == ([True] if claimed else [])


async def test_who_is_behind_takes_what_the_record_says_and_asks_nobody() -> None:
    payments, gateway, projection = activities()
    before = held(projection)
    await run(payments.carry_out, Work(intent=before, command=Capture(command_id="a"), now=NOW))
    result = await run(payments.carry_out, Work(intent=before, command=Cancel(command_id="b"), now=NOW))
    assert result.latest == projection.records[before.id].intent
    assert result.latest.status == Status.SUCCEEDED
    assert [effect.operation for effect in gateway.performed] == ["capture"]
    assert len(projection.transitions) == 1


async def test_another_command_that_is_under_way_is_finished_first_under_its_own_key() -> None:
    payments, gateway, projection = activities()
    intent = held(projection)
    capture = Capture(command_id="a", amount_to_capture=400)
    await projection.claim(intent, UnderWay(command=capture, now=NOW - 5))
    result = await run(payments.carry_out, Work(intent=intent, command=Cancel(command_id="b"), now=NOW))
    assert [(effect.operation, effect.key) for effect in gateway.performed] == [
        ("capture", decided_key(intent, capture))
    ]
    assert (result.latest.status, result.latest.amount_received) == (Status.SUCCEEDED, 400)
    assert [entry.command_id for entry in result.latest.ledger] == ["a"]
    assert projection.records[intent.id] == Recorded(intent=result.latest)


def decided_key(intent: PaymentIntent, command: Capture) -> str:
    effect = decided(intent, command).effect
    assert effect is not None
    return effect.key


async def test_what_is_under_way_becomes_unknown_where_the_gateway_is_not_to_be_asked() -> None:
    payments, gateway, projection = activities()
    intent = held(projection)
    await projection.claim(intent, UnderWay(command=Capture(command_id="a"), now=NOW))
    cancel = Cancel(command_id="b")
    effect = decided(intent, cancel).effect
    assert effect is not None
    latest = await run(payments.record, Recording(intent=intent, command=cancel, effect=effect, now=NOW))
    assert (latest.status, latest.pending.operation) == (Status.PROCESSING, "capture")
    assert projection.records[intent.id] == Recorded(intent=latest)
    assert gateway.calls == 0


async def test_a_record_that_was_restored_from_an_older_copy_is_written_from_the_workflow() -> None:
    payments, _, projection = activities()
    older = held(projection)
    now = next_version(older, None)
    assert await run(payments.recall, Recollection(id=now.id, intent=now)) == now
    assert projection.records[now.id].intent == now
    del projection.records[now.id]
    result = await run(payments.carry_out, Work(intent=now, command=Capture(command_id="a"), now=NOW))
    assert isinstance(result.outcome, Approved)
    assert projection.records[now.id].intent.status == Status.SUCCEEDED


async def test_what_the_store_refuses_after_the_gateway_has_acted_stops_the_payment() -> None:
    payments, gateway, projection = activities()
    intent = held(projection)

    async def refuse(transition: Transition) -> Answer[PaymentIntent]:
        raise RecordsRefused("CheckViolationError")

    projection.project = refuse  # type: ignore[method-assign]
    for _ in range(2):
        with pytest.raises(ApplicationError) as caught:
            await run(payments.carry_out, Work(intent=intent, command=Capture(command_id="a"), now=NOW))
        assert (caught.value.type, caught.value.non_retryable) == (BROKEN, True)
    assert len(gateway.performed) == 1
    under_way = projection.records[intent.id].under_way
    assert under_way is not None, "what was asked is not forgotten"
    assert under_way.command.command_id == "a"


async def test_what_the_keeper_of_the_balances_refuses_stops_the_payment() -> None:
    projection = MemoryProjection()

    class Refusing(MemoryCashBalances):
        async def move(self, effect: MoveFunds) -> Outcome:
            raise RecordsRefused("CheckViolationError")

    payments = PaymentActivities(FakeGateway(), projection, Refusing(), clock=lambda: NOW)
    effect = MoveFunds(key="pi_1/1/release", intent="pi_1", operation="release_funds")
    with pytest.raises(ApplicationError) as caught:
        await run(payments.ask_gateway, Question(effect=effect))
    assert (caught.value.type, caught.value.non_retryable) == (BROKEN, True)


async def test_a_refused_command_is_a_fault_of_ours() -> None:
    payments, gateway, _ = activities()
    with pytest.raises(InvariantViolation):
        await run(payments.carry_out, Work(intent=make_intent(), command=Capture(), now=NOW))
    assert gateway.calls == 0


ASK = AskSettlement(key="pi_1/1/settlement/1", authorization="auth_1", at=NOW, intent="pi_1")
TO_BALANCE = Refund(key="pi_1/1/refund/1", authorization="R", amount=1, refund="re_1", to_balance=True, intent="pi_1")


@pytest.mark.parametrize("effect", [ASK, TO_BALANCE], ids=lambda effect: str(effect.operation))
async def test_what_only_asks_and_what_our_books_answer_has_no_key_that_a_gateway_forgets(effect: Effect) -> None:
    gateway = FakeGateway(profile=GatewayProfile(keeps_keys_seconds=3))
    payments = PaymentActivities(gateway, MemoryProjection(), MemoryCashBalances(), clock=lambda: NOW + 9 * 86_400)
    result = await run(payments.ask_gateway, Question(effect=effect, asked_at=NOW))
    assert isinstance(result.outcome, Approved)
    assert (gateway.calls == 0) is (effect is TO_BALANCE)


class Deaf(FakeGateway):
    """Its look-ups are lost."""

    lost: GatewayError = GatewayUnavailable("away")

    async def retrieve(self, effect: GatewayEffect) -> Outcome | None:
        raise self.lost


@pytest.mark.parametrize("by_key", [True, False])
@pytest.mark.parametrize("held_back", [True, False])
async def test_a_lost_look_up_stops_no_payment_whose_gateway_can_be_looked_up_again(
    by_key: bool, held_back: bool
) -> None:
    gateway = Deaf(profile=GatewayProfile(keeps_keys_seconds=3, answers_by_key=by_key))
    gateway.lost = GatewayHeldBack("held back") if held_back else GatewayUnavailable("away")
    payments = PaymentActivities(gateway, MemoryProjection(), MemoryCashBalances(), clock=lambda: NOW + 4)
    effect = decided(confirmable(), Confirm()).effect
    assert effect is not None
    question = Question(effect=effect, asked_at=NOW)
    if by_key and held_back:
        assert (await run(payments.ask_gateway, question)).held_back
    else:
        with pytest.raises(ApplicationError) as caught:
            await run(payments.ask_gateway, question)
        stopped = (BROKEN, True)
        assert (caught.value.type, caught.value.non_retryable) == (
            ("gateway_unavailable", False) if by_key else stopped
        )
    assert gateway.performed == []


async def test_one_that_says_what_it_knows_without_being_asked_is_waited_for_while_it_is_held_back() -> None:
    """Its look-up asks nobody, so that it is the question itself which finds its breaker open."""
    gateway = FakeGateway(profile=GatewayProfile(answers_by_key=False), answers=[GatewayHeldBack("held back")])
    payments = PaymentActivities(gateway, MemoryProjection(), MemoryCashBalances(), clock=lambda: NOW)
    effect = decided(confirmable(), Confirm()).effect
    assert effect is not None
    assert (await run(payments.ask_gateway, Question(effect=effect, asked_at=NOW))).held_back
    gateway.answers = [GatewayUnavailable("away")]
    with pytest.raises(ApplicationError, match="away"):
        await run(payments.ask_gateway, Question(effect=effect, asked_at=NOW))


async def test_what_a_gateway_has_forgotten_and_knows_nothing_of_stops_the_payment() -> None:
    gateway = FakeGateway(profile=GatewayProfile(keeps_keys_seconds=3))
    payments = PaymentActivities(gateway, MemoryProjection(), MemoryCashBalances(), clock=lambda: NOW + 4)
    effect = decided(confirmable(), Confirm()).effect
    assert effect is not None
    with pytest.raises(ApplicationError) as caught:
        await run(payments.ask_gateway, Question(effect=effect, asked_at=NOW))
    assert (caught.value.type, caught.value.non_retryable) == (BROKEN, True)
    assert gateway.performed == []


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
