"""Temporal's list of workflows, at a third of the writing: indexes without what is not there (ADR 0021).

The dev server keeps some sixty indexes of that one table, most of them over search attributes that no payment has, and
writes an entry into each whenever a payment starts, changes or ends; and it takes two full-text indexes apart and
together again. Here an index leaves out the rows in which its column is null, and a text is indexed again only if it
has changed. Every question finds the same rows as before.
"""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

TABLE = "executions_visibility"

ASKED_FOR_WHERE_NULL = "TemporalNamespaceDivision"
"""Every listing and count asks for the rows that do not have it: an index without them would be none."""

BUSY_SECONDS = 10
"""The server may be writing: it is its file."""

_COLUMN = re.compile(r"\(\s*namespace_id,\s*(\w+)\s*,")
_OLD = re.compile(r"\bOLD\.(\w+)")
_AFTER_UPDATE = f"AFTER UPDATE ON {TABLE}"


def slim(database: Path) -> None:
    """Slim the indexes of the server's file. Twice is once.

    Raises:
        sqlite3.Error: it cannot be done here; nothing was changed.
    """
    with closing(sqlite3.connect(database, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        for kind, name, statement in _made(connection):
            connection.execute(f"DROP {kind} {name}")
            connection.execute(statement)
        connection.execute("COMMIT")


def bulky(database: Path) -> bool:
    """Whether there is something to slim, which takes a while if a lot is in it.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    with closing(sqlite3.connect(database, timeout=BUSY_SECONDS)) as connection:
        return bool(_made(connection))


def _made(connection: sqlite3.Connection) -> list[tuple[str, str, str]]:
    """What is to be made anew: kind, name, and how."""
    required = {name for _, name, _, required, *_ in connection.execute(f"PRAGMA table_xinfo({TABLE})") if required}
    query = (
        "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = ? AND type IN ('index', 'trigger') AND sql <> ''"
    )
    made = []
    for kind, name, sql in connection.execute(query, (TABLE,)):
        column = _COLUMN.search(sql)
        if kind == "index" and column and column[1] not in {*required, ASKED_FOR_WHERE_NULL} and " WHERE " not in sql:
            made.append((kind, name, f"{sql} WHERE {column[1]} IS NOT NULL"))
        elif kind == "trigger" and _AFTER_UPDATE in sql and " WHEN " not in sql:
            texts = sorted({*_OLD.findall(sql)} - {"rowid"})
            changed = " OR ".join(f"OLD.{text} IS NOT NEW.{text}" for text in texts)
            made.append((kind, name, sql.replace(_AFTER_UPDATE, f"{_AFTER_UPDATE} WHEN {changed}")))
    return made
