"""Charges: the history of payment attempts, read-only. They are captured and canceled through their PaymentIntent."""

from typing import Any

from api.dialect.call import Call
from api.dialect.errors import missing
from api.dialect.lists import created_bounds, cursor, list_body
from api.dialect.operation import Resource
from api.parameters.others import ChargesListParameters, NoParameters
from api.parents import check_parents
from api.resources.charge import render
from records import charges as records


async def retrieve(call: Call, given: NoParameters) -> dict[str, Any]:
    """One charge."""
    del given
    id_ = call.path_id("charge")
    charge = await records.load(call.services.database, call.scope, id_)
    if charge is None:
        raise missing("charge", id_, "id", in_path=True)
    return render(charge)


async def list_all(call: Call, given: ChargesListParameters) -> dict[str, Any]:
    """A page, newest first: of one PaymentIntent, its attempts."""
    found, has_more = await records.newest(
        call.services.database,
        call.scope,
        cursor(given),
        created_bounds(given.created),
        payment_intent=given.payment_intent,
        customer=given.customer,
        transfer_group=given.transfer_group,
    )
    if not found:
        await check_parents(call, given, "customer", "payment_intent")
    return list_body("/v1/charges", [render(charge) for charge in found], has_more)


RESOURCE = Resource(path="/v1/charges", name="charges", returns="charge")

OPERATIONS = (
    RESOURCE.operation("GET", "", "list", "List charges", ChargesListParameters, list_all, is_list=True),
    RESOURCE.operation("GET", "/{id}", "retrieve", "Retrieve a charge", NoParameters, retrieve),
)
