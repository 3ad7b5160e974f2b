"""The first tables: accounts, keys, customers, payment methods, payment intents, charges, events, idempotency keys.

The CHECKs mirror the domain's invariants (domain/payment_intent.py, domain/charges.py): money is held to them twice.
"""

from alembic import op

revision = "0001"
down_revision = None

DDL = """
    CREATE TABLE accounts (
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        created BIGINT NOT NULL,
        PRIMARY KEY (id)
    );
    CREATE TABLE api_keys (
        hash BYTEA NOT NULL,
        account TEXT NOT NULL,
        livemode BOOLEAN NOT NULL,
        kind TEXT NOT NULL,
        hint TEXT NOT NULL,
        created BIGINT NOT NULL,
        expires BIGINT,
        PRIMARY KEY (hash),
        CONSTRAINT api_keys_kind CHECK (kind IN ('secret', 'publishable')),
        CONSTRAINT api_keys_hashed CHECK (length(hash) = 32),
        FOREIGN KEY(account) REFERENCES accounts (id)
    );
    CREATE TABLE customers (
        id TEXT NOT NULL,
        account TEXT NOT NULL,
        livemode BOOLEAN NOT NULL,
        created BIGINT NOT NULL,
        seq BIGINT GENERATED ALWAYS AS IDENTITY,
        email TEXT,
        deleted BOOLEAN DEFAULT false NOT NULL,
        data JSONB NOT NULL,
        PRIMARY KEY (id),
        FOREIGN KEY(account) REFERENCES accounts (id)
    );
    CREATE INDEX customers_email ON customers (account, livemode, email);
    CREATE INDEX customers_newest ON customers (account, livemode, created DESC, seq DESC);
    CREATE TABLE events (
        id TEXT NOT NULL,
        account TEXT NOT NULL,
        livemode BOOLEAN NOT NULL,
        created BIGINT NOT NULL,
        seq BIGINT GENERATED ALWAYS AS IDENTITY,
        type TEXT NOT NULL,
        subject TEXT NOT NULL,
        object_id TEXT NOT NULL,
        request_id TEXT,
        idempotency_key TEXT,
        data JSONB NOT NULL,
        PRIMARY KEY (id),
        FOREIGN KEY(account) REFERENCES accounts (id)
    );
    CREATE INDEX events_newest ON events (account, livemode, created DESC, seq DESC);
    CREATE INDEX events_object_id_newest ON events (object_id, created DESC, seq DESC);
    CREATE TABLE idempotency_keys (
        account TEXT NOT NULL,
        livemode BOOLEAN NOT NULL,
        key TEXT NOT NULL,
        fingerprint BYTEA NOT NULL,
        request_id TEXT NOT NULL,
        seed TEXT NOT NULL,
        created BIGINT NOT NULL,
        locked_until BIGINT NOT NULL,
        response_status SMALLINT,
        response_body BYTEA,
        PRIMARY KEY (account, livemode, key),
        CONSTRAINT idempotency_keys_answered CHECK ((response_status IS NULL) = (response_body IS NULL)),
        CONSTRAINT idempotency_keys_key CHECK (length(key) BETWEEN 1 AND 255),
        FOREIGN KEY(account) REFERENCES accounts (id)
    );
    CREATE INDEX idempotency_keys_created ON idempotency_keys (created);
    CREATE TABLE payment_intents (
        id TEXT NOT NULL,
        account TEXT NOT NULL,
        livemode BOOLEAN NOT NULL,
        created BIGINT NOT NULL,
        seq BIGINT GENERATED ALWAYS AS IDENTITY,
        version INTEGER NOT NULL,
        status TEXT NOT NULL,
        amount BIGINT NOT NULL,
        amount_capturable BIGINT NOT NULL,
        amount_received BIGINT NOT NULL,
        currency TEXT NOT NULL,
        customer TEXT,
        data JSONB NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT payment_intents_amount CHECK (amount > 0),
        CONSTRAINT payment_intents_capturable CHECK (amount_capturable BETWEEN 0 AND amount),
        CONSTRAINT payment_intents_received CHECK (amount_received BETWEEN 0 AND amount),
        CONSTRAINT payment_intents_status CHECK (
            status IN ('requires_payment_method', 'requires_confirmation', 'requires_action', 'processing',
                       'requires_capture', 'succeeded', 'canceled')),
        CONSTRAINT payment_intents_succeeded CHECK (status <> 'succeeded' OR amount_received > 0),
        CONSTRAINT payment_intents_requires_capture CHECK ((status = 'requires_capture') = (amount_capturable > 0)),
        CONSTRAINT payment_intents_version CHECK (version > 0),
        FOREIGN KEY(account) REFERENCES accounts (id)
    );
    CREATE INDEX payment_intents_customer_newest ON payment_intents (customer, created DESC, seq DESC)
        WHERE customer IS NOT NULL;
    CREATE INDEX payment_intents_newest ON payment_intents (account, livemode, created DESC, seq DESC);
    CREATE TABLE charges (
        id TEXT NOT NULL,
        account TEXT NOT NULL,
        livemode BOOLEAN NOT NULL,
        created BIGINT NOT NULL,
        seq BIGINT GENERATED ALWAYS AS IDENTITY,
        payment_intent TEXT NOT NULL,
        customer TEXT,
        status TEXT NOT NULL,
        amount BIGINT NOT NULL,
        amount_captured BIGINT NOT NULL,
        amount_refunded BIGINT NOT NULL,
        data JSONB NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT charges_amount CHECK (amount > 0),
        CONSTRAINT charges_captured CHECK (amount_captured BETWEEN 0 AND amount),
        CONSTRAINT charges_refunded CHECK (amount_refunded BETWEEN 0 AND amount_captured),
        CONSTRAINT charges_status CHECK (status IN ('succeeded', 'pending', 'failed')),
        CONSTRAINT charges_failed CHECK (status = 'succeeded' OR amount_captured = 0),
        FOREIGN KEY(account) REFERENCES accounts (id),
        FOREIGN KEY(payment_intent) REFERENCES payment_intents (id)
    );
    CREATE INDEX charges_customer_newest ON charges (customer, created DESC, seq DESC)
        WHERE customer IS NOT NULL;
    CREATE INDEX charges_newest ON charges (account, livemode, created DESC, seq DESC);
    CREATE UNIQUE INDEX charges_one_success ON charges (payment_intent) WHERE status = 'succeeded';
    CREATE INDEX charges_payment_intent_newest ON charges (payment_intent, created DESC, seq DESC);
    CREATE TABLE payment_methods (
        id TEXT NOT NULL,
        account TEXT NOT NULL,
        livemode BOOLEAN NOT NULL,
        created BIGINT NOT NULL,
        seq BIGINT GENERATED ALWAYS AS IDENTITY,
        type TEXT NOT NULL,
        customer TEXT,
        consumed BOOLEAN DEFAULT false NOT NULL,
        data JSONB NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT payment_methods_consumed_unattached CHECK (NOT (consumed AND customer IS NOT NULL)),
        FOREIGN KEY(account) REFERENCES accounts (id),
        FOREIGN KEY(customer) REFERENCES customers (id)
    );
    CREATE INDEX payment_methods_customer_newest ON payment_methods (customer, created DESC, seq DESC)

        WHERE customer IS NOT NULL;
"""

TABLES = "idempotency_keys, events, charges, payment_intents, payment_methods, customers, api_keys, accounts"


def upgrade() -> None:
    """Create the tables."""
    for statement in DDL.split(";\n"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    """Drop them, with all they hold."""
    op.execute(f"DROP TABLE {TABLES}")
