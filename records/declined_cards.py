"""Cards that were declined, by amount: what networks count. Written with the payment that was declined (projection.py).

A card is its fingerprint, for one account: another merchant's tries are no business of this one's. The rules are
domain/routing/reattempts.py; the statement here adds a decline as `declined` there does, and a test holds the two
together. Rows that limit nothing any more are forgotten by the way, a few with each decline.
"""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Table, Text, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from domain.model.charges import Charge
from domain.model.hashes import JsonObject
from domain.model.outcomes import Declined
from domain.routing.reattempts import DECLINES_KEPT_MAX, LIMITED, WINDOW_SECONDS, History, declined
from records.database import Database
from records.scope import Scope
from records.tables import metadata

table = Table(
    "declined_cards",
    metadata,
    Column("account", Text, ForeignKey("accounts.id"), primary_key=True),
    Column("livemode", Boolean, primary_key=True),
    Column("fingerprint", Text, primary_key=True),
    Column("amount", BigInteger, primary_key=True),
    Column("currency", Text, primary_key=True),
    # When, Unix seconds, newest last; and what the networks have said of it (History).
    Column("declined", ARRAY(BigInteger), nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("never", Text, nullable=False),
    Column("never_away", Text, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Index("declined_cards_forgotten", "changed", postgresql_where=text("never = '' AND never_away = ''")),
)

FORGOTTEN_MAX = 5

COUNTED = f"""
    seen AS (
        SELECT c.* FROM intent, jsonb_to_recordset(:declined_cards) AS c (account text, livemode boolean,
            fingerprint text, amount bigint, currency text, declined bigint[], not_before bigint, never text,
            never_away text, changed bigint)
    ), counted AS (
        INSERT INTO declined_cards AS h (account, livemode, fingerprint, amount, currency, declined, not_before, never,
                                         never_away, changed)
        SELECT seen.* FROM seen
        ON CONFLICT (account, livemode, fingerprint, amount, currency) DO UPDATE SET
            declined = (h.declined || excluded.declined)
                       [greatest(1, cardinality(h.declined) + 2 - {DECLINES_KEPT_MAX}):],
            not_before = greatest(h.not_before, excluded.not_before),
            never = COALESCE(NULLIF(excluded.never, ''), h.never),
            never_away = COALESCE(NULLIF(excluded.never_away, ''), h.never_away),
            changed = greatest(h.changed, excluded.changed)
    ), forgotten AS (
        DELETE FROM declined_cards WHERE (account, livemode, fingerprint, amount, currency) IN (
            SELECT old.account, old.livemode, old.fingerprint, old.amount, old.currency FROM declined_cards AS old
            WHERE old.changed < (SELECT min(changed) FROM seen) - {WINDOW_SECONDS}
            AND old.never = '' AND old.never_away = ''
            AND NOT EXISTS (SELECT FROM seen WHERE seen.account = old.account AND seen.fingerprint = old.fingerprint)
            LIMIT {FORGOTTEN_MAX} FOR UPDATE SKIP LOCKED)
    )
    """  # noqa: S608
"""The part of a statement that counts declines if `intent` was taken; `declined_cards` are rows as of `row_of`."""


def row_of(charge: Charge, now: int) -> JsonObject | None:
    """What a failed charge adds; None if no network counts it."""
    card, result = charge.payment_method.card, charge.result
    brand = (charge.network or card.brand) if card else ""
    if card is None or not card.fingerprint or brand not in LIMITED or charge.status != "failed":
        return None
    no = Declined(
        decline_code=result.reason or "",
        blocked=result.network_status != "declined_by_network",
        network_decline_code=result.network_decline_code,
        network_advice_code=result.network_advice_code,
    )
    one = declined(History(), no, brand, now)
    if not one.declined:
        return None
    return {
        "account": charge.account, "livemode": charge.livemode, "fingerprint": card.fingerprint,
        "amount": charge.amount, "currency": charge.currency, "declined": list(one.declined),
        "not_before": one.not_before, "never": one.never, "never_away": one.never_away, "changed": now,
    }  # fmt: skip


async def history(database: Database, scope: Scope, fingerprint: str, amount: int, currency: str) -> History:
    """What is known of a card and an amount. What is never to be tried is so with every amount."""
    card = (scope.owns(table), table.c.fingerprint == fingerprint)
    rows = await database.execute(select(table).where(*card))
    same = next((row for row in rows if (row.amount, row.currency) == (amount, currency)), None)
    return History(
        declined=tuple(same.declined) if same else (),
        not_before=same.not_before if same else 0,
        never=next((row.never for row in rows if row.never), ""),
        never_away=next((row.never_away for row in rows if row.never_away), ""),
    )
