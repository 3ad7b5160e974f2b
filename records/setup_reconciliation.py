"""What the records have of every SetupIntent of all accounts, as reconciliation compares it.

As reconciliation.py has it for payments: in pages by id, each page a handful of statements.
"""

from collections.abc import AsyncIterator, Sequence

from sqlalchemy import ARRAY, Text, any_, bindparam, select

from domain.reconciliation.books import EventSeen, Unreadable
from domain.reconciliation.setup_book import AttemptRow, MethodRow, SetupBook, SetupPage, SetupRow
from records.codec import load_attempt, load_setup
from records.database import Database, Prepared, Row
from records.reconciliation import PAGE, UNREADABLE, why_unreadable
from records.setup_tables import setup_attempts, setup_intents
from records.tables import customers, events, mandates, payment_methods

_IDS = bindparam("ids", type_=ARRAY(Text))
_S, _A, _M = setup_intents.c, setup_attempts.c, payment_methods.c
_INTENTS = select(
    _S.id, _S.version, _S.status, _S.customer, _S.payment_method, _S.attach_to_self, _S.data, _S.under_way,
    _S.owed_since,
)  # fmt: skip
_PAGE = Prepared(_INTENTS.where(_S.id > bindparam("after")).order_by(_S.id).limit(PAGE))
_NAMED = Prepared(_INTENTS.where(_S.id == any_(_IDS)).order_by(_S.id))
_ATTEMPTS = Prepared(select(_A.id, _A.setup_intent, _A.status, _A.data).where(_A.setup_intent == any_(_IDS)))
_EVENTS = Prepared(
    select(events.c.id, events.c.type, events.c.object_id, events.c.created)
    .where(events.c.object_id == any_(_IDS))
    .order_by(events.c.seq)
)
_MANDATES = Prepared(select(mandates.c.id).where(mandates.c.id == any_(_IDS)))
_METHODS = Prepared(select(_M.id, _M.customer, _M.consumed).where(_M.id == any_(_IDS)))
_GONE = Prepared(select(customers.c.id).where(customers.c.id == any_(_IDS), customers.c.deleted))


class SetupRecordsBook:
    """Reads it."""

    def __init__(self, database: Database) -> None:
        """From `database`."""
        self._database = database

    async def pages(self) -> AsyncIterator[SetupPage]:
        """Every SetupIntent, by id."""
        after = ""
        while rows := await self._database.execute(_PAGE, {"after": after}):
            yield await self._read(rows)
            after = rows[-1].id

    async def of(self, ids: Sequence[str]) -> SetupPage:
        """These SetupIntents, as far as they are there."""
        return await self._read(await self._database.execute(_NAMED, {"ids": list(ids)}))

    async def _read(self, rows: list[Row]) -> SetupPage:
        books, unreadable = dict[str, SetupBook](), list[Unreadable]()
        for row in rows:
            try:
                books[row.id] = _book(row)
            except UNREADABLE as error:
                unreadable.append(Unreadable(row.id, why_unreadable(error)))
        for row in await self._database.execute(_ATTEMPTS, {"ids": list(books)}):
            try:
                attempt = load_attempt(row.data)
            except UNREADABLE as error:
                if books.pop(row.setup_intent, None):
                    unreadable.append(Unreadable(row.setup_intent, why_unreadable(error)))
                continue
            if row.setup_intent in books:
                found = AttemptRow(id=row.id, status=row.status, attempt=attempt)
                books[row.setup_intent].attempts.append(found)
        await self._add_what_is_named(books)
        return SetupPage(list(books.values()), unreadable)

    async def _add_what_is_named(self, books: dict[str, SetupBook]) -> None:
        """Events, and what each names of other tables."""
        for row in await self._database.execute(_EVENTS, {"ids": list(books)}):
            books[row.object_id].events.append(EventSeen(row.id, row.type, row.object_id, row.created))
        every = list(books.values())
        mandates_there = await self._there(_MANDATES, {id_ for book in every for id_ in book.named_mandates})
        kept = await self._there(_METHODS, {id_ for book in every for id_ in book.kept})
        gone = await self._there(_GONE, {book.state.customer for book in every if book.state.customer})
        for book in every:
            book.mandates = book.named_mandates & mandates_there.keys()
            book.methods = {
                id_: MethodRow(customer=kept[id_].customer, consumed=kept[id_].consumed)
                for id_ in book.kept
                if id_ in kept
            }
            book.customer_gone = book.state.customer in gone

    async def _there(self, statement: Prepared, ids: set[str]) -> dict[str, Row]:
        """Those of these ids that have a row."""
        if not ids:
            return {}
        return {row.id: row for row in await self._database.execute(statement, {"ids": sorted(ids)})}


def _book(row: Row) -> SetupBook:
    columns = SetupRow(
        version=row.version, status=row.status, customer=row.customer, payment_method=row.payment_method,
        attach_to_self=row.attach_to_self,
    )  # fmt: skip
    return SetupBook(
        id=row.id,
        row=columns,
        state=load_setup(row.data),
        begun=int(row.under_way["now"]) if row.under_way else None,
        owed_since=row.owed_since,
    )
