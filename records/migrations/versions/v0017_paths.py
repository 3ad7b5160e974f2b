"""Which endpoint an Idempotency-Key was first used for."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Without rewriting a row: of those that are there it is not known, and none is older than a day."""
    op.execute("ALTER TABLE idempotency_keys ADD COLUMN path text")


def downgrade() -> None:
    """Without it."""
    op.execute("ALTER TABLE idempotency_keys DROP COLUMN path")
