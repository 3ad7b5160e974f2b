"""What the operator's view is answered, described: objects of ours, which Stripe does not have."""

from rendering.describing import INTEGER, NUMBER, STRING, TEXT, Schema, hash_with, object_without_id


def _many(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


_TRY = hash_with(created=INTEGER, status=NUMBER, latency_ms=INTEGER, error=TEXT)
_DELIVERY = hash_with(endpoint=STRING, url=TEXT, state=STRING, due=NUMBER, attempts=_many(_TRY))

_EXPLANATION = object_without_id(
    "explanation",
    payment_intent=STRING,
    status=STRING,
    waits_for=STRING,
    why=_many(STRING),
    by_itself=_many(hash_with(at=NUMBER, what=STRING)),
    attempts=_many(hash_with(charge=STRING, created=INTEGER, status=STRING, why=STRING)),
    commands=_many(STRING),
)

TIMELINE = object_without_id(
    "dashboard_timeline",
    payment_intent={"$ref": "#/components/schemas/payment_intent"},
    pending=TEXT,
    explanation=_EXPLANATION,
    timers=_many(hash_with(at=INTEGER, what=STRING)),
    events=_many(
        hash_with(
            id=STRING,
            type=STRING,
            created=INTEGER,
            object_id=STRING,
            request=TEXT,
            status=TEXT,
            deliveries=_many(_DELIVERY),
        )
    ),
)

SUMMARY = object_without_id(
    "dashboard_summary",
    since=INTEGER,
    days=_many(hash_with(day=INTEGER, currency=STRING, intents=INTEGER, succeeded=INTEGER, received=INTEGER)),
    failures=_many(hash_with(reason=STRING, charges=INTEGER)),
)
