"""The ledger under an account's balance, added up by book: when somebody wants to see it, as it is read whole."""

from api.dialect.call import Call
from api.dialect.operation import Operation, Resource
from api.routes.console.payments import too_much
from domain.model.hashes import JsonObject
from parameters.others import NoParameters
from records.balance import added_up
from records.console.reading import TakesTooLong

Body = JsonObject
LEDGER_SECONDS = 60
"""How old an answer may be that another browser was given."""


async def show(call: Call, given: NoParameters) -> Body:
    """What is in each book, by currency. Those of one currency add up to nothing."""
    del given
    key = ("ledger", call.scope)
    return dict(await call.services.overview.remembered(key, call.now, LEDGER_SECONDS, lambda: _added_up(call)))


async def _added_up(call: Call) -> Body:
    try:
        rows = await call.services.overview.desk.read(call.services.database, added_up(call.scope))
    except TakesTooLong:
        raise too_much() from None
    books = [{"currency": row.currency, "book": row.book, "amount": row.amount} for row in rows]
    return {"object": "dashboard_ledger", "as_of": call.now, "books": books}


RESOURCE = Resource(path="/dashboard/v1/ledger", name="dashboard", returns="dashboard_ledger")

OPERATIONS: tuple[Operation, ...] = (
    RESOURCE.operation(
        "GET", "", "ledger", "What is in the books under the balance", NoParameters, show, also_reads=("balance",)
    ),
)
