"""The tables of Stripe's CLI: sessions of `stripe listen` and `stripe logs tail`, and the machines that they are of."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from records.tables import metadata, owned

cli_devices = Table(
    "cli_devices",
    metadata,
    Column("account", Text, ForeignKey("accounts.id"), primary_key=True),
    Column("livemode", Boolean, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("secret", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    # When it began to listen last; null of one that an older release has written.
    Column("used", BigInteger),
)

cli_sessions = Table(
    "cli_sessions",
    metadata,
    Column("id", Text, primary_key=True),
    *owned(),
    # SHA-256, as of every key: of what opens it, and of the API key that it was made by.
    Column("hash", LargeBinary, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("feature", Text, nullable=False),
    # Of requests, where they are what it is about.
    Column("filters", JSONB),
    # Where its events are kept until they are taken: a listener of its own.
    Column("endpoint", Text, ForeignKey("webhook_endpoints.id", ondelete="CASCADE")),
    # The connection that has it: whoever came last.
    Column("holder", Text),
    Column("expires", BigInteger, nullable=False),
    Column("ended", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("feature IN ('webhooks', 'request_logs')", name="cli_sessions_feature"),
    CheckConstraint("(feature = 'webhooks') = (endpoint IS NOT NULL)", name="cli_sessions_endpoint"),
    CheckConstraint("expires > created", name="cli_sessions_expiry"),
    Index("cli_sessions_hash", "hash", unique=True),
    Index("cli_sessions_open", "account", "livemode", postgresql_where=text("NOT ended")),
    Index("cli_sessions_endpoint", "endpoint", postgresql_where=text("endpoint IS NOT NULL")),
    Index("cli_sessions_expires", "expires"),
)
