"""How gateways are, as every process goes by."""

from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    """All are well."""
    op.execute(
        "CREATE TABLE gateway_healths (gateway text PRIMARY KEY, health text NOT NULL, since bigint NOT NULL, "
        "why text NOT NULL)"
    )


def downgrade() -> None:
    """Without."""
    op.execute("DROP TABLE gateway_healths")
