"""The tables of Connect: which account is connected to which platform. See tables.py.

`account` is the platform. What the connected account itself owns (its customers, payments, …) names it as its own
`account`, as everybody's does: so nothing that keeps accounts apart has to know that there are platforms.
"""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from records.tables import metadata, newest, owned

connected_accounts = Table(
    "connected_accounts",
    metadata,
    Column("id", Text, ForeignKey("accounts.id"), primary_key=True),
    *owned(),
    # It is acted for no more; what it has stays.
    Column("deleted", Boolean, nullable=False, server_default=text("false")),
    Column("data", JSONB, nullable=False),
    CheckConstraint("id <> account", name="connected_accounts_not_itself"),
    newest("connected_accounts"),
)
