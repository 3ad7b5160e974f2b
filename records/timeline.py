"""For operators: what happened to one payment and who was told of it; and what an account's last days were like."""

from dataclasses import dataclass

from sqlalchemy import Integer, case, cast, func, literal, select, union_all

from records.database import Database, Row
from records.scope import Scope
from records.tables import charges, deliveries, delivery_attempts, events, payment_intents, refunds, webhook_endpoints
from records.webhook_endpoints import told_of

DAY_SECONDS = 86_400
EVENTS_MAX = 200


@dataclass(frozen=True, slots=True)
class Timeline:
    """Events, oldest first; deliveries of them; and every try at those."""

    events: list[Row]
    deliveries: list[Row]
    attempts: list[Row]


async def of_payment(database: Database, scope: Scope, platform: str | None, payment_intent: str) -> Timeline:
    """The last EVENTS_MAX events of the intent, its charges and its refunds.

    Deliveries to endpoints of a platform are told to the `platform`, not to the account that is connected to it.
    """
    related = union_all(
        select(literal(payment_intent).label("id")),
        select(charges.c.id).where(charges.c.payment_intent == payment_intent),
        select(refunds.c.id).where(refunds.c.payment_intent == payment_intent),
    ).subquery()
    e, d, t = events, deliveries, delivery_attempts
    happened = (
        select(
            e.c.id, e.c.type, e.c.created, e.c.object_id, e.c.request_id, e.c.data["object"]["status"].label("status")
        )
        .where(scope.owns(e), e.c.object_id.in_(select(related.c.id)))
        .order_by(e.c.created.desc(), e.c.seq.desc())
        .limit(EVENTS_MAX)
    )
    found = list(await database.execute(happened))[::-1]
    ids = [row.id for row in found]
    told = (
        select(d.c.event, d.c.endpoint, d.c.state, d.c.attempts, d.c.due, webhook_endpoints.c.url)
        .join(webhook_endpoints, webhook_endpoints.c.id == d.c.endpoint)
        .where(told_of(scope, platform), d.c.event.in_(ids))
        .order_by(d.c.seq)
    )
    tried = select(t).where(t.c.event.in_(ids)).order_by(t.c.created, t.c.number)
    return Timeline(found, list(await database.execute(told)), list(await database.execute(tried)))


async def by_day(database: Database, scope: Scope, since: int) -> list[Row]:
    """By day (Unix seconds of its start, UTC) and currency: intents, how many succeeded, and what they brought."""
    p = payment_intents
    day = cast(func.floor(p.c.created / DAY_SECONDS) * DAY_SECONDS, Integer).label("day")
    paid = func.sum(case((p.c.status == "succeeded", 1), else_=0)).label("succeeded")
    query = (
        select(day, p.c.currency, func.count().label("intents"), paid, func.sum(p.c.amount_received).label("received"))
        .where(scope.owns(p), p.c.created >= since)
        .group_by(day, p.c.currency)
        .order_by(day, p.c.currency)
    )
    return list(await database.execute(query))


async def failures(database: Database, scope: Scope, since: int) -> list[Row]:
    """Why charges have failed, the most frequent reason first."""
    c = charges
    reason = func.coalesce(c.c.data["result"]["reason"].astext, "unknown").label("reason")
    query = (
        select(reason, func.count().label("charges"))
        .where(scope.owns(c), c.c.created >= since, c.c.status == "failed")
        .group_by(reason)
        .order_by(func.count().desc(), reason)
    )
    return list(await database.execute(query))
