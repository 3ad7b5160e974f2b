"""The console's list of payments: tabs with their counts, every filter, pages by cursor."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, get_args

from api.dialect.call import Call
from api.dialect.errors import StripeError, invalid_request
from api.dialect.lists import cursor, list_body
from api.dialect.operation import Operation, Resource
from api.usecases.filtering import filter_of
from domain.model.hashes import JsonObject
from parameters.console import LIMIT_MAX, PaymentsFilter, PaymentsParameters
from records.codec import load_intent
from records.console import payments as records
from records.console.reading import TakesTooLong
from records.scope import Cursor
from rendering.console import line

Body = JsonObject
PATH = "/dashboard/v1/payments"
PAGE_SECONDS, COUNTS_SECONDS = 2, 10
"""How old an answer may be that another browser was given: ten that look at the same ask the records once."""


async def _remembered(
    call: Call, given: PaymentsFilter, key: Any, seconds: int, ask: Callable[[], Awaitable[Body]]
) -> Body:
    if not given.remembered:
        return await ask()
    # Whoever answers adds to it.
    return dict(await call.services.overview.remembered(key, call.now, seconds, ask))


def too_much() -> StripeError:
    """What was asked for takes too long here; other questions do not."""
    return invalid_request("There is too much to look through for this. Narrow it down, by date for example.")


async def list_all(call: Call, given: PaymentsParameters) -> Body:
    """A page, newest first."""
    asked = cursor(given)
    limit = min(max(given.limit, 1), LIMIT_MAX)
    where = Cursor(limit=limit, starting_after=asked.starting_after, ending_before=asked.ending_before)
    filter_ = filter_of(given)
    key = ("payments", call.scope, given.tab, repr(filter_), where)
    return await _remembered(call, given, key, PAGE_SECONDS, lambda: _page(call, given.tab, filter_, where))


async def _page(call: Call, tab: records.Tab, filter_: records.Filter, where: Cursor) -> Body:
    desk, database = call.services.overview.desk, call.services.database
    try:
        page = await records.page(desk, database, call.scope, tab, filter_, where)
        intents = [(load_intent(row.data), row.owed_since) for row in page.rows]
        customers = {intent.customer for intent, _ in intents if intent.customer}
        emails = await records.addresses(desk, database, call.scope, customers)
    except TakesTooLong:
        raise too_much() from None
    lines = [line(intent, email=emails.get(intent.customer or ""), unknown_since=owed) for intent, owed in intents]
    return list_body(PATH, lines, page.has_more)


async def counts(call: Call, given: PaymentsFilter) -> Body:
    """How many payments each tab has, with the filter on; null where there is too much to look through."""
    filter_ = filter_of(given)
    key = ("counts", call.scope, repr(filter_))
    return await _remembered(call, given, key, COUNTS_SECONDS, lambda: _counts(call, filter_))


async def _counts(call: Call, filter_: records.Filter) -> Body:
    found: dict[str, int | None] = dict.fromkeys(get_args(records.Tab))
    with suppress(TakesTooLong):
        found |= await records.counts(call.services.overview.desk, call.services.database, call.scope, filter_)
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
