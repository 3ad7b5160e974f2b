"""What the log says of a request with PERDURE_LOG_LEVEL=debug: ids, and how it ended; nothing that was sent."""

from typing import Any

import orjson
from starlette.responses import Response

from domain.identifiers import ID_MAX
from domain.model.hashes import JsonObject

INTENT = "pi_"


def described(operation: str, path: JsonObject, response: Response, seconds: float) -> JsonObject:
    """The request's id, what was asked for, how it ended, and which PaymentIntent it was about."""
    body = parsed(bytes(response.body))
    error = body.get("error")
    failed = error if isinstance(error, dict) else {}
    line = {
        "request": response.headers.get("Request-Id"),
        "operation": operation,
        "status": response.status_code,
        "ms": round(seconds * 1_000),
        "intent": _intent(path.get("id"), failed.get("payment_intent"), body.get("id"), body.get("payment_intent")),
        "decline": failed.get("decline_code"),
        "code": failed.get("code"),
    }
    return {name: value for name, value in line.items() if value is not None}


def parsed(body: bytes) -> JsonObject:
    """The object that was answered; empty, if it was none."""
    try:
        found = orjson.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _intent(*found: Any) -> str | None:
    """The first of these that is a PaymentIntent, or its id."""
    for each in found:
        id_ = each.get("id") if isinstance(each, dict) else each
        if isinstance(id_, str) and id_.startswith(INTENT) and "_secret_" not in id_:
            return id_[:ID_MAX]
    return None
