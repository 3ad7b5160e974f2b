"""What connected accounts have got by transfers, found by the ids under which they know it."""

from sqlalchemy import select

from domain.model.balance import BalanceTransaction
from domain.model.shares import Share, ShareReturn
from records import balance
from records.database import Database
from records.scope import Scope
from records.share_tables import share_returns, shares
from records.shares import return_of_row, share_of_row

PAYMENT, REFUND = "py_1", "pyr_1"
"""How their ids begin. Refunds of what no card has paid begin likewise."""


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
