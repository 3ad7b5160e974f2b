"""The tables of SetupIntents and their attempts, as queries see them. What holds for tables.py holds here."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from records.tables import metadata, newest, owned

OPEN = "status NOT IN ('succeeded', 'canceled')"

setup_intents = Table(
    "setup_intents",
    metadata,
    Column("id", Text, primary_key=True),
    *owned(),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("customer", Text),
    Column("payment_method", Text),
    Column("attach_to_self", Boolean, nullable=False),
    Column("data", JSONB, nullable=False),
    # As of payment_intents: the command that is being carried out, and this database's time.
    Column("under_way", JSONB),
    Column("changed", BigInteger, nullable=False, server_default=text("floor(extract(epoch FROM now()))::bigint")),
    Column("owed_since", BigInteger),
    CheckConstraint(
        "status IN ('requires_payment_method', 'requires_confirmation', 'requires_action', 'processing', "
        "'succeeded', 'canceled')",
        name="setup_intents_status",
    ),
    CheckConstraint("status <> 'succeeded' OR payment_method IS NOT NULL", name="setup_intents_succeeded"),
    CheckConstraint("version > 0", name="setup_intents_version"),
    Index("setup_intents_open", "changed", "id", postgresql_where=text(OPEN)),
    Index("setup_intents_owed", "owed_since", "id", postgresql_where=text("owed_since IS NOT NULL")),
    newest("setup_intents"),
    Index("setup_intents_customer_newest", "customer", "created", "seq", postgresql_where=text("customer IS NOT NULL")),
    Index(
        "setup_intents_payment_method_newest",
        "payment_method",
        "created",
        "seq",
        postgresql_where=text("payment_method IS NOT NULL"),
    ),
)

setup_attempts = Table(
    "setup_attempts",
    metadata,
    Column("id", Text, primary_key=True),
    *owned(),
    Column("setup_intent", Text, ForeignKey("setup_intents.id"), nullable=False),
    Column("status", Text, nullable=False),
    Column("data", JSONB, nullable=False),
    CheckConstraint(
        "status IN ('requires_action', 'processing', 'succeeded', 'failed', 'abandoned')", name="setup_attempts_status"
    ),
    Index("setup_attempts_one_success", "setup_intent", unique=True, postgresql_where=text("status = 'succeeded'")),
    newest("setup_attempts", "setup_intent"),
)
