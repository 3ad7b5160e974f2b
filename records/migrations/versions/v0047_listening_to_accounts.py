"""Listeners that are told of connected accounts as well as of their own: sessions of Stripe's CLI."""

from alembic import op

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
    """Add the column; its default is in the catalogue, so no row is rewritten."""
    op.execute("ALTER TABLE webhook_endpoints ADD COLUMN and_connected boolean NOT NULL DEFAULT false")


def downgrade() -> None:
    """Without it; sessions are told of their own account alone."""
    op.execute("ALTER TABLE webhook_endpoints DROP COLUMN and_connected")
