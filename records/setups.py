"""Records of SetupIntents: one transition in one statement, and the fence before it (fence.py)."""

from collections.abc import Sequence

from domain.machine.announcements import Announcement
from domain.machine.fence import Answer, Elsewhere, Taken
from domain.machine.setups.transitions import CREATED, SetupTransition
from domain.machine.transitions import Cause
from domain.model.payment_methods import PaymentMethod
from domain.model.setup_intent import SetupIntent
from records import setup_rows as rows
from records.codec import load_setup
from records.database import Database
from records.fence import EVENTS, MANDATES, NEW_METHODS, FencedRecords, IntentTable
from records.payment_methods import row_of

_COLUMNS = {
    "id": "text", "account": "text", "livemode": "boolean", "created": "bigint", "version": "int", "status": "text",
    "customer": "text", "payment_method": "text", "attach_to_self": "boolean", "data": "jsonb",
}  # fmt: skip

_WITH_IT = {
    "attempts": """
    attempt AS (
        INSERT INTO setup_attempts (id, account, livemode, created, setup_intent, status, data)
        SELECT a.* FROM intent, jsonb_to_recordset(:attempts) AS a (id text, account text, livemode boolean,
            created bigint, setup_intent text, status text, data jsonb)
        ON CONFLICT (id) DO UPDATE SET status = excluded.status, data = excluded.data
    )
    """,
    "mandates": MANDATES,
    # It becomes the customer's, unless somebody has made it another's meanwhile. If the customer was deleted, it is
    # nobody's, and of no use to anybody else. It is one at most, and asked for as one (projection.py says why).
    "methods": """
    used AS (
        SELECT m.* FROM intent, jsonb_to_recordset(:methods) AS m (id text, customer text, card jsonb) LIMIT 1
    ), owner AS (
        SELECT c.id FROM customers AS c WHERE c.id = (SELECT customer FROM used) AND NOT c.deleted FOR SHARE
    ), method AS (
        UPDATE payment_methods AS p SET customer = COALESCE(p.customer, (SELECT id FROM owner)),
            consumed = p.customer IS NULL AND (SELECT customer FROM used) IS NOT NULL
                AND NOT EXISTS (SELECT FROM owner),
            data = (SELECT CASE WHEN m.card IS NULL THEN p.data
                                ELSE jsonb_set(p.data, '{card}', (p.data -> 'card') || jsonb_strip_nulls(m.card)) END
                    FROM used AS m)
        WHERE p.id = (SELECT id FROM used) AND NOT p.consumed
    )
    """,
    "new_methods": NEW_METHODS,
    "events": EVENTS,
}

LOST_EVENTS_FROM = 1_000
"""Where the numbering begins of events that a version announces because they were lost: none of its own comes there."""

KEPT = IntentTable(table="setup_intents", columns=_COLUMNS, with_it=_WITH_IT)


class PostgresSetups(FencedRecords[SetupIntent]):
    """Writes transitions of SetupIntents down."""

    def __init__(self, database: Database) -> None:
        """Write to `database`."""
        super().__init__(database, KEPT, load_setup)

    async def project(self, transition: SetupTransition) -> Answer[SetupIntent]:
        """Write the intent, its attempts, what became of the payment method, and the events."""
        events = [rows.event_row(transition, told, index) for index, told in enumerate(transition.announcements)]
        taken = await self._write(
            "project",
            rows.intent_row(transition.after),
            {"command": transition.command_id},
            attempts=rows.attempt_rows(transition),
            mandates=rows.mandate_rows(transition),
            methods=rows.method_rows(transition),
            new_methods=rows.new_method_rows(transition),
            events=events,
        )
        return Taken(transition.now) if taken else Elsewhere(await self.recorded(transition.after.id))

    async def create(self, intent: SetupIntent, cause: Cause, method: PaymentMethod | None = None) -> bool:
        """Write a new intent, that it was created, and its method if that is new as well.

        False if it was there already, and perhaps has moved on; then nothing was written.
        """
        first = SetupTransition(before=intent, after=intent, events=(), now=intent.created, cause=cause)
        return await self._write(
            "create",
            rows.intent_row(intent),
            {},
            new_methods=[row_of(method, intent.id)] if method else [],
            events=[rows.event_row(first, CREATED, 0)],
        )

    async def restore(self, intent: SetupIntent) -> None:
        """Write the state and its latest attempt; events that were lost with the record stay lost."""
        attempts = [rows.attempt_row(intent.attempt)] if intent.attempt else []
        await self._write("restore", rows.intent_row(intent), {}, attempts=attempts)

    async def complete(self, intent: SetupIntent, told: Sequence[Announcement], now: int) -> bool:
        """Write what was lost beside a state that is here again: events, and the method that it has set up.

        Twice is once. False if the record has moved on; then nothing was written.
        """
        here = SetupTransition(before=intent, after=intent, events=(), now=now)
        method = rows.method_of(intent)
        return await self._write(
            "complete",
            rows.intent_row(intent),
            {},
            methods=[{"id": method.id, "customer": method.customer, "card": None}] if method else [],
            new_methods=[row_of(method, intent.id)] if method else [],
            events=[rows.event_row(here, one, index) for index, one in enumerate(told, LOST_EVENTS_FROM)],
        )
