"""Charges and refunds, whatever is behind them: a payment's own, or a transfer (Connect)."""

from domain.model.hashes import JsonObject
from domain.model.shares import FEE, TRANSFER
from records import balance, charges, destination_payments, refunds, shares
from records.database import Database, Row
from records.merging import merged
from records.scope import Created, Cursor, Scope
from rendering import application_fee, charge, destination_payment, refund, transfer

Body = JsonObject


async def charge_known_as(database: Database, scope: Scope, id_: str) -> Body | None:
    """The charge with this id, as it is shown."""
    got = await destination_payments.load(database, scope, id_)
    if got is not None:
        return destination_payment.render(*got)
    found = await charges.load(database, scope, id_)
    return charge.render(found) if found else None


async def newest_charges(
    database: Database, scope: Scope, cursor: Cursor, created: Created, transfer_group: str | None
) -> tuple[list[Body], bool]:
    """A page of all that a connected account has been paid, newest first, and whether there are more."""
    both = (charges.source(created, transfer_group), destination_payments.payments(created, transfer_group))
    found, has_more = await merged(database, scope, cursor, *both)
    got = [row.id for which, row in found if which]
    booked = await balance.of_sources(database, scope, got) if got else {}

    def shown(row: Row) -> Body:
        return destination_payment.render(destination_payments.payment_of_row(row), booked.get(row.id, []))

    return [shown(row) if which else charge.render(charges.of_row(row)) for which, row in found], has_more


async def newest_refunds(
    database: Database, scope: Scope, cursor: Cursor, created: Created, of: str | None = None
) -> tuple[list[Body], bool]:
    """The same of all that it has given back: of one charge, if it is named."""
    both = (refunds.source(created, of), destination_payments.refunds(created, of))
    found, has_more = await merged(database, scope, cursor, *both)

    def shown(row: Row) -> Body:
        return destination_payment.render_refund(destination_payments.refund_of_row(row))

    return [shown(row) if which else refund.render(refunds.of_row(row)) for which, row in found], has_more


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
