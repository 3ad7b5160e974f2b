"""Bodies of the request log are packed (records/packing.py). What was written before stays as it is, until it goes."""

from alembic import op

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    """A column that no row has yet: nothing is rewritten."""
    op.execute("ALTER TABLE request_log ADD COLUMN bodies bytea")


def downgrade() -> None:
    """Without; the bodies go, and what is about the requests stays."""
    op.execute("ALTER TABLE request_log DROP COLUMN bodies")
