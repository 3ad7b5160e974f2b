"""Searching PaymentIntents, charges and customers: each as it was just written."""

from collections.abc import Callable

from api.dialect.call import Call
from api.dialect.errors import invalid_request
from api.dialect.lists import clamped, search_body
from api.dialect.operation import Handler, Operation
from api.dialect.search import parse
from domain.model.hashes import JsonObject
from parameters.payment_intents import SearchParameters
from records import charges, customers
from records import search as records
from records.codec import load_intent
from records.database import Row
from rendering import charge, customer, payment_intent
from rendering.versions.changes.counted_lists import TOTAL_COUNT

Body = JsonObject


def _search(path: str, searched: records.Searched, show: Callable[[Row], Body]) -> Handler:
    async def search(call: Call, given: SearchParameters) -> Body:
        """A page of what matches the query, newest first."""
        database, query = call.services.database, parse(given.query, searched)
        try:
            found = await records.find(database, call.scope, searched, query, clamped(given.limit), given.page)
        except records.PageNotFound:
            text = "Invalid page token: take it from a previous page's `next_page`."
            raise invalid_request(text, param="page") from None
        body = search_body(path, [show(row) for row in found.rows], found.next_page)
        if TOTAL_COUNT in given.expand:
            body[TOTAL_COUNT] = await records.count(database, call.scope, searched, query)
        return body

    return search


def _operation(
    family: str, returns: str, words: str, searched: records.Searched, show: Callable[[Row], Body]
) -> Operation:
    path = f"/v1/{family}/search"
    return Operation(
        method="GET",
        path=path,
        name=f"{family}.search",
        summary=f"Search {words}",
        parameters=SearchParameters,
        returns=returns,
        handler=_search(path, searched, show),
        is_list=True,
        is_search=True,
    )


OPERATIONS = (
    _operation(
        "payment_intents",
        "payment_intent",
        "PaymentIntents",
        records.INTENTS,
        lambda row: payment_intent.render(load_intent(row.data)),
    ),
    _operation("charges", "charge", "charges", records.CHARGES, lambda row: charge.render(charges.of_row(row))),
    _operation(
        "customers", "customer", "customers", records.CUSTOMERS, lambda row: customer.render(customers.of_row(row))
    ),
)
