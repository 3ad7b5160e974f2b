"""The tables of customers' money: what each has, what moved it, and which payments wait for some. See tables.py."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from records.tables import metadata, newest, owned

cash_balances = Table(
    "cash_balances",
    metadata,
    Column("customer", Text, ForeignKey("customers.id"), primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("available", BigInteger, nullable=False, server_default=text("0")),
    CheckConstraint("available >= 0", name="cash_balances_available"),
)

funding_requests = Table(
    "funding_requests",
    metadata,
    Column("intent", Text, ForeignKey("payment_intents.id"), primary_key=True),
    Column("seq", BigInteger, Identity(always=True), nullable=False),
    Column("customer", Text, nullable=False),
    Column("currency", Text, nullable=False),
    # The attempt that asks; what the intent asked for before has been given back.
    Column("key", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("applied", BigInteger, nullable=False, server_default=text("0")),
    Column("refunded", BigInteger, nullable=False, server_default=text("0")),
    Column("open", Boolean, nullable=False, server_default=text("true")),
    ForeignKeyConstraint(["customer", "currency"], ["cash_balances.customer", "cash_balances.currency"]),
    CheckConstraint("amount > 0 AND applied BETWEEN 0 AND amount", name="funding_requests_applied"),
    CheckConstraint("refunded BETWEEN 0 AND applied", name="funding_requests_refunded"),
    CheckConstraint(
        "CASE WHEN open THEN applied < amount ELSE applied IN (0, amount) END", name="funding_requests_open"
    ),
    Index("funding_requests_open", "customer", "currency", "seq", postgresql_where=text("open")),
)

cash_balance_transactions = Table(
    "cash_balance_transactions",
    metadata,
    Column("id", Text, primary_key=True),
    *owned(),
    Column("customer", Text, nullable=False),
    Column("currency", Text, nullable=False),
    # What brought it about: a transfer, or an effect's key, and the intent. Twice is once.
    Column("key", Text, nullable=False, unique=True),
    Column("type", Text, nullable=False),
    Column("net_amount", BigInteger, nullable=False),
    Column("ending_balance", BigInteger, nullable=False),
    Column("data", JSONB, nullable=False),
    ForeignKeyConstraint(["customer", "currency"], ["cash_balances.customer", "cash_balances.currency"]),
    CheckConstraint(
        "type IN ('funded', 'applied_to_payment', 'unapplied_from_payment', 'refunded_from_payment', "
        "'return_initiated', 'return_canceled')",
        name="cash_balance_transactions_type",
    ),
    CheckConstraint(
        "(net_amount < 0) = (type IN ('applied_to_payment', 'return_initiated')) AND net_amount <> 0",
        name="cash_balance_transactions_net",
    ),
    CheckConstraint("ending_balance >= 0", name="cash_balance_transactions_ending"),
    newest("cash_balance_transactions", "customer"),
)
