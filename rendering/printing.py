"""JSON as Stripe prints it."""

from functools import lru_cache

import orjson

from domain.model.hashes import JsonObject

SHAPES_MAX = 128
"""Sets of keys whose order is remembered: a kind of object has one, or a few where keys are left out."""


def to_json(body: JsonObject) -> bytes:
    """Two spaces of indentation, as Stripe has it: people read these."""
    return orjson.dumps(body, option=orjson.OPT_INDENT_2)


def in_order(*pieces: JsonObject) -> JsonObject:
    """The object that these make, its keys as Stripe shows them: `id` and `object` first, then by name."""
    whole: JsonObject = {}
    for piece in pieces:
        whole.update(piece)
    return {name: whole[name] for name in _order(tuple(whole))}


@lru_cache(maxsize=SHAPES_MAX)
def _order(names: tuple[str, ...]) -> tuple[str, ...]:
    return "id", "object", *sorted(set(names) - {"id", "object"})
