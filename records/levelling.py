"""Levelling the ledger with the records: what has moved and is not booked is booked, a page of payments at a time.

For installations from before the ledger, and after a record was restored. Beside running payments: a payment is read
first, and booked only if it is at the version that was read, so nothing is booked twice.
"""

from collections.abc import Callable

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from domain.model.hashes import JsonObject
from domain.reconciliation.balance import missing
from domain.reconciliation.books import PaymentBook
from records.balance import BOOK
from records.database import Database, Prepared
from records.reconciliation import RecordsBook
from records.transition_rows import balance_row

_LEVEL = Prepared(
    text(
        f"""
    WITH taken AS (
        SELECT p.id FROM payment_intents AS p
        JOIN jsonb_to_recordset(:read) AS r (id text, version int) ON r.id = p.id AND r.version = p.version
        FOR SHARE OF p
    ), {BOOK.format(guard="taken AS t,", only="AND t.id = b.payment_intent")}
    SELECT count(*) AS written FROM balance
    """  # noqa: S608
    ).bindparams(bindparam("read", type_=JSONB), bindparam("balance", type_=JSONB))
)


async def level(database: Database, progress: Callable[[int], None] = lambda _: None) -> int:
    """Book what is missing, of every payment; how many transactions that took. `progress` is told how many by then."""
    written = 0
    async for page in RecordsBook(database).pages():
        written += await level_page(database, page.books)
        progress(written)
    return written


async def level_page(database: Database, books: list[PaymentBook]) -> int:
    """Book what is missing of these, unless they have moved on since they were read; how many transactions."""
    rows: list[JsonObject] = []
    read = []
    for book in books:
        mine = [balance_row(one) | {"payment_intent": book.id} for one in missing(book)]
        if mine:
            rows += mine
            read.append({"id": book.id, "version": book.state.version})
    if not rows:
        return 0
    return int((await database.execute(_LEVEL, {"read": read, "balance": rows}))[0].written)
