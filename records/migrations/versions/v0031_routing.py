"""Rules of routing: every version that an account has set, and which one holds."""

from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Nobody has said anything."""
    op.execute("ALTER TABLE accounts ADD COLUMN IF NOT EXISTS routing jsonb")
    op.execute(
        """
        CREATE TABLE routing_rules (
            account text NOT NULL REFERENCES accounts (id),
            version integer NOT NULL,
            created bigint NOT NULL,
            data jsonb NOT NULL,
            PRIMARY KEY (account, version)
        )
        """
    )


def downgrade() -> None:
    """Without."""
    op.execute("DROP TABLE routing_rules")
    op.execute("ALTER TABLE accounts DROP COLUMN routing")
