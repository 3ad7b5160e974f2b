"""Since which event a webhook endpoint has wanted what it wants, so that a delivery that is not there can be missed."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the column, and have the database keep it: whoever changes an endpoint, and in whichever release."""
    op.execute("ALTER TABLE webhook_endpoints ADD COLUMN wants_after BIGINT")
    op.execute(
        """
        CREATE FUNCTION webhook_endpoints_wants_after() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' OR NEW.enabled <> OLD.enabled OR NEW.enabled_events <> OLD.enabled_events THEN
                SELECT last_value INTO NEW.wants_after FROM events_seq_seq;
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER webhook_endpoints_wants_after BEFORE INSERT OR UPDATE ON webhook_endpoints "
        "FOR EACH ROW EXECUTE FUNCTION webhook_endpoints_wants_after()"
    )
    op.execute("UPDATE webhook_endpoints SET wants_after = (SELECT last_value FROM events_seq_seq)")


def downgrade() -> None:
    """Forget it."""
    op.execute("DROP TRIGGER webhook_endpoints_wants_after ON webhook_endpoints")
    op.execute("DROP FUNCTION webhook_endpoints_wants_after")
    op.execute("ALTER TABLE webhook_endpoints DROP COLUMN wants_after")
