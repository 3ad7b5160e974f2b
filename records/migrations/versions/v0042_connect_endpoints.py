"""Webhook endpoints that are told of connected accounts."""

from alembic import op

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    """Add the column; its default is in the catalogue, so no row is rewritten."""
    op.execute("ALTER TABLE webhook_endpoints ADD COLUMN connect boolean NOT NULL DEFAULT false")


def downgrade() -> None:
    """Without it; an endpoint for connected accounts is not to be told of its own instead, so it is told of nothing."""
    op.execute("UPDATE webhook_endpoints SET enabled = false WHERE connect")
    op.execute("ALTER TABLE webhook_endpoints DROP COLUMN connect")
