"""What connected accounts have got by transfers, by the ids under which they know it: payments, and refunds of them.

Each is read from the platform's row of it, as a row of the connected account's own.
"""

from typing import Any

from sqlalchemy import ColumnElement, Subquery, Table, select

from domain.model.balance import BalanceTransaction
from domain.model.shares import TRANSFER, Share, ShareReturn
from records import balance
from records.database import Database, Row
from records.merging import Source
from records.scope import Created, Scope, matching
from records.share_tables import share_returns, shares
from records.shares import return_of_row, share_of_row

PAYMENT, REFUND = "py_1", "pyr_1"
"""How their ids begin. Refunds of what no card has paid begin likewise."""


def _as_theirs(table: Table, id_: str, *conditions: ColumnElement[bool]) -> Subquery:
    """The rows of a table, as those of the connected account; the platform's account and id are kept aside."""
    same = (column for column in table.c if column.name not in ("account", "id"))
    named = (table.c.connected.label("account"), table.c[id_].label("id"))
    platforms = (table.c.account.label("platform"), table.c.id.label("platforms_id"))
    return select(*same, *named, *platforms).where(*conditions).subquery(f"{table.name}_as_theirs")


_PAYMENTS = _as_theirs(shares, "destination_payment", shares.c.kind == TRANSFER)
_REFUNDS = _as_theirs(share_returns, "payment_refund", share_returns.c.payment_refund.is_not(None))


def payments(created: Created, transfer_group: str | None = None) -> Source:
    """What was got, to be listed."""
    return Source(_PAYMENTS, (*created.holds(_PAYMENTS), *matching(_PAYMENTS, transfer_group=transfer_group)))


def refunds(created: Created, payment: str | None = None) -> Source:
    """What was given back, to be listed."""
    return Source(_REFUNDS, (*created.holds(_REFUNDS), *matching(_REFUNDS, destination_payment=payment)))


def payment_of_row(row: Row) -> Share:
    """The transfer of a row of `payments`."""
    return share_of_row(_as_the_platforms(row))


def refund_of_row(row: Row) -> ShareReturn:
    """The reversal of a row of `refunds`."""
    return return_of_row(_as_the_platforms(row))


def _as_the_platforms(row: Row) -> dict[str, Any]:
    return {**row, "account": row["platform"], "id": row["platforms_id"]}


async def load(database: Database, scope: Scope, id_: str) -> tuple[Share, list[BalanceTransaction]] | None:
    """The transfer by which a connected account has got this payment, and what that has done to its balance."""
    if not id_.startswith(PAYMENT):
        return None
    mine = (shares.c.connected == scope.account, shares.c.livemode == scope.livemode)
    rows = await database.execute(select(shares).where(shares.c.destination_payment == id_, *mine))
    if not rows:
        return None
    booked = await balance.of_sources(database, scope, [id_])
    return share_of_row(rows[0]), booked.get(id_, [])


async def load_refund(database: Database, scope: Scope, id_: str) -> ShareReturn | None:
    """What a connected account has given back by this refund."""
    if not id_.startswith(REFUND):
        return None
    mine = (share_returns.c.connected == scope.account, share_returns.c.livemode == scope.livemode)
    rows = await database.execute(select(share_returns).where(share_returns.c.payment_refund == id_, *mine))
    return return_of_row(rows[0]) if rows else None
