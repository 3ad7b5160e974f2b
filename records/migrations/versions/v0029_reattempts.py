"""Which declined cards are not to be tried again, or not yet; and whether an account goes by that."""

from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Nothing was counted yet. Null: live payments go by it, and test payments do not."""
    op.execute("ALTER TABLE accounts ADD COLUMN IF NOT EXISTS reattempt_limits boolean")
    op.execute(
        """
        CREATE TABLE declined_cards (
            account text NOT NULL REFERENCES accounts (id),
            livemode boolean NOT NULL,
            fingerprint text NOT NULL,
            amount bigint NOT NULL,
            currency text NOT NULL,
            declined bigint[] NOT NULL,
            not_before bigint NOT NULL,
            never text NOT NULL,
            never_away text NOT NULL,
            changed bigint NOT NULL,
            PRIMARY KEY (account, livemode, fingerprint, amount, currency)
        )
        """
    )
    op.execute("CREATE INDEX declined_cards_forgotten ON declined_cards (changed) WHERE never = '' AND never_away = ''")


def downgrade() -> None:
    """Without."""
    op.execute("DROP TABLE declined_cards")
    op.execute("ALTER TABLE accounts DROP COLUMN reattempt_limits")
