"""JSON as Stripe prints it."""

from typing import Any

import orjson


def to_json(body: dict[str, Any]) -> bytes:
    """Two spaces of indentation, as Stripe has it: people read these."""
    return orjson.dumps(body, option=orjson.OPT_INDENT_2)
