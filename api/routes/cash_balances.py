"""Customers' cash balances: what there is, every movement of it, where to send more, and test transfers."""

from api.dialect.call import Call
from api.dialect.errors import invalid_request, missing, refused
from api.dialect.lists import cursor, list_body
from api.dialect.operation import Resource
from api.usecases import funding
from domain.identifiers import ID_MAX
from domain.methods.bank_transfers import CURRENCY
from domain.model.hashes import JsonObject
from domain.model.wording import currency_not_of_type
from parameters import cash_balances as parameters
from parameters.others import NoParameters
from records import cash_balances as records
from records import customers
from rendering import cash_balance as resource

Body = JsonObject


async def retrieve(call: Call, given: NoParameters) -> Body:
    """What the customer has."""
    del given
    return await _shown(call, await _owner(call))


async def update(call: Call, given: parameters.CashBalanceUpdateParameters) -> Body:
    """Say how incoming money is reconciled."""
    id_, settings = call.path_id("customer"), given.settings or {}

    def set_(before: customers.Customer) -> customers.Customer:
        kept = (before.get("cash_balance") or {}).get("settings") or {}
        return {**before, "cash_balance": {"settings": {**kept, **settings}}} if settings else before

    changed = await customers.change(call.services.database, call.scope, id_, set_)
    if changed is None:
        raise missing("customer", id_, "id", in_path=True)
    return await _shown(call, changed)


async def _shown(call: Call, customer: customers.Customer) -> Body:
    available = await records.available(call.services.database, customer["id"])
    return resource.render(customer["id"], customer["livemode"], available, customer)


async def list_transactions(call: Call, given: parameters.CashBalanceTransactionsListParameters) -> Body:
    """Every movement, newest first."""
    id_ = (await _owner(call))["id"]
    found, has_more = await records.newest(call.services.database, call.scope, cursor(given), id_)
    url = f"/v1/customers/{id_}/cash_balance_transactions"
    return list_body(url, [resource.transaction(one) for one in found], has_more)


async def retrieve_transaction(call: Call, given: NoParameters) -> Body:
    """One movement."""
    del given
    customer, id_ = await _owner(call), call.path["transaction"][:ID_MAX].replace("\x00", "")
    found = await records.load(call.services.database, call.scope, customer["id"], id_)
    if found is None:
        raise missing("customer_cash_balance_transaction", id_, "transaction", in_path=True)
    return resource.transaction(found)


async def instructions(call: Call, given: parameters.FundingInstructionsParameters) -> Body:
    """Where the customer sends money; the same each time."""
    customer, transfer, currency = await _customer(call), given.bank_transfer, given.currency.lower()
    expected = CURRENCY[transfer["type"]]
    if currency != expected:
        raise refused(currency_not_of_type(transfer["type"], currency, frozenset({expected})))
    if transfer["type"] == "eu_bank_transfer" and not transfer.get("eu_bank_transfer"):
        param = "bank_transfer[eu_bank_transfer][country]"
        raise invalid_request(f"Missing required param: {param}.", code="parameter_missing", param=param)
    found = await call.services.funding.instructions(customer["id"], transfer)
    return resource.instructions(found, transfer, currency, customer["livemode"])


async def fund(call: Call, given: parameters.FundCashBalanceParameters) -> Body:
    """Let a bank transfer come in."""
    customer, currency = await _customer(call), given.currency.lower()
    if given.amount < 1:
        text = "This value must be greater than or equal to 1."
        raise invalid_request(text, code="parameter_invalid_integer", param="amount")
    if currency not in CURRENCY.values():
        expected = ", ".join(sorted(CURRENCY.values()))
        raise invalid_request(f"Bank transfers come in these currencies: {expected}.", param="currency")
    transfer = await call.services.funding.simulate_transfer(
        f"{customer['id']}/{call.mint.command}", customer["id"], given.amount, currency, given.reference
    )
    booked = await funding.take(call.services, transfer)
    if booked is None:
        raise missing("customer", customer["id"], "id", in_path=True)
    return resource.transaction(booked)


async def _owner(call: Call) -> customers.Customer:
    """Whoever has, or had, money here, deleted or not: a transfer may come after they are gone, and is not lost."""
    id_ = call.path_id("customer")
    customer = await customers.load(call.services.database, call.scope, id_)
    if customer is not None and customer["deleted"] and await records.available(call.services.database, id_):
        return customer
    return await _customer(call)


async def _customer(call: Call) -> customers.Customer:
    id_ = call.path_id("customer")
    customer = await customers.load(call.services.database, call.scope, id_)
    if customer is None or customer["deleted"]:
        raise missing("customer", id_, "id", in_path=True)
    return customer


RESOURCE = Resource(path="/v1/customers/{id}", name="customers", returns="cash_balance")
HELPERS = Resource(
    path="/v1/test_helpers/customers/{id}",
    name="test_helpers.customers",
    returns="customer_cash_balance_transaction",
)
TRANSACTION = "customer_cash_balance_transaction"

OPERATIONS = (
    RESOURCE.operation(
        "GET", "/cash_balance", "retrieve_cash_balance", "Retrieve a cash balance", NoParameters, retrieve
    ),
    RESOURCE.operation(
        "POST",
        "/cash_balance",
        "update_cash_balance",
        "Change how incoming money is reconciled",
        parameters.CashBalanceUpdateParameters,
        update,
    ),
    RESOURCE.operation(
        "GET",
        "/cash_balance_transactions",
        "list_cash_balance_transactions",
        "List cash balance transactions",
        parameters.CashBalanceTransactionsListParameters,
        list_transactions,
        is_list=True,
        returns=TRANSACTION,
    ),
    RESOURCE.operation(
        "GET",
        "/cash_balance_transactions/{transaction}",
        "retrieve_cash_balance_transaction",
        "Retrieve a cash balance transaction",
        NoParameters,
        retrieve_transaction,
        returns=TRANSACTION,
    ),
    RESOURCE.operation(
        "POST",
        "/funding_instructions",
        "create_funding_instructions",
        "Say where a customer sends money",
        parameters.FundingInstructionsParameters,
        instructions,
        returns="funding_instructions",
    ),
    HELPERS.operation(
        "POST",
        "/fund_cash_balance",
        "fund_cash_balance",
        "Let a bank transfer come in",
        parameters.FundCashBalanceParameters,
        fund,
        test_only=True,
    ),
)
