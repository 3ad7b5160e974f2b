"""Which failed checks of a card an account takes for a no; null for none."""

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Without rewriting a row: no account does."""
    op.execute("ALTER TABLE accounts ADD COLUMN IF NOT EXISTS blocked_checks text[]")


def downgrade() -> None:
    """Without it."""
    op.execute("ALTER TABLE accounts DROP COLUMN blocked_checks")
