"""What was answered under each idempotency key: the same again for the same request, and 704 while one is under way."""

import hashlib
import json
from dataclasses import dataclass

from simulator.adyen.book import Book, now
from simulator.objects import JsonObject

BUSY = {
    "status": 422, "errorCode": "704", "message": "request already processed or in progress",
    "errorType": "validation",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answered:
    """Status, body, and what the header `transient-error` says, if it is sent."""

    status: int
    body: JsonObject
    transient: bool | None = None


class Keys:
    """Of all merchants of one company."""

    def __init__(self, book: Book) -> None:
        """On `book`. What was under way when this process ended was never done: it is one transaction with its end."""
        self._book = book
        book.write("DELETE FROM answers WHERE status IS NULL")

    def begin(self, key: str | None, path: str, content: bytes) -> Answered | None:
        """Take the key for this request; what there is to answer already, if it is taken."""
        if key is None:
            return None
        asked = hashlib.sha256(content).hexdigest()
        sql = "INSERT OR IGNORE INTO answers (key, path, body, since) VALUES (?, ?, ?, ?)"
        if self._book.write(sql, key, path, asked, now()):
            return None
        row = self._book.one("SELECT * FROM answers WHERE key = ?", key)
        assert row is not None
        if (row["path"], row["body"]) != (path, asked):
            # What Adyen does then is not documented. This says so, and nothing else.
            return Answered(422, BUSY, transient=False)
        if row["status"] is None:
            return Answered(422, BUSY, transient=True)
        kept = json.loads(row["answer"])
        return Answered(row["status"], kept["body"], kept["transient"])

    def keep(self, key: str | None, answered: Answered) -> None:
        """This is the answer under the key, for good."""
        if key is not None:
            kept = json.dumps({"body": answered.body, "transient": answered.transient})
            self._book.write("UPDATE answers SET status = ?, answer = ? WHERE key = ?", answered.status, kept, key)

    def forget(self, key: str | None) -> None:
        """The key counts as new."""
        if key is not None:
            self._book.write("DELETE FROM answers WHERE key = ? AND status IS NULL", key)
