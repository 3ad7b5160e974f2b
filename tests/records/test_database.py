"""Which failures of the database pass, so that nobody is told of a fault that is none."""

import asyncpg
import pytest
from sqlalchemy import text

from records.base import RecordsRefused, RecordsUnavailable
from records.database import Database, _two_failures


@pytest.mark.parametrize("sqlstate", ["57P03", "57P01", "53300", "08006", "40001", "57014", "53100", "58030"])
def test_a_server_that_is_starting_or_stopping_passes(sqlstate: str) -> None:
    with pytest.raises(RecordsUnavailable), _two_failures():
        raise asyncpg.PostgresError.new({"C": sqlstate, "M": "refused"})


@pytest.mark.parametrize("sqlstate", ["23505", "42P01", "22003"])
def test_a_fault_of_ours_does_not(sqlstate: str) -> None:
    with pytest.raises(RecordsRefused), _two_failures():
        raise asyncpg.PostgresError.new({"C": sqlstate, "M": "refused"})


@pytest.mark.parametrize(
    "error", [OSError(), TimeoutError(), asyncpg.InterfaceError("closed"), asyncpg.InternalClientError()]
)
def test_a_connection_that_broke_passes(error: Exception) -> None:
    with pytest.raises(RecordsUnavailable), _two_failures():
        raise error


async def test_values_that_cannot_be_right_do_not(database: Database) -> None:
    with pytest.raises(RecordsRefused, match=r"^DataError"):
        await database.execute(text("SELECT CAST(:number AS int)"), {"number": "seven"})


async def test_a_connection_that_failed_is_not_handed_out_again(database: Database) -> None:
    mine, seen = text("SELECT pg_backend_pid() AS pid"), list[int]()

    async def die() -> None:
        async with database.transaction() as transaction:
            seen.extend(row.pid for row in await transaction.execute(mine))
            await transaction.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(RecordsUnavailable):
        await die()
    assert seen[0] not in [row.pid for _ in range(20) for row in await database.execute(mine)]


async def test_on_the_real_server(database: Database) -> None:
    with pytest.raises(RecordsRefused):
        await database.execute(text("INSERT INTO accounts (id, name, created) VALUES (NULL, 'x', 1)"))
