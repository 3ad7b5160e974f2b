"""Application fees (Connect): what a platform has kept of its accounts' payments, and what it gives back of that."""

from dataclasses import replace

from api.dialect.call import Call
from api.dialect.errors import missing
from api.dialect.lists import created_bounds, cursor, list_body
from api.dialect.operation import Resource
from api.usecases.metadata import merged
from api.usecases.sharing_out import give_back
from domain.model.hashes import JsonObject
from domain.model.shares import FEE, Share, ShareReturn
from parameters.others import NoParameters
from parameters.shares import (
    ApplicationFeesListParameters,
    FeeRefundCreateParameters,
    ReturnsListParameters,
    ReturnUpdateParameters,
)
from records import shares as records
from records.codec import dump_return
from records.events import Announcement
from rendering.application_fee import render, render_refund

Body = JsonObject


async def retrieve(call: Call, given: NoParameters) -> Body:
    """One application fee."""
    del given
    return await _shown(call, await _known(call))


async def list_all(call: Call, given: ApplicationFeesListParameters) -> Body:
    """A page, newest first."""
    database = call.services.database
    bounds = created_bounds(given.created)
    found, has_more = await records.newest(database, call.scope, cursor(given), bounds, FEE, charge=given.charge)
    backs = await records.returns_of(database, call.scope, [fee.id for fee in found])
    return list_body(URL, [render(fee, backs.get(fee.id, ([], 0))) for fee in found], has_more)


async def refund(call: Call, given: FeeRefundCreateParameters) -> Body:
    """Give all that is left of it back, or `amount`."""
    return render_refund(await _give_back(call, given))


async def refund_and_show_fee(call: Call, given: FeeRefundCreateParameters) -> Body:
    """As `refund`, answered with the fee: the older spelling, `/refund`."""
    await _give_back(call, given)
    return await _shown(call, await _known(call))


async def _give_back(call: Call, given: FeeRefundCreateParameters) -> ShareReturn:
    fee, id_ = await _known(call), call.mint.id("fr_1", length=23)
    return await give_back(call, fee, id_, amount=given.amount, metadata=given.metadata)


async def retrieve_refund(call: Call, given: NoParameters) -> Body:
    """One of a fee's refunds."""
    del given
    fee, id_ = await _known(call), _refund_id(call)
    back = await records.load_return(call.services.database, call.scope, fee.id, id_)
    if back is None:
        raise missing("fee_refund", id_, "refund", in_path=True)
    return render_refund(back)


async def update_refund(call: Call, given: ReturnUpdateParameters) -> Body:
    """Change its metadata, which is all that can change."""
    fee, id_ = await _known(call), _refund_id(call)

    def announce(before: ShareReturn, after: ShareReturn) -> list[Announcement]:
        now, was = dump_return(after), dump_return(before)
        return [call.announcer.statement("application_fee.refund.updated", "fee_refund", id_, now, was)]

    changed = await records.change_return(
        call.services.database,
        call.scope,
        fee.id,
        id_,
        lambda before: replace(before, metadata=merged(before.metadata, given)),
        announce,
    )
    if changed is None:
        raise missing("fee_refund", id_, "refund", in_path=True)
    return render_refund(changed)


async def list_refunds(call: Call, given: ReturnsListParameters) -> Body:
    """A page of a fee's refunds, newest first."""
    fee = await _known(call)
    found, has_more = await records.newest_returns(call.services.database, call.scope, cursor(given), fee.id)
    return list_body(f"{URL}/{fee.id}/refunds", [render_refund(back) for back in found], has_more)


async def _known(call: Call) -> Share:
    id_ = call.path_id("application_fee", "id")
    fee = await records.load(call.services.database, call.scope, FEE, id_)
    if fee is None:
        raise missing("application_fee", id_, "id", in_path=True)
    return fee


def _refund_id(call: Call) -> str:
    return call.path_id("fee_refund", "refund", name="refund")


async def _shown(call: Call, fee: Share) -> Body:
    backs = await records.returns_of(call.services.database, call.scope, [fee.id])
    return render(fee, backs.get(fee.id, ([], 0)))


URL = "/v1/application_fees"

RESOURCE = Resource(path=URL, name="application_fees", returns="application_fee")
REFUNDS = Resource(path=f"{URL}/{{id}}/refunds", name="application_fees.refunds", returns="fee_refund")

OPERATIONS = (
    RESOURCE.operation(
        "GET", "", "list", "List application fees", ApplicationFeesListParameters, list_all, is_list=True
    ),
    RESOURCE.operation("GET", "/{id}", "retrieve", "Retrieve an application fee", NoParameters, retrieve),
    RESOURCE.operation(
        "POST",
        "/{id}/refund",
        "refund_and_show_fee",
        "Refund an application fee, and see the fee",
        FeeRefundCreateParameters,
        refund_and_show_fee,
    ),
    REFUNDS.operation("POST", "", "create", "Refund an application fee", FeeRefundCreateParameters, refund),
    REFUNDS.operation(
        "GET", "", "list", "List an application fee's refunds", ReturnsListParameters, list_refunds, is_list=True
    ),
    REFUNDS.operation(
        "GET", "/{refund}", "retrieve", "Retrieve an application fee's refund", NoParameters, retrieve_refund
    ),
    REFUNDS.operation(
        "POST", "/{refund}", "update", "Update an application fee's refund", ReturnUpdateParameters, update_refund
    ),
)
