"""When a machine of Stripe's CLI has begun to listen last."""

from alembic import op

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    """Add the column; no row is rewritten."""
    op.execute("ALTER TABLE cli_devices ADD COLUMN used bigint")


def downgrade() -> None:
    """Without it."""
    op.execute("ALTER TABLE cli_devices DROP COLUMN used")
