"""In which version of Stripe's API an account is answered when a request does not say; null for the newest."""

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Without rewriting a row: every account is answered in the newest."""
    op.execute("ALTER TABLE accounts ADD COLUMN IF NOT EXISTS api_version text")


def downgrade() -> None:
    """Without it."""
    op.execute("ALTER TABLE accounts DROP COLUMN api_version")
