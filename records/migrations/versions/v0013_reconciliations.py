"""What each night's reconciliation found."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the table: a row a night."""
    op.execute(
        """
        CREATE TABLE reconciliations (
            number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            ended BIGINT NOT NULL,
            report JSONB NOT NULL
        )
        """
    )


def downgrade() -> None:
    """Forget them."""
    op.execute("DROP TABLE reconciliations")
