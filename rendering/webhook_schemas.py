"""Events and what becomes of them, described: as schemas.py describes what they tell of."""

from rendering.schema_words import (
    BOOLEAN,
    HASH,
    INTEGER,
    METADATA,
    NUMBER,
    STRING,
    STRINGS,
    TEXT,
    hash_with,
    nullable,
    object_of,
    words,
)

EVENT = object_of(
    "event",
    "account",
    account=STRING,
    api_version=TEXT,
    created=INTEGER,
    data={"type": "object", "properties": {"object": HASH, "previous_attributes": HASH}, "required": ["object"]},
    livemode=BOOLEAN,
    pending_webhooks=INTEGER,
    request=nullable(hash_with(id=TEXT, idempotency_key=TEXT)),
    type=STRING,
)

WEBHOOK_ENDPOINT = object_of(
    "webhook_endpoint",
    "secret",
    api_version=TEXT,
    application=TEXT,
    created=INTEGER,
    description=TEXT,
    enabled_events=STRINGS,
    livemode=BOOLEAN,
    metadata=METADATA,
    secret=STRING,
    status=words("disabled", "enabled"),
    url=STRING,
)

WEBHOOK_DELIVERY = object_of(
    "webhook_delivery",
    attempts={
        "type": "array",
        "items": hash_with(
            created=INTEGER, error=TEXT, latency_ms=INTEGER, response_excerpt=TEXT, response_status=NUMBER
        ),
    },
    created=INTEGER,
    event=STRING,
    livemode=BOOLEAN,
    next_attempt=NUMBER,
    status=words("pending", "under_way", "delivered", "failed", "canceled"),
    type=STRING,
)

LISTENER = object_of("listener", created=INTEGER, enabled_events=STRINGS, livemode=BOOLEAN, name=STRING, secret=STRING)
