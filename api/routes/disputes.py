"""Disputes: what buyers' banks have taken back, or ask about. Read-only: answering them is the acquirer's business."""

from typing import Any

from api.dialect.call import Call
from api.dialect.errors import invalid_request, missing
from api.dialect.lists import created_bounds, cursor, list_body
from api.dialect.operation import Resource
from api.parameters.others import DisputesListParameters, NoParameters
from api.usecases.parents import check_parents
from records import charges
from records import disputes as records
from rendering.dispute import render


async def retrieve(call: Call, given: NoParameters) -> dict[str, Any]:
    """One dispute."""
    del given
    id_ = call.path_id("dispute", "dispute")
    dispute = await records.load(call.services.database, call.scope, id_)
    if dispute is None:
        raise missing("dispute", id_, "dispute", in_path=True)
    return render(dispute)


async def of_charge(call: Call, given: NoParameters) -> dict[str, Any]:
    """The dispute of the charge in the path, if it has one."""
    del given
    id_ = call.path_id("charge", "charge")
    charge = await charges.load(call.services.database, call.scope, id_)
    if charge is None:
        raise missing("charge", id_, "charge", in_path=True)
    found = charge.dispute and await records.load(call.services.database, call.scope, charge.dispute)
    if not found:
        raise invalid_request(f"No dispute for charge: {id_}", status=404)
    return render(found)


async def list_all(call: Call, given: DisputesListParameters) -> dict[str, Any]:
    """A page, newest first."""
    found, has_more = await records.newest(
        call.services.database,
        call.scope,
        cursor(given),
        created_bounds(given.created),
        charge=given.charge,
        payment_intent=given.payment_intent,
    )
    if not found:
        await check_parents(call, given, "charge", "payment_intent")
    return list_body("/v1/disputes", [render(dispute) for dispute in found], has_more)


RESOURCE = Resource(path="/v1/disputes", name="disputes", returns="dispute")

OF_CHARGE = Resource(path="/v1/charges/{id}/dispute", name="disputes.of_charge", returns="dispute")

OPERATIONS = (
    RESOURCE.operation("GET", "", "list", "List disputes", DisputesListParameters, list_all, is_list=True),
    RESOURCE.operation("GET", "/{id}", "retrieve", "Retrieve a dispute", NoParameters, retrieve),
    OF_CHARGE.operation("GET", "", "retrieve", "Retrieve a charge's dispute", NoParameters, of_charge),
)
