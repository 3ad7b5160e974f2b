"""Adyen's own book, as this simulator keeps it: payments, modifications, stored cards, answers by key, and news.

One SQLite file, durable against kill -9. Nothing of the engine is imported: tests hold the engine against it. A card's
number never gets here; a stored card remembers how it behaves (cards.py) and its last digits.
"""

import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simulator.objects import JsonObject

SCHEMA = """
CREATE TABLE IF NOT EXISTS cards (
    id TEXT PRIMARY KEY, shopper TEXT NOT NULL, conduct TEXT NOT NULL, shown TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY, path TEXT NOT NULL, body TEXT NOT NULL, status INTEGER, answer TEXT, since REAL NOT NULL);
CREATE TABLE IF NOT EXISTS payments (
    psp TEXT PRIMARY KEY, reference TEXT NOT NULL, currency TEXT NOT NULL, amount INTEGER NOT NULL,
    state TEXT NOT NULL, conduct TEXT NOT NULL, automatic INTEGER NOT NULL, captured INTEGER NOT NULL DEFAULT 0,
    refunded INTEGER NOT NULL DEFAULT 0, held INTEGER NOT NULL DEFAULT 0, created REAL NOT NULL,
    CHECK (captured + held <= amount), CHECK (refunded BETWEEN 0 AND captured));
CREATE INDEX IF NOT EXISTS payments_reference ON payments (reference);
CREATE TABLE IF NOT EXISTS redirects (
    id TEXT PRIMARY KEY, psp TEXT NOT NULL, return_url TEXT NOT NULL, result TEXT NOT NULL, passed INTEGER);
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, operation TEXT NOT NULL, payment TEXT NOT NULL, psp TEXT NOT NULL,
    reference TEXT NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL, created REAL NOT NULL);
CREATE TABLE IF NOT EXISTS news (
    id INTEGER PRIMARY KEY AUTOINCREMENT, item TEXT NOT NULL, due REAL NOT NULL, taken INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS news_waiting ON news (due) WHERE taken = 0;
"""

Row = sqlite3.Row


class Book:
    """Every commit reaches the write-ahead log before an answer leaves."""

    def __init__(self, path: Path) -> None:
        """Open or create the book at `path`, for this user alone."""
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and nobody else in between."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def one(self, sql: str, *values: Any) -> Row | None:
        """The row, or None."""
        row: Row | None = self._db.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, *values: Any) -> list[Row]:
        """The rows."""
        return list(self._db.execute(sql, values).fetchall())

    def write(self, sql: str, *values: Any) -> int:
        """Change something; how many rows it was."""
        return self._db.execute(sql, values).rowcount

    def payment(self, psp: str) -> Row | None:
        """One payment, by Adyen's reference."""
        return self.one("SELECT * FROM payments WHERE psp = ?", psp)

    def enter(self, operation: str, payment: Row, psp: str, reference: str, amount: int) -> None:
        """Write one movement of money into the book."""
        self.write(
            "INSERT INTO entries (operation, payment, psp, reference, amount, currency, created)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            operation, payment["psp"], psp, reference, amount, payment["currency"], now(),
        )  # fmt: skip

    def tell(self, item: JsonObject, after_seconds: float = 0.0) -> None:
        """News for the merchant, now or later; part of the transaction that it tells about."""
        self.write("INSERT INTO news (item, due) VALUES (?, ?)", json.dumps(item), now() + after_seconds)

    def waiting(self, at: float) -> list[tuple[int, JsonObject]]:
        """News that are due and were not taken, oldest first."""
        rows = self.all("SELECT id, item FROM news WHERE taken = 0 AND due <= ? ORDER BY due, id", at)
        return [(row["id"], json.loads(row["item"])) for row in rows]

    def due_in(self) -> float | None:
        """Seconds until the next are due; None when there are none."""
        row = self.one("SELECT min(due) AS due FROM news WHERE taken = 0")
        return None if row is None or row["due"] is None else max(0.0, float(row["due"]) - now())

    def entries(self, after: int, limit: int) -> list[JsonObject]:
        """The book, oldest first."""
        return [dict(row) for row in self.all("SELECT * FROM entries WHERE id > ? ORDER BY id LIMIT ?", after, limit)]


def now() -> float:
    """Unix seconds."""
    return time.time()  # noqa: TID251
