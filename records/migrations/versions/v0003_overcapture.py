"""Overcapture: more than was held may be taken, as far as was granted (`amount_maximum`; null is the amount itself)."""

from alembic import op

revision = "0003"
down_revision = "0002"

CHECKS = (
    ("payment_intents", "payment_intents_received", "amount_received"),
    ("charges", "charges_captured", "amount_captured"),
)


def _bound(most: str) -> None:
    for table, name, column in CHECKS:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} BETWEEN 0 AND {most})")


def upgrade() -> None:
    """Widen the bound."""
    for table, _, _ in CHECKS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN amount_maximum BIGINT")
    _bound("GREATEST(amount, amount_maximum)")


def downgrade() -> None:
    """Narrow it again; fails where more was taken."""
    _bound("amount")
    for table, _, _ in CHECKS:
        op.execute(f"ALTER TABLE {table} DROP COLUMN amount_maximum")
