"""What the records have of every PaymentIntent and cash balance of all accounts, as reconciliation compares it.

In pages by id, each page a handful of statements; what is about many payments at once is one statement that answers
with what does not fit. Nothing is judged here (domain/reconciliation/).
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence

from pydantic import ValidationError
from sqlalchemy import ARRAY, BigInteger, Text, any_, bindparam, cast, func, select, text

from domain.machine.balance_refunds import RETURNED
from domain.model.shares import destination_payment_id, fee_id, transfer_id
from domain.reconciliation.books import (
    Balance,
    ChargeRow,
    EventSeen,
    Funding,
    IntentRow,
    MethodUse,
    Misbooked,
    Page,
    PaymentBook,
    RefundRow,
    Step,
    Transfer,
    Undelivered,
    Unreadable,
)
from domain.refusals import InvariantViolation
from records.balance_tables import balance_transactions
from records.codec import load_charge, load_dispute, load_intent, load_refund
from records.database import Database, Prepared, Row
from records.share_tables import share_returns, shares
from records.shares import return_of_row
from records.tables import charges, disputes, events, mandates, payment_intents, refunds

PAGE = 200
"""About 1.5 MiB of states; a worker that reconciles beside its payments is busy with a page for 40 ms (measured)."""

STATEMENT_SECONDS_MAX = 600.0
"""For `Database`: what is about all payments reads whole tables."""

UNREADABLE = (ValueError, TypeError, LookupError, InvariantViolation)
"""How a row fails that was not written by this release, or by nobody who may."""

_IDS = bindparam("ids", type_=ARRAY(Text))
_I, _C, _R, _D, _B = payment_intents.c, charges.c, refunds.c, disputes.c, balance_transactions.c
_S = shares.c
_INTENTS = select(
    _I.id, _I.version, _I.status, _I.amount, _I.amount_capturable, _I.amount_received, _I.currency, _I.data,
    _I.under_way,
)  # fmt: skip
_PAGE = Prepared(_INTENTS.where(_I.id > bindparam("after")).order_by(_I.id).limit(PAGE))
_NAMED = Prepared(_INTENTS.where(_I.id == any_(_IDS)).order_by(_I.id))
_CHARGES = Prepared(
    select(_C.id, _C.payment_intent, _C.status, _C.amount, _C.amount_captured, _C.amount_refunded, _C.data)
    .where(_C.payment_intent == any_(_IDS))
    .order_by(_C.id)
)
_REFUNDS = Prepared(
    select(_R.id, _R.payment_intent, _R.status, _R.amount, _R.data).where(_R.payment_intent == any_(_IDS))
)
_DISPUTES = Prepared(select(_D.payment_intent, _D.data).where(_D.payment_intent == any_(_IDS)))
_SHARES = Prepared(select(_S.id, _S.payment_intent, _S.amount, _S.returned).where(_S.payment_intent == any_(_IDS)))
_SHARE_RETURNS = Prepared(
    select(share_returns, _S.payment_intent)
    .join(shares, _S.id == share_returns.c.share)
    .where(share_returns.c.share == any_(_IDS))
)
_BOOKED = Prepared(
    select(_B.source, cast(func.sum(_B.amount), BigInteger).label("amount"), func.array_agg(_B.id).label("ids"))
    .where(_B.source == any_(_IDS))
    .group_by(_B.source)
)
_MANDATES = Prepared(select(mandates.c.id).where(mandates.c.id == any_(_IDS)))
_EVENTS = Prepared(
    select(events.c.id, events.c.type, events.c.object_id, events.c.created)
    .where(events.c.object_id == any_(_IDS))
    .order_by(events.c.seq)
)
_FUNDING = Prepared(
    text(
        """
    SELECT r.intent, r.applied, r.refunded,
        (SELECT coalesce(-sum(t.net_amount), 0) FROM cash_balance_transactions AS t
         WHERE t.customer = r.customer AND t.data ->> 'payment_intent' = r.intent)::bigint AS moved,
        (SELECT coalesce(sum(t.net_amount), 0) FROM cash_balance_transactions AS t
         WHERE t.customer = r.customer AND t.type = 'refunded_from_payment'
           AND split_part(t.key, '/', 1) = r.intent)::bigint AS returned
    FROM funding_requests AS r WHERE r.intent = ANY(:ids)
    """
    ).bindparams(_IDS)
)
_BALANCES = text(
    """
    SELECT b.customer, b.currency, b.available, coalesce(sum(t.net_amount), 0)::bigint AS total
    FROM cash_balances AS b
    LEFT JOIN cash_balance_transactions AS t ON t.customer = b.customer AND t.currency = b.currency
    GROUP BY b.customer, b.currency, b.available
    HAVING b.available <> coalesce(sum(t.net_amount), 0)
    """
)
_STEPS = text(
    """
    SELECT id, customer, ending, expected FROM (
        SELECT id, customer, ending_balance AS ending,
            net_amount + coalesce(
                lag(ending_balance) OVER (PARTITION BY customer, currency ORDER BY seq), 0) AS expected
        FROM cash_balance_transactions
    ) AS steps
    WHERE ending <> expected
    """
)
_TRANSFERS = text(
    """
    SELECT split_part(key, '/', 1) AS id, min(net_amount) AS amount, min(currency) AS currency, count(*) AS times
    FROM cash_balance_transactions WHERE type = 'funded' GROUP BY 1
    """
)
_RETURNS = text("SELECT id, status, amount, unasked FROM refunds WHERE payment_intent IS NULL")
_METHODS = text(
    """
    SELECT m.id, count(*) AS payments, bool_or(m.customer IS NULL AND NOT m.consumed) AS reusable
    FROM charges AS c
    JOIN payment_intents AS p ON p.id = c.payment_intent
    JOIN payment_methods AS m ON m.id = c.data -> 'payment_method' ->> 'id'
    WHERE c.status = 'succeeded' AND c.data -> 'payment_method' ->> 'customer' IS NULL
      AND coalesce(p.data ->> 'setup_future_usage', 'none') = 'none'
      AND NOT p.data @? '$.payment_method_options.*.setup_future_usage'
    GROUP BY m.id
    HAVING count(DISTINCT c.payment_intent) > 1 OR bool_or(m.customer IS NULL AND NOT m.consumed)
    """
)
"""Payments by methods that nobody had saved, and that were not to be saved."""
_UNDELIVERED = text(
    """
    SELECT e.id AS event, e.type, w.id AS endpoint
    FROM webhook_endpoints AS w
    CROSS JOIN LATERAL (
        SELECT w.account WHERE NOT w.connect
        UNION ALL
        SELECT c.id FROM connected_accounts AS c
        WHERE c.account = w.account AND c.livemode = w.livemode AND (w.connect OR w.and_connected)
            AND NOT c.deleted
    ) AS told (account)
    JOIN events AS e ON e.account = told.account AND e.livemode = w.livemode AND e.seq > w.wants_after
    WHERE w.enabled AND w.enabled_events && ARRAY['*', e.type]
      AND NOT EXISTS (SELECT FROM deliveries AS d WHERE d.event = e.id AND d.endpoint = w.id)
      AND NOT EXISTS (SELECT FROM cli_sessions AS s WHERE s.endpoint = w.id)
    """
)
_LEDGER = text(
    """
    SELECT coalesce(b.id, e.transaction) AS id,
        concat_ws(' ', b.net, b.fees, b.gateway, b.accounts) AS transaction,
        concat_ws(' ', e.balance, e.fees, e.gateway, e.accounts) AS entries, 'entries' AS what
    FROM (
        SELECT id, net, fee - application_fee AS fees, CASE WHEN internal THEN 0 ELSE -amount END AS gateway,
            application_fee - CASE WHEN internal THEN amount ELSE 0 END AS accounts
        FROM balance_transactions
    ) AS b
    FULL JOIN (
        SELECT transaction, coalesce(sum(amount) FILTER (WHERE book = 'balance'), 0) AS balance,
            coalesce(sum(amount) FILTER (WHERE book = 'fees'), 0) AS fees,
            coalesce(sum(amount) FILTER (WHERE book = 'gateway'), 0) AS gateway,
            coalesce(sum(amount) FILTER (WHERE book = 'accounts'), 0) AS accounts, sum(amount) AS total
        FROM ledger_entries GROUP BY transaction
    ) AS e ON e.transaction = b.id
    WHERE (b.net, b.fees, b.gateway, b.accounts, 0)
        IS DISTINCT FROM (coalesce(e.balance, 0), coalesce(e.fees, 0), coalesce(e.gateway, 0), coalesce(e.accounts, 0),
            coalesce(e.total, 0))
    """
)
"""A transaction, and what its entries make of it; those that do not say the same. What moves nothing has none."""
_SHARED = text(
    """
    SELECT s.id, concat_ws(' ', s.amount, 'less', s.returned) AS transaction,
        concat_ws(' ', p.moved, c.moved, 'less', r.returned, r.moved) AS entries, 'share' AS what
    FROM shares AS s
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(b.amount), 0) AS moved FROM balance_transactions AS b
        WHERE b.source = s.id AND b.account = s.account) AS p
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(CASE s.kind WHEN 'fee' THEN b.application_fee ELSE b.amount END), 0) AS moved
        FROM balance_transactions AS b
        WHERE b.source = CASE s.kind WHEN 'fee' THEN s.charge ELSE s.destination_payment END
            AND b.account = s.connected) AS c
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(r.amount), 0) AS returned, coalesce(sum((
            SELECT abs(sum(b.amount)) FROM balance_transactions AS b
            WHERE b.source = r.id AND b.account = r.account)), 0) AS moved
        FROM share_returns AS r WHERE r.share = s.id) AS r
    WHERE (CASE s.kind WHEN 'fee' THEN s.amount ELSE -s.amount END, s.amount, s.returned, s.returned)
        IS DISTINCT FROM (p.moved, c.moved, r.returned, r.moved)
    """
)
"""A share, and what the ledgers of both accounts have of it, and of what came back."""
_ACCOUNTS = text(
    """
    SELECT concat_ws(' ', currency, CASE WHEN livemode THEN 'live' ELSE 'test' END) AS id, '0' AS transaction,
        sum(amount)::text AS entries, 'accounts' AS what
    FROM ledger_entries WHERE book = 'accounts' GROUP BY currency, livemode HAVING sum(amount) <> 0
    """
)
"""What accounts have given each other, where it does not add up to nothing."""


class RecordsBook:
    """Reads it."""

    def __init__(self, database: Database) -> None:
        """From `database`, whose statements may take STATEMENT_SECONDS_MAX."""
        self._database = database

    async def pages(self) -> AsyncIterator[Page]:
        """Every PaymentIntent, by id."""
        after = ""
        while rows := await self._database.execute(_PAGE, {"after": after}):
            yield await self._read(rows)
            after = rows[-1].id

    async def of(self, ids: Sequence[str]) -> Page:
        """These PaymentIntents, as far as they are there."""
        return await self._read(await self._database.execute(_NAMED, {"ids": list(ids)}))

    async def balances(self) -> tuple[list[Balance], list[Step]]:
        """Cash balances and transactions that do not fit together."""
        sums, steps = await self._database.execute(_BALANCES), await self._database.execute(_STEPS)
        return [Balance(**row) for row in sums], [Step(**row) for row in steps]

    async def transfers(self) -> dict[str, Transfer]:
        """What came in by bank transfer, by the gateway's id."""
        rows = await self._database.execute(_TRANSFERS)
        return {row.id: Transfer(row.amount, row.currency, row.times) for row in rows}

    async def returns(self) -> dict[str, int | None]:
        """Refunds of cash balances by id, and what of each is out; None where the gateway was not heard yet."""
        rows = await self._database.execute(_RETURNS)
        return {row.id: None if row.unasked else 0 if row.status in RETURNED else row.amount for row in rows}

    async def methods(self) -> list[MethodUse]:
        """Payment methods that have paid more often than they may, or still could."""
        return [MethodUse(**row) for row in await self._database.execute(_METHODS)]

    async def undelivered(self) -> list[Undelivered]:
        """Events that nobody is to send to an endpoint that wants them."""
        return [Undelivered(**row) for row in await self._database.execute(_UNDELIVERED)]

    async def ledger(self) -> list[Misbooked]:
        """Balance transactions and entries that do not fit together, and what accounts have given each other."""
        queries = (_LEDGER, _SHARED, _ACCOUNTS)
        return [Misbooked(**row) for query in queries for row in await self._database.execute(query)]

    async def _read(self, rows: list[Row]) -> Page:
        page = _Pages({row.id: row for row in rows})
        ids = {"ids": list(page.books)}
        for row in await self._database.execute(_CHARGES, ids):
            page.add(row.payment_intent, row, _add_charge)
        for row in await self._database.execute(_REFUNDS, ids):
            page.add(row.payment_intent, row, _add_refund)
        for row in await self._database.execute(_DISPUTES, ids):
            page.add(row.payment_intent, row, _add_dispute)
        for row in await self._database.execute(_SHARES, ids):
            page.add(row.payment_intent, row, _add_share)
        if shared := [id_ for book in page.books.values() for id_ in book.shares]:
            for row in await self._database.execute(_SHARE_RETURNS, {"ids": shared}):
                page.add(row.payment_intent, row, _add_share_return)
        for row in await self._database.execute(_FUNDING, ids):
            page.add(row.intent, row, _add_funding)
        await self._add_events(page.books.values())
        await self._add_mandates(page.books.values())
        await self._add_booked(page.books.values())
        return Page(list(page.books.values()), page.unreadable)

    async def _add_events(self, books: Iterable[PaymentBook]) -> None:
        owner: dict[str, PaymentBook] = {}
        for book in books:
            ids = [book.id, *(row.id for row in book.charges), *(row.id for row in book.refunds)]
            owner |= dict.fromkeys([*ids, *(dispute.id for dispute in book.disputes)], book)
        for row in await self._database.execute(_EVENTS, {"ids": list(owner)}):
            owner[row.object_id].events.append(EventSeen(row.id, row.type, row.object_id, row.created))

    async def _add_booked(self, books: Iterable[PaymentBook]) -> None:
        owner: dict[str, PaymentBook] = {}
        for book in books:
            ids = [*(row.id for row in book.charges), *(row.id for row in book.refunds), *_of_shares(book)]
            owner |= dict.fromkeys([*ids, *(dispute.id for dispute in book.disputes)], book)
        for row in await self._database.execute(_BOOKED, {"ids": list(owner)}):
            owner[row.source].booked[row.source] = row.amount
            owner[row.source].transactions.update(row.ids)

    async def _add_mandates(self, books: Iterable[PaymentBook]) -> None:
        naming: defaultdict[str, list[PaymentBook]] = defaultdict(list)
        for book in books:
            for id_ in {book.state.mandate, *(row.charge.mandate for row in book.charges)} - {None}:
                naming[str(id_)].append(book)
        if not naming:
            return
        for row in await self._database.execute(_MANDATES, {"ids": list(naming)}):
            for book in naming[row.id]:
                book.mandates.add(row.id)


class _Pages:
    """A page while it is read: what cannot be read keeps nobody from reading the rest."""

    def __init__(self, rows: dict[str, Row]) -> None:
        self.books: dict[str, PaymentBook] = {}
        self.unreadable: list[Unreadable] = []
        for id_, row in rows.items():
            try:
                self.books[id_] = _payment_book(row)
            except UNREADABLE as error:
                self._give_up(id_, error)

    def add(self, id_: str, row: Row, put: Callable[[PaymentBook, Row], None]) -> None:
        """Put what hangs on a payment beside it."""
        if id_ in self.books:
            try:
                put(self.books[id_], row)
            except UNREADABLE as error:
                del self.books[id_]
                self._give_up(id_, error)

    def _give_up(self, id_: str, error: Exception) -> None:
        self.unreadable.append(Unreadable(id_, why_unreadable(error)))


def why_unreadable(error: Exception) -> str:
    """What is wrong, and never with what: values may be a buyer's."""
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}".lstrip(": ")
    return type(error).__name__


def _payment_book(row: Row) -> PaymentBook:
    columns = IntentRow(
        version=row.version, status=row.status, amount=row.amount, amount_capturable=row.amount_capturable,
        amount_received=row.amount_received, currency=row.currency,
    )  # fmt: skip
    begun = int(row.under_way["now"]) if row.under_way else None
    return PaymentBook(id=row.id, row=columns, state=load_intent(row.data), begun=begun)


def _add_charge(book: PaymentBook, row: Row) -> None:
    charge = ChargeRow(
        id=row.id, status=row.status, amount=row.amount, amount_captured=row.amount_captured,
        amount_refunded=row.amount_refunded, charge=load_charge(row.data),
    )  # fmt: skip
    book.charges.append(charge)


def _add_refund(book: PaymentBook, row: Row) -> None:
    book.refunds.append(RefundRow(id=row.id, status=row.status, amount=row.amount, refund=load_refund(row.data)))


def _add_dispute(book: PaymentBook, row: Row) -> None:
    book.disputes.append(load_dispute(row.data))


def _add_share(book: PaymentBook, row: Row) -> None:
    book.shares[row.id] = row.amount, row.returned


def _add_share_return(book: PaymentBook, row: Row) -> None:
    book.share_returns.append(return_of_row(row))


def _of_shares(book: PaymentBook) -> Iterator[str]:
    """What has moved the shares of a payment, by the ids under which it is booked."""
    for charge in (row.charge for row in book.charges):
        if charge.fee_taken or charge.transferred:
            yield from (fee_id(charge.id), transfer_id(charge), destination_payment_id(charge))
    yield from (back.id for back in book.share_returns)


def _add_funding(book: PaymentBook, row: Row) -> None:
    book.funding = Funding(**{name: row[name] for name in ("applied", "refunded", "moved", "returned")})
