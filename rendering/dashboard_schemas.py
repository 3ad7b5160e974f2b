"""What the operator's view is answered, described: objects of ours, which Stripe does not have."""

from rendering.schema_words import (
    BOOLEAN,
    HASH,
    INTEGER,
    NUMBER,
    STRING,
    STRINGS,
    TEXT,
    Schema,
    hash_with,
    nullable,
    object_of,
    object_without_id,
    words,
)


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
    attempts=_many(hash_with(charge=STRING, created=INTEGER, status=STRING, why=STRING, gateway=STRING)),
    commands=_many(STRING),
    route=TEXT,
    gateways=_many(hash_with(gateway=STRING, why=STRING)),
)

OWED = object_without_id(
    "dashboard_owed",
    key=STRING,
    operation=STRING,
    gateway=STRING,
    since=NUMBER,
    taken_on=BOOLEAN,
    reference=TEXT,
    done=TEXT,
    not_done=TEXT,
    needs_reference=BOOLEAN,
    reason_for_silence=TEXT,
)

TIMELINE = object_without_id(
    "dashboard_timeline",
    payment_intent={"$ref": "#/components/schemas/payment_intent"},
    pending=TEXT,
    explanation=_EXPLANATION,
    owed=nullable(OWED),
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

PAYMENT = object_of(
    "dashboard_payment",
    amount=INTEGER,
    amount_capturable=INTEGER,
    amount_received=INTEGER,
    amount_refunded=INTEGER,
    created=INTEGER,
    currency=STRING,
    customer=TEXT,
    description=TEXT,
    disputed=BOOLEAN,
    due=nullable(hash_with(at=INTEGER, what=STRING)),
    email=TEXT,
    failure=TEXT,
    method=nullable(hash_with(type=STRING, brand=TEXT, last4=TEXT)),
    status=STRING,
    unknown_since=NUMBER,
)

ATTENTION = object_without_id(
    "dashboard_attention",
    data=_many(hash_with(payment=PAYMENT, owed=OWED)),
    has_more=BOOLEAN,
    looked_through=BOOLEAN,
)

COUNTS = object_without_id("dashboard_counts", counted_max=INTEGER, tabs=HASH)

SESSION = object_without_id(
    "dashboard_session",
    account=STRING,
    kind=STRING,
    livemode=BOOLEAN,
    now=INTEGER,
    permissions=STRINGS,
    resources=STRINGS,
)

_BY_CURRENCY = _many(hash_with(currency=STRING, payments=INTEGER, amount=INTEGER))
_WAITING = hash_with(
    by_currency=_BY_CURRENCY, first=_many(hash_with(id=STRING, amount=INTEGER, currency=STRING, at=INTEGER))
)

HOME = object_without_id(
    "dashboard_home",
    since=INTEGER,
    volume=_many(hash_with(day=INTEGER, currency=STRING, intents=INTEGER, succeeded=INTEGER, received=INTEGER)),
    attempts=_many(hash_with(day=INTEGER, currency=STRING, tried=INTEGER, approved=INTEGER, refunded=INTEGER)),
    failures=_many(hash_with(reason=STRING, currency=STRING, charges=INTEGER)),
    holds=_WAITING,
    unknown=_WAITING,
    disputes=INTEGER,
    webhooks_failing=INTEGER,
)

WEBHOOK_HEALTH = object_without_id("dashboard_webhook_health", recent_max=INTEGER, endpoints=HASH)

API_KEY = object_of(
    "api_key",
    "key",
    created=INTEGER,
    expires=NUMBER,
    hint=STRING,
    key=STRING,
    kind=words("publishable", "restricted", "secret"),
    livemode=BOOLEAN,
    name=TEXT,
    permissions=STRINGS,
)

_GATEWAY = hash_with(
    name=STRING,
    answers_by_key=BOOLEAN,
    can=hash_with(
        methods=nullable(STRINGS),
        currencies=nullable(STRINGS),
        brands=nullable(STRINGS),
        amount_max=NUMBER,
        lacks=STRINGS,
    ),
    health=STRING,
    keeps_keys_seconds=NUMBER,
    last_day=hash_with(tried=INTEGER, approved=INTEGER),
    latency=STRING,
    later=STRINGS,
    patience_seconds=INTEGER,
)

GATEWAYS = object_without_id(
    "dashboard_gateways",
    gateways=_many(_GATEWAY),
    rules=nullable(hash_with(version=INTEGER, data=HASH)),
    versions=_many(hash_with(number=INTEGER, created=INTEGER, holds=BOOLEAN)),
)

LEDGER = object_without_id(
    "dashboard_ledger", as_of=INTEGER, books=_many(hash_with(currency=STRING, book=STRING, amount=INTEGER))
)

ROUTING_RULES = object_of("routing_rules", version=INTEGER, created=INTEGER, data=HASH, holds=BOOLEAN)

RECONCILIATION = object_of("reconciliation", ended=INTEGER, differences=_many(HASH), under_way=STRINGS)

OBJECTS: dict[str, Schema] = {
    "api_key": API_KEY,
    "dashboard_attention": ATTENTION,
    "dashboard_counts": COUNTS,
    "dashboard_gateways": GATEWAYS,
    "dashboard_home": HOME,
    "dashboard_ledger": LEDGER,
    "dashboard_payment": PAYMENT,
    "dashboard_session": SESSION,
    "dashboard_summary": SUMMARY,
    "dashboard_timeline": TIMELINE,
    "dashboard_webhook_health": WEBHOOK_HEALTH,
    "reconciliation": RECONCILIATION,
    "routing_rules": ROUTING_RULES,
}
