"""Which failures of the database pass, so that nobody is told of a fault that is none."""

import asyncpg
import pytest
from sqlalchemy import text

from records.base import RecordsUnavailable
from records.database import Database, _failures_that_pass


@pytest.mark.parametrize("sqlstate", ["57P03", "57P01", "53300", "08006", "40001", "57014"])
def test_a_server_that_is_starting_or_stopping_passes(sqlstate: str) -> None:
    with pytest.raises(RecordsUnavailable), _failures_that_pass():
        raise asyncpg.PostgresError.new({"C": sqlstate, "M": "refused"})


@pytest.mark.parametrize("sqlstate", ["23505", "42P01", "22003"])
def test_a_fault_of_ours_does_not(sqlstate: str) -> None:
    with pytest.raises(asyncpg.PostgresError), _failures_that_pass():
        raise asyncpg.PostgresError.new({"C": sqlstate, "M": "refused"})


async def test_on_the_real_server(database: Database) -> None:
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await database.execute(text("INSERT INTO accounts (id, name, created) VALUES (NULL, 'x', 1)"))
