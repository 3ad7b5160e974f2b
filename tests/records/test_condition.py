"""PostgreSQL as a release needs it: its schema, who lives there, and what is in between."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from records.base import RecordsUnavailable
from records.condition import RecordsCondition, ahead, check_pooler, newest
from records.database import Database
from records.failures import POOLER
from records.migrate import migrate
from records.workers import SILENCE_SECONDS_MAX, PostgresWorkers
from tests.support.databases import another, opened


@pytest.fixture
async def empty(database_url: str) -> AsyncIterator[str]:
    """A database without anything."""
    async with another(database_url, "empty") as url:
        yield url


async def condition(url: str, said: list[str]) -> str | None:
    async with opened(url, connections_max=1) as looking:
        try:
            await RecordsCondition(looking, url, said.append).check()
        except RecordsUnavailable as error:
            return str(error)
    return None


async def _pretend(url: str, revision: str) -> None:
    async with opened(url) as database:
        await database.execute(text(f"UPDATE alembic_version SET version_num = '{revision}'"))


async def test_a_database_is_well_once_it_is_migrated_and_what_is_missing_is_said(empty: str) -> None:
    said: list[str] = []
    remedy = "run `python -m records.migrate` of this release"
    assert await condition(empty, said) == f"PostgreSQL has no schema of ours: {remedy}"
    assert await migrate(empty) is None
    assert await condition(empty, said) is None
    await _pretend(empty, "0003")
    assert await condition(empty, said) == f"the schema is at 0003, and this release needs {newest()}: {remedy}"
    assert said == []


async def test_an_older_release_works_on_a_newer_schema_and_says_so_in_a_line(empty: str) -> None:
    await migrate(empty)
    await _pretend(empty, "9999")
    said: list[str] = []
    assert await condition(empty, said) is None
    assert said == [ahead("9999")]
    assert "9999" in said[0]
    assert await migrate(empty) == "9999", "it leaves it as it is"
    assert await condition(empty, said) is None


async def test_whoever_is_not_let_in_is_told_why(database_url: str) -> None:
    nowhere = database_url.replace("/perdure", "/nowhere")
    assert 'database "nowhere" does not exist' in str(await condition(nowhere, []))


class Pooled:
    """A client's connection to a pooler that hands PostgreSQL's two connections round, statement by statement."""

    def __init__(self, pooler: "Pooler") -> None:
        self.pooler, self.holds = pooler, False

    def get_server_pid(self) -> int:
        return 777

    async def fetchval(self, sql: str) -> int:
        del sql
        return self.pooler.free(self)

    async def prepare(self, sql: str) -> "Prepared":
        del sql
        self.pooler.prepared = self.pooler.free(self)
        return Prepared(self.pooler)

    def transaction(self) -> "Pooled":
        return self

    async def __aenter__(self) -> None:
        self.pooler.held = self.pooler.free(self)
        self.holds = True

    async def __aexit__(self, *_: object) -> None:
        self.pooler.held = None

    def terminate(self) -> None:
        self.pooler.ended += 1


class Prepared(Pooled):
    """A statement that was prepared on one of the two."""

    async def fetchval(self, sql: str = "") -> int:
        where = self.pooler.free(self)
        if self.pooler.held is not None and self.pooler.single:
            raise TimeoutError
        if where != self.pooler.prepared and not self.pooler.keeps_apart:
            raise asyncpg.PostgresError.new({"C": "26000", "M": 'prepared statement "s" does not exist'})
        return where


class Pooler:
    """What is in between."""

    def __init__(self, *, keeps_apart: bool, single: bool = False) -> None:
        self.single = single
        self.keeps_apart, self.prepared, self.ended, self.clients = keeps_apart, 0, 0, 0
        self.held: int | None = None

    def free(self, client: Pooled) -> int:
        if self.single:
            return 1
        if client.holds and self.held is not None:
            return self.held
        return 2 if self.held == 1 else 1

    async def connect(self, url: str, **_: Any) -> Pooled:
        assert url.startswith("postgresql://")
        self.clients += 1
        return Pooled(self)


async def test_a_pooler_that_does_not_keep_statements_apart_is_refused_with_what_to_set() -> None:
    pooler = Pooler(keeps_apart=False)
    with pytest.raises(RecordsUnavailable) as raised:
        await check_pooler("postgresql://x/y", pooler.connect)
    assert str(raised.value) == POOLER
    assert "1.21" in POOLER
    assert "max_prepared_statements" in POOLER
    assert pooler.ended == pooler.clients == 2


async def test_one_that_does_will_do(database_url: str) -> None:
    pooler = Pooler(keeps_apart=True)
    await check_pooler("postgresql://x/y", pooler.connect)
    assert pooler.ended == pooler.clients == 2
    await check_pooler(database_url)


async def test_one_with_a_single_connection_mixes_nothing_up() -> None:
    pooler = Pooler(keeps_apart=False, single=True)
    await check_pooler("postgresql://x/y", pooler.connect)
    assert pooler.ended == pooler.clients == 2


async def test_workers_are_there_while_they_say_so(database: Database) -> None:
    workers = PostgresWorkers(database)
    await database.execute(text("DELETE FROM workers"))
    with pytest.raises(RecordsUnavailable, match="no worker is there"):
        await workers.check()
    await workers.beat("1@host", "")
    await workers.beat("2@host", "b")
    await workers.beat("1@host", "")
    await workers.check()
    assert await workers.alive() == 2
    await workers.end("2@host")
    assert await workers.alive() == 1
    await database.execute(text(f"UPDATE workers SET seen = now() - interval '{SILENCE_SECONDS_MAX + 1} s'"))
    assert await workers.alive() == 0
    with pytest.raises(RecordsUnavailable, match=f"no worker was heard of for {SILENCE_SECONDS_MAX + 1} s"):
        await workers.check()
    await database.execute(text("UPDATE workers SET seen = now() - interval '2 days'"))
    await workers.beat("3@host", "")
    assert [row.id for row in await database.execute(text("SELECT id FROM workers"))] == ["3@host"]
    await workers.end("3@host")


async def test_a_pool_says_who_is_busy_and_who_waits(database_url: str) -> None:
    async with opened(database_url, connections_max=1) as one:
        assert one.connections() == {"busy": 0, "idle": 0, "waiting": 0}
        async with one.transaction():
            task = asyncio.create_task(one.ping())
            while one.connections() != {"busy": 1, "idle": 0, "waiting": 1}:
                await asyncio.sleep(0)
        await task
        assert one.connections() == {"busy": 0, "idle": 1, "waiting": 0}
