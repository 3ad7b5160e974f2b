"""Charges are found by the gateway that they were asked of; those of the first one are in none.

Built beside the running payments (CONCURRENTLY), outside any transaction; so it can be interrupted, and done twice.
"""

from alembic import op

revision = "0037"
down_revision = "0036"

GATEWAY = "(data ->> 'gateway')"


def upgrade() -> None:
    """Build it."""
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS charges_gateway")
        op.execute(
            f"CREATE INDEX CONCURRENTLY charges_gateway ON charges (account, livemode, {GATEWAY}) "
            f"WHERE {GATEWAY} IS NOT NULL"
        )
        # As v0030 says.
        op.execute("DO $$ BEGIN IF EXISTS (SELECT FROM charges) THEN ANALYZE charges; END IF; END $$")


def downgrade() -> None:
    """Without."""
    op.execute("DROP INDEX charges_gateway")
