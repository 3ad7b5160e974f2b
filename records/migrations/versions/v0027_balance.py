"""The balance: its transactions, the ledger underneath, and what payments cost an account.

Made empty, under no lock that anybody waits for. What was paid before is booked afterwards, in batches, beside running
payments (records/balance_levelling.py).
"""

from alembic import op

revision = "0027"
down_revision = "0026"

STATEMENTS = (
    "ALTER TABLE accounts ADD COLUMN IF NOT EXISTS pricing jsonb",
    """
    CREATE TABLE balance_transactions (
        id text PRIMARY KEY,
        account text NOT NULL REFERENCES accounts (id),
        livemode boolean NOT NULL,
        created bigint NOT NULL,
        seq bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
        type text NOT NULL,
        category text NOT NULL,
        source text NOT NULL,
        amount bigint NOT NULL,
        fee bigint NOT NULL,
        net bigint NOT NULL,
        currency text NOT NULL,
        available_on bigint NOT NULL,
        fee_for text,
        description text,
        CONSTRAINT balance_transactions_net CHECK (net = amount - fee)
    )
    """,
    "CREATE INDEX balance_transactions_newest ON balance_transactions (account, livemode, created, seq)",
    "CREATE INDEX balance_transactions_source ON balance_transactions (source)",
    """
    CREATE INDEX balance_transactions_balance
        ON balance_transactions (account, livemode, currency, available_on) INCLUDE (net)
    """,
    """
    CREATE TABLE ledger_entries (
        transaction text NOT NULL,
        book text NOT NULL,
        account text NOT NULL,
        livemode boolean NOT NULL,
        currency text NOT NULL,
        amount bigint NOT NULL,
        PRIMARY KEY (transaction, book)
    )
    """,
    """
    CREATE FUNCTION ledger_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM added GROUP BY transaction, currency HAVING sum(amount) <> 0) THEN
            RAISE EXCEPTION 'the entries of a transaction add up to nothing'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_adds_up';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER ledger_adds_up AFTER INSERT ON ledger_entries REFERENCING NEW TABLE AS added
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_adds_up()
    """,
    """
    CREATE FUNCTION ledger_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the ledger only grows'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_only_grows';
    END $$
    """,
    """
    CREATE TRIGGER ledger_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_only_grows()
    """,
    """
    CREATE TRIGGER ledger_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON balance_transactions
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_only_grows()
    """,
)


def upgrade() -> None:
    """New tables, their triggers, and a column that no row has anything in."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Without them."""
    op.execute("DROP TABLE ledger_entries, balance_transactions")
    op.execute("DROP FUNCTION ledger_adds_up(), ledger_only_grows()")
    op.execute("ALTER TABLE accounts DROP COLUMN pricing")
