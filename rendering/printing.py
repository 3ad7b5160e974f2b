"""JSON as Stripe prints it."""

import orjson

from domain.model.hashes import JsonObject


def to_json(body: JsonObject) -> bytes:
    """Two spaces of indentation, as Stripe has it: people read these."""
    return orjson.dumps(body, option=orjson.OPT_INDENT_2)
