"""The tables of housekeeping, which are no account's: sweeps, reconciliations, restores, living workers."""

from sqlalchemy import BigInteger, Column, DateTime, Identity, Table, Text, text
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

restores = Table(
    "restores",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("noticed", BigInteger, nullable=False),
    Column("why", Text, nullable=False),
    # As long as it is not, no API changes anything.
    Column("ended", BigInteger),
    # Whose records they were in the end.
    Column("lineage", Text),
)

workers = Table(
    "workers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("build", Text, nullable=False),
    # By the clock of PostgreSQL: those of workers and APIs may be wrong.
    Column("seen", DateTime(timezone=True), nullable=False, server_default=text("now()")),
)
