"""The tables of tokens, ephemeral keys and payment method domains."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from records.tables import metadata, newest, owned

tokens = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    *owned(),
    # The command that has made a payment method of it: whoever repeats that command may use it again.
    Column("used_by", Text),
    Column("data", JSONB, nullable=False),
)

ephemeral_keys = Table(
    "ephemeral_keys",
    metadata,
    Column("id", Text, primary_key=True),
    *owned(),
    Column("hash", LargeBinary, nullable=False),
    Column("customer", Text, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("api_version", Text, nullable=False),
    CheckConstraint("expires > created", name="ephemeral_keys_expiry"),
    Index("ephemeral_keys_hash", "hash", unique=True),
)

payment_method_domains = Table(
    "payment_method_domains",
    metadata,
    Column("id", Text, primary_key=True),
    *owned(),
    Column("domain_name", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    newest("payment_method_domains"),
    Index("payment_method_domains_name", "account", "livemode", "domain_name", unique=True),
)
