"""JSON as Stripe prints it."""

from functools import lru_cache
from itertools import chain

import orjson

from domain.model.hashes import JsonObject

SHAPES_MAX = 128
"""Sets of keys whose order is remembered: a kind of object has one, or a few where keys are left out."""


def to_json(body: JsonObject) -> bytes:
    """Two spaces of indentation, as Stripe has it: people read these."""
    return orjson.dumps(body, option=orjson.OPT_INDENT_2)


def in_order(*pieces: JsonObject) -> JsonObject:
    """The object that these make, its keys as Stripe shows them: `id` and `object` first, then by name."""
    whole = _blank(tuple(chain.from_iterable(pieces))).copy()
    for piece in pieces:
        # What a key has is changed, and not where it stands.
        whole.update(piece)
    return whole


@lru_cache(maxsize=SHAPES_MAX)
def _blank(names: tuple[str, ...]) -> JsonObject:
    """The object of these keys, in order, with nothing in it yet."""
    return dict.fromkeys(("id", "object", *sorted(set(names) - {"id", "object"})))
