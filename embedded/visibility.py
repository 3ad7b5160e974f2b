"""Temporal's list of workflows, at a quarter of the work: no indexes for what is not there (ADR 0021).

The dev server keeps some sixty indexes of that one table, most of them over search attributes that nobody has, and
takes them all into account (writing an entry, or only working out that there is none) whenever a payment starts,
changes or ends; and it takes two full-text indexes apart and together again. Here an attribute has an index if somebody
has registered it, an index leaves out the rows in which its column is null, and a text is indexed again only if it has
changed. Every question finds the same rows as before.
"""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

TABLE = "executions_visibility"

ASKED_FOR_WHERE_NULL = "TemporalNamespaceDivision"
"""Every listing and count asks for the rows that do not have it: an index without them would be none."""

READABLE = "Proto3"
"""How namespaces are stored: as protocol buffers, in which a text stands as it is."""

BUSY_SECONDS = 10
"""The server may be writing: it is its file."""

_COLUMN = re.compile(r"\(\s*namespace_id,\s*(\w+)\s*,")
_ATTRIBUTE = re.compile(r"(Bool|Datetime|Double|Int|Keyword)\d\d")
"""Columns that search attributes get when they are registered. Texts and lists have no index of this kind."""
_OF_FEATURES = re.compile(r"Temporal\w+|BatcherUser")
"""Columns of schedules, batches and worker deployments. Payments have none of them."""
_OLD = re.compile(r"\bOLD\.(\w+)")
_AFTER_UPDATE = f"AFTER UPDATE ON {TABLE}"


def slim(database: Path) -> None:
    """Slim the indexes of the server's file. Twice is once.

    Raises:
        sqlite3.Error: it cannot be done here; nothing was changed.
    """
    with closing(sqlite3.connect(database, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        for statement in _statements(connection):
            connection.execute(statement)
        connection.execute("COMMIT")


def bulky(database: Path) -> bool:
    """Whether there is something to slim, which takes a while if a lot is in it.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    with closing(sqlite3.connect(database, timeout=BUSY_SECONDS)) as connection:
        return bool(_statements(connection))


def _statements(connection: sqlite3.Connection) -> list[str]:
    """What is to be done; nothing if it is slim, or not what we know."""
    made = dict(connection.execute("SELECT name, type FROM sqlite_master").fetchall())
    if not {TABLE, "namespaces"} <= made.keys():
        return []
    query = "SELECT name, sql FROM sqlite_master WHERE tbl_name = ? AND type = ? AND sql <> ''"
    indexes = dict(connection.execute(query, (TABLE, "index")).fetchall())
    triggers = dict(connection.execute(query, (TABLE, "trigger")).fetchall())
    return [*_indexes(connection, indexes), *_triggers(triggers)]


def _indexes(connection: sqlite3.Connection, indexes: dict[str, str]) -> list[str]:
    found = {column[1]: name for name, sql in indexes.items() if (column := _COLUMN.search(sql))}
    namespaces = connection.execute("SELECT data, data_encoding FROM namespaces").fetchall()
    statements = []
    for _, column, _, required, *_ in connection.execute(f"PRAGMA table_xinfo({TABLE})").fetchall():
        name, registered = found.get(column), _registered(namespaces, column)
        if name is None:
            if registered and found:
                # Since this was last done.
                like = indexes[next(iter(found.values()))].partition(" WHERE ")[0]
                made = _COLUMN.sub(f"(namespace_id, {column},", re.sub(r"INDEX \w+", f"INDEX by_{column}", like))
                statements.append(f"{made} WHERE {column} IS NOT NULL")
        elif registered is False:
            statements.append(f"DROP INDEX {name}")
        elif not required and column != ASKED_FOR_WHERE_NULL and " WHERE " not in indexes[name]:
            statements += [f"DROP INDEX {name}", f"{indexes[name]} WHERE {column} IS NOT NULL"]
    return statements


def _registered(namespaces: list[tuple[bytes, str]], column: str) -> bool | None:
    """Whether a namespace says that the column holds an attribute of its own; None if every workflow may have it."""
    if _OF_FEATURES.fullmatch(column) and column != ASKED_FOR_WHERE_NULL:
        return False
    if not _ATTRIBUTE.fullmatch(column) or any(encoding != READABLE for _, encoding in namespaces):
        return None
    return any(column.encode() in data for data, _ in namespaces)


def _triggers(triggers: dict[str, str]) -> list[str]:
    statements = []
    for name, sql in triggers.items():
        if _AFTER_UPDATE in sql and " WHEN " not in sql:
            texts = sorted({*_OLD.findall(sql)} - {"rowid"})
            changed = " OR ".join(f"OLD.{text} IS NOT NEW.{text}" for text in texts)
            statements += [f"DROP TRIGGER {name}", sql.replace(_AFTER_UPDATE, f"{_AFTER_UPDATE} WHEN {changed}")]
    return statements
