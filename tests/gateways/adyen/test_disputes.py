"""Disputes as Adyen tells of them, stage by stage: every order ends in the same, and in nothing that was not signed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from domain.machine.decisions import Decision, decide
from domain.machine.transitions import carry_out
from domain.methods.card_numbers import CardInput
from domain.model.commands import ReportDispute
from domain.model.gateway_dealings import Notice, Request
from domain.model.outcomes import Approved
from domain.model.payment_intent import PaymentIntent, held_charge
from domain.model.statuses import Status
from gateways.adyen.disputes import EVENTS, due_by
from gateways.adyen.listener import AdyenListener
from gateways.listening import Fact
from simulator.adyen.acquirer import DISPUTES
from tests.gateways.adyen.effects import ACCOUNT, PSP, authorization
from tests.gateways.adyen.published import document
from tests.gateways.adyen.standing_in import Stage, on_stage
from tests.support.builders import NOW, in_status
from tests.support.memory import ProcessMemory

PAID = 1_000
ASKED, OPENED, CHARGED, OVER = (
    "REQUEST_FOR_INFORMATION", "NOTIFICATION_OF_CHARGEBACK", "CHARGEBACK", "DISPUTE_DEFENSE_PERIOD_ENDED",
)  # fmt: skip
REVERSED, SECOND, WON, LOST = (
    "CHARGEBACK_REVERSED", "SECOND_CHARGEBACK", "PREARBITRATION_WON", "PREARBITRATION_LOST",
)  # fmt: skip
ACCEPTED, WITHDRAWN = "ISSUER_RESPONSE_TIMEFRAME_EXPIRED", "PREARBITRATION_ISSUER_WITHDRAWN"
HISTORIES = {
    (ASKED,): "warning_needs_response",
    (ASKED, OVER): "warning_closed",
    (OPENED, CHARGED): "needs_response",
    (OPENED, CHARGED, OVER): "lost",
    (ASKED, CHARGED, REVERSED): "under_review",
    (ASKED, OPENED, CHARGED, REVERSED, ACCEPTED): "won",
    (OPENED, CHARGED, REVERSED, SECOND): "lost",
    (OPENED, CHARGED, REVERSED, SECOND, WON): "won",
    (OPENED, CHARGED, REVERSED, SECOND, LOST): "lost",
    (CHARGED, REVERSED, WITHDRAWN): "won",
}
"""What Adyen may tell of one dispute, and how it stands in the end."""

UNNAMED = (REVERSED, SECOND, WON, LOST)
PAYMENT = Request(
    gateway="adyen", key="pi_1/1/authorize", operation="authorize", intent="pi_1", url="", path="", body="",
    asked_at=1, charge="ch_1", reference=PSP, outcome={"type": "approved"},
)  # fmt: skip


class Deaf:
    async def heard(self, notice: Notice) -> None:
        """There is nothing to release."""


def told(event: str, **more: Any) -> Notice:
    notice = Notice(
        gateway="adyen", event=event, succeeded=True, reference="DISPUTE1", ours="pi_1/1/authorize", amount=PAID,
        currency="eur", original="" if event in UNNAMED else PSP, unsigned={"chargebackReasonCode": "10.4"},
    )  # fmt: skip
    return replace(notice, **more)


async def facts(news: tuple[str, ...]) -> list[Fact]:
    """What each means, at the moment that it comes."""
    memory, found = ProcessMemory(), []
    listener = AdyenListener(ACCOUNT, Deaf(), memory, lambda: 5.0)  # type: ignore[arg-type]
    await memory.begin(PAYMENT)
    for event in news:
        await memory.notice(told(event))
        fact = await listener.fact(told(event))
        if fact is not None:
            assert (fact["payment_intent"], fact["charge"], fact["amount"]) == ("pi_1", "ch_1", PAID)
            found.append(fact)
    return found


def hear(state: PaymentIntent, fact: Fact) -> PaymentIntent:
    """As the engine takes it: what is late is refused."""
    command = ReportDispute(
        charge=held_charge(state).id, reason=fact["reason"], status=fact["status"], amount=fact["amount"]
    )
    decision = decide(state, command, NOW)
    return carry_out(state, command, decision, None, NOW).after if isinstance(decision, Decision) else state


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history[-1].lower() + str(len(history)))
async def test_every_order_ends_in_the_same(history: tuple[str, ...]) -> None:
    for order in permutations(history):
        state = in_status(Status.SUCCEEDED, amount=PAID)
        for fact in await facts(order):
            state = hear(state, fact)
        assert state.dispute is not None, order
        assert (state.dispute.status, state.dispute.amount) == (HISTORIES[history], PAID), order
        taken = HISTORIES[history] in ("needs_response", "under_review", "lost")
        assert state.dispute.withdrawn is taken, order


def test_every_event_is_in_some_history() -> None:
    assert {event for history in HISTORIES for event in history} == EVENTS == set(DISPUTES)


async def test_another_dispute_of_the_same_payment_is_another() -> None:
    """The time to defend one has ended, and not that of the other; and the engine is told which it hears of."""
    memory = ProcessMemory()
    listener = AdyenListener(ACCOUNT, Deaf(), memory, lambda: 5.0)  # type: ignore[arg-type]
    await memory.begin(PAYMENT)
    other = told(CHARGED, reference="DISPUTE2")
    for notice in (told(OVER), other):
        await memory.notice(notice)
    fact = await listener.fact(other)
    assert fact is not None
    assert (fact["id"], fact["status"]) == ("DISPUTE2", "needs_response")


async def test_what_is_not_signed_only_says_until_when_to_answer() -> None:
    (fact,) = await facts((CHARGED,))
    assert "due_by" not in fact
    assert due_by(told(CHARGED, unsigned={"defensePeriodEndsAt": "2021-07-31T03:03:07+02:00"})) == 1_627_693_387
    for said in ("", "tomorrow", "9999-99-99"):
        assert due_by(told(CHARGED, unsigned={"defensePeriodEndsAt": said})) is None
    memory = ProcessMemory()
    listener = AdyenListener(ACCOUNT, Deaf(), memory, lambda: 5.0)  # type: ignore[arg-type]
    await memory.begin(PAYMENT)
    claimed = await listener.fact(told(CHARGED, unsigned={"disputeStatus": "Won"}))
    assert claimed is not None
    assert claimed["status"] == "needs_response"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path) as found:
        yield found


def check(event: str, told: dict[str, Any]) -> None:
    """Raise what is wrong with a notification, if Adyen's of this event would not look like that."""
    published = document("Webhooks-v1")
    content = published["webhooks"][f"/{event}"]["post"]["requestBody"]["content"]["application/json"]
    Draft202012Validator({**content["schema"], "components": published["components"]}).validate(told)


async def test_our_adyen_tells_each_and_as_adyen_does(stage: Stage) -> None:
    token = (await stage.gateway.tokenize(CardInput(number="4111111111111111", exp_month=3, exp_year=2030))).token
    outcome = await stage.gateway.perform(authorization(token=token))
    assert isinstance(outcome, Approved)
    listener = AdyenListener(stage.account, Deaf(), stage.memory, lambda: stage.now[0])  # type: ignore[arg-type]
    statuses = {}
    for event in (ASKED, OPENED, CHARGED, REVERSED, SECOND, WON, LOST, ACCEPTED, WITHDRAWN, OVER):
        await stage.happen(outcome.authorization, event, amount=400)
        async with asyncio.timeout(60):
            while not (found := [told for told in await stage.memory.waiting("adyen", 100) if told.event == event]):
                await asyncio.sleep(0.01)
        fact = await listener.fact(found[0])
        assert fact is not None, event
        assert (fact["charge"], fact["id"], fact["amount"]) == ("ch_1", f"D{outcome.authorization[1:]}", 400)
        assert ("due_by" in fact) is (event in (OPENED, CHARGED))
        statuses[event] = fact["status"]
    assert statuses == {
        ASKED: "warning_needs_response", OPENED: "needs_response", CHARGED: "needs_response", REVERSED: "under_review",
        SECOND: "lost", WON: "won", LOST: "lost", ACCEPTED: "won", WITHDRAWN: "won", OVER: "lost",
    }  # fmt: skip
    # Of that one, Adyen's own list of events does not know, beside its description.
    for event in statuses.keys() - {WITHDRAWN}:
        (item,) = [item for item in stage.sent if item["eventCode"] == event]
        check(event, {"live": "false", "notificationItems": [{"NotificationRequestItem": item}]})
