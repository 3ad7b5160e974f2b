"""Cash balances: what customers have sent, what it is set aside for, and every movement of it.

The rows of a customer and currency change together, under a lock on the balance's row.
"""

from alembic import op

revision = "0006"
down_revision = "0005"

DDL = """
    CREATE TABLE cash_balances (
        customer TEXT NOT NULL,
        currency TEXT NOT NULL,
        available BIGINT NOT NULL DEFAULT 0,
        PRIMARY KEY (customer, currency),
        CONSTRAINT cash_balances_available CHECK (available >= 0),
        FOREIGN KEY(customer) REFERENCES customers (id)
    );
    CREATE TABLE funding_requests (
        intent TEXT NOT NULL,
        seq BIGINT GENERATED ALWAYS AS IDENTITY,
        customer TEXT NOT NULL,
        currency TEXT NOT NULL,
        key TEXT NOT NULL,
        reference TEXT NOT NULL,
        amount BIGINT NOT NULL,
        applied BIGINT NOT NULL DEFAULT 0,
        refunded BIGINT NOT NULL DEFAULT 0,
        open BOOLEAN NOT NULL DEFAULT true,
        PRIMARY KEY (intent),
        CONSTRAINT funding_requests_applied CHECK (amount > 0 AND applied BETWEEN 0 AND amount),
        CONSTRAINT funding_requests_refunded CHECK (refunded BETWEEN 0 AND applied),
        CONSTRAINT funding_requests_open CHECK (CASE WHEN open THEN applied < amount ELSE applied IN (0, amount) END),
        FOREIGN KEY(intent) REFERENCES payment_intents (id),
        FOREIGN KEY(customer, currency) REFERENCES cash_balances (customer, currency)
    );
    CREATE INDEX funding_requests_open ON funding_requests (customer, currency, seq) WHERE open;
    CREATE TABLE cash_balance_transactions (
        id TEXT NOT NULL,
        account TEXT NOT NULL,
        livemode BOOLEAN NOT NULL,
        created BIGINT NOT NULL,
        seq BIGINT GENERATED ALWAYS AS IDENTITY,
        customer TEXT NOT NULL,
        currency TEXT NOT NULL,
        key TEXT NOT NULL,
        type TEXT NOT NULL,
        net_amount BIGINT NOT NULL,
        ending_balance BIGINT NOT NULL,
        data JSONB NOT NULL,
        PRIMARY KEY (id),
        UNIQUE (key),
        CONSTRAINT cash_balance_transactions_type CHECK (
            type IN ('funded', 'applied_to_payment', 'unapplied_from_payment', 'refunded_from_payment')),
        CONSTRAINT cash_balance_transactions_net CHECK (
            (net_amount < 0) = (type = 'applied_to_payment') AND net_amount <> 0),
        CONSTRAINT cash_balance_transactions_ending CHECK (ending_balance >= 0),
        FOREIGN KEY(account) REFERENCES accounts (id),
        FOREIGN KEY(customer, currency) REFERENCES cash_balances (customer, currency)
    );
    CREATE INDEX cash_balance_transactions_customer_newest ON cash_balance_transactions (
        customer, created DESC, seq DESC);
"""


def upgrade() -> None:
    """Create them."""
    for statement in DDL.split(";\n"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    for table in ("cash_balance_transactions", "funding_requests", "cash_balances"):
        op.execute(f"DROP TABLE {table}")
