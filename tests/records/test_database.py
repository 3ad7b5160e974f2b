"""Which failures of the database pass, so that nobody is told of a fault that is none."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from records.base import RecordsUnavailable
from records.database import Database, _failures_that_pass


class Refused(Exception):
    """As the driver raises it."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


@pytest.mark.parametrize("sqlstate", ["57P03", "57P01", "53300", "08006", "40001", "57014"])
def test_a_server_that_is_starting_or_stopping_passes(sqlstate: str) -> None:
    with pytest.raises(RecordsUnavailable), _failures_that_pass():
        raise DBAPIError("SELECT 1", None, Refused(sqlstate))


@pytest.mark.parametrize("sqlstate", ["23505", "42P01", "22003"])
def test_a_fault_of_ours_does_not(sqlstate: str) -> None:
    with pytest.raises(DBAPIError), _failures_that_pass():
        raise DBAPIError("SELECT 1", None, Refused(sqlstate))


async def test_on_the_real_server(database: Database) -> None:
    with pytest.raises(IntegrityError):
        await database.execute(text("INSERT INTO accounts (id, name, created) VALUES (NULL, 'x', 1)"))
