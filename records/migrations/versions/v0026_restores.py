"""Restores of the records, as long as they are not over: then no API changes anything."""

from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """None was noticed yet."""
    op.execute(
        "CREATE TABLE restores (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, noticed bigint NOT NULL, "
        "why text NOT NULL, ended bigint, lineage text)"
    )


def downgrade() -> None:
    """Without."""
    op.execute("DROP TABLE restores")
