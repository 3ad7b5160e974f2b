"""Transfers (Connect): what of a platform's payments went to its accounts, and what it takes back of that."""

from dataclasses import replace

from api.dialect.call import Call
from api.dialect.errors import missing
from api.dialect.lists import created_bounds, cursor, list_body
from api.dialect.operation import Resource
from api.usecases.metadata import merged
from api.usecases.sharing_out import give_back
from domain.model.hashes import JsonObject
from domain.model.shares import TRANSFER, Share, ShareReturn
from parameters.others import NoParameters
from parameters.shares import (
    ReturnsListParameters,
    ReturnUpdateParameters,
    ReversalCreateParameters,
    TransfersListParameters,
    TransferUpdateParameters,
)
from records import shares as records
from records.codec import dump_share
from records.events import Announcement
from rendering.transfer import render, render_reversal

Body = JsonObject


async def retrieve(call: Call, given: NoParameters) -> Body:
    """One transfer."""
    del given
    return await _shown(call, await _known(call))


async def update(call: Call, given: TransferUpdateParameters) -> Body:
    """Change its description and its metadata. It moves no money, so no workflow needs to know."""
    id_ = call.path_id("transfer", "transfer")

    def change(before: Share) -> Share:
        said = given.given("description")
        return replace(before, metadata=merged(before.metadata, given), **said)

    def announce(before: Share, after: Share) -> list[Announcement]:
        now, was = dump_share(after), dump_share(before)
        return [call.announcer.statement("transfer.updated", "transfer", id_, now, was)]

    changed = await records.change(call.services.database, call.scope, id_, change, announce)
    if changed is None:
        raise missing("transfer", id_, "transfer", in_path=True)
    return await _shown(call, changed)


async def list_all(call: Call, given: TransfersListParameters) -> Body:
    """A page, newest first."""
    database = call.services.database
    found, has_more = await records.newest(
        database,
        call.scope,
        cursor(given),
        created_bounds(given.created),
        TRANSFER,
        connected=given.destination,
        transfer_group=given.transfer_group,
    )
    backs = await records.returns_of(database, call.scope, [transfer.id for transfer in found])
    return list_body(URL, [render(one, backs.get(one.id, ([], 0))) for one in found], has_more)


async def reverse(call: Call, given: ReversalCreateParameters) -> Body:
    """Take all that is left of it back, or `amount`."""
    back = await give_back(
        call,
        await _known(call),
        call.mint.id("trr_1", length=23),
        amount=given.amount,
        metadata=given.metadata,
        description=given.description,
        refund_application_fee=given.refund_application_fee,
    )
    return render_reversal(back)


async def retrieve_reversal(call: Call, given: NoParameters) -> Body:
    """One of a transfer's reversals."""
    del given
    transfer, id_ = await _known(call), _reversal_id(call)
    back = await records.load_return(call.services.database, call.scope, transfer.id, id_)
    if back is None:
        raise missing("transfer_reversal", id_, "reversal", in_path=True)
    return render_reversal(back)


async def update_reversal(call: Call, given: ReturnUpdateParameters) -> Body:
    """Change its metadata, which is all that can change; no event of Stripe's tells of that."""
    transfer, id_ = await _known(call), _reversal_id(call)

    def change(before: ShareReturn) -> ShareReturn:
        return replace(before, metadata=merged(before.metadata, given))

    changed = await records.change_return(call.services.database, call.scope, transfer.id, id_, change)
    if changed is None:
        raise missing("transfer_reversal", id_, "reversal", in_path=True)
    return render_reversal(changed)


async def list_reversals(call: Call, given: ReturnsListParameters) -> Body:
    """A page of a transfer's reversals, newest first."""
    transfer = await _known(call)
    found, has_more = await records.newest_returns(call.services.database, call.scope, cursor(given), transfer.id)
    return list_body(f"{URL}/{transfer.id}/reversals", [render_reversal(back) for back in found], has_more)


async def _known(call: Call) -> Share:
    id_ = call.path_id("transfer", "transfer")
    transfer = await records.load(call.services.database, call.scope, TRANSFER, id_)
    if transfer is None:
        raise missing("transfer", id_, "transfer", in_path=True)
    return transfer


def _reversal_id(call: Call) -> str:
    return call.path_id("transfer_reversal", "reversal", name="reversal")


async def _shown(call: Call, transfer: Share) -> Body:
    backs = await records.returns_of(call.services.database, call.scope, [transfer.id])
    return render(transfer, backs.get(transfer.id, ([], 0)))


URL = "/v1/transfers"

RESOURCE = Resource(path=URL, name="transfers", returns="transfer")
REVERSALS = Resource(path=f"{URL}/{{id}}/reversals", name="transfers.reversals", returns="transfer_reversal")

OPERATIONS = (
    RESOURCE.operation("GET", "", "list", "List transfers", TransfersListParameters, list_all, is_list=True),
    RESOURCE.operation("GET", "/{id}", "retrieve", "Retrieve a transfer", NoParameters, retrieve),
    RESOURCE.operation("POST", "/{id}", "update", "Update a transfer", TransferUpdateParameters, update),
    REVERSALS.operation("POST", "", "create", "Reverse a transfer", ReversalCreateParameters, reverse),
    REVERSALS.operation(
        "GET", "", "list", "List a transfer's reversals", ReturnsListParameters, list_reversals, is_list=True
    ),
    REVERSALS.operation(
        "GET", "/{reversal}", "retrieve", "Retrieve a transfer's reversal", NoParameters, retrieve_reversal
    ),
    REVERSALS.operation(
        "POST", "/{reversal}", "update", "Update a transfer's reversal", ReturnUpdateParameters, update_reversal
    ),
)
