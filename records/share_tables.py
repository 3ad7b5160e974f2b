"""The tables of shares (Connect): what a charge has given to another account, and what of it came back. See tables.py.

`account` is the platform: a fee came to it, a transfer went from it. `connected` is the other account.
"""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from records.tables import metadata, newest, owned

shares = Table(
    "shares",
    metadata,
    Column("id", Text, primary_key=True),
    *owned(),
    Column("kind", Text, nullable=False),
    Column("connected", Text, nullable=False),
    Column("charge", Text, nullable=False),
    Column("payment_intent", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("returned", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("balance_transaction", Text, nullable=False),
    Column("origin", Text),
    Column("destination_payment", Text),
    Column("transfer_group", Text),
    Column("description", Text),
    Column("metadata", JSONB, nullable=False),
    CheckConstraint("kind IN ('fee', 'transfer')", name="shares_kind"),
    CheckConstraint("returned BETWEEN 0 AND amount", name="shares_returned_at_most_what_was_given"),
    # Every list is of one kind; and a platform looks for what went to one account, or for a group.
    Index("shares_newest", "account", "livemode", "kind", "created", "seq"),
    newest("shares", "connected"),
    # What the other account has got, among all the fees that it has paid.
    Index("shares_got_newest", "connected", "created", "seq", postgresql_where=text("kind = 'transfer'")),
    Index("shares_transfer_group", "transfer_group", postgresql_where=text("transfer_group IS NOT NULL")),
    Index("shares_payment_intent", "payment_intent"),
    Index("shares_charge", "charge"),
    Index("shares_destination_payment", "destination_payment"),
)

share_returns = Table(
    "share_returns",
    metadata,
    Column("id", Text, primary_key=True),
    *owned(),
    Column("share", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("connected", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("refund", Text),
    Column("destination_payment", Text),
    Column("payment_refund", Text),
    Column("description", Text),
    Column("metadata", JSONB, nullable=False),
    CheckConstraint("amount > 0", name="share_returns_amount"),
    newest("share_returns"),
    newest("share_returns", "share"),
    Index("share_returns_payment_refund", "payment_refund"),
    Index(
        "share_returns_given_newest",
        "connected",
        "created",
        "seq",
        postgresql_where=text("payment_refund IS NOT NULL"),
    ),
    Index("share_returns_destination_payment", "destination_payment", "created", "seq"),
)
