"""Payments that may have duplicates: who was confirmed last, and what it has in common with others.

A row is a claim, made before the confirmation is sent, by one at a time for what is alike. What became of it is in the
record of the payment: a decline needs no release, and a process that dies between the two leaves a claim that lapses.
"""

import hashlib

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, LargeBinary, Table, Text, text, update
from sqlalchemy.dialects.postgresql import insert

from domain.machine.duplicates import Choice, Guard
from records.database import Database, Transaction
from records.scope import Scope
from records.tables import metadata

table = Table(
    "recent_payments",
    metadata,
    Column("payment_intent", Text, primary_key=True),
    Column("account", Text, ForeignKey("accounts.id"), nullable=False),
    Column("livemode", Boolean, nullable=False),
    # What it has in common with others (domain/machine/duplicates.py), hashed.
    Column("likeness", LargeBinary, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("under_way_until", BigInteger, nullable=False),
    Index("recent_payments_alike", "account", "livemode", "likeness", "since"),
    Index("recent_payments_since", "since"),
)

UNDER_WAY_SECONDS = 60
"""How long a confirmation counts as under way when nobody says how it ended: four times what its sender waits."""

KEPT_SECONDS = 30 * 86_400
"""A row is of use while its payment is under way, and a window longer. No debit is answered later than that."""

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:alike, 14))")

_FIRST = text(
    """
    SELECT r.payment_intent AS id FROM recent_payments r LEFT JOIN payment_intents p ON p.id = r.payment_intent
    WHERE r.account = :account AND r.livemode = :livemode AND r.likeness = :likeness AND r.payment_intent <> :own
    AND (r.under_way_until > :now OR p.status = 'processing'
         OR (p.under_way IS NOT NULL AND p.status NOT IN ('succeeded', 'canceled'))
         OR (p.status IN ('succeeded', 'requires_capture') AND (r.since > :from OR EXISTS (
             SELECT 1 FROM events e WHERE e.object_id = p.id AND e.created > :from
             AND e.type IN ('payment_intent.succeeded', 'payment_intent.amount_capturable_updated')))))
    ORDER BY r.since, r.payment_intent LIMIT 1
    """
)

_FORGET = text(
    """
    DELETE FROM recent_payments WHERE payment_intent IN (
        SELECT payment_intent FROM recent_payments WHERE since < :before LIMIT 20 FOR UPDATE SKIP LOCKED)
    """
)


async def claim(database: Database, scope: Scope, id_: str, likeness: str, guard: Guard, now: int) -> str | None:
    """Claim what the payment `id_` has in common with others; the id of the first, if it is a duplicate.

    Who is to be refused claims nothing. A payment is never its own duplicate, so this can be repeated.
    """
    alike = hashlib.sha256(likeness.encode()).digest()
    row = {
        "payment_intent": id_, "account": scope.account, "livemode": scope.livemode, "likeness": alike, "since": now,
        "under_way_until": now + UNDER_WAY_SECONDS,
    }  # fmt: skip
    named = {name: row[name] for name in ("account", "livemode", "likeness")}
    find = _FIRST.bindparams(**named, own=id_, now=now, **{"from": now - guard.seconds})
    lock = _LOCK.bindparams(alike=f"{scope.account}/{scope.livemode}/{alike.hex()}")
    write = insert(table).values(row).on_conflict_do_update(index_elements=["payment_intent"], set_=row)

    async def work(transaction: Transaction) -> str | None:
        await transaction.execute(lock)
        found = await transaction.execute(find)
        first: str | None = found[0].id if found else None
        if first is None or guard.choice is Choice.FLAG:
            await transaction.execute(write)
            await transaction.execute(_FORGET.bindparams(before=now - KEPT_SECONDS))
        return first

    return await database.atomically(work)


async def ended(database: Database, id_: str) -> None:
    """The confirmation was answered: from here on the record of the payment says whether it counts."""
    await database.execute(update(table).where(table.c.payment_intent == id_).values(under_way_until=0))
