"""The simulator's durable book: tokens, operations by idempotency key, and every movement of money. One SQLite file.

Its own truth: nothing of the engine is imported, so tests can hold the engine against it. Card numbers never get here;
a token remembers the name of a test card (cards.py), the last four digits and a keyed fingerprint.
"""

import contextlib
import hashlib
import hmac
import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.objects import JsonObject
from simulator.schema import SCHEMA, UPGRADES, VERSION


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement of money, in minor units of `currency`."""

    operation: str
    authorization: str
    charge: str
    amount: int
    currency: str
    key: str


def _for_us_alone(path: Path) -> None:
    """A book is made so that nobody else can read it, and one of an older release is closed. Its journals follow it."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    for kept in (path, *(path.with_name(path.name + journal) for journal in ("-wal", "-shm"))):
        with contextlib.suppress(FileNotFoundError, PermissionError):
            kept.chmod(0o600)


class Ledger:
    """Durable against kill -9: every commit reaches the write-ahead log before the answer leaves."""

    def __init__(self, path: Path, secret: bytes) -> None:
        """Open or create the book at `path`; `secret` keys the fingerprints of a new book."""
        _for_us_alone(path)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._make_schema()
        self._db.execute("INSERT OR IGNORE INTO settings VALUES ('fingerprint', ?)", (secret,))
        self._secret: bytes = self._db.execute("SELECT value FROM settings WHERE name = 'fingerprint'").fetchone()[0]

    def _make_schema(self) -> None:
        known = self._db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'authorizations'").fetchone()[0]
        version = self._db.execute("PRAGMA user_version").fetchone()[0] if known else VERSION
        for step in range(version + 1, VERSION + 1):
            upgrade = UPGRADES[step].format(schema=SCHEMA)
            self._db.executescript(f"BEGIN IMMEDIATE; {upgrade} PRAGMA user_version = {step}; COMMIT;")
        self._db.executescript(f"{SCHEMA} PRAGMA user_version = {VERSION};")

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and nobody else in between."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            # SQLite itself has undone it where the disk is full.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def fingerprint(self, number: str) -> str:
        """Equal for equal numbers, and useless without this book's secret."""
        return hmac.new(self._secret, number.encode(), hashlib.sha256).hexdigest()[:16]

    def add_token(self, token: str, card: str, facts: JsonObject, cvc_given: bool, conduct: str = "") -> None:
        """Remember a token; `conduct` is how the bank of an account behaves (accounts.py)."""
        row = (token, card, json.dumps(facts), cvc_given, int(time.time()))  # noqa: TID251
        self._db.execute("INSERT INTO tokens VALUES (?, ?, ?, ?, ?)", row)
        if conduct:
            self._db.execute("INSERT INTO conducts VALUES (?, ?)", (token, conduct))

    def conduct(self, token: str) -> str:
        """How the bank of an account behaves; one that was made before anybody asked answers soon, with the money."""
        row = self._one("SELECT conduct FROM conducts WHERE token = ?", token)
        return str(row["conduct"]) if row else "soon:"

    def token(self, token: str) -> sqlite3.Row | None:
        """What is known of a token."""
        return self._one("SELECT * FROM tokens WHERE token = ?", token)

    def answered(self, key: str) -> sqlite3.Row | None:
        """The operation done under this idempotency key, if any."""
        return self._one("SELECT * FROM operations WHERE key = ?", key)

    def remember(self, key: str, fingerprint: str, operation: str, answer: JsonObject, asked: JsonObject) -> None:
        """Keep the answer, and what was asked, so that the same key gets both again."""
        row = (key, fingerprint, operation, json.dumps(answer), int(time.time()), json.dumps(asked))  # noqa: TID251
        sql = "INSERT INTO operations (key, fingerprint, operation, answer, created, asked) VALUES (?, ?, ?, ?, ?, ?)"
        self._db.execute(sql, row)

    def open_authorization(self, id_: str, token: str, charge: str, currency: str, amount: int) -> None:
        """Start a hold."""
        sql = "INSERT INTO authorizations (id, token, charge, currency, amount) VALUES (?, ?, ?, ?, ?)"
        self._db.execute(sql, (id_, token, charge, currency, amount))

    def authorization(self, id_: str) -> sqlite3.Row | None:
        """One hold, and what has been taken of it."""
        return self._one("SELECT * FROM authorizations WHERE id = ?", id_)

    def change_authorization(self, id_: str, **values: int) -> None:
        """Set `amount`, `captured`, `refunded` or `open`; the CHECKs hold the sums."""
        sets = ", ".join(f"{name} = ?" for name in values)
        self._db.execute(f"UPDATE authorizations SET {sets} WHERE id = ?", (*values.values(), id_))  # noqa: S608

    def start_authentication(self, id_: str, token: str, charge: str, reference: str) -> None:
        """The bank waits for the buyer."""
        row = (id_, token, charge, reference)
        self._db.execute("INSERT INTO authentications (id, token, charge, reference) VALUES (?, ?, ?, ?)", row)

    def challenge_amount(self, id_: str, amount: int, currency: str) -> None:
        """Keep what the buyer's page is to say: how much this authentication is about."""
        self._db.execute("INSERT INTO challenged_amounts VALUES (?, ?, ?)", (id_, amount, currency))

    def challenged_amount(self, id_: str) -> sqlite3.Row | None:
        """How much an authentication is about; None where a method is set up, and nothing paid."""
        return self._one("SELECT * FROM challenged_amounts WHERE authentication = ?", id_)

    def authentication(self, id_: str) -> sqlite3.Row | None:
        """One authentication and how it stands: pending, authenticated or failed."""
        return self._one("SELECT * FROM authentications WHERE id = ?", id_)

    def finish_authentication(self, id_: str, state: str) -> None:
        """The buyer answered; the first answer counts."""
        self._db.execute("UPDATE authentications SET state = ? WHERE id = ? AND state = 'pending'", (state, id_))

    def start_verification(self, id_: str, token: str, kind: str) -> None:
        """Deposits are sent to an account: two amounts, or one with a code."""
        self._db.execute("INSERT INTO verifications (id, token, kind) VALUES (?, ?, ?)", (id_, token, kind))

    def verification(self, id_: str) -> sqlite3.Row | None:
        """One verification: pending or verified."""
        return self._one("SELECT * FROM verifications WHERE id = ?", id_)

    def verified(self, token: str) -> bool:
        """Whether the account is known to be its buyer's."""
        return self._one("SELECT 1 FROM verifications WHERE token = ? AND state = 'verified'", token) is not None

    def finish_verification(self, id_: str) -> None:
        """What the buyer said is what was deposited."""
        self._db.execute("UPDATE verifications SET state = 'verified' WHERE id = ?", (id_,))

    def start_settlement(
        self, id_: str, token: str, charge: str, amount: int, currency: str, seconds: float | None, reason: str
    ) -> None:
        """A bank will answer in so many seconds (never, if None): with the money, or why not."""
        due = None if seconds is None else time.time() + seconds  # noqa: TID251
        row = (id_, token, charge, amount, currency, due, reason)
        sql = "INSERT INTO settlements (id, token, charge, amount, currency, due, reason) VALUES (?, ?, ?, ?, ?, ?, ?)"
        self._db.execute(sql, row)

    def settlement(self, id_: str) -> sqlite3.Row | None:
        """One debit that a bank answers later: pending, settled, returned or voided."""
        return self._one("SELECT * FROM settlements WHERE id = ?", id_)

    def is_due(self, settlement: sqlite3.Row, at: int) -> bool:
        """Whether the bank has answered by now, or by `at`: a payment's own clock may be ahead of ours."""
        return settlement["due"] is not None and settlement["due"] <= max(time.time(), at)  # noqa: TID251

    def finish_settlement(self, id_: str, state: str) -> None:
        """The bank has answered."""
        self._db.execute("UPDATE settlements SET state = ? WHERE id = ? AND state = 'pending'", (state, id_))

    def add_voucher(self, **values: Any) -> None:
        """Show a buyer how to pay; the columns are those of the table."""
        self._insert("vouchers", values)

    def voucher(self, id_: str) -> sqlite3.Row | None:
        """One voucher or code: pending, paid, failed, expired or voided."""
        return self._one("SELECT * FROM vouchers WHERE id = ?", id_)

    def change_voucher(self, id_: str, **values: Any) -> None:
        """Set its `state`, or how its buyer behaves: `due` and `reason`. What has ended stays as it is."""
        sets = ", ".join(f"{name} = ?" for name in values)
        sql = f"UPDATE vouchers SET {sets} WHERE id = ? AND state = 'pending'"  # noqa: S608
        self._db.execute(sql, (*values.values(), id_))

    def add_payout(self, **values: Any) -> None:
        """Somebody is asked by e-mail where a refund is to go; the columns are those of the table."""
        self._insert("payouts", values)

    def payout(self, refund: str) -> sqlite3.Row | None:
        """One such refund: asked, canceled or failed."""
        return self._one("SELECT * FROM payouts WHERE refund = ?", refund)

    def lapsed_payouts(self) -> list[sqlite3.Row]:
        """Those whose receivers have not answered in time."""
        sql = "SELECT * FROM payouts WHERE state = 'asked' AND due IS NULL AND expires <= ?"
        return self._db.execute(sql, (time.time(),)).fetchall()  # noqa: TID251

    def end_payout(self, refund: str, state: str) -> None:
        """Nobody is asked any more, and what was going to be told of it is not told."""
        self._db.execute("UPDATE payouts SET state = ? WHERE refund = ?", (state, refund))
        news = "DELETE FROM notifications WHERE delivered = 0 AND body ->> '$.refund' = ?"
        self._db.execute(news, (refund,))

    def standing_transfers(self, currency: str) -> int:
        """What has come in by bank transfer in a currency, less what was given back of it."""
        received = "SELECT coalesce(sum(amount), 0) FROM entries WHERE operation = 'fund' AND currency = ?"
        given = (
            "SELECT coalesce(sum(amount), 0) FROM payouts WHERE state = 'asked' AND currency = ? "
            "AND authorization NOT IN (SELECT id FROM authorizations)"
        )
        received_, given_ = (self._db.execute(sql, (currency,)).fetchone()[0] for sql in (received, given))
        return int(received_) - int(given_)

    def add_modification(self, id_: str, operation: str, authorization: str, request: str, seconds: float) -> None:
        """Something is taken on, to be done so many seconds from now."""
        row = (id_, operation, authorization, request, time.time() + seconds)  # noqa: TID251
        sql = "INSERT INTO modifications (id, operation, authorization, request, due) VALUES (?, ?, ?, ?, ?)"
        self._db.execute(sql, row)

    def due_modifications(self) -> list[sqlite3.Row]:
        """What was taken on and is to be done by now, oldest first."""
        sql = "SELECT * FROM modifications WHERE done = 0 AND due <= ? ORDER BY due"
        return self._db.execute(sql, (time.time(),)).fetchall()  # noqa: TID251

    def hasten(self) -> None:
        """What was taken on is to be done now."""
        self._db.execute("UPDATE modifications SET due = 0 WHERE done = 0")

    def end_modification(self, id_: str) -> None:
        """It is done, or cannot be."""
        self._db.execute("UPDATE modifications SET done = 1 WHERE id = ?", (id_,))

    def change_answer(self, key: str, answer: JsonObject) -> None:
        """What an operation that was taken on has come to, for whoever asks by its key."""
        self._db.execute("UPDATE operations SET answer = ? WHERE key = ?", (json.dumps(answer), key))

    def intent_of(self, authorization: str) -> str:
        """Whose authorization it is: the key of it begins with that."""
        row = self._one("SELECT key FROM entries WHERE authorization = ? ORDER BY id LIMIT 1", authorization)
        return str(row["key"]).partition("/")[0] if row else ""

    def notify(self, body: str, after_seconds: float = 0) -> None:
        """Something to tell the engine, now or later; part of the transaction that it tells about."""
        due = time.time() + after_seconds  # noqa: TID251
        self._db.execute("INSERT INTO notifications (body, due) VALUES (?, ?)", (body, due))

    def undelivered(self, late_seconds: float = 0) -> list[tuple[int, str]]:
        """What is due, or was so long ago, and the engine has not taken yet, oldest first."""
        sql = "SELECT id, body FROM notifications WHERE delivered = 0 AND due <= ? ORDER BY due, id"
        rows = self._db.execute(sql, (time.time() - late_seconds,)).fetchall()  # noqa: TID251
        return [(row["id"], row["body"]) for row in rows]

    def ahead(self) -> list[tuple[int, str]]:
        """What is not due yet, oldest first."""
        sql = "SELECT id, body FROM notifications WHERE delivered = 0 AND due > ? ORDER BY due, id"
        return [(row["id"], row["body"]) for row in self._db.execute(sql, (time.time(),)).fetchall()]  # noqa: TID251

    def postpone(self, number: int, seconds: float) -> None:
        """Tell it so many seconds from now."""
        self._db.execute("UPDATE notifications SET due = ? WHERE id = ?", (time.time() + seconds, number))  # noqa: TID251

    def due_in(self, late_seconds: float = 0) -> float | None:
        """Seconds until the next piece of news is due, or something is to be done; None when there is nothing."""
        told = self._db.execute("SELECT min(due) AS due FROM notifications WHERE delivered = 0").fetchone()["due"]
        done = self._db.execute("SELECT min(due) AS due FROM modifications WHERE done = 0").fetchone()["due"]
        due = [float(told) + late_seconds] if told is not None else []
        due += [float(done)] if done is not None else []
        return max(0.0, min(due) - time.time()) if due else None  # noqa: TID251

    def delivered(self, number: int) -> None:
        """The engine has it."""
        self._db.execute("UPDATE notifications SET delivered = 1 WHERE id = ?", (number,))

    def book(self, entry: Entry) -> None:
        """Write one movement; a second one under the same key is impossible."""
        sql = (
            "INSERT INTO entries (operation, authorization, charge, amount, currency, key, created) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)"
        )
        row = (entry.operation, entry.authorization, entry.charge, entry.amount, entry.currency, entry.key)
        self._db.execute(sql, (*row, int(time.time())))  # noqa: TID251

    def entries(self, charge: str | None, after: int, limit: int) -> list[JsonObject]:
        """The book, oldest first; of one charge, or of all."""
        # Two statements, so that each finds its index.
        if charge is None:
            rows = self._db.execute("SELECT * FROM entries WHERE id > ? ORDER BY id LIMIT ?", (after, limit))
        else:
            sql = "SELECT * FROM entries WHERE charge = ? AND id > ? ORDER BY id LIMIT ?"
            rows = self._db.execute(sql, (charge, after, limit))
        return [dict(row) for row in rows]

    def add_setup(self, key: str, attempt: str, token: str) -> None:
        """A method is good for payments to come; a second time under the same key is impossible."""
        row = (key, attempt, token, int(time.time()))  # noqa: TID251
        self._db.execute("INSERT INTO setups (key, attempt, token, created) VALUES (?, ?, ?, ?)", row)

    def setups(self, intent: str | None, after: int, limit: int) -> list[JsonObject]:
        """What was set up, oldest first; for whom the keys of one `intent` say, or all of it."""
        if intent is None:
            rows = self._db.execute("SELECT * FROM setups WHERE id > ? ORDER BY id LIMIT ?", (after, limit))
        else:
            # "0" comes after "/": all that begins with the intent's id and a slash, by the index of keys.
            sql = "SELECT * FROM setups WHERE key > ? AND key < ? AND id > ? ORDER BY id LIMIT ?"
            rows = self._db.execute(sql, (f"{intent}/", f"{intent}0", after, limit))
        return [dict(row) for row in rows]

    def totals(self) -> dict[str, dict[str, int]]:
        """Sum of amounts and number of entries, by operation."""
        sql = "SELECT operation, count(*) AS entries, sum(amount) AS amount FROM entries GROUP BY operation"
        return {row["operation"]: {"entries": row["entries"], "amount": row["amount"]} for row in self._db.execute(sql)}

    def add_dispute(self, **values: Any) -> None:
        """A buyer's bank disputes a charge; the columns are those of the table."""
        self._insert("disputes", values)

    def dispute(self, id_: str) -> sqlite3.Row | None:
        """One dispute; its state is Stripe's status."""
        return self._one("SELECT * FROM disputes WHERE id = ?", id_)

    def dispute_of(self, charge: str) -> sqlite3.Row | None:
        """That of a charge, if it has one."""
        return self._one("SELECT * FROM disputes WHERE charge = ?", charge)

    def change_dispute(self, id_: str, state: str) -> None:
        """The bank has decided, or the merchant has given up."""
        self._db.execute("UPDATE disputes SET state = ? WHERE id = ?", (state, id_))

    def _insert(self, table: str, values: JsonObject) -> None:
        names, marks = ", ".join(values), ", ".join("?" for _ in values)
        self._db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values()))  # noqa: S608

    def _one(self, sql: str, *values: str) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
        return row
