"""What the simulator's book is made of (ledger.py), and how one of an older version becomes one of today's."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, card TEXT NOT NULL, facts TEXT NOT NULL, cvc_given INTEGER NOT NULL,
    created INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS conducts (token TEXT PRIMARY KEY, conduct TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS operations (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, operation TEXT NOT NULL, answer TEXT NOT NULL,
    created INTEGER NOT NULL, asked TEXT NOT NULL DEFAULT '{}');
CREATE TABLE IF NOT EXISTS authorizations (
    id TEXT PRIMARY KEY, token TEXT NOT NULL, charge TEXT NOT NULL, currency TEXT NOT NULL, amount INTEGER NOT NULL,
    captured INTEGER NOT NULL DEFAULT 0, refunded INTEGER NOT NULL DEFAULT 0, open INTEGER NOT NULL DEFAULT 1,
    CHECK (captured BETWEEN 0 AND amount * 115 / 100), CHECK (refunded BETWEEN 0 AND captured));
CREATE TABLE IF NOT EXISTS authentications (
    id TEXT PRIMARY KEY, token TEXT NOT NULL, charge TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'pending',
    reference TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS challenged_amounts (
    authentication TEXT PRIMARY KEY, amount INTEGER NOT NULL, currency TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS verifications (
    id TEXT PRIMARY KEY, token TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'pending');
CREATE TABLE IF NOT EXISTS settlements (
    id TEXT PRIMARY KEY, token TEXT NOT NULL, charge TEXT NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL,
    due REAL, reason TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'pending');
CREATE TABLE IF NOT EXISTS vouchers (
    id TEXT PRIMARY KEY, token TEXT NOT NULL, charge TEXT NOT NULL, reference TEXT NOT NULL, type TEXT NOT NULL,
    amount INTEGER NOT NULL, currency TEXT NOT NULL, capture INTEGER NOT NULL, due REAL, reason TEXT NOT NULL,
    expires INTEGER NOT NULL, shown TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'pending');
CREATE TABLE IF NOT EXISTS payouts (
    refund TEXT PRIMARY KEY, reference TEXT NOT NULL, authorization TEXT NOT NULL, charge TEXT NOT NULL,
    amount INTEGER NOT NULL, currency TEXT NOT NULL, key TEXT NOT NULL, due REAL, expires REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'asked');
CREATE TABLE IF NOT EXISTS disputes (
    id TEXT PRIMARY KEY, reference TEXT NOT NULL, charge TEXT NOT NULL, reason TEXT NOT NULL, state TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS disputes_charge ON disputes (charge);
CREATE TABLE IF NOT EXISTS modifications (
    id TEXT PRIMARY KEY, operation TEXT NOT NULL, authorization TEXT NOT NULL, request TEXT NOT NULL,
    due REAL NOT NULL, done INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS modifications_due ON modifications (due) WHERE done = 0;
CREATE TABLE IF NOT EXISTS notifications (
    id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL, delivered INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS notifications_undelivered ON notifications (id) WHERE delivered = 0;
CREATE INDEX IF NOT EXISTS notifications_due ON notifications (due, id) WHERE delivered = 0;
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, operation TEXT NOT NULL, authorization TEXT NOT NULL, charge TEXT NOT NULL,
    amount INTEGER NOT NULL, currency TEXT NOT NULL, key TEXT NOT NULL UNIQUE, created INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS entries_charge ON entries (charge);
CREATE TABLE IF NOT EXISTS setups (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, attempt TEXT NOT NULL, token TEXT NOT NULL,
    created INTEGER NOT NULL);
"""


VERSION = 11

UPGRADES = {
    # Overcapture: a book from before it has the narrower CHECK, and SQLite changes a CHECK only with its table.
    1: """
        ALTER TABLE authorizations RENAME TO authorizations_before;
        {schema}
        INSERT INTO authorizations SELECT * FROM authorizations_before;
        DROP TABLE authorizations_before;
    """,
    # An authentication knows whose it is, so that the engine can be notified.
    2: """
        ALTER TABLE authentications ADD COLUMN reference TEXT NOT NULL DEFAULT '';
        {schema}
    """,
    # Some news is for later: a refund that takes its time, or comes back.
    3: """
        DROP TABLE notifications;
        {schema}
    """,
    # Debits that a bank answers later, and whose accounts say how.
    4: """
        {schema}
    """,
    # Vouchers and codes, which a buyer pays elsewhere.
    5: """
        {schema}
    """,
    # Every answer says what it was asked. Of what was asked before, the book has what was moved, or is to be; not the
    # new total of an increment, nor what nobody said yes to. Asking how a payment ended is one question, whenever.
    6: """
        ALTER TABLE operations ADD COLUMN asked TEXT NOT NULL DEFAULT '{{}}';
        {schema}
        UPDATE operations SET fingerprint = '' WHERE operation = 'settlement';
        UPDATE operations SET asked = json_patch(
            json_object('key', key, 'operation', operation, 'partial', json('true')),
            coalesce(
                (SELECT json_object(
                    'authorization', e.authorization, 'charge', e.charge, 'currency', e.currency,
                    'amount', iif(e.operation IN ('increment', 'void'), NULL, e.amount)) FROM entries e
                 WHERE e.key = operations.key),
                (SELECT json_object('charge', s.charge, 'currency', s.currency, 'amount', s.amount, 'token', s.token)
                 FROM settlements s WHERE s.id = json_extract(answer, '$.reference') AND operation = 'authorize'),
                (SELECT json_object('charge', v.charge, 'currency', v.currency, 'amount', v.amount, 'token', v.token)
                 FROM vouchers v WHERE v.id = json_extract(answer, '$.reference') AND operation = 'authorize'),
                '{{}}'));
    """,
    # Refunds to a bank account that somebody is asked for by e-mail.
    7: """
        {schema}
    """,
    # The bank's page says how much it is about.
    8: """
        {schema}
    """,
    # Disputes that can be answered.
    9: """
        {schema}
    """,
    # Methods that were set up have a book of their own, as money has.
    10: """
        {schema}
        INSERT OR IGNORE INTO setups (key, attempt, token, created)
        SELECT key, json_extract(asked, '$.attempt'), json_extract(asked, '$.token'), created FROM operations
        WHERE operation = 'set_up' AND json_extract(answer, '$.type') = 'approved' ORDER BY rowid;
    """,
    # What is taken on, and answered later.
    11: """
        {schema}
    """,
}
"""By version: how a book of the version before becomes one of it. A new book has the schema above at once."""
