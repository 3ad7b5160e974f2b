"""By which reference the bank of a refund's receiver finds it."""

from alembic import op

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    """Add the column; no row is rewritten."""
    op.execute("ALTER TABLE refunds ADD COLUMN reference text")


def downgrade() -> None:
    """Without it."""
    op.execute("ALTER TABLE refunds DROP COLUMN reference")
