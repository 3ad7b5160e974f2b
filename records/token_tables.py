"""The tables of tokens and of payment method domains."""

from sqlalchemy import Boolean, Column, Index, Table, Text
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
