"""The tables of what gateways were asked that cannot be asked by key, what they told, and who came back. See tables.py.

They belong to no account: a gateway's reference is what leads to a payment, and that has one.
"""

from sqlalchemy import BigInteger, Boolean, Column, Identity, Index, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB

from records.tables import metadata

gateway_requests = Table(
    "gateway_requests",
    metadata,
    Column("gateway", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("operation", Text, nullable=False),
    Column("intent", Text, nullable=False),
    Column("charge", Text, nullable=False),
    Column("refund", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("under", Text, nullable=False),
    Column("asked", JSONB, nullable=False),
    Column("reference", Text, nullable=False),
    Column("outcome", JSONB(none_as_null=True)),
    Column("silent", Boolean, nullable=False),
    Index("gateway_requests_reference", "gateway", "reference", postgresql_where=text("reference <> ''")),
)

gateway_notices = Table(
    "gateway_notices",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("gateway", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("succeeded", Boolean, nullable=False),
    Column("original", Text, nullable=False),
    Column("ours", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("unsigned", JSONB, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("handled", Boolean, nullable=False),
    # Told twice is once.
    UniqueConstraint("gateway", "event", "reference", "succeeded", name="gateway_notices_once"),
    Index("gateway_notices_original", "gateway", "original", postgresql_where=text("original <> ''")),
    Index("gateway_notices_reference", "gateway", "reference"),
    Index("gateway_notices_ours", "gateway", "ours"),
    Index("gateway_notices_waiting", "gateway", "seq", postgresql_where=text("NOT handled")),
)

gateway_returns = Table(
    "gateway_returns",
    metadata,
    Column("authentication", Text, primary_key=True),
    Column("result", Text, nullable=False),
)
