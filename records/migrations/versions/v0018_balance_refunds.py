"""Refunds of a customer's cash balance: of no payment. `unasked`: the gateway has not been heard about it yet.

Every row there is fulfils the new CHECKs, so it is looked at beside the running payments; the index is built so, too.
Outside any transaction that can be interrupted, so everything here can be done twice.
"""

from alembic import op

revision = "0018"
down_revision = "0017"

TYPES = "'funded', 'applied_to_payment', 'unapplied_from_payment', 'refunded_from_payment'"
OUT = "'applied_to_payment'"
INDEX = "refunds_of_balances_waiting"


def upgrade() -> None:
    """Columns and CHECKs change under a lock of milliseconds."""
    op.execute(
        """
        ALTER TABLE refunds ALTER COLUMN charge DROP NOT NULL, ALTER COLUMN payment_intent DROP NOT NULL,
            ADD COLUMN IF NOT EXISTS unasked boolean NOT NULL DEFAULT false,
            DROP CONSTRAINT IF EXISTS refunds_of, ADD CONSTRAINT refunds_of CHECK (
                (charge IS NULL) = (payment_intent IS NULL) AND (payment_intent IS NULL OR NOT unasked)) NOT VALID
        """
    )
    _movements(f"{TYPES}, 'return_initiated', 'return_canceled'", f"{OUT}, 'return_initiated'")
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE refunds VALIDATE CONSTRAINT refunds_of")
        op.execute("ALTER TABLE cash_balance_transactions VALIDATE CONSTRAINT cash_balance_transactions_type")
        op.execute("ALTER TABLE cash_balance_transactions VALIDATE CONSTRAINT cash_balance_transactions_net")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
        where = "payment_intent IS NULL AND status = 'requires_action'"
        op.execute(f"CREATE INDEX CONCURRENTLY {INDEX} ON refunds (created, id) WHERE {where}")


def downgrade() -> None:
    """Without them; fails while there are some."""
    op.execute(f"DROP INDEX {INDEX}")
    op.execute(
        "ALTER TABLE refunds DROP CONSTRAINT refunds_of, DROP COLUMN unasked, "
        "ALTER COLUMN charge SET NOT NULL, ALTER COLUMN payment_intent SET NOT NULL"
    )
    _movements(TYPES, OUT)


def _movements(types: str, out: str) -> None:
    op.execute(
        f"""
        ALTER TABLE cash_balance_transactions
            DROP CONSTRAINT cash_balance_transactions_type, DROP CONSTRAINT cash_balance_transactions_net,
            ADD CONSTRAINT cash_balance_transactions_type CHECK (type IN ({types})) NOT VALID,
            ADD CONSTRAINT cash_balance_transactions_net CHECK (
                (net_amount < 0) = (type IN ({out})) AND net_amount <> 0) NOT VALID
        """
    )
