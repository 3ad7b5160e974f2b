"""Refunds of cash balances on the real PostgreSQL: each step once, any number at once, and whoever dies is seen."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from domain.machine.balance_refunds import ASKED_AGAIN_SECONDS, OVERDUE_SECONDS
from domain.machine.transitions import Cause
from domain.model.outcomes import Accepted, Approved, Declined
from domain.model.refunds import ChargeRefund
from domain.refusals import Refusal
from gateways.base import GatewayMismatch, GatewayRejected, GatewayUnavailable
from gateways.payouts import Payouts
from records import customers, tables
from records.balance_refunds import PostgresBalanceRefunds
from records.base import RecordsRefused
from records.database import Database
from records.scope import Scope
from tests.records.test_cash_balances import Bench
from tests.support.builders import NOW
from tests.support.fakes import FakeGateway


@pytest.fixture
def bench(database: Database, scope: Scope) -> Bench:
    return Bench(database, scope)


@pytest.fixture
def refunds(bench: Bench) -> PostgresBalanceRefunds:
    return PostgresBalanceRefunds(bench.database, bench.balances)


def refund_of(bench: Bench, name: str = "a", amount: int = 400) -> ChargeRefund:
    return ChargeRefund(
        id=f"re_{name}_{bench.scope.account}", charge="", payment_intent="", payment_method="", created=NOW,
        amount=amount, currency="usd", status="requires_action", account=bench.scope.account, customer=bench.customer,
        instructions_email="jenny@example.com", method_type="customer_balance", by_email=True,
    )  # fmt: skip


async def begun(bench: Bench, refunds: PostgresBalanceRefunds, name: str = "a", amount: int = 400) -> ChargeRefund:
    refund = await refunds.begin(refund_of(bench, name, amount), Cause())
    assert isinstance(refund, ChargeRefund)
    return refund


async def events_of(bench: Bench, id_: str) -> list[str]:
    query = select(tables.events.c.type).where(tables.events.c.object_id == id_).order_by(tables.events.c.seq)
    return [row.type for row in await bench.database.execute(query)]


async def mine(bench: Bench, refunds: PostgresBalanceRefunds, now: int) -> list[tuple[str, bool]]:
    after, found = (0, ""), []
    while page := await refunds.waiting(after, now, 50):
        found += [one for one in page if one.refund.account == bench.scope.account]
        after = (page[-1].refund.created, page[-1].refund.id)
    return [(one.refund.id.split("_")[1], one.unasked) for one in found]


async def test_it_begins_once_and_ends_once(bench: Bench, refunds: PostgresBalanceRefunds) -> None:
    await bench.open("x", mode="manual")
    await bench.fund("trf_1", 1_000)
    for _ in range(2):
        refund = await begun(bench, refunds)
        assert await bench.available() == 600
    for _ in range(2):
        assert (await refunds.end(refund, "pending")).refund.status == "pending"
        assert await bench.available() == 600
    for _ in range(2):
        ended = await refunds.end(refund, "failed", "account_closed")
        assert (ended.refund.status, ended.refund.failure_reason) == ("failed", "account_closed")
        assert await bench.available() == 1_000
    assert (await refunds.end(refund, "succeeded")).refund.status == "failed"
    assert await bench.movements() == [("funded", 1_000), ("return_initiated", -400), ("return_canceled", 400)]
    told = ["refund.created", "refund.updated", "refund.updated", "refund.failed"]
    assert await events_of(bench, refund.id) == told


async def test_whose_money_is_on_its_way_stays(bench: Bench, refunds: PostgresBalanceRefunds) -> None:
    async def delete() -> None:
        await customers.delete(bench.database, bench.scope, bench.customer, lambda before, after: ())

    await bench.open("x", mode="manual")
    await bench.fund("trf_1", 400)
    refund = await begun(bench, refunds)
    assert await bench.available() == 0
    for status in ("pending", "succeeded"):
        with pytest.raises(customers.CustomerHasMoney):
            await delete()
        await refunds.end(refund, status)
    kept = await customers.load(bench.database, bench.scope, bench.customer)
    assert kept is not None
    assert not kept["deleted"]
    await delete()
    await refunds.end(refund, "failed")
    assert await bench.available() == 400, "what a bank sends back later is booked, and lost to nobody"


async def test_what_is_back_pays_who_waits(bench: Bench, refunds: PostgresBalanceRefunds) -> None:
    intent = await bench.open("x")
    await bench.fund("trf_1", 1_000)
    refund = await begun(bench, refunds, amount=700)
    assert await bench.balances.request(bench.request(intent, 1_000)) == 300
    ended = await refunds.end(refund, "canceled")
    assert (ended.intents, await bench.available()) == ([intent], 0)


async def test_never_more_than_there_is(bench: Bench, refunds: PostgresBalanceRefunds) -> None:
    await bench.open("x", mode="manual")
    await bench.fund("trf_1", 1_000)
    outcomes = await asyncio.gather(
        *(refunds.begin(refund_of(bench, f"r{number}"), Cause()) for number in range(8)),
    )
    assert sum(isinstance(one, ChargeRefund) for one in outcomes) == 2
    assert all(one.code == "balance_insufficient" for one in outcomes if isinstance(one, Refusal))
    assert await bench.available() == 200
    total = sum(net for _, net in await bench.movements())
    assert total == 200


async def test_who_was_not_heard_is_asked_again_and_who_is_overdue_is_ended(
    bench: Bench, refunds: PostgresBalanceRefunds
) -> None:
    await bench.open("x", mode="manual")
    await bench.fund("trf_1", 2_000)
    gateway = FakeGateway()
    payouts = Payouts(gateway, refunds)
    lost, heard, mismatched, answered = [
        await begun(bench, refunds, name) for name in ("lost", "heard", "mismatched", "answered")
    ]
    taken = Accepted(reference="cus_1")
    gateway.answers = [GatewayUnavailable("no"), taken, GatewayMismatch("another"), taken]
    for refund in (lost, heard, mismatched, answered):
        try:
            await payouts.ask(refund)
        except (GatewayUnavailable, GatewayMismatch):
            continue
    assert await mine(bench, refunds, NOW + ASKED_AGAIN_SECONDS - 1) == []
    again = NOW + ASKED_AGAIN_SECONDS
    assert sorted(await mine(bench, refunds, again)) == [("lost", True), ("mismatched", True)]
    waiting = {one.refund.id: one for one in await refunds.waiting((0, ""), again, 1_000)}
    await payouts.see_to(waiting[lost.id])
    assert await mine(bench, refunds, again) == [("mismatched", True)]
    late = NOW + OVERDUE_SECONDS
    assert len(await mine(bench, refunds, late)) == 4
    gateway.answered.add(answered.id)
    for one in await refunds.waiting((0, ""), late, 1_000):
        if one.refund.id in (heard.id, answered.id):
            await payouts.see_to(one)
    assert (await refunds.end(heard, "nonsense")).refund.status == "failed"
    assert (await refunds.end(answered, "nonsense")).refund.status == "requires_action"
    assert await bench.available() == 800


@pytest.mark.parametrize(
    ("answer", "status", "left"),
    [
        (Declined(decline_code="invalid_amount"), "failed", 1_000),
        (GatewayRejected("400"), "failed", 1_000),
        (Approved(authorization="cus_1"), "succeeded", 600),
    ],
)
async def test_what_the_gateway_says_at_once_is_done_at_once(
    bench: Bench, refunds: PostgresBalanceRefunds, answer: Declined | Approved | GatewayRejected, status: str, left: int
) -> None:
    await bench.open("x", mode="manual")
    await bench.fund("trf_1", 1_000)
    gateway = FakeGateway(answers=[answer])
    ended = await Payouts(gateway, refunds).ask(await begun(bench, refunds))
    assert (ended.refund.status, await bench.available()) == (status, left)


async def test_sql_knows_that_it_is_of_no_payment(bench: Bench, refunds: PostgresBalanceRefunds) -> None:
    intent = await bench.open("x", mode="manual")
    await bench.fund("trf_1", 1_000)
    refund = await begun(bench, refunds)
    for wrong in ({"payment_intent": intent}, {"charge": "ch_1"}, {"payment_intent": intent, "charge": "ch_1"}):
        here = update(tables.refunds).where(tables.refunds.c.id == refund.id)
        with pytest.raises(RecordsRefused, match="refunds_of"):
            await bench.database.execute(here.values(**wrong))
    assert (await refunds.end(replace(refund, id="re_none"), "failed")).refund.status == "requires_action"
