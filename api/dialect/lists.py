"""Lists: cursors in, Stripe's list object out."""

from api.dialect.errors import StripeError, invalid_request
from domain.model.hashes import JsonObject
from parameters.hashes import ListParameters, RangeHash
from records.scope import Created, Cursor, CursorNotFound, Total
from rendering.versions.changes.counted_lists import TOTAL_COUNT

LIMIT_MAX = 100


def cursor(given: ListParameters) -> Cursor:
    """Which page is asked for. The limit is clamped without a word, as Stripe does.

    Raises:
        StripeError: both directions at once.
    """
    if given.starting_after is not None and given.ending_before is not None:
        raise invalid_request("Received both starting_after and ending_before parameters. Please pass in only one.")
    if TOTAL_COUNT in given.expand:
        given.total = Total()
    return Cursor(
        limit=clamped(given.limit),
        starting_after=given.starting_after,
        ending_before=given.ending_before,
        total=given.total,
    )


def clamped(limit: int) -> int:
    """How many to show: 1 to 100, whatever was asked, as Stripe does without a word."""
    return min(max(limit, 1), LIMIT_MAX)


def created_bounds(given: RangeHash | None) -> Created:
    """Bounds on `created`."""
    return Created(**given.model_dump()) if given else Created()


NAMES = {
    "balance_transaction": "balance transaction", "file": "file upload", "payment_method": "PaymentMethod",
    "request_log": "request", "setup_attempt": "setupattempt", "setup_intent": "setupintent",
}  # fmt: skip
"""What messages call an object, where that is not what it calls itself."""


def cursor_not_found(kind: str, error: CursorNotFound) -> StripeError:
    """The object a cursor names is not here."""
    kind = NAMES.get(kind, kind)
    return invalid_request(f"No such {kind}: '{error.id}'", code="resource_missing", param=error.param, status=400)


def list_body(url: str, data: list[JsonObject], has_more: bool) -> JsonObject:
    """The list object."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def counted(body: JsonObject, given: object) -> None:
    """Say in a list how many there are in all, if that was asked, in place."""
    if isinstance(given, ListParameters) and given.total is not None:
        body[TOTAL_COUNT] = given.total.rows


def search_body(url: str, data: list[JsonObject], next_page: str | None) -> JsonObject:
    """The search result object."""
    return {
        "object": "search_result",
        "data": data,
        "has_more": next_page is not None,
        "next_page": next_page,
        "url": url,
    }


def page_of(items: list[JsonObject], cursor: Cursor, url: str) -> JsonObject:
    """The list object for a page of what is all here already, in its own order.

    Raises:
        CursorNotFound: a cursor names none of them.
    """
    if cursor.total is not None:
        cursor.total.rows = len(items)
    ids = [item["id"] for item in items]
    start, end = 0, len(items)
    if cursor.starting_after is not None:
        start = _index(ids, "starting_after", cursor.starting_after) + 1
    elif cursor.ending_before is not None:
        end = _index(ids, "ending_before", cursor.ending_before)
        return list_body(url, items[max(0, end - cursor.limit) : end], has_more=end > cursor.limit)
    return list_body(url, items[start : start + cursor.limit], has_more=start + cursor.limit < end)


def _index(ids: list[str], param: str, id_: str) -> int:
    if id_ not in ids:
        raise CursorNotFound(param, id_)
    return ids.index(id_)
