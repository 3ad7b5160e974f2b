"""Refunds whose receiver is asked for a bank account first (requires_action), and can be canceled until then."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Widen the CHECK: every row there is fulfils it, so it is not looked at under the lock, but afterwards."""
    op.execute(
        """
        ALTER TABLE refunds DROP CONSTRAINT refunds_status, ADD CONSTRAINT refunds_status
            CHECK (status IN ('requires_action', 'pending', 'succeeded', 'failed', 'canceled')) NOT VALID
        """
    )
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE refunds VALIDATE CONSTRAINT refunds_status")


def downgrade() -> None:
    """Narrow it again; fails while there are such refunds."""
    op.execute(
        """
        ALTER TABLE refunds DROP CONSTRAINT refunds_status, ADD CONSTRAINT refunds_status
            CHECK (status IN ('pending', 'succeeded', 'failed'))
        """
    )
