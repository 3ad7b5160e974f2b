"""Rows by id: what is looked for at the same moment is one statement, and nobody gets what is another's."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from domain.machine.transitions import Cause
from records import payment_intents
from records.accounts import ensure_account
from records.base import RecordsUnavailable
from records.database import Database
from records.projection import PostgresProjection
from records.scope import Scope
from tests.support.builders import NOW, make_intent
from tests.support.watched import Watched


@pytest.fixture
async def watched(database_url: str) -> AsyncIterator[Watched]:
    database = Watched(database_url)
    yield database
    await database.close()


async def written(database: Database, scope: Scope, number: int) -> str:
    intent = make_intent(id=f"pi_{scope.account}_{number}", account=scope.account)
    await PostgresProjection(database).create(intent, Cause())
    return intent.id


async def test_at_the_same_moment_they_are_one_statement(watched: Watched, database: Database, scope: Scope) -> None:
    ids = [await written(database, scope, number) for number in range(20)]
    wanted = [*ids, "pi_nobody", ids[3]]
    found = await asyncio.gather(*(payment_intents.load(watched, scope, id_) for id_ in wanted))
    assert [intent and intent.id for intent in found] == [*ids, None, ids[3]]
    assert watched.statements == 1
    for id_ in ids[:2]:
        await payment_intents.load(watched, scope, id_)
    assert watched.statements == 3, "one after the other they are two"


async def test_the_same_moment_is_no_way_into_another_account(
    watched: Watched, database: Database, scope: Scope
) -> None:
    stranger = Scope(f"{scope.account}x", livemode=False)
    await ensure_account(database, stranger.account, "stranger", NOW)
    mine, theirs = await written(database, scope, 1), await written(database, stranger, 1)
    asked = [(scope, mine), (scope, theirs), (stranger, mine), (stranger, theirs), (Scope(scope.account, True), mine)]
    found = await asyncio.gather(*(payment_intents.load(watched, *question) for question in asked))
    assert [intent and intent.id for intent in found] == [mine, None, None, theirs, None]


async def test_if_nobody_answers_everyone_is_told(watched: Watched, database: Database, scope: Scope) -> None:
    ids = [await written(database, scope, number) for number in range(3)]
    watched.away = True
    told = await asyncio.gather(*(payment_intents.load(watched, scope, id_) for id_ in ids), return_exceptions=True)
    assert [type(error) for error in told] == [RecordsUnavailable] * 3
    watched.away = False
    assert await payment_intents.load(watched, scope, ids[0]) is not None, "and the next one asks again"


async def test_who_does_not_wait_any_more_spoils_it_for_nobody(
    watched: Watched, database: Database, scope: Scope
) -> None:
    ids = [await written(database, scope, number) for number in range(3)]
    first, *others = [asyncio.ensure_future(payment_intents.load(watched, scope, id_)) for id_ in ids]
    await asyncio.sleep(0)
    first.cancel()
    found = await asyncio.gather(*others)
    assert [intent and intent.id for intent in found] == ids[1:]
    assert first.cancelled()
