"""What a payment is about to be made with: the payment method and the customer as they are now, in one statement.

A method that is nobody's is good for one payment, so whoever is about to pay with it claims it: by compare-and-set on
its row, as of several at once one is first. A claim is the PaymentIntent's own. What becomes of it is in the record of
that payment, so a decline needs no release, and a process that dies leaves a claim that lapses. A SetupIntent claims
what it is to set up in the same way, until it is known whether it has; while its owner is asked, too.
"""

from dataclasses import dataclass, replace

from sqlalchemy import delete, text, update

from domain.model.payment_methods import PaymentMethod
from records.database import Database, Prepared
from records.payment_methods import of_row
from records.scope import Scope
from records.tables import payment_methods as table

UNDER_WAY_SECONDS = 60
"""How long a payment counts as about to be made when nobody says how it ended: four times what its sender waits."""

_LOOK = Prepared(
    text(
        """
        WITH claimed AS (
            UPDATE payment_methods AS m SET used_by = :intent, used_until = :until
            WHERE m.id = :method AND m.account = :account AND m.livemode = :livemode
            AND m.customer IS NULL AND NOT m.consumed
            AND (m.used_by IS NULL OR m.used_by = :intent OR NOT (m.used_until > :now OR EXISTS (
                SELECT 1 FROM payment_intents p WHERE p.id = m.used_by AND (
                    (p.status IN ('processing', 'requires_action', 'requires_capture', 'succeeded')
                     AND p.data -> 'payment_method' ->> 'id' = m.id)
                    OR (p.under_way IS NOT NULL AND p.status NOT IN ('succeeded', 'canceled'))))
                OR EXISTS (SELECT 1 FROM setup_intents s WHERE s.id = m.used_by AND (
                    (s.status IN ('processing', 'requires_action') AND s.payment_method = m.id)
                    OR (s.under_way IS NOT NULL AND s.status NOT IN ('succeeded', 'canceled'))))))
            RETURNING m.id
        )
        SELECT m.id, m.customer, m.consumed, m.data, EXISTS (SELECT 1 FROM claimed) AS claimed,
            EXISTS (SELECT 1 FROM customers c WHERE c.id = :customer AND c.account = :account
                    AND c.livemode = :livemode AND NOT c.deleted) AS owned
        FROM (SELECT 1) AS always
        LEFT JOIN payment_methods m ON m.id = :method AND m.account = :account AND m.livemode = :livemode
        """
    )
)


@dataclass(frozen=True, slots=True)
class MethodStanding:
    """The method as it is for this payment: one that another is being made with is as good as `consumed`.

    `claimed` if it is nobody's, and this payment's now; `owned` if the customer is there. No method if there is none.
    """

    method: PaymentMethod | None
    claimed: bool
    owned: bool


async def look(
    database: Database, scope: Scope, intent: str, method: str | None, customer: str | None, now: int
) -> MethodStanding:
    """Read both, and claim the method for the PaymentIntent `intent` if it is nobody's. Twice is once."""
    found = await _look(database, scope, intent, method, customer, now)
    if found.method is None or found.claimed or found.method.customer or found.method.consumed:
        return found
    # Somebody else has it; or has done with it what the statement, which waited for them, does not see.
    found = await _look(database, scope, intent, method, customer, now)
    if found.method is None or found.claimed or found.method.customer:
        return found
    return MethodStanding(replace(found.method, consumed=True), claimed=False, owned=found.owned)


async def _look(
    database: Database, scope: Scope, intent: str, method: str | None, customer: str | None, now: int
) -> MethodStanding:
    values = {
        "intent": intent, "method": method or "", "customer": customer or "", "account": scope.account,
        "livemode": scope.livemode, "now": now, "until": now + UNDER_WAY_SECONDS,
    }  # fmt: skip
    row = (await database.execute(_LOOK, values))[0]
    return MethodStanding(of_row(row) if row.id is not None else None, row.claimed, row.owned)


async def answered(database: Database, intent: str, method: str) -> None:
    """The payment was answered: from here on its record says whether it is being made."""
    mine = (table.c.id == method) & (table.c.used_by == intent)
    await database.execute(update(table).where(mine).values(used_until=0))


async def forget(database: Database, intent: str, method: str) -> None:
    """A method that was written down for a command of `intent`, which was refused: as if it had never been."""
    unused = table.c.customer.is_(None) & ~table.c.consumed & (table.c.used_by == intent)
    await database.execute(delete(table).where(table.c.id == method, unused))
