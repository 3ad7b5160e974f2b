"""One way to change an object: read, change and write under a lock, told of once, and not at all if it is refused."""

import asyncio
from collections.abc import Iterable

import pytest
from sqlalchemy import Executable, select

from domain.machine.transitions import Cause
from records import customers, tables
from records.base import RecordsUnavailable
from records.changing import Announce
from records.customers import Customer
from records.database import Database, Transaction
from records.events import Announcer
from records.scope import Scope
from tests.support.builders import NOW

ROUNDS = 50
WRITERS = 8


async def made(database: Database, scope: Scope, name: str = "a") -> str:
    id_ = f"cus_{scope.account}_{name}"
    await customers.add(database, scope, id_, NOW, {"balance": 0})
    return id_


def one_more(before: Customer) -> Customer:
    return {**before, "balance": before["balance"] + 1}


def announcing(scope: Scope, seed: str) -> Announce[Customer]:
    def announce(before: Customer, after: Customer) -> Iterable[Executable]:
        announcer = Announcer(scope, NOW, Cause(), seed)
        return [announcer.statement("customer.updated", "customer", after["id"], after, before)]

    return announce


async def steps(database: Database, scope: Scope, id_: str) -> list[tuple[int, int]]:
    """From what to what, as the events tell it, in their order."""
    table = tables.events
    query = select(table.c.data).where(scope.owns(table), table.c.object_id == id_).order_by(table.c.seq)
    return [(row.data["before"]["balance"], row.data["object"]["balance"]) for row in await database.execute(query)]


async def test_every_one_of_several_writers_counts(database: Database, scope: Scope) -> None:
    id_ = await made(database, scope)
    for number in range(ROUNDS):
        await asyncio.gather(
            *(
                customers.change(database, scope, id_, one_more, announcing(scope, f"{number}/{writer}"))
                for writer in range(WRITERS)
            )
        )
    loaded = await customers.load(database, scope, id_)
    assert loaded is not None
    assert loaded["balance"] == ROUNDS * WRITERS
    assert await steps(database, scope, id_) == [(n, n + 1) for n in range(ROUNDS * WRITERS)]


async def test_what_changes_nothing_is_not_told_of(database: Database, scope: Scope) -> None:
    id_ = await made(database, scope)
    same = await customers.change(database, scope, id_, lambda before: {**before}, announcing(scope, "same"))
    assert same == await customers.load(database, scope, id_)
    assert await steps(database, scope, id_) == []


async def test_a_refusal_leaves_nothing(database: Database, scope: Scope) -> None:
    id_ = await made(database, scope)

    def refuse(before: Customer) -> Customer:
        raise ValueError(before["id"])

    with pytest.raises(ValueError, match=id_):
        await customers.change(database, scope, id_, refuse, announcing(scope, "refused"))
    loaded = await customers.load(database, scope, id_)
    assert loaded is not None
    assert loaded["balance"] == 0
    assert await steps(database, scope, id_) == []


async def test_nobody_changes_what_is_anothers_or_gone(database: Database, scope: Scope) -> None:
    id_ = await made(database, scope)
    for stranger in (Scope("acct_stranger", livemode=False), Scope(scope.account, livemode=True)):
        assert await customers.change(database, stranger, id_, one_more) is None
        await customers.delete(database, stranger, id_, announcing(stranger, "stranger"))
    loaded = await customers.load(database, scope, id_)
    assert loaded is not None
    assert (loaded["balance"], loaded["deleted"]) == (0, False)
    await customers.delete(database, scope, id_, lambda before, after: ())
    assert await customers.change(database, scope, id_, one_more) is None


async def test_work_is_done_again_if_the_connection_was_dead_and_told_if_it_still_is(database: Database) -> None:
    tried = 0

    async def work(transaction: Transaction) -> str:
        nonlocal tried
        del transaction
        tried += 1
        if tried % 2:
            raise RecordsUnavailable("dead")
        return "done"

    assert await database.atomically(work) == "done"
    assert tried == 2

    async def never(transaction: Transaction) -> str:
        del transaction
        raise RecordsUnavailable("dead")

    with pytest.raises(RecordsUnavailable):
        await database.atomically(never)
