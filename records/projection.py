"""The projection: one transition of a PaymentIntent, written in one statement. Twice is once; out of order is refused.

The version guard is the whole trick: the intent's row takes only a higher version, and everything else in the statement
hangs on that row having been taken. So a local activity may run again, and an old write may arrive late.
"""

from functools import cache, cached_property
from typing import Any

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB

from domain.charges import Charge
from domain.events import (
    Announcement,
    ChargeDisputed,
    ChargeFailed,
    ChargePending,
    ChargeSucceeded,
    MandateAccepted,
    PaymentMethodConsumed,
    PaymentMethodSaved,
    PaymentMethodSelected,
    RefundFailed,
    RefundRequested,
    RefundSucceeded,
)
from domain.identifiers import event_id
from domain.payment_intent import PaymentIntent
from domain.payment_methods import PaymentMethod
from domain.refunds import ChargeRefund
from domain.transitions import Cause, Transition
from records.codec import dump_charge, dump_dispute, dump_intent, dump_mandate, dump_method, dump_refund, load_intent
from records.database import Database, Prepared
from records.events import ANNOUNCE, event_row
from records.payment_methods import row_of
from records.scope import Scope
from records.tables import payment_intents

_INTENT = """
    intent AS (
        INSERT INTO payment_intents (id, account, livemode, created, version, status, amount, amount_capturable,
                                     amount_received, currency, customer, data, amount_maximum)
        SELECT * FROM jsonb_to_record(:intent) AS i (id text, account text, livemode boolean, created bigint,
            version int, status text, amount bigint, amount_capturable bigint, amount_received bigint, currency text,
            customer text, data jsonb, amount_maximum bigint)
        ON CONFLICT (id) DO UPDATE SET version = excluded.version, status = excluded.status, amount = excluded.amount,
            amount_capturable = excluded.amount_capturable, amount_received = excluded.amount_received,
            currency = excluded.currency, customer = excluded.customer, data = excluded.data,
            amount_maximum = excluded.amount_maximum
        WHERE payment_intents.version < excluded.version
        RETURNING id
    )
"""

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
    "mandates": """
    mandate AS (
        INSERT INTO mandates (id, account, livemode, created, payment_method, data)
        SELECT a.* FROM intent, jsonb_to_recordset(:mandates) AS a (id text, account text, livemode boolean,
            created bigint, payment_method text, data jsonb)
        ON CONFLICT (id) DO NOTHING
    )
    """,
    "refunds": """
    refund AS (
        INSERT INTO refunds (id, account, livemode, created, charge, payment_intent, status, amount, metadata, data)
        SELECT r.* FROM intent, jsonb_to_recordset(:refunds) AS r (id text, account text, livemode boolean,
            created bigint, charge text, payment_intent text, status text, amount bigint, metadata jsonb, data jsonb)
        ON CONFLICT (id) DO UPDATE SET status = excluded.status, data = excluded.data
    )
    """,
    "disputes": """
    dispute AS (
        INSERT INTO disputes (id, account, livemode, created, charge, payment_intent, amount, data)
        SELECT d.* FROM intent, jsonb_to_recordset(:disputes) AS d (id text, account text, livemode boolean,
            created bigint, charge text, payment_intent text, amount bigint, data jsonb)
        ON CONFLICT (id) DO NOTHING
    )
    """,
    # Only a method that is nobody's and unused: since the attempt began, the API may have attached it, or detached it
    # for good. And its customer may have been deleted; then it was used, and is nobody's.
    "methods": """
    used AS (
        SELECT m.* FROM intent, jsonb_to_recordset(:methods) AS m (id text, customer text)
    ), owner AS (
        SELECT c.id FROM customers AS c WHERE c.id IN (SELECT customer FROM used) AND NOT c.deleted FOR SHARE
    ), method AS (
        UPDATE payment_methods AS p SET customer = o.id, consumed = o.id IS NULL
        FROM used AS m LEFT JOIN owner AS o ON o.id = m.customer
        WHERE p.id = m.id AND p.customer IS NULL AND NOT p.consumed
    )
    """,
    "new_methods": """
    new_method AS (
        INSERT INTO payment_methods (id, account, livemode, created, type, customer, consumed, data)
        SELECT n.* FROM intent, jsonb_to_recordset(:new_methods) AS n (id text, account text, livemode boolean,
            created bigint, type text, customer text, consumed boolean, data jsonb)
        ON CONFLICT (id) DO NOTHING
    )
    """,
    "events": ANNOUNCE.format(guard="intent,"),
}
"""What else is written if the intent's row is taken, by the name of the parameter that holds its rows."""


@cache
def _projecting(kinds: tuple[str, ...]) -> Prepared:
    """The statement that writes an intent with rows of these kinds; PostgreSQL pays for every part, empty or not."""
    parts = ", ".join([_INTENT, *(_WITH_IT[kind] for kind in kinds)])
    statement = text(f"WITH {parts} SELECT id FROM intent")  # noqa: S608
    return Prepared(statement.bindparams(*(bindparam(name, type_=JSONB) for name in ("intent", *kinds))))


_LATEST = Prepared(select(payment_intents.c.data).where(payment_intents.c.id == bindparam("id")))

CREATED = Announcement("payment_intent.created", "payment_intent")


class PostgresProjection:
    """Writes transitions down."""

    def __init__(self, database: Database) -> None:
        """Write to `database`."""
        self._database = database

    async def latest(self, id_: str) -> PaymentIntent | None:
        """The intent as it was last written. For the intent's own workflow, which needs no account to know itself."""
        rows = await self._database.execute(_LATEST, {"id": id_})
        return load_intent(rows[0].data) if rows else None

    async def project(self, transition: Transition) -> None:
        """Write the intent, its charge, what became of the payment method, and the events."""
        seen = _Seen(transition)
        rows = [_event_row(seen, announcement, index) for index, announcement in enumerate(transition.announcements)]
        await self._write(
            _intent_row(transition.after, seen.stored),
            charges=_charges(transition),
            mandates=_mandates(transition),
            refunds=_refund_rows(transition),
            disputes=_disputes(transition),
            methods=_methods(transition),
            events=rows,
        )

    async def create(self, intent: PaymentIntent, cause: Cause, method: PaymentMethod | None = None) -> bool:
        """Write a new intent, that it was created, and its method if that is new as well.

        False if it was there already, and perhaps has moved on; then nothing was written.
        """
        first = Transition(before=intent, after=intent, events=(), now=intent.created, cause=cause)
        seen = _Seen(first)
        return await self._write(
            _intent_row(intent, seen.stored),
            new_methods=[row_of(method)] if method else [],
            events=[_event_row(seen, CREATED, 0)],
        )

    async def _write(self, intent: dict[str, Any], **rows: list[dict[str, Any]]) -> bool:
        given = {kind: rows[kind] for kind in _WITH_IT if rows.get(kind)}
        statement = _projecting(tuple(given))
        return bool(await self._database.execute(statement, {"intent": intent, **given}))


class _Seen:
    """What a transition's row and events show of the intent: each dumped once, however many of them tell of it."""

    def __init__(self, transition: Transition) -> None:
        self.transition = transition

    @cached_property
    def stored(self) -> dict[str, Any]:
        """The whole state, ledger included."""
        return dump_intent(self.transition.after)

    @cached_property
    def public(self) -> dict[str, Any]:
        """Without the ledger, which is nobody's business outside."""
        return _public(self.stored)

    @cached_property
    def public_before(self) -> dict[str, Any]:
        """As it was."""
        return _public(dump_intent(self.transition.before))


def _public(stored: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in stored.items() if name != "ledger"}


def _intent_row(intent: PaymentIntent, stored: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": intent.id,
        "account": intent.account,
        "livemode": intent.livemode,
        "created": intent.created,
        "version": intent.version,
        "status": intent.status,
        "amount": intent.amount,
        "amount_capturable": intent.amount_capturable,
        "amount_received": intent.amount_received,
        "currency": intent.currency,
        "customer": intent.customer,
        "data": stored,
        "amount_maximum": intent.charge.overcapture_maximum if intent.charge else None,
    }


def _charges(transition: Transition) -> list[dict[str, Any]]:
    """The latest charge, and those that came and went within this very transition."""
    charges = {c.id: c for c in (_attempted(event) for event in transition.events) if c is not None}
    latest = transition.after.charge
    if latest is not None and latest != transition.before.charge:
        charges[latest.id] = latest
    return [_charge_row(charge) for charge in charges.values()]


def _attempted(event: object) -> Charge | None:
    return event.charge if isinstance(event, ChargeSucceeded | ChargeFailed | ChargePending) else None


def _charge_row(charge: Charge) -> dict[str, Any]:
    return {
        "id": charge.id,
        "account": charge.account,
        "livemode": charge.livemode,
        "created": charge.created,
        "payment_intent": charge.payment_intent,
        "customer": charge.customer,
        "status": charge.status,
        "amount": charge.amount,
        "amount_captured": charge.amount_captured,
        "amount_refunded": charge.amount_refunded,
        "data": dump_charge(charge),
        "amount_maximum": charge.overcapture_maximum,
    }


def _mandates(transition: Transition) -> list[dict[str, Any]]:
    given = [event.mandate for event in transition.events if isinstance(event, MandateAccepted)]
    return [
        {
            "id": mandate.id,
            "account": mandate.account,
            "livemode": mandate.livemode,
            "created": mandate.created,
            "payment_method": mandate.payment_method,
            "data": dump_mandate(mandate),
        }
        for mandate in given
    ]


def _disputes(transition: Transition) -> list[dict[str, Any]]:
    opened = [event.dispute for event in transition.events if isinstance(event, ChargeDisputed)]
    return [
        {
            "id": dispute.id,
            "account": dispute.account,
            "livemode": dispute.livemode,
            "created": dispute.created,
            "charge": dispute.charge,
            "payment_intent": dispute.payment_intent,
            "amount": dispute.amount,
            "data": dump_dispute(dispute),
        }
        for dispute in opened
    ]


def _refunds(transition: Transition) -> dict[str, ChargeRefund]:
    """What became of each refund, by id: the last fact about it is how it is."""
    facts = (RefundRequested, RefundSucceeded, RefundFailed)
    return {event.refund.id: event.refund for event in transition.events if isinstance(event, facts)}


def _refund_rows(transition: Transition) -> list[dict[str, Any]]:
    return [
        {
            "id": refund.id,
            "account": refund.account,
            "livemode": refund.livemode,
            "created": refund.created,
            "charge": refund.charge,
            "payment_intent": refund.payment_intent,
            "status": refund.status,
            "amount": refund.amount,
            "metadata": refund.metadata,
            "data": dump_refund(refund),
        }
        for refund in _refunds(transition).values()
    ]


def _methods(transition: Transition) -> list[dict[str, Any]]:
    changed = any(isinstance(event, PaymentMethodSaved | PaymentMethodConsumed) for event in transition.events)
    selected = [event.payment_method for event in transition.events if isinstance(event, PaymentMethodSelected)]
    method = transition.after.payment_method or (selected[-1] if selected else None)
    if not changed or method is None:
        return []
    return [{"id": method.id, "customer": method.customer}]


def _event_row(seen: _Seen, announcement: Announcement, index: int) -> dict[str, Any]:
    transition, intent = seen.transition, seen.transition.after
    object_id, snapshot = _snapshot(seen, announcement)
    return event_row(
        id_=event_id(intent.id, intent.version, index),
        scope=Scope(intent.account, intent.livemode),
        created=transition.now,
        type_=announcement.type,
        subject=announcement.subject,
        object_id=object_id,
        snapshot=snapshot,
        before=_before(seen, announcement),
        cause=transition.cause,
    )


def _snapshot(seen: _Seen, announcement: Announcement) -> tuple[str, dict[str, Any]]:
    """The object as it is now."""
    transition = seen.transition
    intent, refunds = transition.after, list(_refunds(transition).values())
    if announcement.subject == "refund" and refunds:
        return refunds[-1].id, dump_refund(refunds[-1])
    disputes = [event.dispute for event in transition.events if isinstance(event, ChargeDisputed)]
    if announcement.subject == "dispute" and disputes:
        return disputes[-1].id, dump_dispute(disputes[-1])
    mandates = [event.mandate for event in transition.events if isinstance(event, MandateAccepted)]
    if announcement.subject == "mandate" and mandates:
        return mandates[-1].id, dump_mandate(mandates[-1])
    if announcement.subject == "charge" and intent.charge:
        return intent.charge.id, dump_charge(intent.charge)
    if announcement.subject == "payment_method" and intent.payment_method:
        return intent.payment_method.id, dump_method(intent.payment_method)
    return intent.id, seen.public


TELLS_WHAT_CHANGED = frozenset(
    {
        "charge.captured",
        "charge.expired",
        "charge.refunded",
        "charge.updated",
        "payment_intent.amount_capturable_updated",
    }
)
"""Events that have `previous_attributes`."""


def _before(seen: _Seen, announcement: Announcement) -> dict[str, Any] | None:
    """The object before, where the event tells what has changed of it."""
    if announcement.type not in TELLS_WHAT_CHANGED:
        return None
    if announcement.subject == "payment_intent":
        return seen.public_before
    transition = seen.transition
    was, now = transition.before.charge, transition.after.charge
    return dump_charge(was) if was is not None and now is not None and was.id == now.id else None
