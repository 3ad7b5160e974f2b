"""Tokens of cards and bank accounts, and payment method domains."""

from alembic import op

revision = "0034"
down_revision = "0033"

OWNED = """
    id text PRIMARY KEY,
    account text NOT NULL REFERENCES accounts (id),
    livemode boolean NOT NULL,
    created bigint NOT NULL,
    seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY
"""


def upgrade() -> None:
    """New tables; no row is rewritten."""
    op.execute(f"CREATE TABLE tokens ({OWNED}, used_by text, data jsonb NOT NULL)")
    op.execute(f"CREATE TABLE payment_method_domains ({OWNED}, domain_name text NOT NULL, enabled boolean NOT NULL)")
    op.execute("CREATE INDEX payment_method_domains_newest ON payment_method_domains (account, livemode, created, seq)")
    op.execute(
        "CREATE UNIQUE INDEX payment_method_domains_name ON payment_method_domains (account, livemode, domain_name)"
    )


def downgrade() -> None:
    """Without them."""
    op.execute("DROP TABLE payment_method_domains")
    op.execute("DROP TABLE tokens")
