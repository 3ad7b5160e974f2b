"""The console's list of payments: which tab, which filters, a page of them, and how many each tab has.

What is filtered by is in an index (tables.py; the plans are in ADR 0040): of the payment itself where it has it, of its
charges for what only an attempt knows (a card's last digits, the buyer's e-mail address, what was paid with). Free text
has none, and is looked for in the newest payments.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Select, Text, and_, cast, func, literal, or_, select, true, tuple_, union

from domain.model.gateways import FIRST
from records.console.reading import Desk
from records.database import Database, Row
from records.expressions import CHARGES_EMAIL, CHARGES_GATEWAY, CHARGES_LAST4, CHARGES_METHOD
from records.scope import Created, Cursor, CursorNotFound, Page, Scope
from records.search import INTENTS, Search, matches
from records.share_tables import share_returns, shares
from records.tables import charges, customers, disputes, events, refunds
from records.tables import payment_intents as intents

Tab = Literal[
    "all", "succeeded", "refunded", "disputed", "failed", "uncaptured", "processing", "action", "incomplete",
    "canceled", "unknown",
]  # fmt: skip

COUNTED_MAX = 10_000
"""A tab's count is exact up to here, and stops here."""

LOOKED_THROUGH_MAX = 10_000
"""Free text is looked for in so many of the newest payments."""

CARD_BRANDS = ("visa", "mastercard", "amex", "discover", "diners", "jcb", "unionpay", "cartes_bancaires", "eftpos_au",
               "link", "unknown")  # fmt: skip
"""A card is known by its brand, every other method by its type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which payments: all of these at once; None, and what is empty, is not asked.

    Amounts are minor units of whichever currency. `about` is an id of something that belongs to a payment (a charge, a
    refund, a dispute, a fee or transfer of Connect's, an event), `words` are looked for in descriptions and metadata.
    """

    created: Created = field(default_factory=Created)
    amount_gte: int | None = None
    amount_lte: int | None = None
    amounts: tuple[int, ...] = ()
    currency: str | None = None
    customer: str | None = None
    email: str | None = None
    last4: str | None = None
    method: str | None = None
    gateway: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    about: str | None = None
    words: str | None = None
    search: Search | None = None
    also: "Filter | None" = None


def _of_charges(scope: Scope, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return intents.c.id.in_(select(charges.c.payment_intent).where(scope.owns(charges), *conditions))


def _tab(scope: Scope, tab: Tab) -> ColumnElement[bool]:
    status = intents.c.status
    match tab:
        case "all":
            return true()
        case "refunded":
            return _of_charges(scope, charges.c.amount_refunded > 0)
        case "disputed":
            return intents.c.id.in_(select(disputes.c.payment_intent).where(scope.owns(disputes)))
        case "failed":
            return and_(status == "requires_payment_method", intents.c.data.has_key("last_payment_error"))
        case "uncaptured":
            return status == "requires_capture"
        case "action":
            return status == "requires_action"
        case "incomplete":
            return status.in_(("requires_payment_method", "requires_confirmation"))
        case "unknown":
            return intents.c.owed_since.is_not(None)
    return status == tab


def _conditions(scope: Scope, given: Filter) -> list[ColumnElement[bool]]:
    found = given.created.holds(intents)
    if given.amount_gte is not None:
        found.append(intents.c.amount >= given.amount_gte)
    if given.amount_lte is not None:
        found.append(intents.c.amount <= given.amount_lte)
    if given.amounts:
        found.append(intents.c.amount.in_(given.amounts))
    if given.currency is not None:
        found.append(intents.c.currency == given.currency)
    if given.customer is not None:
        found.append(intents.c.customer == given.customer)
    if given.email is not None:
        found.append(_has_email(scope, given.email))
    if given.last4 is not None:
        found.append(_of_charges(scope, CHARGES_LAST4.in_((given.last4,))))
    if given.method is not None:
        named = CARD_BRANDS if given.method == "card" else (given.method,)
        found.append(_of_charges(scope, CHARGES_METHOD.in_(named)))
    if given.gateway is not None:
        there = CHARGES_GATEWAY.is_(None) if given.gateway == FIRST else CHARGES_GATEWAY.in_((given.gateway,))
        found.append(_of_charges(scope, there))
    for key, value in given.metadata.items():
        small = func.jsonb_build_object(cast(key, Text), func.lower(cast(value, Text)))
        found.append(INTENTS.metadata.contains(small))
    if given.about is not None:
        found.append(_about(scope, given.about))
    if given.words is not None:
        found.append(_has_words(scope, given.words))
    if given.search is not None:
        found.append(matches(INTENTS, given.search))
    return found + (_conditions(scope, given.also) if given.also else [])


def _has_email(scope: Scope, email: str) -> ColumnElement[bool]:
    small = func.lower(cast(email, Text))
    theirs = select(customers.c.id).where(scope.owns(customers), func.lower(customers.c.email) == small)
    # Two ways that each have an index; either of them alone would have none with OR between.
    found = union(
        select(charges.c.payment_intent).where(scope.owns(charges), small == CHARGES_EMAIL),
        select(intents.c.id).where(scope.owns(intents), intents.c.customer.in_(theirs)),
    )
    return intents.c.id.in_(found)


def _about(scope: Scope, id_: str) -> ColumnElement[bool]:
    """The payment of this id: its own, its customer's, or of what belongs to it."""
    if id_.startswith("cus_"):
        return intents.c.customer == id_
    if id_.startswith("evt_"):
        told = select(events.c.object_id).where(scope.owns(events), events.c.id == id_).scalar_subquery()
        return _named(scope, told)
    return _named(scope, literal(id_))


def _named(scope: Scope, id_: ColumnElement[str]) -> ColumnElement[bool]:
    """The payment that has this id, or that what has it belongs to. There is an index for each of the ways."""
    ways = (
        select(table.c.payment_intent).where(scope.owns(table), table.c.id == id_)
        for table in (charges, refunds, disputes)
    )
    given_back = select(share_returns.c.share).where(scope.owns(share_returns), share_returns.c.id == id_)
    named = or_(shares.c.id == id_, shares.c.id == given_back.scalar_subquery())
    given = select(shares.c.payment_intent).where(scope.owns(shares), named)
    return intents.c.id.in_(union(select(intents.c.id).where(scope.owns(intents), intents.c.id == id_), *ways, given))


def _has_words(scope: Scope, words: str) -> ColumnElement[bool]:
    newest = (
        select(intents.c.id, intents.c.data)
        .where(scope.owns(intents))
        .order_by(intents.c.created.desc(), intents.c.seq.desc())
        .limit(LOOKED_THROUGH_MAX)
        .subquery()
    )
    small = func.lower(cast(words, Text))
    pair = func.jsonb_each_text(newest.c.data["metadata"]).table_valued("key", "value")
    inside = select(literal(1)).select_from(pair).where(func.strpos(func.lower(pair.c.value), small) > 0).exists()
    described = func.strpos(func.lower(newest.c.data["description"].astext), small) > 0
    return intents.c.id.in_(select(newest.c.id).where(or_(described, inside)))


def listing(scope: Scope, tab: Tab, given: Filter, limit: int, position: tuple[str, Row] | None) -> Select[Any]:
    """What is asked for a page: one row more than it holds, from `position` on (a cursor's name, and where it is)."""
    query = select(intents.c.id, intents.c.created, intents.c.seq, intents.c.owed_since, intents.c.data)
    query = query.where(scope.owns(intents), _tab(scope, tab), *_conditions(scope, given)).limit(limit + 1)
    place = tuple_(intents.c.created, intents.c.seq)
    if position is not None:
        named, row = position
        here = tuple_(literal(row.created), literal(row.seq))
        if named == "ending_before":
            return query.where(place > here).order_by(intents.c.created, intents.c.seq)
        query = query.where(place < here)
    return query.order_by(intents.c.created.desc(), intents.c.seq.desc())


async def page(desk: Desk, database: Database, scope: Scope, tab: Tab, given: Filter, cursor: Cursor) -> Page:
    """One page of payments, newest first.

    Raises:
        CursorNotFound: the payment that a cursor names is not here.
        TakesTooLong: there is too much to look through.
    """
    named = "ending_before" if cursor.ending_before else "starting_after" if cursor.starting_after else None
    position = None
    if named is not None:
        id_ = getattr(cursor, named)
        here = select(intents.c.created, intents.c.seq).where(scope.owns(intents), intents.c.id == id_)
        found = await desk.read(database, here)
        if not found:
            raise CursorNotFound(named, id_)
        position = named, found[0]
    rows = await desk.read(database, listing(scope, tab, given, cursor.limit, position))
    more, rows = len(rows) > cursor.limit, rows[: cursor.limit]
    return Page(rows[::-1] if named == "ending_before" else rows, more)


def counting(scope: Scope, given: Filter) -> Select[Any]:
    """What is asked for how many each tab has: one statement, as coming and going takes longer than most of them."""
    return select(*(_counted(scope, tab, given).scalar_subquery().label(tab) for tab in get_args(Tab)))


def _counted(scope: Scope, tab: Tab, given: Filter) -> Select[Any]:
    some = select(intents.c.id).where(scope.owns(intents), _tab(scope, tab), *_conditions(scope, given))
    return select(func.count()).select_from(some.limit(COUNTED_MAX).subquery())


async def counts(desk: Desk, database: Database, scope: Scope, given: Filter) -> dict[str, int]:
    """By tab, how many payments it has, up to COUNTED_MAX.

    Raises:
        TakesTooLong: there is too much to look through.
    """
    return dict((await desk.read(database, counting(scope, given)))[0])


async def addresses(desk: Desk, database: Database, scope: Scope, ids: set[str]) -> dict[str, str]:
    """The e-mail addresses of these customers, of those who have one."""
    if not ids:
        return {}
    query = select(customers.c.id, customers.c.email).where(scope.owns(customers), customers.c.id.in_(sorted(ids)))
    return {row.id: row.email for row in await desk.read(database, query) if row.email}
