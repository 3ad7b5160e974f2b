"""What a connected account has got by transfers, and has given back of them, newest first.

The indexes are built beside the running payments (CONCURRENTLY), outside any transaction; so it can be interrupted, and
done twice.
"""

from alembic import op

revision = "0046"
down_revision = "0045"

INDEXES = {
    "shares_got_newest": "shares (connected, created, seq) WHERE kind = 'transfer'",
    "share_returns_given_newest": "share_returns (connected, created, seq) WHERE payment_refund IS NOT NULL",
    "share_returns_destination_payment": "share_returns (destination_payment, created, seq)",
}


def upgrade() -> None:
    """No row is rewritten."""
    with op.get_context().autocommit_block():
        for name, what in INDEXES.items():
            # One that was interrupted is there, and of no use.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {what}")


def downgrade() -> None:
    """Without them."""
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")
