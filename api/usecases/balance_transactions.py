"""Finding a balance transaction by its id: nothing is stored, it is computed from its charge or its refund."""

from typing import Any

from api.dialect.call import Call
from records import charges, refunds
from rendering import balance_transaction


async def find(call: Call, id_: str) -> dict[str, Any] | None:
    """The balance transaction with this id, if there is one."""
    source = balance_transaction.source_of(id_) or ""
    charge = None
    if source.startswith("ch_"):
        other = "py_" + source.removeprefix("ch_")
        charge = await charges.load(call.services.database, call.scope, source) or await charges.load(
            call.services.database, call.scope, other
        )
    if charge is not None and balance_transaction.of_charge(charge):
        return balance_transaction.render_charge(charge)
    refund = await refunds.load(call.services.database, call.scope, source) if source.startswith("re_") else None
    if refund is not None and balance_transaction.of_refund(refund):
        of = await charges.load(call.services.database, call.scope, refund.charge)
        return balance_transaction.render_refund(refund, of.description if of else None)
    return None
