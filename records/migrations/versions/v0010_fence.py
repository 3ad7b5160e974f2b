"""The fence: what is being carried out stands beside the recorded version, before anybody is asked to do it."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """A column without a default: no row is written anew."""
    op.execute("ALTER TABLE payment_intents ADD COLUMN under_way JSONB")


def downgrade() -> None:
    """Forget what was under way. Only when nothing is."""
    op.execute("ALTER TABLE payment_intents DROP COLUMN under_way")
