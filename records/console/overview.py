"""What the console's first page says: volume, how many are paid, why not, what lapses, what is not known.

Days that are over hardly change, so what they came to is remembered for a while, and a browser that asks again is
answered without PostgreSQL. Amounts are minor units, days the Unix seconds of their start (UTC).
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, case, cast, func, select

from records.console.reading import Desk
from records.database import Database, Row
from records.expressions import INTENTS_LAPSE
from records.scope import Scope
from records.tables import charges, deliveries, disputes, events, webhook_endpoints
from records.tables import payment_intents as intents

DAY_SECONDS = 86_400
OPEN_DAYS = 2
"""Payments of today and yesterday still move; those of before seldom do."""

REMEMBERED_SECONDS, REMEMBERED_CLOSED_SECONDS = 5, 600
SHOWN_MAX = 5
"""So many of the payments that somebody has to look at are named; all of them are counted."""

RECENT_MAX = 100
"""An endpoint's health is what became of its newest deliveries, so many at most."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """By day and currency: payments and what they brought; attempts and how many were paid; failures by reason."""

    volume: list[Row]
    attempts: list[Row]
    failures: list[Row]


@dataclass(frozen=True, slots=True)
class Attention:
    """What somebody has to look at: by currency how many and how much, and the most urgent ones."""

    holds: list[Row]
    holds_soonest: list[Row]
    unknown: list[Row]
    unknown_oldest: list[Row]
    disputes: int
    webhooks_failing: int


class Overview:
    """Asks, and remembers for a moment. One per process."""

    def __init__(self, desk: Desk) -> None:
        """Ask by `desk`."""
        self.desk = desk
        self._known: dict[tuple[Any, ...], tuple[int, asyncio.Task[Any]]] = {}

    async def numbers(self, database: Database, scope: Scope, since: int, now: int) -> Numbers:
        """Of the days from `since` on.

        Raises:
            TakesTooLong: there is too much to look through.
        """
        opened = max(since, now // DAY_SECONDS * DAY_SECONDS - (OPEN_DAYS - 1) * DAY_SECONDS)
        parts = []
        if opened > since:
            key = ("closed", scope, since, opened)
            ask = self._asking(database, scope, since, opened)
            parts.append(await self.remembered(key, now, REMEMBERED_CLOSED_SECONDS, ask))
        ask = self._asking(database, scope, opened, None)
        parts.append(await self.remembered(("open", scope, opened), now, REMEMBERED_SECONDS, ask))
        return Numbers(*([row for part in parts for row in getattr(part, name)] for name in Numbers.__slots__))

    def _asking(
        self, database: Database, scope: Scope, since: int, before: int | None
    ) -> Callable[[], Awaitable[Numbers]]:
        async def ask() -> Numbers:
            questions = (volume(scope, since, before), attempts(scope, since, before), failures(scope, since, before))
            return Numbers(*[await self.desk.read(database, question) for question in questions])

        return ask

    async def attention(self, database: Database, scope: Scope, now: int, within: int) -> Attention:
        """What there is to look at now; of holds those that lapse in the next `within` seconds.

        Raises:
            TakesTooLong: there is too much to look through.
        """

        async def ask() -> Attention:
            held, owed = lapsing(now + within), intents.c.owed_since.is_not(None)
            return Attention(
                holds=await self.desk.read(database, _by_currency(scope, intents.c.amount_capturable, *held)),
                holds_soonest=await self.desk.read(database, _named(scope, INTENTS_LAPSE, *held)),
                unknown=await self.desk.read(database, _by_currency(scope, intents.c.amount, owed)),
                unknown_oldest=await self.desk.read(database, _named(scope, intents.c.owed_since, owed)),
                disputes=int((await self.desk.read(database, _answerable(scope)))[0][0]),
                webhooks_failing=int((await self.desk.read(database, _failing(scope)))[0][0]),
            )

        found: Attention = await self.remembered(("attention", scope, within), now, REMEMBERED_SECONDS, ask)
        return found

    async def remembered(self, key: Any, now: int, seconds: int, ask: Callable[[], Awaitable[Any]]) -> Any:
        """What was answered to `key` a moment ago, or is being asked right now by another; else `ask`."""
        self._known = {name: one for name, one in self._known.items() if one[0] > now}
        if key not in self._known:
            self._known[key] = now + seconds, asyncio.ensure_future(ask())
        try:
            # Whoever goes away does not take the answer from the others who wait for it.
            return await asyncio.shield(self._known[key][1])
        except Exception:
            self._known.pop(key, None)
            raise


def _within(column: ColumnElement[int], since: int, before: int | None) -> list[ColumnElement[bool]]:
    return [column >= since, *([] if before is None else [column < before])]


def _day(column: ColumnElement[int]) -> ColumnElement[int]:
    return cast(func.floor(column / DAY_SECONDS) * DAY_SECONDS, Integer).label("day")


def volume(scope: Scope, since: int, before: int | None) -> Select[Any]:
    """By day and currency: `intents` that were created, how many of them `succeeded`, and what they brought."""
    p = intents
    day = _day(p.c.created)
    paid = func.sum(case((p.c.status == "succeeded", 1), else_=0)).label("succeeded")
    received = func.sum(p.c.amount_received).label("received")
    query = select(day, p.c.currency, func.count().label("intents"), paid, received)
    query = query.where(scope.owns(p), *_within(p.c.created, since, before))
    return query.group_by(day, p.c.currency).order_by(day, p.c.currency)


def attempts(scope: Scope, since: int, before: int | None) -> Select[Any]:
    """By day and currency: payments that were `tried`, and how many the bank has said yes to (`approved`)."""
    c = charges
    day, currency = _day(c.c.created), c.c.data["currency"].astext.label("currency")
    tried = func.count(c.c.payment_intent.distinct()).label("tried")
    approved = func.sum(case((c.c.status == "succeeded", 1), else_=0)).label("approved")
    query = select(day, currency, tried, approved, func.sum(c.c.amount_refunded).label("refunded"))
    query = query.where(scope.owns(c), *_within(c.c.created, since, before))
    return query.group_by(day, currency).order_by(day, currency)


def failures(scope: Scope, since: int, before: int | None) -> Select[Any]:
    """By currency, why charges have failed."""
    c = charges
    reason = func.coalesce(c.c.data["result"]["reason"].astext, c.c.data["failure_code"].astext, "unknown")
    named, currency = reason.label("reason"), c.c.data["currency"].astext.label("currency")
    query = select(named, currency, func.count().label("charges"))
    query = query.where(scope.owns(c), c.c.status == "failed", *_within(c.c.created, since, before))
    return query.group_by(named, currency)


def lapsing(before: int) -> list[ColumnElement[bool]]:
    """The conditions on a hold that lapses before then."""
    return [intents.c.status == "requires_capture", before > INTENTS_LAPSE]


def _by_currency(scope: Scope, amount: ColumnElement[int], *conditions: ColumnElement[bool]) -> Select[Any]:
    query = select(intents.c.currency, func.count().label("payments"), func.sum(amount).label("amount"))
    return query.where(scope.owns(intents), *conditions).group_by(intents.c.currency).order_by(intents.c.currency)


def _named(scope: Scope, at: ColumnElement[int], *conditions: ColumnElement[bool]) -> Select[Any]:
    query = select(intents.c.id, intents.c.amount, intents.c.currency, at.label("at"))
    return query.where(scope.owns(intents), *conditions).order_by(at, intents.c.id).limit(SHOWN_MAX)


def _answerable(scope: Scope) -> Select[Any]:
    waiting = disputes.c.data["status"].astext.in_(("needs_response", "warning_needs_response"))
    return select(func.count()).where(scope.owns(disputes), waiting)


def _failing(scope: Scope) -> Select[Any]:
    """How many endpoints have not taken what was sent to them, and are tried again."""
    waits = (deliveries.c.endpoint == webhook_endpoints.c.id) & deliveries.c.state.in_(("pending", "under_way"))
    tried = select(deliveries.c.event).where(waits, deliveries.c.attempts > 0, ~deliveries.c.listener).exists()
    return select(func.count()).where(scope.owns(webhook_endpoints), webhook_endpoints.c.enabled, tried)


def health(scope: Scope) -> Select[Any]:
    """By endpoint, what became of its newest deliveries: how many there are of each state, and the newest of each."""
    newest = (
        select(deliveries.c.event, deliveries.c.state, deliveries.c.attempts, deliveries.c.seq)
        .where(deliveries.c.endpoint == webhook_endpoints.c.id)
        .order_by(deliveries.c.seq.desc())
        .limit(RECENT_MAX)
        .lateral()
    )
    state = case((newest.c.state.in_(("pending", "under_way")) & (newest.c.attempts > 0), "retrying"),
                 else_=newest.c.state).label("state")  # fmt: skip
    query = select(
        webhook_endpoints.c.id, state, func.count().label("deliveries"), func.max(events.c.created).label("newest")
    )
    query = query.join_from(webhook_endpoints, newest, newest.c.seq > 0).join(events, events.c.id == newest.c.event)
    return query.where(scope.owns(webhook_endpoints)).group_by(webhook_endpoints.c.id, state)
