"""What the console looks for payments by: charges by card, e-mail address and method, and holds by when they lapse.

The indexes are built beside the running payments (CONCURRENTLY), outside any transaction; so it can be interrupted, and
everything here can be done twice.
"""

from alembic import op

revision = "0030"
down_revision = "0029"

LAST4 = "COALESCE(data #>> '{payment_method,card,last4}', data #>> '{payment_method,details,last4}')"
EMAIL = "lower(COALESCE(data #>> '{payment_method,billing_details,email}', data ->> 'receipt_email'))"
METHOD = "COALESCE(data #>> '{payment_method,card,brand}', data #>> '{payment_method,type}', 'card')"
LAPSES = "((data #>> '{charge,capture_before}')::bigint)"
INDEXES = {
    "charges_last4": f"charges (account, livemode, {LAST4})",
    "charges_email": f"charges (account, livemode, {EMAIL}) WHERE {EMAIL} IS NOT NULL",
    "charges_method": f"charges (account, livemode, {METHOD})",
    "charges_refunded": "charges (account, livemode, payment_intent) WHERE amount_refunded > 0",
    "payment_intents_holds": f"payment_intents (account, livemode, {LAPSES}) WHERE status = 'requires_capture'",
}


def upgrade() -> None:
    """Build them."""
    with op.get_context().autocommit_block():
        for name, what in INDEXES.items():
            # One that was interrupted is there, and of no use.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {what}")
        # What is in an expression is not known before that: a million payments were read for a hundred. An empty table
        # is left alone: once PostgreSQL knows that it is empty, it plans to read it from end to end, and keeps to that.
        for table in ("charges", "payment_intents"):
            op.execute(f"DO $$ BEGIN IF EXISTS (SELECT FROM {table}) THEN ANALYZE {table}; END IF; END $$")


def downgrade() -> None:
    """Without."""
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")
