"""JSON as Stripe prints it."""

import orjson

from domain.model.hashes import JsonObject


def to_json(body: JsonObject) -> bytes:
    """Two spaces of indentation, as Stripe has it: people read these."""
    return orjson.dumps(body, option=orjson.OPT_INDENT_2)


def in_order(rendered: JsonObject) -> JsonObject:
    """An object's keys as Stripe shows them: `id` and `object` first, then by name."""
    names = sorted(rendered.keys() - {"id", "object"})
    return {name: rendered[name] for name in ("id", "object", *names)}
