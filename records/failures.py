"""What a failure of PostgreSQL means: no answer, or a definite no. And its cause, in words that quote nobody's data."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from records.base import RecordsRefused, RecordsUnavailable

PASSING = ("08", "28", "3D", "40", "53", "57", "58")
"""SQLSTATE classes of failures that pass: connections, who may connect and to what, serialization, resources (a full
disk), a server that is starting or stopping, and its disk. Whatever we had begun was rolled back."""

PASSING_TOO = ("25006", "42501", "42703", "42P01", "55P03")
"""As well as these: a standby that is not the primary yet, rights that are not granted, columns and tables that are not
there before the migration was run, a lock that was not had in time. No value of a caller's leads to any of them."""

PASSED_ON = ("26000", "42P05")
"""A statement that another connection has prepared, or none: only a pooler in between brings that about."""

POOLER = (
    "a pooler in front of PostgreSQL does not keep prepared statements apart: use PgBouncer 1.21 or newer with "
    "max_prepared_statements = 200 and pool_mode = transaction, or pool_mode = session"
)


def passes(error: Exception) -> bool:
    """Whether the same may be taken later."""
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "").startswith((*PASSING, *PASSING_TOO, *PASSED_ON))
    if isinstance(error, ValueError) and not isinstance(error, OSError):
        # The driver's word for values, or an address, that cannot be right. A certificate that is not is both.
        return False
    return isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError | OSError | TimeoutError)


@contextmanager
def two_failures() -> Iterator[None]:
    """No answer, or a definite no; nothing in between."""
    try:
        yield
    except Exception as error:
        if passes(error):
            raise RecordsUnavailable(cause(error)) from error
        if isinstance(error, asyncpg.PostgresError | asyncpg.InterfaceError | UnicodeError):
            raise RecordsRefused(_refusal(error)) from error
        raise


def cause(error: Exception) -> str:
    """Why there is no answer. The server's words on these speak of itself; those of a refusal quote the row."""
    name, code = type(error).__name__, getattr(error, "sqlstate", None)
    if code in PASSED_ON:
        return f"{name}: {POOLER}"
    if isinstance(error, asyncpg.PostgresError | OSError) and str(error):
        return f"{name}: {error}"
    return f"{name}: no answer in time" if isinstance(error, TimeoutError) else name


def _refusal(error: Exception) -> str:
    """Which rule of PostgreSQL's says no; not its own words, which quote the row."""
    said = (type(error).__name__, getattr(error, "sqlstate", None), getattr(error, "constraint_name", None))
    return " ".join(word for word in said if word)
