"""The request log: what each request asked, how it ended, and after how long. No object hangs on it."""

from alembic import op

revision = "0028"
down_revision = "0027"

STATEMENTS = (
    """
    CREATE TABLE request_log (
        id text PRIMARY KEY,
        account text NOT NULL,
        livemode boolean NOT NULL,
        created bigint NOT NULL,
        seq bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
        method text NOT NULL,
        path text NOT NULL,
        operation text NOT NULL,
        status integer NOT NULL,
        duration_ms integer NOT NULL,
        api_version text,
        key text NOT NULL,
        key_kind text NOT NULL,
        idempotency_key text,
        original_request text,
        error_type text,
        error_code text,
        decline_code text,
        error_message text,
        object_id text,
        payment_intent text,
        request_bytes integer NOT NULL,
        response_bytes integer NOT NULL,
        request text,
        response text
    )
    """,
    "CREATE INDEX request_log_newest ON request_log (account, livemode, created, seq)",
    """
    CREATE INDEX request_log_failed ON request_log (account, livemode, created, seq) WHERE status >= 400
    """,
    "CREATE INDEX request_log_object ON request_log (object_id) WHERE object_id IS NOT NULL",
    "CREATE INDEX request_log_payment ON request_log (payment_intent) WHERE payment_intent IS NOT NULL",
    # Rows come and go in the order of time: to find the oldest takes no more than where they begin.
    "CREATE INDEX request_log_created ON request_log USING brin (created)",
)


def upgrade() -> None:
    """A new table, which nothing waits for."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Without it."""
    op.execute("DROP TABLE request_log")
