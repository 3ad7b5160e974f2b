"""The tables of housekeeping, which are no account's: what was swept, and what reconciliations found."""

from sqlalchemy import BigInteger, Column, Identity, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from records.tables import metadata

sweeps = Table(
    "sweeps",
    metadata,
    Column("schedule", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("ended", BigInteger, nullable=False),
)

reconciliations = Table(
    "reconciliations",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("ended", BigInteger, nullable=False),
    # As `perdure reconcile --json` prints it.
    Column("report", JSONB, nullable=False),
)
