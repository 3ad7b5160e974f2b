"""Random sequences of what moves money, against one gateway with a book of its own, by the real activities and adapter.

Never more is given back than was taken, never more taken than is held, nothing is charged but what was approved, and at
the end both books say the same. `PERDURE_SEQUENCES` is how many; `PERDURE_SEED` which.
"""

import contextlib
import json
import os
import random  # noqa: TID251
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.effects import Performer
from activities.payments import PaymentActivities
from contracts.messages import Question, Recording, Work
from domain.machine.decisions import Decision, decide
from domain.machine.transitions import carry_out, leave_unknown, make_known
from domain.model.charges import DAY_SECONDS
from domain.model.commands import (
    AuthenticationResult,
    Cancel,
    Capture,
    Command,
    Confirm,
    ExpireAuthorization,
    IncrementAuthorization,
    RefundCharge,
    RefundResult,
    ReportDispute,
    Update,
)
from domain.model.outcomes import Effect, GatewayEffect, Outcome
from domain.model.payment_intent import PaymentIntent
from domain.model.refund_events import RefundRequested
from domain.model.refunds import ChargeRefund
from domain.model.statuses import Status
from gateways.base import GatewayUnavailable
from gateways.simulator import SimulatorGateway
from simulator.app import create_app
from simulator.ledger import Ledger
from tests.support.builders import NOW, make_intent, make_method
from tests.support.fakes import MemoryCashBalances, MemoryProjection
from tests.support.serving import serving

SEQUENCES = int(os.environ.get("PERDURE_SEQUENCES", "300"))  # noqa: TID251
SEED = int(os.environ.get("PERDURE_SEED", "19"))  # noqa: TID251
STEPS_MAX = 14
TRIES_MAX = 40

CARDS = ("visa", "visa", "visa", "pendingRefund", "refundFail", "createDispute", "createDisputeInquiry",
         "authenticationRequired", "chargeDeclined")  # fmt: skip
OPTIONS = {"request_multicapture", "request_incremental_authorization", "request_overcapture"}


class Faulty(SimulatorGateway):
    """The real adapter, whose question or whose answer is lost now and then."""

    chance: random.Random
    lost = 0.0

    async def perform(self, effect: GatewayEffect) -> Outcome:
        """Ask, or do not; hear, or do not."""
        self._lose()
        outcome = await super().perform(effect)
        self._lose()
        return outcome

    def _lose(self) -> None:
        if self.chance.random() < self.lost:
            raise GatewayUnavailable("lost")


@dataclass
class Desk:
    """One gateway, its book, and the activities that ask it."""

    gateway: Faulty
    book: Ledger
    projection: MemoryProjection
    payments: PaymentActivities
    tokens: dict[str, str]
    counted: Counter[str] = field(default_factory=Counter)

    async def run(self, activity: Any, argument: Any) -> Any:
        """An activity, tried again as Temporal does it."""
        for _ in range(TRIES_MAX):
            try:
                return await ActivityEnvironment().run(activity, argument)
            except ApplicationError as error:
                if error.non_retryable:
                    raise
                self.counted["tries again"] += 1
        pytest.fail("the gateway never answered")


@dataclass
class Payment:
    """One PaymentIntent on its way, and what its buyer and its merchant have approved of."""

    desk: Desk
    chance: random.Random
    state: PaymentIntent
    now: int = NOW
    approved: int = 0
    shown: dict[str, int] = field(default_factory=dict)
    refunds: dict[str, ChargeRefund] = field(default_factory=dict)
    last: Command | None = None
    numbers: int = 0

    async def send(self, command: Command) -> None:
        """Decide, carry out, and apply, as the workflow does; now and then its answer stays away, or it comes twice."""
        decision = decide(self.state, command, self.now)
        if not isinstance(decision, Decision):
            self.desk.counted[f"{command.name} refused"] += 1
            return
        self.desk.counted[command.name] += 1
        self._approve(command)
        before, self.last = self.state, command
        if decision.effect is not None and self.chance.random() < 0.1:
            await self._unknown(command, decision)
        else:
            work = Work(intent=before, command=command, now=self.now)
            result = await self.desk.run(self.desk.payments.carry_out, work)
            assert (result.latest, result.refusal) == (None, None)
            transition = carry_out(before, command, decision, result.outcome, result.now or self.now)
            self.state = transition.after
            if self.chance.random() < 0.1:
                again = await self.desk.run(self.desk.payments.carry_out, work)
                assert again.latest in (None, self.state), "the same work twice has one effect"
        self._see()

    async def _unknown(self, command: Command, decision: Decision) -> None:
        assert decision.effect is not None
        if self.chance.random() < 0.5:
            # It arrived, and its answer did not.
            await self._performed(decision.effect)
        recording = Recording(intent=self.state, command=command, effect=decision.effect, now=self.now)
        assert await self.desk.run(self.desk.payments.record, recording) is None
        self.state = leave_unknown(self.state, command, decision, decision.effect, self.now).after
        assert self.state.pending is not None
        effect = self.state.pending
        answer = await self.desk.run(self.desk.payments.ask_gateway, Question(effect=effect))
        late = Recording(intent=self.state, effect=effect, outcome=answer.outcome, now=self.now)
        assert await self.desk.run(self.desk.payments.record, late) is None
        self.state = make_known(self.state, effect, answer.outcome, self.now).after
        self.desk.counted["answers that came late"] += 1

    async def _performed(self, effect: Effect) -> None:
        with contextlib.suppress(GatewayUnavailable):
            await Performer(self.desk.gateway, MemoryCashBalances()).perform(effect)

    def _approve(self, command: Command) -> None:
        match command:
            case Confirm():
                self.approved = int(command.changes.get("amount", self.state.amount))
            case AuthenticationResult(authentication=reference):
                # What the buyer saw at their bank, whatever the merchant has changed since.
                self.approved = self.shown[reference]
            case IncrementAuthorization(amount=more):
                self.approved = more

    def _see(self) -> None:
        recorded = self.desk.projection.records[self.state.id]
        assert recorded.intent == self.state
        assert recorded.under_way is None
        if self.state.next_action is not None:
            self.shown.setdefault(self.state.next_action.authentication, self.approved)
        for transition in self.desk.projection.transitions:
            for event in transition.events:
                if isinstance(event, RefundRequested):
                    self.refunds[event.refund.id] = event.refund
        self.desk.projection.transitions.clear()
        self.hold_the_books()

    def hold_the_books(self) -> None:
        """What must hold after every step, by the gateway's own book."""
        charge = self.state.charge
        entries = self.desk.book.entries(charge.id, 0, 1_000) if charge else []
        sums: Counter[str] = Counter()
        for entry in entries:
            assert entry["currency"] == self.state.currency
            sums[entry["operation"]] += entry["amount"]
        held, taken = sums["authorize"] + sums["increment"], sums["capture"]
        back = sums["refund"] - sums["refund_return"]
        most = charge.overcapture_maximum if charge and charge.overcapture_maximum is not None else held
        assert 0 <= back <= taken, "never more back than was taken"
        assert taken <= most, "nor taken than is held"
        assert not entries or held == self.approved, "never charged other than approved"
        assert sums["void"] <= max(0, held - taken)
        assert charge is None or charge.amount_captured == taken

    def settled(self) -> None:
        """What must hold once all news have come: both books say the same."""
        charge = self.state.charge
        entries = self.desk.book.entries(charge.id, 0, 1_000) if charge else []
        sums: Counter[str] = Counter()
        for entry in entries:
            sums[entry["operation"]] += entry["amount"]
        given = charge.amount_refunded if charge else 0
        assert given == sums["refund"] - sums["refund_return"]

    async def news(self) -> None:
        """The gateway tells what has happened meanwhile."""
        for number, body in [*self.desk.book.undelivered(), *self.desk.book.ahead()]:
            told = json.loads(body)
            # A refund's reference is for its row alone, and no news for the payment.
            if told["payment_intent"] == self.state.id and told["type"] != "refund_reference":
                await self.send(self._told(told))
            self.desk.book.delivered(number)

    def _told(self, told: dict[str, Any]) -> Command:
        match told["type"]:
            case "refund":
                result = {"succeeded": told["succeeded"], "failure_reason": told.get("failure_reason")}
                id_ = f"{told['refund']}/{told['succeeded']}"
                return RefundResult(command_id=id_, refund=self.refunds[told["refund"]], **result)
            case "dispute":
                of = {name: told[name] for name in ("charge", "reason", "status")}
                return ReportDispute(command_id=f"{told['charge']}/dispute", **of)
            case _:
                of = {"authentication": told["authentication"], "authenticated": told["authenticated"]}
                return AuthenticationResult(command_id=told["authentication"], **of)

    def some(self, most: int) -> int:
        """An amount that is around `most`, or beyond."""
        return self.chance.choice([most, max(1, most - 1), most + 1, self.chance.randint(1, max(1, most)), most * 2])

    def next(self) -> Command:
        """What somebody asks next; more often than not something that the status allows."""
        self.numbers += 1
        id_, amount = f"cmd_{self.numbers}", self.state.amount
        charge = self.state.charge
        left = charge.amount_captured - charge.amount_refunded if charge else amount
        capturable = charge.capturable if charge else amount
        confirm = Confirm(command_id=id_, return_url="https://shop.example")
        everything: list[Command] = [
            Update(command_id=id_, changes={"amount": max(50, self.some(amount))}),
            Update(command_id=id_, changes={"metadata": {"step": id_}}),
            confirm,
            replace(confirm, changes={"amount": max(50, self.some(amount))}),
            replace(confirm, payment_method=self.method()),
            Capture(command_id=id_),
            Capture(command_id=id_, amount_to_capture=self.some(capturable)),
            Capture(command_id=id_, amount_to_capture=self.some(capturable // 2 + 1), final_capture=False),
            IncrementAuthorization(command_id=id_, amount=self.some(amount + 100)),
            RefundCharge(command_id=id_),
            RefundCharge(command_id=id_, amount=self.some(left)),
            RefundCharge(command_id=id_, amount=self.some(left // 3 + 1)),
            Cancel(command_id=id_),
            ExpireAuthorization(command_id=id_),
        ]
        likely = {
            Status.REQUIRES_PAYMENT_METHOD: (4, 0), Status.REQUIRES_CONFIRMATION: (0, 2, 3),
            Status.REQUIRES_ACTION: (0,),
            Status.REQUIRES_CAPTURE: (5, 6, 7, 7, 8, 8, 9, 11), Status.SUCCEEDED: (9, 10, 11, 11),
        }.get(self.state.status, ())  # fmt: skip
        if likely and self.chance.random() < 0.8:
            return everything[self.chance.choice(likely)]
        return self.chance.choice(everything)

    def method(self) -> Any:
        """Another card."""
        name = self.chance.choice(CARDS)
        return make_method(token=self.desk.tokens[name], customer="cus_1")


@asynccontextmanager
async def desk_at(path: Path, seed: int) -> AsyncIterator[Desk]:
    app = create_app(path, "http://simulator")
    async with serving(app) as url:
        gateway = Faulty(url)
        gateway.chance = random.Random(seed)
        tokens = {}
        for name in CARDS:
            known = await gateway.tokenize_reference(f"pm_card_{name}")
            assert known is not None
            tokens[name] = known.token
        projection, book = MemoryProjection(), Ledger(path, b"s" * 32)
        payments = PaymentActivities(gateway, projection, MemoryCashBalances(), clock=lambda: NOW)
        gateway.lost = 0.05
        try:
            yield Desk(gateway, book, projection, payments, tokens)
        finally:
            book.close()
            await gateway.close()


def begun(desk: Desk, chance: random.Random) -> Payment:
    """A new intent, by any of the ways that matter to its money."""
    options = {name: "if_available" for name in sorted(OPTIONS) if chance.random() < 0.6}
    intent = make_intent(
        amount=chance.randint(50, 5_000), customer="cus_1", payment_method_options={"card": options},
        capture_method=chance.choice(["manual", "manual", "automatic"]),
        confirmation_method=chance.choice(["automatic", "automatic", "manual"]),
    )  # fmt: skip
    desk.projection.records.clear()
    payment = Payment(desk, chance, intent)
    payment.state = replace(intent, payment_method=payment.method(), status=Status.REQUIRES_CONFIRMATION)
    return payment


async def lived(payment: Payment) -> None:
    """One sequence: somebody asks, the buyer answers, news come, time passes, until nobody asks any more."""
    chance, desk = payment.chance, payment.desk
    await desk.projection.restore(payment.state)
    await payment.send(Confirm(command_id="cmd_0", return_url="https://shop.example"))
    for _ in range(chance.randint(3, STEPS_MAX)):
        action = payment.state.next_action
        if action is not None and chance.random() < 0.7:
            answer = {"authenticated": chance.random() < 0.7}
            await desk.gateway._post(f"/authentications/{action.authentication}", answer)
        if chance.random() < 0.6:
            await payment.news()
        payment.now += chance.choice([1, 60, 3_600, 8 * DAY_SECONDS]) if chance.random() < 0.3 else 1
        await payment.send(payment.next())
    await payment.news()
    payment.settled()
    desk.counted[f"ended {payment.state.status}"] += 1


@pytest.mark.timeout(900 + SEQUENCES // 10)
async def test_never_more_back_than_was_taken_and_never_charged_other_than_approved(tmp_path: Path) -> None:
    async with desk_at(tmp_path / "ledger.db", SEED) as desk:
        for number in range(SEQUENCES):
            chance = random.Random(f"{SEED}/{number}")
            try:
                await lived(begun(desk, chance))
            except BaseException as error:
                error.add_note(f"PERDURE_SEED={SEED}, sequence {number}")
                raise
    print(SEQUENCES, dict(sorted(desk.counted.items())))  # noqa: T201
    done = {name for name in desk.counted if not name.endswith("refused")}
    assert done >= {"confirm", "capture", "cancel", "increment_authorization", "refund", "refund_result", "dispute",
                    "update", "authentication_result", "expire_authorization", "answers that came late"}  # fmt: skip
