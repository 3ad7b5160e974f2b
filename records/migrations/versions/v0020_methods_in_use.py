"""Which PaymentIntent pays with a payment method that is nobody's, and until when it counts as being about to."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Without rewriting a row: nobody is known to use those that are there."""
    op.execute(
        "ALTER TABLE payment_methods ADD COLUMN IF NOT EXISTS used_by text, "
        "ADD COLUMN IF NOT EXISTS used_until bigint NOT NULL DEFAULT 0"
    )


def downgrade() -> None:
    """Without them."""
    op.execute("ALTER TABLE payment_methods DROP COLUMN used_by, DROP COLUMN used_until")
