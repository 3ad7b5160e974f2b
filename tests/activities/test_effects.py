"""What a gateway has is asked: neither its no nor its yes to a void is taken for more than it says."""

from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client import REGISTRY
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.effects import Performer
from activities.failures import BROKEN
from activities.payments import PaymentActivities
from contracts.messages import Question, Work
from domain.machine.transitions import carry_out
from domain.methods.vouchers import PAID
from domain.model.commands import Cancel, Capture, Command, Confirm, ExpireAuthorization
from domain.model.next_actions import NextAction, Outstanding
from domain.model.outcomes import (
    Accepted,
    Approved,
    Authorize,
    CaptureHold,
    Declined,
    GatewayEffect,
    Outcome,
    PaymentAwaited,
    Void,
)
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from gateways.base import GatewayMismatch, GatewayRejected
from tests.support.builders import NOW, confirmable, decided, make_method, with_card_options
from tests.support.fakes import FakeGateway, MemoryCashBalances, MemoryProjection

NO = Declined(decline_code="generic_decline")


class Desk:
    """A hold at a gateway, and the activities that work on it."""

    def __init__(self) -> None:
        self.gateway, self.projection = FakeGateway(), MemoryProjection()
        self.payments = PaymentActivities(self.gateway, self.projection, MemoryCashBalances(), clock=lambda: NOW)
        self.performer = Performer(self.gateway, MemoryCashBalances())

    async def run(self, activity: Callable[..., Any], argument: object) -> Any:
        return await ActivityEnvironment().run(activity, argument)

    async def carry_out(self, intent: PaymentIntent, command: Command, now: int = NOW) -> PaymentIntent:
        await self.run(self.payments.carry_out, Work(intent=intent, command=command, now=now))
        return self.projection.transitions[-1].after

    async def held(self) -> PaymentIntent:
        intent = with_card_options(confirmable(capture_method="manual"), request_multicapture="if_available")
        return await self.carry_out(intent, Confirm())

    async def taken_elsewhere(self, intent: PaymentIntent, amount: int, *, final: bool) -> None:
        """Captured at the gateway, and our record knows nothing of it."""
        reference = authorization(intent)
        await self.gateway.perform(CaptureHold(key="elsewhere", authorization=reference, amount=amount, final=final))


class Agreeable(FakeGateway):
    """Says yes, and does nothing."""

    async def perform(self, effect: GatewayEffect) -> Outcome:
        return Approved(authorization="auth_1")


def authorization(intent: PaymentIntent) -> str:
    assert intent.charge is not None
    assert intent.charge.authorization is not None
    return intent.charge.authorization


def mismatches(operation: str) -> float:
    labels = {"operation": operation, "gateway": "simulator"}
    return REGISTRY.get_sample_value("perdure_gateway_mismatches_total", labels) or 0.0


@pytest.mark.parametrize("command", [Cancel(), ExpireAuthorization()])
@pytest.mark.parametrize(("amount", "final"), [(1_099, True), (1_000, True), (400, False)])
async def test_what_the_gateway_has_captured_is_never_called_released(
    command: Command, amount: int, final: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """M3: the record was put back to before a capture, and the payment is canceled."""
    desk = Desk()
    intent, now = await desk.held(), NOW + 8 * 86_400
    await desk.taken_elsewhere(intent, amount, final=final)
    seen, written = mismatches("void"), len(desk.projection.transitions)
    with pytest.raises(ApplicationError, match="has captured") as stopped:
        await desk.run(desk.payments.carry_out, Work(intent=intent, command=command, now=now))
    assert (stopped.value.type, stopped.value.non_retryable) == (BROKEN, True)
    assert len(desk.projection.transitions) == written, "nothing is concluded"
    record = desk.projection.records[intent.id]
    assert (record.intent, record.under_way is None) == (intent, False), "what was asked stays written down"
    assert mismatches("void") == seen + 1
    assert [(r.levelname, "has captured" in r.getMessage()) for r in caplog.records] == [("ERROR", True)]


async def test_the_same_when_the_answer_is_looked_up() -> None:
    desk = Desk()
    intent = await desk.held()
    await desk.taken_elsewhere(intent, 1_000, final=True)
    effect = decided(intent, Cancel()).effect
    assert isinstance(effect, Void)
    await desk.gateway.perform(effect)
    with pytest.raises(ApplicationError) as stopped:
        await desk.run(desk.payments.ask_gateway, Question(effect=effect))
    assert (stopped.value.type, stopped.value.non_retryable) == (BROKEN, True)


async def test_a_no_where_nothing_is_left_to_release_is_a_yes() -> None:
    desk = Desk()
    intent = await desk.held()
    await desk.gateway.perform(Void(key="elsewhere", authorization=authorization(intent)))
    assert (await desk.carry_out(intent, Cancel())).status == Status.CANCELED
    effect = decided(intent, Cancel()).effect
    assert isinstance(effect, Void)
    assert desk.gateway.known[effect.key] == Declined(decline_code="generic_decline")
    assert isinstance(await desk.performer.recall(effect), Approved), "also when it is looked up"


@pytest.mark.parametrize("answer", [NO, GatewayRejected("no")])
async def test_a_no_while_it_is_held_leaves_it_held(answer: Outcome | Exception) -> None:
    desk = Desk()
    intent = await desk.held()
    desk.gateway.answers.append(answer)
    kept = await desk.carry_out(intent, Cancel())
    assert (kept.status, kept.amount_capturable) == (Status.REQUIRES_CAPTURE, 1_099)
    assert (await desk.carry_out(kept, Cancel())).status == Status.CANCELED
    stands = await desk.gateway.standing(authorization(intent))
    assert stands is not None
    assert (stands.held, stands.captured, stands.released) == (0, 0, 1_099)


async def test_what_we_know_was_taken_is_no_mismatch() -> None:
    desk = Desk()
    part = await desk.carry_out(await desk.held(), Capture(amount_to_capture=400, final_capture=False))
    ended = await desk.carry_out(part, Cancel())
    assert (ended.status, ended.amount_received) == (Status.SUCCEEDED, 400)


async def test_a_gateway_that_contradicts_itself_is_not_believed() -> None:
    desk = Desk()
    effect = decided(await desk.held(), Cancel()).effect
    assert isinstance(effect, Void)
    performer = Performer(Agreeable(performed=desk.gateway.performed, known=desk.gateway.known), MemoryCashBalances())
    with pytest.raises(GatewayMismatch, match="still held"):
        await performer.perform(effect)


async def test_a_release_that_is_taken_on_and_not_yet_done_is_no_contradiction() -> None:
    desk = Desk()
    effect = decided(await desk.held(), Cancel()).effect
    assert isinstance(effect, Void)
    taken_on = Accepted(reference="mod_1")
    desk.gateway.answers = [taken_on]
    assert await Performer(desk.gateway, MemoryCashBalances()).perform(effect) == taken_on


async def test_nor_is_one_that_has_forgotten_what_it_approved() -> None:
    desk = Desk()
    intent = await desk.held()
    desk.gateway.performed.clear()
    desk.gateway.known.clear()
    desk.gateway.answers.append(NO)
    with pytest.raises(ApplicationError, match="unknown") as stopped:
        await desk.carry_out(intent, Cancel())
    assert stopped.value.type == BROKEN
    assert desk.projection.transitions[-1].after == intent


async def test_an_effect_from_before_is_answered_as_the_gateway_answers() -> None:
    desk = Desk()
    old = Void(key="pi_1/1/void", authorization=authorization(await desk.held()))
    desk.gateway.answers.append(NO)
    assert await desk.performer.perform(old) == NO
    assert await desk.performer.recall(old) == NO


async def test_a_key_that_was_used_for_something_else_stops_the_payment() -> None:
    """M2: confirmed for one amount, and recorded with another; the key's answer is about the first."""
    desk = Desk()
    intent = confirmable()
    asked = decided(intent, Confirm()).effect
    assert isinstance(asked, Authorize)
    await desk.gateway.perform(asked)
    other = decided(confirmable(id=intent.id, amount=2_500), Confirm()).effect
    assert other is not None
    with pytest.raises(ApplicationError, match="amount 2500, answered about 1099") as stopped:
        await desk.carry_out(confirmable(id=intent.id, amount=2_500), Confirm())
    assert (stopped.value.type, stopped.value.non_retryable) == (BROKEN, True)
    with pytest.raises(ApplicationError, match="answered about"):
        await desk.run(desk.payments.ask_gateway, Question(effect=other))
    assert (desk.projection.transitions, desk.gateway.performed) == ([], [asked])


class TestWhatIsReplaced:
    """A voucher, and the card that is to take its place."""

    @staticmethod
    async def replaced(*answers: Outcome | Exception, paid: bool = False) -> tuple[Outcome, FakeGateway]:
        gateway = FakeGateway()
        shown = PaymentAwaited(reference="vou_1", url="https://pay.example")
        first = Authorize(key="pi_1/1/authorize", charge="py_1", amount=100, currency="mxn", token="t", capture=True)
        gateway.answers.append(shown)
        await gateway.perform(first)
        if paid:
            gateway.answers.append(Approved(authorization="vou_1"))
            await gateway.perform(CaptureHold(key="paid", authorization="vou_1", amount=100))
        action = NextAction(type="oxxo_display_details", authentication="vou_1", url="u", outstanding=True)
        supersedes = Outstanding(action=action, payment_method=make_method())
        card = Authorize(
            key="pi_1/2/authorize", charge="ch_2", amount=100, currency="mxn", token="t", capture=True,
            supersedes=supersedes,
        )  # fmt: skip
        gateway.answers += answers
        return await Performer(gateway, MemoryCashBalances()).perform(card), gateway

    async def test_withdrawn_and_then_charged(self) -> None:
        outcome, gateway = await self.replaced()
        assert isinstance(outcome, Approved)
        assert [effect.operation for effect in gateway.performed] == ["authorize", "void", "authorize"]

    @pytest.mark.parametrize("answer", [NO, GatewayRejected("no")])
    async def test_what_can_still_be_paid_is_not_replaced(self, answer: Outcome | Exception) -> None:
        outcome, gateway = await self.replaced(answer)
        assert outcome == Declined(decline_code=PAID)
        assert "ch_2" not in [getattr(effect, "charge", "") for effect in gateway.performed]

    async def test_nor_is_what_was_paid_even_if_the_gateway_says_yes(self) -> None:
        outcome, _ = await self.replaced(Approved(authorization="vou_1"), paid=True)
        assert outcome == Declined(decline_code=PAID)

    async def test_a_rejected_withdrawal_is_no_decline_of_the_card(self) -> None:
        """What the buyer was shown stays shown; the card was not asked."""
        outcome, _ = await self.replaced(GatewayRejected("no"))
        assert outcome == Declined(decline_code=PAID)


async def test_a_refused_release_is_carried_out_the_same_in_workflow_and_activity() -> None:
    desk = Desk()
    intent = await desk.held()
    desk.gateway.answers.append(NO)
    work = Work(intent=intent, command=Cancel(), now=NOW)
    result = await desk.run(desk.payments.carry_out, work)
    same = carry_out(intent, Cancel(), decided(intent, Cancel()), result.outcome, NOW)
    assert same.after == desk.projection.transitions[-1].after
