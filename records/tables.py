"""The tables, as queries see them. Their DDL, with every CHECK, is in migrations/; a test holds the two together.

Every table has `account` and `livemode`: no query reaches a row without them. Amounts are minor units, times Unix
seconds. `seq` is the order of insertion, which breaks ties of `created`. `data` is the domain object (codec.py).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from records.expressions import EMAIL, GATEWAY, LAPSES, LAST4, METHOD

metadata = MetaData()


def owned() -> list[Column[object]]:
    """Whose a row is, and when it came: of every table with objects of accounts."""
    return [
        Column("account", Text, ForeignKey("accounts.id"), nullable=False),
        Column("livemode", Boolean, nullable=False),
        Column("created", BigInteger, nullable=False),
        Column("seq", BigInteger, Identity(always=True), nullable=False),
    ]


def newest(table: str, *leading: str) -> Index:
    """For lists, newest first: read backwards, as an index that grows at its start has half-empty pages."""
    name = "_".join((table, *leading, "newest"))
    return Index(name, *(leading or ("account", "livemode")), "created", "seq")


accounts = Table(
    "accounts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    # The duplicate guard (domain/machine/duplicates.py); neither where it is off.
    Column("duplicate_seconds", Integer),
    Column("duplicate_choice", Text),
    # Stripe's API, where a request does not say its version; null for the newest.
    Column("api_version", Text),
    # Checks of a card that are a no when they fail; null for none.
    Column("blocked_checks", ARRAY(Text)),
    # What its payments cost (domain/money/pricing.py); NULL for the usual.
    Column("pricing", JSONB(none_as_null=True)),
    # Whether networks' limits on declined cards are kept (declined_cards.py); NULL: of live payments alone.
    Column("reattempt_limits", Boolean),
    # The rules of routing that hold, and their version (routing_rules.py); NULL for none.
    Column("routing", JSONB(none_as_null=True)),
    CheckConstraint(
        "(duplicate_seconds IS NULL) = (duplicate_choice IS NULL) AND duplicate_seconds BETWEEN 1 AND 86400 "
        "AND duplicate_choice IN ('flag', 'refuse')",
        name="accounts_duplicates",
    ),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("account", Text, ForeignKey("accounts.id"), nullable=False),
    Column("livemode", Boolean, nullable=False),
    Column("kind", Text, nullable=False),
    Column("hint", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger),
    Column("name", Text),
    Column("permissions", ARRAY(Text)),
    CheckConstraint(
        "kind IN ('secret', 'publishable', 'restricted') AND (kind = 'restricted') = (permissions IS NOT NULL)",
        name="api_keys_kind",
    ),
    CheckConstraint("length(hash) = 32", name="api_keys_hashed"),
)

customers = Table(
    "customers",
    metadata,
    Column("id", Text, primary_key=True),
    *owned(),
    Column("email", Text),
    Column("deleted", Boolean, nullable=False, server_default=text("false")),
    Column("data", JSONB, nullable=False),
    newest("customers"),
    Index("customers_email", "account", "livemode", "email"),
    Index("customers_small_email", "account", "livemode", text("lower(email)")),
    Index("customers_small_metadata", text("small_values(data -> 'metadata')"), postgresql_using="gin"),
)

payment_methods = Table(
    "payment_methods",
    metadata,
    Column("id", Text, primary_key=True),
    *owned(),
    Column("type", Text, nullable=False),
    Column("customer", Text, ForeignKey("customers.id")),
    Column("consumed", Boolean, nullable=False, server_default=text("false")),
    Column("data", JSONB, nullable=False),
    # Who pays with it while it is nobody's, and until when they count as being about to (methods_in_use.py).
    Column("used_by", Text),
    Column("used_until", BigInteger, nullable=False, server_default=text("0")),
    CheckConstraint("NOT (consumed AND customer IS NOT NULL)", name="payment_methods_consumed_unattached"),
    Index(
        "payment_methods_customer_newest",
        "customer",
        "created",
        "seq",
        postgresql_where=text("customer IS NOT NULL"),
    ),
)

payment_intents = Table(
    "payment_intents",
    metadata,
    Column("id", Text, primary_key=True),
    *owned(),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("amount_capturable", BigInteger, nullable=False),
    Column("amount_received", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("customer", Text),
    Column("data", JSONB, nullable=False),
    Column("amount_maximum", BigInteger),
    # The command that is being carried out on this version (domain/machine/fence.py). In no index: a claim touches
    # none then.
    Column("under_way", JSONB),
    # This database's time: when a version was written, and since when the gateway owes an answer (an outcome is not
    # known, or a command is under way on a payment that has ended).
    Column("changed", BigInteger, nullable=False, server_default=text("floor(extract(epoch FROM now()))::bigint")),
    Column("owed_since", BigInteger),
    CheckConstraint("amount > 0", name="payment_intents_amount"),
    CheckConstraint("amount_capturable BETWEEN 0 AND amount", name="payment_intents_capturable"),
    CheckConstraint("amount_received BETWEEN 0 AND GREATEST(amount, amount_maximum)", name="payment_intents_received"),
    CheckConstraint(
        "status IN ('requires_payment_method', 'requires_confirmation', 'requires_action', 'processing', "
        "'requires_capture', 'succeeded', 'canceled')",
        name="payment_intents_status",
    ),
    CheckConstraint("status <> 'succeeded' OR amount_received > 0", name="payment_intents_succeeded"),
    CheckConstraint("(status = 'requires_capture') = (amount_capturable > 0)", name="payment_intents_requires_capture"),
    CheckConstraint("version > 0", name="payment_intents_version"),
    Index("payment_intents_open", "changed", "id", postgresql_where=text("status NOT IN ('succeeded', 'canceled')")),
    Index(
        "payment_intents_holds",
        "account",
        "livemode",
        text(LAPSES),
        postgresql_where=text("status = 'requires_capture'"),
    ),
    Index("payment_intents_owed", "owed_since", "id", postgresql_where=text("owed_since IS NOT NULL")),
    newest("payment_intents"),
    newest("payment_intents", "account", "livemode", "status"),
    newest("payment_intents", "account", "livemode", "currency"),
    newest("payment_intents", "account", "livemode", "amount"),
    Index("payment_intents_small_metadata", text("small_values(data -> 'metadata')"), postgresql_using="gin"),
    Index(
        "payment_intents_customer_newest",
        "customer",
        "created",
        "seq",
        postgresql_where=text("customer IS NOT NULL"),
    ),
)

charges = Table(
    "charges",
    metadata,
    Column("id", Text, primary_key=True),
    *owned(),
    Column("payment_intent", Text, ForeignKey("payment_intents.id"), nullable=False),
    Column("customer", Text),
    Column("status", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("amount_captured", BigInteger, nullable=False),
    Column("amount_refunded", BigInteger, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("amount_maximum", BigInteger),
    # What the merchant has said of it since (charges.py): of the charge's own fields, those that move no money.
    Column("changes", JSONB),
    CheckConstraint("amount > 0", name="charges_amount"),
    CheckConstraint("amount_captured BETWEEN 0 AND GREATEST(amount, amount_maximum)", name="charges_captured"),
    CheckConstraint("amount_refunded BETWEEN 0 AND amount_captured", name="charges_refunded"),
    CheckConstraint("status IN ('succeeded', 'pending', 'failed')", name="charges_status"),
    CheckConstraint("status = 'succeeded' OR amount_captured = 0", name="charges_failed"),
    Index(
        "charges_one_success",
        "payment_intent",
        unique=True,
        postgresql_where=text("status = 'succeeded'"),
    ),
    newest("charges"),
    newest("charges", "payment_intent"),
    Index("charges_last4", "account", "livemode", text(LAST4)),
    Index(
        "charges_email",
        "account",
        "livemode",
        text(EMAIL),
        postgresql_where=text(f"{EMAIL} IS NOT NULL"),
    ),
    Index("charges_method", "account", "livemode", text(METHOD)),
    Index("charges_gateway", "account", "livemode", text(GATEWAY), postgresql_where=text(f"{GATEWAY} IS NOT NULL")),
    Index("charges_refunded", "account", "livemode", "payment_intent", postgresql_where=text("amount_refunded > 0")),
    Index(
        "charges_customer_newest",
        "customer",
        "created",
        "seq",
        postgresql_where=text("customer IS NOT NULL"),
    ),
)

refunds = Table(
    "refunds",
    metadata,
    Column("id", Text, primary_key=True),
    *owned(),
    # NULL, both, where it is of a cash balance, and not of a payment.
    Column("charge", Text),
    Column("payment_intent", Text, ForeignKey("payment_intents.id")),
    Column("status", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("metadata", JSONB, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("reference", Text),
    # The gateway has not been heard about it yet; never of a payment, whose own row says so.
    Column("unasked", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("amount > 0", name="refunds_amount"),
    CheckConstraint(
        "(charge IS NULL) = (payment_intent IS NULL) AND (payment_intent IS NULL OR NOT unasked)", name="refunds_of"
    ),
    CheckConstraint(
        "status IN ('requires_action', 'pending', 'succeeded', 'failed', 'canceled')", name="refunds_status"
    ),
    newest("refunds"),
    newest("refunds", "payment_intent"),
    newest("refunds", "charge"),
    Index(
        "refunds_of_balances_waiting",
        "created",
        "id",
        postgresql_where=text("payment_intent IS NULL AND status = 'requires_action'"),
    ),
)

disputes = Table(
    "disputes",
    metadata,
    Column("id", Text, primary_key=True),
    *owned(),
    Column("charge", Text, nullable=False),
    Column("payment_intent", Text, ForeignKey("payment_intents.id"), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("data", JSONB, nullable=False),
    CheckConstraint("amount > 0", name="disputes_amount"),
    newest("disputes"),
    newest("disputes", "payment_intent"),
)

mandates = Table(
    "mandates",
    metadata,
    Column("id", Text, primary_key=True),
    *owned(),
    Column("payment_method", Text, nullable=False),
    Column("data", JSONB, nullable=False),
)

confirmation_tokens = Table(
    "confirmation_tokens",
    metadata,
    Column("id", Text, primary_key=True),
    *owned(),
    Column("expires_at", BigInteger, nullable=False),
    Column("payment_intent", Text),
    Column("data", JSONB, nullable=False),
    CheckConstraint("expires_at > created", name="confirmation_tokens_expiry"),
)

events = Table(
    "events",
    metadata,
    Column("id", Text, primary_key=True),
    *owned(),
    Column("type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("object_id", Text, nullable=False),
    Column("request_id", Text),
    Column("idempotency_key", Text),
    Column("data", JSONB, nullable=False),
    Column("api_version", Text, nullable=False),
    newest("events"),
    newest("events", "object_id"),
)

payment_method_configurations = Table(
    "payment_method_configurations",
    metadata,
    Column("id", Text, primary_key=True),
    *owned(),
    Column("name", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("is_default", Boolean, nullable=False),
    Column("parent", Text),
    # What was said of a type: on, off or none; all the others are as in its parent, or as usual.
    Column("preferences", JSONB, nullable=False),
    newest("payment_method_configurations"),
    Index(
        "payment_method_configurations_default",
        "account",
        "livemode",
        unique=True,
        postgresql_where=text("is_default"),
    ),
)

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    Column("id", Text, primary_key=True),
    *owned(),
    # A listener is asked for its deliveries (`perdure listen`) instead of being sent them; it has a name, and no URL.
    Column("listener", Boolean, nullable=False, server_default=text("false")),
    Column("url", Text),
    Column("name", Text),
    Column("enabled", Boolean, nullable=False, server_default=text("true")),
    Column("enabled_events", ARRAY(Text), nullable=False),
    Column("api_version", Text),
    Column("description", Text),
    Column("metadata", JSONB, nullable=False),
    Column("secrets", JSONB, nullable=False),
    # It is told of the accounts that are connected to its own (connect_tables.py), instead of its own; or besides.
    Column("connect", Boolean, nullable=False, server_default=text("false")),
    Column("and_connected", Boolean, nullable=False, server_default=text("false")),
    Column("wants_after", BigInteger),  # the last event of before it wanted what it wants now: a trigger keeps it
    CheckConstraint("listener = (url IS NULL) AND listener = (name IS NOT NULL)", name="webhook_endpoints_kind"),
    CheckConstraint("cardinality(enabled_events) > 0", name="webhook_endpoints_events"),
    newest("webhook_endpoints"),
    Index(
        "webhook_endpoints_listener",
        "account",
        "livemode",
        "name",
        unique=True,
        postgresql_where=text("listener"),
    ),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("event", Text, ForeignKey("events.id"), primary_key=True),
    Column("endpoint", Text, ForeignKey("webhook_endpoints.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", BigInteger, Identity(always=True), nullable=False),
    Column("listener", Boolean, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'pending'")),
    Column("resend", Boolean, nullable=False, server_default=text("false")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("due", BigInteger),
    Column("body", LargeBinary),
    CheckConstraint("state IN ('pending', 'under_way', 'delivered', 'failed', 'canceled')", name="deliveries_state"),
    CheckConstraint("attempts >= 0", name="deliveries_attempts"),
    Index("deliveries_outbox", "seq", postgresql_where=text("state = 'pending' AND NOT listener")),
    Index("deliveries_under_way", "seq", postgresql_where=text("state = 'under_way' AND NOT listener")),
    Index("deliveries_endpoint", "endpoint", text("seq DESC")),
    Index("deliveries_listener", "endpoint", "seq", postgresql_where=text("state = 'pending' AND listener")),
)

delivery_attempts = Table(
    "delivery_attempts",
    metadata,
    Column("event", Text, primary_key=True),
    Column("endpoint", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("created", BigInteger, nullable=False),
    Column("status", SmallInteger),
    Column("latency_ms", Integer, nullable=False),
    Column("excerpt", Text),
    Column("error", Text),
    ForeignKeyConstraint(["event", "endpoint"], ["deliveries.event", "deliveries.endpoint"], ondelete="CASCADE"),
    CheckConstraint("number > 0", name="delivery_attempts_number"),
)
