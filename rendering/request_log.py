"""A request of the log, as the console shows it. Not Stripe's: its Dashboard has the like, and its API has none."""

from typing import Any

from domain.model.hashes import JsonObject
from records.request_log import bodies_of
from rendering.schema_words import BOOLEAN, HASH, INTEGER, STRING, TEXT, nullable, object_of

SHOWN = (
    "id created livemode method path operation status duration_ms api_version key key_kind idempotency_key "
    "original_request error_type error_code decline_code error_message object_id request_bytes response_bytes".split()
)

REQUEST_LOG = object_of(
    "request_log",
    "request",
    "response",
    created=INTEGER,
    livemode=BOOLEAN,
    method=STRING,
    path=STRING,
    operation=STRING,
    status=INTEGER,
    duration_ms=INTEGER,
    api_version=TEXT,
    key=STRING,
    key_kind=STRING,
    idempotency_key=TEXT,
    replayed=BOOLEAN,
    original_request=TEXT,
    error_type=TEXT,
    error_code=TEXT,
    decline_code=TEXT,
    error_message=TEXT,
    object_id=TEXT,
    payment_intent=TEXT,
    request_bytes=INTEGER,
    response_bytes=INTEGER,
    request=nullable(HASH),
    response=nullable(HASH),
)


def render(row: Any, *, bodies: bool) -> JsonObject:
    """One request; `bodies` adds what was sent and what was answered, masked, where it was kept."""
    shown = {name: getattr(row, name) for name in SHOWN}
    of_payment = row.payment_intent or (row.object_id if (row.object_id or "").startswith("pi_") else None)
    shown |= {"object": "request_log", "replayed": row.original_request is not None, "payment_intent": of_payment}
    if bodies:
        shown |= bodies_of(row)
    return shown
