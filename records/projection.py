"""The projection: one transition of a PaymentIntent, written in one statement, and the fence before it.

The compare-and-set is the whole trick: the intent's row goes from one version to the next and never elsewhere, and
everything else in the statement hangs on that row having been taken. So a local activity may run again, and an old
write may arrive late: whoever is not taken is told what the record says. The rules are domain/machine/fence.py.
"""

from functools import cache
from typing import Any

from sqlalchemy import BigInteger, bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB

from domain.machine.announcements import Announcement
from domain.machine.fence import Answer, Elsewhere, Recorded, Taken, TooLate, UnderWay, is_same_command
from domain.machine.transitions import Cause, Transition
from domain.model.commands import RefundCharge
from domain.model.payment_intent import PaymentIntent
from domain.model.payment_methods import PaymentMethod
from records import transition_rows as rows
from records.base import RecordsRefused
from records.codec import dump_intent, dump_under_way, load_intent, load_under_way
from records.database import Database, Prepared
from records.events import ANNOUNCE
from records.payment_methods import row_of
from records.tables import payment_intents, refunds

_COLUMNS = """jsonb_to_record(:intent) AS i (id text, account text, livemode boolean, created bigint, version int,
            status text, amount bigint, amount_capturable bigint, amount_received bigint, currency text, customer text,
            data jsonb, amount_maximum bigint)"""

_INSERT = f"""
        INSERT INTO payment_intents AS p (id, account, livemode, created, version, status, amount, amount_capturable,
                                     amount_received, currency, customer, data, amount_maximum)
        SELECT * FROM {_COLUMNS}"""  # noqa: S608

_SET = """version = {new}.version, status = {new}.status, amount = {new}.amount,
            amount_capturable = {new}.amount_capturable, amount_received = {new}.amount_received,
            currency = {new}.currency, customer = {new}.customer, data = {new}.data,
            amount_maximum = {new}.amount_maximum, under_way = NULL, changed = DEFAULT,
            owed_since = CASE WHEN {new}.data -> 'pending' IS NOT NULL
                              THEN COALESCE(p.owed_since, floor(extract(epoch FROM now()))::bigint) END"""

_PROJECT = f"""
        UPDATE payment_intents AS p SET {_SET.format(new="i")} FROM {_COLUMNS}
        WHERE p.id = i.id AND p.version = i.version - 1
        AND (p.under_way IS NULL OR p.under_way -> 'command' ->> 'command_id' = :command)
        RETURNING p.id"""  # noqa: S608

_RESTORE = f"""{_INSERT}
        ON CONFLICT (id) DO UPDATE SET {_SET.format(new="excluded")}
        WHERE p.version < excluded.version RETURNING id"""

_INTENT = {
    "create": f"{_INSERT} ON CONFLICT (id) DO NOTHING RETURNING id",
    "project": _PROJECT,
    "restore": _RESTORE,
}
"""How the intent's row is taken, by what is done; everything else that is written hangs on it."""

_AS_CHANGED = """CASE e.subject WHEN 'charge' THEN jsonb_set(e.data, '{object}', e.data -> 'object' || COALESCE(
                (SELECT c.changes FROM charges AS c WHERE c.id = e.object_id), '{}')) ELSE e.data END"""
"""An event's data where it tells of a charge that was there before: with what its merchant has said of it."""

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
        ON CONFLICT (id) DO UPDATE SET data = jsonb_set(mandates.data, '{status}', excluded.data -> 'status')
    )
    """,
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
        INSERT INTO payment_methods (id, account, livemode, created, type, customer, consumed, data, used_by)
        SELECT n.* FROM intent, jsonb_to_recordset(:new_methods) AS n (id text, account text, livemode boolean,
            created bigint, type text, customer text, consumed boolean, data jsonb, used_by text)
        ON CONFLICT (id) DO NOTHING
    )
    """,
    "events": ANNOUNCE.format(guard="intent,", data="e.data"),
    "charge_events": ANNOUNCE.format(guard="intent,", data=_AS_CHANGED).replace(":events", ":charge_events"),
}
"""What else is written if the intent's row is taken, by the name of the parameter that holds its rows."""


@cache
def _writing(what: str, kinds: tuple[str, ...]) -> Prepared:
    """The statement that writes an intent with rows of these kinds; PostgreSQL pays for every part, empty or not."""
    parts = ", ".join([f"intent AS ({_INTENT[what]})", *(_WITH_IT[kind] for kind in kinds)])
    statement = text(f"WITH {parts} SELECT id FROM intent")  # noqa: S608
    return Prepared(statement.bindparams(*(bindparam(name, type_=JSONB) for name in ("intent", *kinds))))


def _claiming(free: str = "") -> Prepared:
    statement = f"""
        UPDATE payment_intents SET under_way = COALESCE(under_way, :asked),
            owed_since = CASE WHEN status IN ('succeeded', 'canceled')
                              THEN COALESCE(owed_since, floor(extract(epoch FROM now()))::bigint) ELSE owed_since END
        WHERE id = :id AND version = :version
        AND (under_way -> 'command' ->> 'command_id' = :command
             OR under_way IS NULL {free}
                AND (:not_after = 0 OR floor(extract(epoch FROM clock_timestamp())) <= :not_after))
        RETURNING under_way"""  # noqa: S608
    return Prepared(
        text(statement).bindparams(bindparam("asked", type_=JSONB), bindparam("not_after", type_=BigInteger))
    )


_CLAIM = _claiming()
"""The claim that was there first stays: it may have been carried out. On an open payment no index is touched; one on a
payment that has ended is where housekeeping finds it. The clock is this server's, as it is when the row is taken."""

_CLAIM_REFUND = _claiming("AND NOT EXISTS (SELECT FROM refunds WHERE refunds.id = :refund)")
"""For a refund that comes with an id, which must be nobody's yet."""

_REFUND = Prepared(select(refunds.c.id).where(refunds.c.id == bindparam("refund")))

_RECORDED = Prepared(
    select(payment_intents.c.data, payment_intents.c.under_way).where(payment_intents.c.id == bindparam("id"))
)

CREATED = Announcement("payment_intent.created", "payment_intent")


class PostgresProjection:
    """Writes transitions down."""

    def __init__(self, database: Database) -> None:
        """Write to `database`."""
        self._database = database

    async def latest(self, id_: str) -> PaymentIntent | None:
        """The intent as it was last written. For the intent's own workflow, which needs no account to know itself."""
        recorded = await self.recorded(id_)
        return recorded.intent if recorded else None

    async def recorded(self, id_: str) -> Recorded | None:
        """As `latest`, with the command that is under way."""
        rows = await self._database.execute(_RECORDED, {"id": id_})
        if not rows:
            return None
        under_way = load_under_way(rows[0].under_way) if rows[0].under_way else None
        return Recorded(intent=load_intent(rows[0].data), under_way=under_way)

    async def claim(self, intent: PaymentIntent, asked: UnderWay) -> Answer:
        """Write down what is being carried out. One round trip, unless the record is elsewhere."""
        command = asked.command
        values = {"id": intent.id, "version": intent.version, "command": command.command_id}
        values |= {"not_after": command.not_after, "asked": dump_under_way(asked)}
        named = command.refund if isinstance(command, RefundCharge) else ""
        rows = await self._database.execute(*(_CLAIM_REFUND, values | {"refund": named}) if named else (_CLAIM, values))
        first = load_under_way(rows[0].under_way) if rows else None
        if first is not None and is_same_command(first.command, command):
            return Taken(first.now)
        recorded = await self.recorded(intent.id)
        free = recorded is not None and not recorded.is_begun(intent)
        if free and named and await self._database.execute(_REFUND, {"refund": named}):
            raise RecordsRefused(f"there is a refund {named} already")
        return TooLate() if free and command.not_after else Elsewhere(recorded)

    async def project(self, transition: Transition) -> Answer:
        """Write the intent, its charge, what became of the payment method, and the events."""
        seen = rows.Seen(transition)
        events = [
            rows.event_row(seen, announcement, index) for index, announcement in enumerate(transition.announcements)
        ]
        taken = await self._write(
            "project",
            rows.intent_row(transition.after, seen.stored),
            {"command": transition.command_id},
            charges=rows.charge_rows(transition),
            mandates=rows.mandate_rows(transition),
            refunds=rows.refund_rows(transition),
            disputes=rows.dispute_rows(transition),
            methods=rows.method_rows(transition),
            **{"charge_events" if rows.tells_of_known_charge(transition) else "events": events},
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
        """Write the state and its latest charge; events and refunds that were lost with the record stay lost."""
        charges = [rows.charge_row(intent.charge)] if intent.charge else []
        await self._write("restore", rows.intent_row(intent, dump_intent(intent)), {}, charges=charges)

    async def _write(
        self, what: str, intent: dict[str, Any], values: dict[str, Any], **more: list[dict[str, Any]]
    ) -> bool:
        given = {kind: more[kind] for kind in _WITH_IT if more.get(kind)}
        statement = _writing(what, tuple(given))
        return bool(await self._database.execute(statement, {"intent": intent, **values, **given}))
