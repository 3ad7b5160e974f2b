"""Balance transactions: what a charge or a refund did to the balance; read-only, and computed from them."""

from typing import Any

from api.dialect.call import Call
from api.dialect.errors import missing
from api.dialect.operation import Resource
from api.parameters.others import NoParameters
from api.usecases.balance_transactions import find


async def retrieve(call: Call, given: NoParameters) -> dict[str, Any]:
    """One balance transaction."""
    del given
    id_ = call.path_id("balance transaction")
    found = await find(call, id_)
    if found is None:
        raise missing("balance transaction", id_, "id", in_path=True)
    return found


RESOURCE = Resource(path="/v1/balance_transactions", name="balance_transactions", returns="balance_transaction")

OPERATIONS = (RESOURCE.operation("GET", "/{id}", "retrieve", "Retrieve a balance transaction", NoParameters, retrieve),)
