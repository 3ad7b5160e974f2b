"""What commands say when they cannot: the cause, by its name."""

import asyncpg
import pytest

from cli.options import told
from records.base import RecordsRefused, RecordsUnavailable
from settings import SettingsError


def failure(kind: type[Exception], words: str, cause: Exception | None) -> Exception:
    error = kind(words)
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            failure(RecordsUnavailable, "no answer in time", TimeoutError()),
            "the database does not answer: no answer in",
        ),
        (failure(RecordsUnavailable, "refused", ConnectionRefusedError()), "the database does not answer: refused"),
        (failure(RecordsUnavailable, "password", asyncpg.InvalidPasswordError("x")), "the database says no: password"),
        (failure(RecordsUnavailable, "x", asyncpg.UndefinedTableError("x")), "has not the schema of this release: run"),
        (
            failure(RecordsRefused, "CheckViolationError", asyncpg.CheckViolationError("x")),
            "the database says no: Check",
        ),
        (SettingsError("DATABASE_URL is not a URL"), "DATABASE_URL is not a URL"),
    ],
)
def test_the_cause_is_called_what_it_is(error: Exception, said: str) -> None:
    assert said in told(error)
