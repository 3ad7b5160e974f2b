"""A charge's own refunds, where the list inside a charge says that they are: `/v1/charges/:id/refunds`."""

from api.dialect.call import Call
from api.dialect.errors import missing
from api.dialect.known_as import charge_known_as, newest_refunds, refund_known_as
from api.dialect.lists import created_bounds, cursor, list_body
from api.dialect.operation import Resource
from api.routes import refunds
from api.routes.charges import known
from domain.model.hashes import JsonObject
from domain.model.refunds import ChargeRefund
from parameters.others import NoParameters
from parameters.refunds import (
    ChargeRefundCreateParameters,
    ChargeRefundsListParameters,
    RefundCreateParameters,
    RefundUpdateParameters,
)
from records import charges
from records import refunds as records
from rendering.charge import render as render_charge
from rendering.refund import render

Body = JsonObject


async def create(call: Call, given: ChargeRefundCreateParameters) -> Body:
    """Give back all that is left of this charge, or `amount` of it."""
    charge = await known(call)
    of = given.model_dump(include=given.model_fields_set) | {"charge": charge.id}
    return await refunds.create(call, RefundCreateParameters.model_construct(**of))


async def create_and_show_charge(call: Call, given: ChargeRefundCreateParameters) -> Body:
    """As `create`, answered with the charge: the older spelling, `/refund`."""
    refund = await create(call, given)
    charge = await charges.load(call.services.database, call.scope, refund["charge"])
    if charge is None:
        raise missing("charge", refund["charge"], "id", in_path=True)
    return render_charge(charge)


async def retrieve(call: Call, given: NoParameters) -> Body:
    """One of them."""
    del given
    charge, id_ = await _known(call), call.path_id("refund", "refund", name="refund")
    found = await refund_known_as(call.services.database, call.scope, id_)
    if found is None or found["charge"] != charge:
        raise missing("refund", id_, "refund", in_path=True)
    return found


async def update(call: Call, given: RefundUpdateParameters) -> Body:
    """Change its metadata."""
    return await refunds.change(call, (await _of_charge(call)).id, given)


async def list_all(call: Call, given: ChargeRefundsListParameters) -> Body:
    """A page, newest first."""
    charge, database, created = await _known(call), call.services.database, created_bounds(given.created)
    url = f"/v1/charges/{charge}/refunds"
    if call.key.platform is not None:
        return list_body(url, *await newest_refunds(database, call.scope, cursor(given), created, charge))
    found, has_more = await records.newest(database, call.scope, cursor(given), created, charge)
    return list_body(url, [render(refund) for refund in found], has_more)


async def _known(call: Call) -> str:
    """The id of the charge that the path names: a connected account's may be what a transfer has brought it.

    Raises:
        StripeError: there is none.
    """
    id_ = call.path_id("charge")
    if await charge_known_as(call.services.database, call.scope, id_) is None:
        raise missing("charge", id_, "id", in_path=True)
    return id_


async def _of_charge(call: Call) -> ChargeRefund:
    charge, id_ = await known(call), call.path_id("refund", "refund", name="refund")
    refund = await records.load(call.services.database, call.scope, id_)
    if refund is None or refund.charge != charge.id:
        raise missing("refund", id_, "refund", in_path=True)
    return refund


RESOURCE = Resource(path="/v1/charges/{id}/refunds", name="refunds.of_charge", returns="refund")

OLDER = Resource(path="/v1/charges/{id}/refund", name="refunds.of_charge", returns="charge")

OPERATIONS = (
    RESOURCE.operation(
        "GET", "", "list", "List a charge's refunds", ChargeRefundsListParameters, list_all, is_list=True
    ),
    RESOURCE.operation("POST", "", "create", "Refund a charge", ChargeRefundCreateParameters, create),
    RESOURCE.operation("GET", "/{refund}", "retrieve", "Retrieve a charge's refund", NoParameters, retrieve),
    RESOURCE.operation("POST", "/{refund}", "update", "Update a charge's refund", RefundUpdateParameters, update),
    OLDER.operation(
        "POST",
        "",
        "create_and_show_charge",
        "Refund a charge, and see the charge",
        ChargeRefundCreateParameters,
        create_and_show_charge,
    ),
)
