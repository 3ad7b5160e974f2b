"""The list inside a share of a payment (application_fee.py, transfer.py): what came back of it."""

from collections.abc import Callable

from domain.model.hashes import JsonObject
from domain.model.shares import ShareReturn
from rendering.schema_words import BOOLEAN, HASH, STRING, Schema, hash_with

LIST: Schema = hash_with(object={"const": "list"}, data={"type": "array", "items": HASH}, has_more=BOOLEAN, url=STRING)


def of_returns(
    url: str, returns: tuple[list[ShareReturn], int], render: Callable[[ShareReturn], JsonObject]
) -> JsonObject:
    """The newest of what came back, and whether there is more."""
    newest, total = returns
    return {"object": "list", "data": [render(back) for back in newest], "has_more": total > len(newest), "url": url}
