"""Lists: cursors in, Stripe's list object out."""

from typing import Any

from api.dialect.errors import StripeError, invalid_request
from api.dialect.fields import ListParameters, RangeHash
from records.scope import Created, Cursor, CursorNotFound

LIMIT_MAX = 100


def cursor(given: ListParameters) -> Cursor:
    """Which page is asked for. The limit is clamped without a word, as Stripe does.

    Raises:
        StripeError: both directions at once.
    """
    if given.starting_after is not None and given.ending_before is not None:
        raise invalid_request(
            "You may only specify one of these parameters: starting_after, ending_before.",
            code="parameters_exclusive",
            param="starting_after",
        )
    limit = min(max(given.limit, 1), LIMIT_MAX)
    return Cursor(limit=limit, starting_after=given.starting_after, ending_before=given.ending_before)


def created_bounds(given: RangeHash | None) -> Created:
    """Bounds on `created`."""
    return Created(**given.model_dump()) if given else Created()


def cursor_not_found(kind: str, error: CursorNotFound) -> StripeError:
    """The object a cursor names is not here."""
    return invalid_request(f"No such {kind}: '{error.id}'", code="resource_missing", param=error.param, status=400)


def list_body(url: str, data: list[dict[str, Any]], has_more: bool) -> dict[str, Any]:
    """The list object."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}
