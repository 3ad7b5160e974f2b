"""What a payment is about to be made with, on the real PostgreSQL: one claims it, of any number at once."""

import asyncio
from dataclasses import replace

from sqlalchemy import null

from domain.machine.transitions import Cause
from domain.model.payment_methods import PaymentMethod
from records import customers, methods_in_use, payment_methods
from records.changing import nothing
from records.database import Database
from records.methods_in_use import UNDER_WAY_SECONDS, MethodStanding
from records.projection import PostgresProjection
from records.scope import Scope
from records.setup_tables import setup_intents
from records.setups import PostgresSetups
from records.tables import payment_intents
from tests.support.builders import NOW, confirmable, make_method, make_setup

RIVALS = 8
ROUNDS = 10


class Till:
    """A method of nobody's, and PaymentIntents that are to be paid with it."""

    def __init__(self, database: Database, scope: Scope, method: PaymentMethod) -> None:
        self.database, self.scope, self.method = database, scope, method

    async def intent(self, status: str = "requires_confirmation") -> str:
        intent = replace(confirmable(account=self.scope.account), payment_method=self.method)
        await PostgresProjection(self.database).create(intent, Cause())
        await self.database.execute(
            payment_intents.update().where(payment_intents.c.id == intent.id).values(status=status)
        )
        return intent.id

    async def look(self, intent: str, now: int = NOW, customer: str | None = None) -> MethodStanding:
        return await methods_in_use.look(self.database, self.scope, intent, self.method.id, customer, now)


async def till(database: Database, scope: Scope) -> Till:
    method = make_method(account=scope.account)
    await payment_methods.add(database, method)
    return Till(database, scope, method)


async def test_of_any_number_at_once_one_has_it(database: Database, scope: Scope) -> None:
    for _ in range(ROUNDS):
        desk = await till(database, scope)
        intents = [await desk.intent() for _ in range(RIVALS)]
        found = await asyncio.gather(*(desk.look(intent) for intent in intents))
        assert [one.claimed for one in found].count(True) == 1
        for one in found:
            assert one.method == replace(desk.method, consumed=not one.claimed)


async def test_the_record_of_its_payment_says_whether_a_claim_stands(database: Database, scope: Scope) -> None:
    for status, stands in (
        ("processing", True), ("requires_action", True), ("requires_confirmation", False),
        ("requires_payment_method", False), ("canceled", False),
    ):  # fmt: skip
        desk = await till(database, scope)
        first, second = await desk.intent(status), await desk.intent()
        assert (await desk.look(first)).claimed
        assert not (await desk.look(second)).claimed, "about to be confirmed"
        await methods_in_use.answered(database, first, desk.method.id)
        assert (await desk.look(second)).claimed != stands, status


async def test_so_does_the_record_of_what_is_set_up(database: Database, scope: Scope) -> None:
    for status, under_way, stands in (
        ("processing", None, True), ("requires_action", None, True), ("requires_confirmation", {}, True),
        ("requires_confirmation", None, False), ("requires_payment_method", None, False), ("canceled", {}, False),
    ):  # fmt: skip
        desk = await till(database, scope)
        setup, second = make_setup(account=scope.account, payment_method=desk.method), await desk.intent()
        await PostgresSetups(database).create(setup, Cause())
        now = setup_intents.update().where(setup_intents.c.id == setup.id)
        await database.execute(now.values(status=status, under_way=null() if under_way is None else under_way))
        assert (await desk.look(setup.id)).claimed
        assert not (await desk.look(second)).claimed, "about to be confirmed"
        await methods_in_use.answered(database, setup.id, desk.method.id)
        assert (await desk.look(second)).claimed != stands, (status, under_way)


async def test_who_attaches_it_meanwhile_wins_or_loses_nothing(database: Database, scope: Scope) -> None:
    customer = f"cus_{scope.account}"
    await customers.add(database, scope, customer, NOW, {})
    for _ in range(ROUNDS):
        desk = await till(database, scope)
        intent = await desk.intent()
        found, _ = await asyncio.gather(
            desk.look(intent, customer=customer),
            payment_methods.attach(
                database, scope, desk.method.id, customer, lambda before: replace(before, customer=customer), nothing
            ),
        )
        assert found.owned
        assert found.method is not None
        assert not found.method.consumed
        assert found.claimed == (found.method.customer is None)
        assert (await desk.look(intent)).method == replace(desk.method, customer=customer)


async def test_of_another_account_there_is_nothing(database: Database, scope: Scope) -> None:
    desk = await till(database, scope)
    intent, now = await desk.intent(), NOW + UNDER_WAY_SECONDS
    for other in (Scope("acct_other", livemode=False), Scope(scope.account, livemode=True)):
        found = await methods_in_use.look(database, other, intent, desk.method.id, None, now)
        assert found == MethodStanding(None, claimed=False, owned=False)


async def test_only_what_was_made_for_it_and_never_used_is_forgotten(database: Database, scope: Scope) -> None:
    desk = await till(database, scope)
    intent = await desk.intent()
    await methods_in_use.forget(database, intent, desk.method.id)
    assert await payment_methods.load(database, scope, desk.method.id) == desk.method
    made = make_method(account=scope.account)
    assert await payment_methods.add(database, made, intent)
    await methods_in_use.forget(database, intent, made.id)
    assert await payment_methods.load(database, scope, made.id) is None
