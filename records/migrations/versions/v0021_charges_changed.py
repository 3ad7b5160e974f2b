"""What a merchant says of a charge afterwards: beside what its payment says, which writes the charge anew."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Without rewriting a row: nobody has said anything yet."""
    op.execute("ALTER TABLE charges ADD COLUMN IF NOT EXISTS changes jsonb")


def downgrade() -> None:
    """Without it."""
    op.execute("ALTER TABLE charges DROP COLUMN changes")
