"""Restricted API keys: what each may do; and a name for every key."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the columns."""
    op.execute("ALTER TABLE api_keys ADD COLUMN name TEXT, ADD COLUMN permissions TEXT[]")
    op.execute("ALTER TABLE api_keys DROP CONSTRAINT api_keys_kind")
    op.execute(
        "ALTER TABLE api_keys ADD CONSTRAINT api_keys_kind CHECK ("
        "kind IN ('secret', 'publishable', 'restricted') AND (kind = 'restricted') = (permissions IS NOT NULL))"
    )


def downgrade() -> None:
    """Drop them, and the keys that cannot be without."""
    op.execute("DELETE FROM api_keys WHERE kind = 'restricted'")
    op.execute("ALTER TABLE api_keys DROP CONSTRAINT api_keys_kind, DROP COLUMN name, DROP COLUMN permissions")
    op.execute("ALTER TABLE api_keys ADD CONSTRAINT api_keys_kind CHECK (kind IN ('secret', 'publishable'))")
