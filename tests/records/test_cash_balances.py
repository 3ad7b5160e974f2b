"""Cash balances on the real PostgreSQL: twice is once, any number at once, and SQL refuses what cannot be."""

import asyncio
from dataclasses import replace
from typing import Any, Literal

import pytest
from sqlalchemy import insert, select, update

from domain.machine.transitions import Cause
from domain.model.outcomes import Approved, Declined, FundsKnown, MoveFunds, Refund, RequestFunds
from records import cash_balance_tables as tables
from records import cash_balances as records
from records import customers
from records.base import RecordsRefused
from records.cash_balances import PostgresCashBalances
from records.database import Database
from records.projection import PostgresProjection
from records.scope import Cursor, Scope
from tests.support.builders import NOW, make_intent

Operation = Literal["ask_funds", "apply_funds", "release_funds"]


class Bench:
    """One customer, and payments of theirs."""

    def __init__(self, database: Database, scope: Scope) -> None:
        self.database, self.scope = database, scope
        self.customer = f"cus_{scope.account}"
        self.balances = PostgresCashBalances(database, lambda: NOW)

    async def open(self, name: str, mode: str | None = None) -> str:
        if not await customers.known(self.database, self.customer):
            data = {"cash_balance": {"settings": {"reconciliation_mode": mode}}} if mode else {}
            await customers.add(self.database, self.scope, self.customer, NOW, data)
        intent = make_intent(id=f"pi_{name}_{self.scope.account}", account=self.scope.account)
        await PostgresProjection(self.database).create(intent, Cause())
        return intent.id

    def request(self, intent: str, amount: int = 1_000, attempt: int = 1) -> RequestFunds:
        return RequestFunds(
            key=f"{intent}/{attempt}/funds", intent=intent, account=self.scope.account, livemode=False,
            customer=self.customer, amount=amount, currency="usd", reference=f"R{intent[-6:]}",
        )  # fmt: skip

    def move(self, intent: str, operation: Operation, amount: int = 0, key: str = "") -> MoveFunds:
        return MoveFunds(key=key or f"{intent}/1/{operation}", intent=intent, operation=operation, amount=amount)

    async def fund(self, transfer: str, amount: int) -> Any:
        return await self.balances.fund(f"{transfer}_{self.scope.account}", self.customer, amount, "usd", None, {})

    async def available(self) -> int:
        return (await records.available(self.database, self.customer)).get("usd", 0)

    async def movements(self) -> list[tuple[str, int]]:
        found, _ = await records.newest(self.database, self.scope, Cursor(limit=100), self.customer)
        return [(one["type"], one["net_amount"]) for one in reversed(found)]


@pytest.fixture
def bench(database: Database, scope: Scope) -> Bench:
    return Bench(database, scope)


async def test_twice_is_once(bench: Bench) -> None:
    intent = await bench.open("a")
    assert [await bench.balances.request(bench.request(intent)) for _ in range(2)] == [0, 0]
    for _ in range(2):
        assert (await bench.fund("trf_1", 400)).intents == [intent]
        assert (await bench.fund("trf_2", 700)).intents == [intent]
    assert await bench.available() == 100
    assert await bench.movements() == [
        ("funded", 400), ("applied_to_payment", -400), ("funded", 700), ("applied_to_payment", -600),
    ]  # fmt: skip
    refund = Refund(key=f"{intent}/1/refund/1", authorization="R", amount=300, refund="re_1", to_balance=True)
    for _ in range(2):
        assert isinstance(await bench.balances.refund(refund), Approved)
    assert await bench.available() == 400
    more = Refund(key=f"{intent}/1/refund/2", authorization="R", amount=701, refund="re_2", to_balance=True)
    assert isinstance(await bench.balances.refund(more), Declined)


async def test_released_once_and_asked_for_again_by_another_attempt(bench: Bench) -> None:
    intent = await bench.open("a")
    await bench.balances.request(bench.request(intent))
    await bench.fund("trf_1", 400)
    second = bench.request(intent, attempt=2)
    withdrawal = bench.move(intent, "release_funds", key=f"{second.key}/withdraw")
    for _ in range(2):
        # As the performer does it, and does it again when the answer was lost.
        assert isinstance(await bench.balances.move(withdrawal), FundsKnown)
        assert await bench.balances.request(second) == 400
    assert await bench.available() == 0
    assert (await bench.fund("trf_2", 600)).intents == [intent]
    assert await bench.balances.move(bench.move(intent, "ask_funds")) == FundsKnown(applied=1_000)
    assert isinstance(await bench.balances.move(bench.move(intent, "release_funds", key="x/late")), Declined)


async def test_what_was_given_up_gets_nothing_more(bench: Bench) -> None:
    intent = await bench.open("a")
    await bench.balances.request(bench.request(intent))
    await bench.fund("trf_1", 400)
    for _ in range(2):
        assert await bench.balances.move(bench.move(intent, "release_funds")) == FundsKnown(applied=0)
    assert (await bench.fund("trf_2", 600)).intents == []
    assert await bench.available() == 1_000


async def test_by_hand_no_more_than_there_is_nor_than_is_missing(bench: Bench) -> None:
    intent = await bench.open("a", mode="manual")
    await bench.fund("trf_1", 1_500)
    assert await bench.balances.request(bench.request(intent)) == 0
    assert isinstance(await bench.balances.move(bench.move(intent, "apply_funds", 1_001)), Declined)
    for _ in range(2):
        assert await bench.balances.move(bench.move(intent, "apply_funds", 600)) == FundsKnown(applied=600)
    assert isinstance(await bench.balances.move(bench.move(intent, "apply_funds", 401, "k2")), Declined)
    assert await bench.available() == 900


@pytest.mark.parametrize("mode", ["automatic", "manual"])
async def test_as_much_as_is_said_or_nothing(bench: Bench, mode: str) -> None:
    intent = await bench.open("a", mode=mode)
    await bench.fund("trf_1", 600)
    more, some = (replace(bench.request(intent), applying=amount) for amount in (601, 400))
    for _ in range(2):
        assert await bench.balances.request(more) is None
    assert (await bench.available(), await bench.movements()) == (600, [("funded", 600)])
    assert await bench.balances.move(bench.move(intent, "ask_funds")) == FundsKnown(applied=0)
    for _ in range(2):
        assert await bench.balances.request(some) == 400
    assert await bench.available() == 200
    again = replace(bench.request(intent, attempt=2), applying=600)
    # What the attempt before had set aside is there for this one, too.
    assert await bench.balances.request(replace(again, applying=601)) is None
    assert await bench.balances.move(bench.move(intent, "ask_funds")) == FundsKnown(applied=400)
    assert await bench.balances.request(again) == 600
    assert (await bench.available(), sum(net for _, net in await bench.movements())) == (0, 0)


async def test_applied_at_once_no_more_than_there_is(bench: Bench) -> None:
    intents = [await bench.open(str(number), mode="manual") for number in range(8)]
    await bench.fund("trf_1", 2_000)
    asked = [replace(bench.request(intent, 700), applying=700) for intent in intents]
    applied = await asyncio.gather(*(bench.balances.request(effect) for effect in asked))
    assert sorted(applied, key=str) == [700, 700, *[None] * 6]
    assert await bench.available() == 600


async def test_any_number_at_once(bench: Bench) -> None:
    intents = [await bench.open(str(number)) for number in range(6)]
    await asyncio.gather(
        *(bench.balances.request(bench.request(intent, 700)) for intent in intents),
        *(bench.fund(f"trf_{number % 8}", 500) for number in range(24)),
    )
    moved = await bench.movements()
    assert sum(net for type_, net in moved if type_ == "funded") == 8 * 500
    applied = [await bench.balances.move(bench.move(intent, "ask_funds")) for intent in intents]
    held = sum(outcome.applied for outcome in applied if isinstance(outcome, FundsKnown))
    assert held + await bench.available() == 8 * 500
    assert sum(net for _, net in moved) == await bench.available()


@pytest.mark.parametrize(
    "wrong", [{"applied": 1_001}, {"applied": -1}, {"applied": 1_000, "open": True}, {"applied": 5, "open": False}]
)
async def test_sql_refuses_what_cannot_be(bench: Bench, wrong: dict[str, Any]) -> None:
    intent = await bench.open("a")
    await bench.balances.request(bench.request(intent))
    with pytest.raises(RecordsRefused, match="CheckViolationError"):
        await bench.database.execute(
            update(tables.funding_requests).where(tables.funding_requests.c.intent == intent).values(**wrong)
        )
    with pytest.raises(RecordsRefused, match="cash_balances_available"):
        await bench.database.execute(
            insert(tables.cash_balances).values(customer=bench.customer, currency="eur", available=-1)
        )
    rows = await bench.database.execute(select(tables.funding_requests.c.applied).where(
        tables.funding_requests.c.intent == intent))  # fmt: skip
    assert rows[0].applied == 0


async def test_who_has_money_stays(bench: Bench) -> None:
    intent = await bench.open("a")
    await bench.balances.request(bench.request(intent, 1_000))
    await bench.fund("trf_1", 1_400)
    with pytest.raises(customers.CustomerHasMoney):
        await customers.delete(bench.database, bench.scope, bench.customer, lambda before, after: ())
    kept = await customers.load(bench.database, bench.scope, bench.customer)
    assert kept is not None
    assert not kept["deleted"]
    assert await bench.available() == 400
    other = await bench.open("b")
    assert await bench.balances.request(bench.request(other, 400)) == 400
    await customers.delete(bench.database, bench.scope, bench.customer, lambda before, after: ())
    await bench.fund("trf_2", 300)
    assert await bench.available() == 300, "what comes too late for them is booked, and lost to nobody"


async def test_beside_a_deletion_a_transfer_comes_before_or_after(bench: Bench) -> None:
    async def delete() -> bool:
        try:
            await customers.delete(bench.database, bench.scope, bench.customer, lambda before, after: ())
        except customers.CustomerHasMoney:
            return False
        return True

    for number in range(10):
        bench.customer = f"cus_{number}_{bench.scope.account}"
        await bench.open(f"d{number}")
        _, deleted = await asyncio.gather(bench.fund(f"trf_{number}", 500), delete())
        customer = await customers.load(bench.database, bench.scope, bench.customer)
        assert customer is not None
        assert customer["deleted"] == deleted
        assert await bench.movements() == [("funded", 500)]
        assert await bench.available() == 500
