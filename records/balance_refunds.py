"""Refunds of customers' cash balances: begun, asked about, and ended, each with what it does to the balance.

A step and its money are one transaction, under the balance's lock (cash_balances.py); each is written once. The row
is there, and the money out of the balance, before the gateway is asked: so whoever dies in between, it is seen.
"""

from dataclasses import replace

from sqlalchemy import and_, insert, or_, select, tuple_, update

from domain.machine import balance_refunds
from domain.machine.balance_refunds import RETURNED, Ended, Waiting
from domain.machine.transitions import Cause
from domain.model.refunds import ChargeRefund
from domain.refusals import Refusal
from records.cash_balances import Locked, PostgresCashBalances, distribute
from records.codec import dump_refund, load_refund
from records.database import Database, Row
from records.events import Announcer
from records.tables import refunds as table


class PostgresBalanceRefunds:
    """The refunds of cash balances, kept in PostgreSQL."""

    def __init__(self, database: Database, balances: PostgresCashBalances) -> None:
        """Keep them in `database`, beside the `balances` that they are of."""
        self._database = database
        self._balances = balances

    async def begin(self, refund: ChargeRefund, cause: Cause) -> ChargeRefund | Refusal:
        """Take its money out of the balance. One that has begun is answered as it is."""
        async with self._balances.locked(refund.customer or "", refund.currency) as locked:
            known = await _fresh(locked, refund.id)
            if known is not None:
                return _refund(known)
            refusal = balance_refunds.begin_refusal(refund, locked.available)
            if refusal is not None:
                return refusal
            await locked.connection.execute(insert(table).values(_new(refund)))
            await locked.write(f"{refund.id}/initiated", "return_initiated", -refund.amount, {"refund": refund.id})
            await _announce(locked, None, refund, cause)
            return refund

    async def asked(self, id_: str) -> None:
        """The gateway has taken it on."""
        await self._database.execute(update(table).where(table.c.id == id_).values(unasked=False).returning(table.c.id))

    async def end(
        self,
        refund: ChargeRefund,
        status: str,
        failure_reason: str | None = None,
        cause: Cause = Cause(),  # noqa: B008
    ) -> Ended:
        """Write down how it stands, as the gateway says; what is known already changes nothing."""
        async with self._balances.locked(refund.customer or "", refund.currency) as locked:
            row = await _fresh(locked, refund.id)
            if row is None:
                return Ended(refund)
            before = _refund(row)
            after = balance_refunds.moved(before, status, failure_reason)
            if after is None:
                return Ended(before)
            values = {"status": after.status, "data": dump_refund(after), "unasked": False}
            await locked.connection.execute(update(table).where(table.c.id == refund.id).values(values))
            await _announce(locked, before, after, cause)
            if after.status not in RETURNED:
                return Ended(after)
            key = f"{refund.id}/canceled"
            await locked.write(key, "return_canceled", refund.amount, {"refund": refund.id})
            return Ended(after, await distribute(locked, key, refund.amount, None))

    async def waiting(self, after: tuple[int, str], now: int, most: int) -> list[Waiting]:
        """The next that somebody has to see to at `now` (Unix seconds), oldest first."""
        late = table.c.created <= now - balance_refunds.OVERDUE_SECONDS
        unheard = and_(table.c.unasked, table.c.created <= now - balance_refunds.ASKED_AGAIN_SECONDS)
        query = (
            select(table)
            .where(table.c.payment_intent.is_(None), table.c.status == balance_refunds.REQUIRES_ACTION)
            .where(or_(unheard, late), tuple_(table.c.created, table.c.id) > after)
            .order_by(table.c.created, table.c.id)
            .limit(most)
        )
        return [Waiting(_refund(row), row.unasked) for row in await self._database.execute(query)]


async def _fresh(locked: Locked, id_: str) -> Row | None:
    # Its metadata may be changed beside us; that waits, and so do we.
    rows = await locked.connection.execute(select(table).where(table.c.id == id_).with_for_update(key_share=True))
    return rows[0] if rows else None


def _refund(row: Row) -> ChargeRefund:
    return replace(load_refund(row.data), metadata=row.metadata)


def _new(refund: ChargeRefund) -> dict[str, object]:
    return {
        "id": refund.id, "account": refund.account, "livemode": refund.livemode, "created": refund.created,
        "charge": None, "payment_intent": None, "status": refund.status, "amount": refund.amount,
        "metadata": refund.metadata, "data": dump_refund(refund), "unasked": True,
    }  # fmt: skip


async def _announce(locked: Locked, before: ChargeRefund | None, after: ChargeRefund, cause: Cause) -> None:
    announcer = Announcer(locked.scope, locked.now, cause, f"{after.id}/{after.status}")
    was = dump_refund(before) if before else None
    for type_ in balance_refunds.events(before, after):
        await locked.connection.execute(announcer.statement(type_, "refund", after.id, dump_refund(after), was))
