"""What reconciliations have found of an account's payments, night by night."""

from api.dialect.call import Call
from api.dialect.operation import Operation, Resource
from api.routes.console.payments import too_much
from domain.model.hashes import JsonObject
from parameters.console import ReportsParameters
from records.console import reports as records
from records.console.reading import TakesTooLong

Body = JsonObject
PATH = "/dashboard/v1/reconciliations"


async def list_all(call: Call, given: ReportsParameters) -> Body:
    """The newest ones."""
    try:
        found = await records.newest(call.services.overview.desk, call.services.database, call.scope, given.limit)
    except TakesTooLong:
        raise too_much() from None
    shown = [
        {
            "object": "reconciliation",
            "id": f"rec_{one.number}",
            "ended": one.ended,
            "differences": one.differences,
            "under_way": one.under_way,
        }
        for one in found
    ]
    return {"object": "list", "data": shown, "has_more": False, "url": PATH}


RESOURCE = Resource(path=PATH, name="dashboard", returns="reconciliation")

OPERATIONS: tuple[Operation, ...] = (
    RESOURCE.operation(
        "GET",
        "",
        "reconciliations",
        "What reconciliations have found",
        ReportsParameters,
        list_all,
        is_list=True,
        also_reads=("payment_intents",),
    ),
)
