"""SetupIntents and their attempts: methods that were made good for payments to come."""

from alembic import op

revision = "0023"
down_revision = "0022"

DDL = """
    CREATE TABLE setup_intents (
        id TEXT NOT NULL,
        account TEXT NOT NULL,
        livemode BOOLEAN NOT NULL,
        created BIGINT NOT NULL,
        seq BIGINT GENERATED ALWAYS AS IDENTITY,
        version INTEGER NOT NULL,
        status TEXT NOT NULL,
        customer TEXT,
        payment_method TEXT,
        attach_to_self BOOLEAN NOT NULL,
        data JSONB NOT NULL,
        under_way JSONB,
        changed BIGINT DEFAULT floor(extract(epoch FROM now()))::bigint NOT NULL,
        owed_since BIGINT,
        PRIMARY KEY (id),
        CONSTRAINT setup_intents_status CHECK (status IN ('requires_payment_method', 'requires_confirmation',
            'requires_action', 'processing', 'succeeded', 'canceled')),
        CONSTRAINT setup_intents_succeeded CHECK (status <> 'succeeded' OR payment_method IS NOT NULL),
        CONSTRAINT setup_intents_version CHECK (version > 0),
        FOREIGN KEY(account) REFERENCES accounts (id)
    );
    CREATE INDEX setup_intents_open ON setup_intents (changed, id) WHERE status NOT IN ('succeeded', 'canceled');
    CREATE INDEX setup_intents_owed ON setup_intents (owed_since, id) WHERE owed_since IS NOT NULL;
    CREATE INDEX setup_intents_newest ON setup_intents (account, livemode, created, seq);
    CREATE INDEX setup_intents_customer_newest ON setup_intents (customer, created, seq) WHERE customer IS NOT NULL;
    CREATE INDEX setup_intents_payment_method_newest ON setup_intents (payment_method, created, seq)
        WHERE payment_method IS NOT NULL;
    CREATE TABLE setup_attempts (
        id TEXT NOT NULL,
        account TEXT NOT NULL,
        livemode BOOLEAN NOT NULL,
        created BIGINT NOT NULL,
        seq BIGINT GENERATED ALWAYS AS IDENTITY,
        setup_intent TEXT NOT NULL,
        status TEXT NOT NULL,
        data JSONB NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT setup_attempts_status CHECK (status IN ('requires_action', 'processing', 'succeeded', 'failed',
            'abandoned')),
        FOREIGN KEY(account) REFERENCES accounts (id),
        FOREIGN KEY(setup_intent) REFERENCES setup_intents (id)
    );
    CREATE UNIQUE INDEX setup_attempts_one_success ON setup_attempts (setup_intent) WHERE status = 'succeeded';
    CREATE INDEX setup_attempts_setup_intent_newest ON setup_attempts (setup_intent, created, seq);
"""


def upgrade() -> None:
    """Create them."""
    for statement in DDL.split(";\n"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TABLE setup_attempts")
    op.execute("DROP TABLE setup_intents")
