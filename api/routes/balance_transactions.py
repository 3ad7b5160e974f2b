"""The balance, and its transactions: what every charge, refund and dispute did to it; read-only."""

from api.dialect.call import Call
from api.dialect.errors import missing
from api.dialect.lists import created_bounds, cursor, list_body
from api.dialect.operation import Resource
from api.usecases.parents import check_not_here
from domain.model.hashes import JsonObject
from parameters.others import BalanceTransactionsListParameters, NoParameters
from records import balance as records
from rendering import balance as balance_resource
from rendering.balance_transaction import render


async def retrieve_balance(call: Call, given: NoParameters) -> JsonObject:
    """What the account has."""
    del given
    sums = await records.sums(call.services.database, call.scope, call.now)
    return balance_resource.render(sums, call.scope.livemode)


async def retrieve(call: Call, given: NoParameters) -> JsonObject:
    """One balance transaction."""
    del given
    id_ = call.path_id("balance transaction")
    found = await records.load(call.services.database, call.scope, id_)
    if found is None:
        raise missing("balance transaction", id_, "id", in_path=True)
    return render(found, call.now)


async def list_all(call: Call, given: BalanceTransactionsListParameters) -> JsonObject:
    """A page, newest first. As live Stripe has it, nothing is found by the id of a dispute, nor by a wrong word."""
    check_not_here(given, "payout")
    if given.source is not None and given.source.startswith(("du_", "dp_")):
        return list_body(URL, [], has_more=False)
    found, has_more = await records.newest(
        call.services.database,
        call.scope,
        cursor(given),
        created_bounds(given.created),
        currency=given.currency and given.currency.lower(),
        source=given.source,
        type=given.type,
    )
    return list_body(URL, [render(one, call.now) for one in found], has_more)


URL = "/v1/balance_transactions"

BALANCE = Resource(path="/v1/balance", name="balance", returns="balance")
RESOURCE = Resource(path=URL, name="balance_transactions", returns="balance_transaction")

OPERATIONS = (
    BALANCE.operation("GET", "", "retrieve", "Retrieve the balance", NoParameters, retrieve_balance),
    RESOURCE.operation(
        "GET", "", "list", "List balance transactions", BalanceTransactionsListParameters, list_all, is_list=True
    ),
    RESOURCE.operation("GET", "/{id}", "retrieve", "Retrieve a balance transaction", NoParameters, retrieve),
)
