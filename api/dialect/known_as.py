"""Charges and refunds by their ids, whatever is behind them: a payment's own, or a transfer (Connect)."""

from domain.model.hashes import JsonObject
from domain.model.shares import FEE, TRANSFER
from records import charges, destination_payments, refunds, shares
from records.database import Database
from records.scope import Scope
from rendering import application_fee, charge, destination_payment, refund, transfer

Body = JsonObject


async def charge_known_as(database: Database, scope: Scope, id_: str) -> Body | None:
    """The charge with this id, as it is shown."""
    got = await destination_payments.load(database, scope, id_)
    if got is not None:
        return destination_payment.render(*got)
    found = await charges.load(database, scope, id_)
    return charge.render(found) if found else None


async def refund_known_as(database: Database, scope: Scope, id_: str) -> Body | None:
    """The refund with this id, as it is shown."""
    given = await destination_payments.load_refund(database, scope, id_)
    if given is not None:
        return destination_payment.render_refund(given)
    found = await refunds.load(database, scope, id_)
    return refund.render(found) if found else None


async def share_known_as(database: Database, scope: Scope, kind: str, id_: str) -> Body | None:
    """A fee, a transfer, or what came back of one, as it is shown to the platform."""
    match kind:
        case "application_fee" | "transfer":
            share = await shares.load(database, scope, FEE if kind == "application_fee" else TRANSFER, id_)
            if share is None:
                return None
            backs = (await shares.returns_of(database, scope, [id_])).get(id_, ([], 0))
            return application_fee.render(share, backs) if share.kind == FEE else transfer.render(share, backs)
        case _:
            back = await shares.any_return(database, scope, FEE if kind == "fee_refund" else TRANSFER, id_)
            if back is None:
                return None
            return application_fee.render_refund(back) if back.kind == FEE else transfer.render_reversal(back)
