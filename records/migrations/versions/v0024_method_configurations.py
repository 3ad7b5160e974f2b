"""Payment method configurations: which types an account offers. Nobody has any but what every account begins with."""

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """A new table; no row is rewritten."""
    op.execute(
        """
        CREATE TABLE payment_method_configurations (
            id text PRIMARY KEY,
            account text NOT NULL REFERENCES accounts (id),
            livemode boolean NOT NULL,
            created bigint NOT NULL,
            seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
            name text NOT NULL,
            active boolean NOT NULL,
            is_default boolean NOT NULL,
            parent text,
            preferences jsonb NOT NULL
        )
        """
    )
    op.execute(
        "CREATE INDEX payment_method_configurations_newest ON payment_method_configurations "
        "(account, livemode, created, seq)"
    )
    op.execute(
        "CREATE UNIQUE INDEX payment_method_configurations_default ON payment_method_configurations "
        "(account, livemode) WHERE is_default"
    )


def downgrade() -> None:
    """Without them."""
    op.execute("DROP TABLE payment_method_configurations")
