"""The projection: one transition of a PaymentIntent, written in one statement, and the fence before it (fence.py)."""

from sqlalchemy import bindparam, select

from domain.machine.announcements import Announcement
from domain.machine.fence import Answer, Elsewhere, Taken, UnderWay
from domain.machine.transitions import Cause, Transition
from domain.model.commands import RefundCharge
from domain.model.payment_intent import PaymentIntent
from domain.model.payment_methods import PaymentMethod
from domain.model.refund_events import RefundSucceeded
from domain.rebuilding.completing import Lost
from records import share_rows
from records import transition_rows as rows
from records.balance import BOOK
from records.base import RecordsRefused
from records.codec import dump_intent, load_intent
from records.database import Database, Prepared
from records.declined_cards import COUNTED
from records.events import ANNOUNCE
from records.fence import EVENTS, MANDATES, NEW_METHODS, FencedRecords, IntentTable
from records.payment_methods import row_of
from records.tables import refunds

_COLUMNS = {
    "id": "text", "account": "text", "livemode": "boolean", "created": "bigint", "version": "int", "status": "text",
    "amount": "bigint", "amount_capturable": "bigint", "amount_received": "bigint", "currency": "text",
    "customer": "text", "data": "jsonb", "amount_maximum": "bigint",
}  # fmt: skip

_CHANGED = """jsonb_set(e.data, '{object}', e.data -> 'object' || COALESCE(
                (SELECT c.changes FROM charges AS c WHERE c.id = e.object_id), '{}'))"""
_AS_CHANGED = f"CASE e.subject WHEN 'charge' THEN {_CHANGED} ELSE e.data END"
"""An event's data where it tells of a charge that was there before: with what its merchant has said of it."""

_AS_NOTED = f"""CASE WHEN e.subject = 'charge' THEN {_CHANGED}
                WHEN e.subject IN ('application_fee', 'transfer') THEN {share_rows.AS_NOTED} ELSE e.data END"""
"""The same, of shares as well, of which something has come back."""

_WITH_IT = {
    "charges": """
    charge AS (
        INSERT INTO charges (id, account, livemode, created, payment_intent, customer, status, amount, amount_captured,
                             amount_refunded, data, amount_maximum)
        SELECT c.* FROM intent, jsonb_to_recordset(:charges) AS c (id text, account text, livemode boolean,
            created bigint, payment_intent text, customer text, status text, amount bigint, amount_captured bigint,
            amount_refunded bigint, data jsonb, amount_maximum bigint)
        ON CONFLICT (id) DO UPDATE SET status = excluded.status, amount = excluded.amount,
            amount_captured = excluded.amount_captured, amount_refunded = excluded.amount_refunded,
            data = excluded.data, amount_maximum = excluded.amount_maximum
    )
    """,
    "mandates": MANDATES,
    "refunds": """
    refund AS (
        INSERT INTO refunds (id, account, livemode, created, charge, payment_intent, status, amount, metadata, data)
        SELECT r.* FROM intent, jsonb_to_recordset(:refunds) AS r (id text, account text, livemode boolean,
            created bigint, charge text, payment_intent text, status text, amount bigint, metadata jsonb, data jsonb)
        ON CONFLICT (id) DO UPDATE SET status = excluded.status, data = excluded.data
            WHERE refunds.payment_intent = excluded.payment_intent
    )
    """,
    "disputes": """
    dispute AS (
        INSERT INTO disputes (id, account, livemode, created, charge, payment_intent, amount, data)
        SELECT d.* FROM intent, jsonb_to_recordset(:disputes) AS d (id text, account text, livemode boolean,
            created bigint, charge text, payment_intent text, amount bigint, data jsonb)
        ON CONFLICT (id) DO UPDATE SET amount = excluded.amount, data = excluded.data
            WHERE disputes.payment_intent = excluded.payment_intent
    )
    """,
    "balance": BOOK.format(guard="intent,", only=""),
    "declined_cards": COUNTED,
    # Only a method that is nobody's and unused: since the attempt began, the API may have attached it, or detached it
    # for good. And its customer may have been deleted; then it was used, and is nobody's. It is one at most, and asked
    # for as one: PostgreSQL plans a join for a hundred, and reads a table that was empty then from end to end.
    "methods": """
    used AS (
        SELECT m.* FROM intent, jsonb_to_recordset(:methods) AS m (id text, customer text, card jsonb) LIMIT 1
    ), owner AS (
        SELECT c.id FROM customers AS c WHERE c.id = (SELECT customer FROM used) AND NOT c.deleted FOR SHARE
    ), method AS (
        UPDATE payment_methods AS p
        SET customer = (SELECT id FROM owner), consumed = NOT EXISTS (SELECT FROM owner),
            data = (SELECT CASE WHEN m.card IS NULL THEN p.data
                                ELSE jsonb_set(p.data, '{card}', (p.data -> 'card') || m.card) END FROM used AS m)
        WHERE p.id = (SELECT id FROM used) AND p.customer IS NULL AND NOT p.consumed
    )
    """,
    "new_methods": NEW_METHODS,
    "shares": share_rows.GIVEN,
    "share_returns": share_rows.RETURNED,
    "whole_shares": share_rows.RESTORED,
    "whole_returns": share_rows.RETURNS_RESTORED,
    "events": EVENTS,
    "charge_events": ANNOUNCE.format(guard="intent,", data=_AS_CHANGED).replace(":events", ":charge_events"),
    "share_events": ANNOUNCE.format(guard="intent,", data=_AS_NOTED).replace(":events", ":share_events"),
}

KEPT = IntentTable(table="payment_intents", columns=_COLUMNS, with_it=_WITH_IT)

_CLAIM_REFUND = KEPT.claim_statement("AND NOT EXISTS (SELECT FROM refunds WHERE refunds.id = :refund)")
"""For a refund that comes with an id, which must be nobody's yet."""

_REFUND = Prepared(select(refunds.c.id).where(refunds.c.id == bindparam("refund")))

LOST_EVENTS_FROM = 1_000
"""Where the numbering begins of events that a version announces because they were lost: none of its own comes there."""

CREATED = Announcement("payment_intent.created", "payment_intent")


class PostgresProjection(FencedRecords[PaymentIntent]):
    """Writes transitions of PaymentIntents down."""

    def __init__(self, database: Database) -> None:
        """Write to `database`."""
        super().__init__(database, KEPT, load_intent)

    async def claim(self, intent: PaymentIntent, asked: UnderWay) -> Answer[PaymentIntent]:
        """Write down what is being carried out. One round trip, unless the record is elsewhere."""
        named = asked.command.refund if isinstance(asked.command, RefundCharge) else ""
        if not named:
            return await super().claim(intent, asked)
        return await self._claim(_CLAIM_REFUND, intent, asked, refund=named)

    async def _check_free(self, **more: str) -> None:
        if more and await self._database.execute(_REFUND, more):
            raise RecordsRefused(f"there is a refund {more['refund']} already")

    async def project(self, transition: Transition) -> Answer[PaymentIntent]:
        """Write the intent, its charge, what became of the payment method, and the events."""
        seen = rows.Seen(transition)
        events = [
            rows.event_row(seen, announcement, index) for index, announcement in enumerate(transition.announcements)
        ]
        events += share_rows.events(transition, len(events))
        backs = share_rows.return_rows(transition)
        told = "charge_events" if rows.tells_of_known_charge(transition) else "events"
        taken = await self._write(
            "project",
            rows.intent_row(transition.after, seen.stored),
            {"command": transition.command_id},
            charges=rows.charge_rows(transition),
            mandates=rows.mandate_rows(transition),
            refunds=rows.refund_rows(transition),
            disputes=rows.dispute_rows(transition),
            balance=rows.balance_rows(transition),
            declined_cards=rows.declined_card_rows(transition),
            methods=rows.method_rows(transition),
            shares=share_rows.share_rows(transition),
            share_returns=backs,
            **{"share_events" if backs else told: events},
        )
        return Taken(transition.now) if taken else Elsewhere(await self.recorded(transition.after.id))

    async def create(self, intent: PaymentIntent, cause: Cause, method: PaymentMethod | None = None) -> bool:
        """Write a new intent, that it was created, and its method if that is new as well.

        False if it was there already, and perhaps has moved on; then nothing was written.
        """
        first = Transition(before=intent, after=intent, events=(), now=intent.created, cause=cause)
        seen = rows.Seen(first)
        return await self._write(
            "create",
            rows.intent_row(intent, seen.stored),
            {},
            new_methods=[row_of(method, intent.id)] if method else [],
            events=[rows.event_row(seen, CREATED, 0)],
        )

    async def restore(self, intent: PaymentIntent) -> None:
        """Write the state, its latest charge, its shares and dispute; events and refunds that were lost stay lost."""
        charges = [rows.charge_row(intent.charge)] if intent.charge else []
        disputes = [rows.dispute_row(intent.dispute)] if intent.dispute else []
        row = rows.intent_row(intent, dump_intent(intent))
        await self._write("restore", row, {}, charges=charges, disputes=disputes, **share_rows.restored(intent.charge))

    async def complete(self, intent: PaymentIntent, lost: Lost, number: int, now: int) -> bool:
        """Write what was lost beside a state that is here again: charge, dispute, refunds and events, as they are.

        `number` counts what is written for one version, so that each event has an id of its own. Twice is once.
        False if the record has moved on; then nothing was written.
        """
        facts = tuple(RefundSucceeded(refund, late=False) for refund in lost.refunds)
        seen = rows.Seen(Transition(before=intent, after=intent, events=facts, now=now))
        numbered = enumerate(lost.announcements, LOST_EVENTS_FROM * (1 + number))
        charge = intent.charge
        used = charge.payment_method if charge and charge.status == "succeeded" else None
        return await self._write(
            "complete",
            rows.intent_row(intent, seen.stored),
            {},
            charges=[rows.charge_row(charge)] if charge else [],
            disputes=[rows.dispute_row(intent.dispute)] if intent.dispute else [],
            refunds=rows.refund_rows(seen.transition),
            methods=[{"id": used.id, "customer": used.customer}] if used else [],
            events=[rows.event_row(seen, announcement, index) for index, announcement in numbered],
            **share_rows.restored(charge),
        )
