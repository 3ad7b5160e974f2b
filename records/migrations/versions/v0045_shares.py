"""Shares of a payment (Connect): fees and transfers, what came back of them, and the book between accounts.

New tables, columns that have a value without a row being rewritten, and a trigger's function, replaced in place.
"""

from alembic import op

revision = "0045"
down_revision = "0044"

STATEMENTS = (
    "ALTER TABLE balance_transactions ADD COLUMN application_fee bigint NOT NULL DEFAULT 0",
    "ALTER TABLE balance_transactions ADD COLUMN application text",
    "ALTER TABLE balance_transactions ADD COLUMN internal boolean NOT NULL DEFAULT false",
    """
    CREATE TABLE shares (
        id text PRIMARY KEY,
        account text NOT NULL REFERENCES accounts (id),
        livemode boolean NOT NULL,
        created bigint NOT NULL,
        seq bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
        kind text NOT NULL,
        connected text NOT NULL,
        charge text NOT NULL,
        payment_intent text NOT NULL,
        amount bigint NOT NULL,
        returned bigint NOT NULL,
        currency text NOT NULL,
        balance_transaction text NOT NULL,
        origin text,
        destination_payment text,
        transfer_group text,
        description text,
        metadata jsonb NOT NULL,
        CONSTRAINT shares_kind CHECK (kind IN ('fee', 'transfer')),
        CONSTRAINT shares_returned_at_most_what_was_given CHECK (returned BETWEEN 0 AND amount)
    )
    """,
    "CREATE INDEX shares_newest ON shares (account, livemode, kind, created, seq)",
    "CREATE INDEX shares_connected_newest ON shares (connected, created, seq)",
    "CREATE INDEX shares_transfer_group ON shares (transfer_group) WHERE transfer_group IS NOT NULL",
    "CREATE INDEX shares_payment_intent ON shares (payment_intent)",
    "CREATE INDEX shares_charge ON shares (charge)",
    "CREATE INDEX shares_destination_payment ON shares (destination_payment)",
    """
    CREATE TABLE share_returns (
        id text PRIMARY KEY,
        account text NOT NULL REFERENCES accounts (id),
        livemode boolean NOT NULL,
        created bigint NOT NULL,
        seq bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
        share text NOT NULL,
        kind text NOT NULL,
        connected text NOT NULL,
        amount bigint NOT NULL,
        currency text NOT NULL,
        refund text,
        destination_payment text,
        payment_refund text,
        description text,
        metadata jsonb NOT NULL,
        CONSTRAINT share_returns_amount CHECK (amount > 0)
    )
    """,
    "CREATE INDEX share_returns_newest ON share_returns (account, livemode, created, seq)",
    "CREATE INDEX share_returns_share_newest ON share_returns (share, created, seq)",
    "CREATE INDEX share_returns_payment_refund ON share_returns (payment_refund)",
    """
    CREATE OR REPLACE FUNCTION ledger_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM added GROUP BY transaction, currency HAVING sum(amount) <> 0) THEN
            RAISE EXCEPTION 'the entries of a transaction add up to nothing'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_adds_up';
        END IF;
        IF EXISTS (
            SELECT FROM added WHERE book = 'accounts' GROUP BY livemode, currency HAVING sum(amount) <> 0
        ) THEN
            RAISE EXCEPTION 'what one account has given another has got, in one statement'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_has_both_sides';
        END IF;
        RETURN NULL;
    END $$
    """,
)

OLDER_FUNCTION = """
    CREATE OR REPLACE FUNCTION ledger_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM added GROUP BY transaction, currency HAVING sum(amount) <> 0) THEN
            RAISE EXCEPTION 'the entries of a transaction add up to nothing'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_adds_up';
        END IF;
        RETURN NULL;
    END $$
    """


def upgrade() -> None:
    """No row is rewritten."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Without them; what is in the book between accounts stays there."""
    op.execute(OLDER_FUNCTION)
    op.execute("DROP TABLE share_returns, shares")
    op.execute("ALTER TABLE balance_transactions DROP COLUMN internal")
    op.execute("ALTER TABLE balance_transactions DROP COLUMN application")
    op.execute("ALTER TABLE balance_transactions DROP COLUMN application_fee")
