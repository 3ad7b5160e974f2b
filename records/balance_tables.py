"""The tables of the balance: what each movement of money did to it, and the ledger underneath. See tables.py.

A balance transaction is what a merchant sees; its entries are what it has moved between the books of their account
(domain/model/balance.py), and add up to nothing. A trigger looks at that once a statement, and others keep both tables
from being changed: what was wrong is put right by another transaction. Entries name no foreign key: they are written by
the statement that writes their transaction, and reconciliation compares the two.
"""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Table, Text, text

from records.tables import metadata, newest, owned

balance_transactions = Table(
    "balance_transactions",
    metadata,
    Column("id", Text, primary_key=True),
    *owned(),
    Column("type", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("fee", BigInteger, nullable=False),
    Column("net", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("available_on", BigInteger, nullable=False),
    Column("fee_for", Text),
    Column("description", Text),
    # Of `fee`, what a platform keeps, by its application; and what moves between accounts here alone.
    Column("application_fee", BigInteger, nullable=False, server_default=text("0")),
    Column("application", Text),
    Column("internal", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("net = amount - fee", name="balance_transactions_net"),
    newest("balance_transactions"),
    Index("balance_transactions_source", "source"),
    # The balance is read from this alone.
    Index(
        "balance_transactions_balance",
        "account",
        "livemode",
        "currency",
        "available_on",
        postgresql_include=["net"],
    ),
)

ledger_entries = Table(
    "ledger_entries",
    metadata,
    Column("transaction", Text, primary_key=True),
    Column("book", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("livemode", Boolean, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
)
