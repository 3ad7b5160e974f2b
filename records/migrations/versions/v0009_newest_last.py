"""Lists' indexes in the order in which rows come, and read backwards.

PostgreSQL fills the pages of an index that grows at its end, and leaves them half empty if it grows at its start. Each
is built beside the one of before, CONCURRENTLY, and takes its name: lists are never without one, and nobody waits.
"""

from alembic import op

revision = "0009"
down_revision = "0008"

ACCOUNTS = "account, livemode"
INDEXES = {
    "cash_balance_transactions": {"customer_newest": "customer"},
    "charges": {"newest": ACCOUNTS, "payment_intent_newest": "payment_intent", "customer_newest": "customer"},
    "customers": {"newest": ACCOUNTS},
    "disputes": {"newest": ACCOUNTS, "payment_intent_newest": "payment_intent"},
    "events": {"newest": ACCOUNTS, "object_id_newest": "object_id"},
    "payment_intents": {
        "newest": ACCOUNTS,
        "account_livemode_status_newest": f"{ACCOUNTS}, status",
        "account_livemode_currency_newest": f"{ACCOUNTS}, currency",
        "account_livemode_amount_newest": f"{ACCOUNTS}, amount",
        "customer_newest": "customer",
    },
    "payment_methods": {"customer_newest": "customer"},
    "refunds": {"newest": ACCOUNTS, "payment_intent_newest": "payment_intent", "charge_newest": "charge"},
    "webhook_endpoints": {"newest": ACCOUNTS},
}
PARTIAL = ("charges", "payment_intents", "payment_methods")
"""Where most rows have no customer."""


def upgrade() -> None:
    """Make them anew, the other way around."""
    _make("created, seq")


def downgrade() -> None:
    """As they were."""
    _make("created DESC, seq DESC")


def _make(order: str) -> None:
    with op.get_context().autocommit_block():
        for table, indexes in INDEXES.items():
            for suffix, leading in indexes.items():
                some = " WHERE customer IS NOT NULL" if leading == "customer" and table in PARTIAL else ""
                name = f"{table}_{suffix}"
                # One that was interrupted is there, and of no use.
                op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}_new")
                op.execute(f"CREATE INDEX CONCURRENTLY {name}_new ON {table} ({leading}, {order}){some}")
                op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
                op.execute(f"ALTER INDEX {name}_new RENAME TO {name}")
