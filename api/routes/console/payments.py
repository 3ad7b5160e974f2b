"""The console's list of payments: tabs with their counts, every filter, pages by cursor."""

from contextlib import suppress
from typing import Any, get_args

from api.dialect.call import Call
from api.dialect.errors import StripeError, invalid_request
from api.dialect.lists import cursor, list_body
from api.dialect.operation import Operation, Resource
from api.parameters.console import LIMIT_MAX, PaymentsFilter, PaymentsParameters
from api.usecases.filtering import filter_of
from records.codec import load_intent
from records.console import payments as records
from records.console.reading import TakesTooLong
from records.scope import Cursor
from rendering.console import line

Body = dict[str, Any]
PATH = "/dashboard/v1/payments"


def too_much() -> StripeError:
    """What was asked for takes too long here; other questions do not."""
    return invalid_request("There is too much to look through for this. Narrow it down, by date for example.")


async def list_all(call: Call, given: PaymentsParameters) -> Body:
    """A page, newest first."""
    desk, database = call.services.overview.desk, call.services.database
    asked = cursor(given)
    limit = min(max(given.limit, 1), LIMIT_MAX)
    where = Cursor(limit=limit, starting_after=asked.starting_after, ending_before=asked.ending_before)
    try:
        page = await records.page(desk, database, call.scope, given.tab, filter_of(given), where)
        intents = [(load_intent(row.data), row.owed_since) for row in page.rows]
        customers = {intent.customer for intent, _ in intents if intent.customer}
        emails = await records.addresses(desk, database, call.scope, customers)
    except TakesTooLong:
        raise too_much() from None
    lines = [line(intent, email=emails.get(intent.customer or ""), unknown_since=owed) for intent, owed in intents]
    return list_body(PATH, lines, page.has_more)


async def counts(call: Call, given: PaymentsFilter) -> Body:
    """How many payments each tab has, with the filter on; null where there is too much to look through."""
    found: dict[str, int | None] = dict.fromkeys(get_args(records.Tab))
    with suppress(TakesTooLong):
        found |= await records.counts(call.services.overview.desk, call.services.database, call.scope, filter_of(given))
    return {"object": "dashboard_counts", "counted_max": records.COUNTED_MAX, "tabs": found}


RESOURCE = Resource(path="/dashboard/v1", name="dashboard", returns="dashboard_payment")
SHOWN = ("payment_intents", "charges", "customers")

OPERATIONS: tuple[Operation, ...] = (
    RESOURCE.operation(
        "GET",
        "/payments",
        "payments",
        "Payments, filtered as people filter them",
        PaymentsParameters,
        list_all,
        is_list=True,
        also_reads=SHOWN,
    ),
    RESOURCE.operation(
        "GET",
        "/payments/counts",
        "payment_counts",
        "How many payments there are of each kind",
        PaymentsFilter,
        counts,
        returns="dashboard_counts",
        also_reads=SHOWN,
    ),
)
