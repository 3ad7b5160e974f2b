"""Which workers live: each says so every few seconds. And an index for the deliveries that have not come to their end.

The index is built beside the running deliveries (CONCURRENTLY), outside any transaction; so it can be interrupted, and
everything here can be done twice.
"""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """No worker yet; those of this release say that they are there."""
    op.execute(
        "CREATE TABLE IF NOT EXISTS workers "
        "(id text PRIMARY KEY, build text NOT NULL, seen timestamptz NOT NULL DEFAULT now())"
    )
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS deliveries_under_way")
        op.execute(
            "CREATE INDEX CONCURRENTLY deliveries_under_way ON deliveries (seq) "
            "WHERE state = 'under_way' AND NOT listener"
        )


def downgrade() -> None:
    """Without either."""
    op.execute("DROP INDEX deliveries_under_way")
    op.execute("DROP TABLE workers")
