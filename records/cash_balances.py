"""Cash balances: what customers have sent, and what of it is set aside for which payment.

Everything about one customer and currency happens under a lock on their balance's row, so that two payments never get
the same money, and a payment never gets money after it was given up. What goes where is domain/money/cash_balances.py.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.identifiers import digest62
from domain.machine.transitions import Cause
from domain.methods.bank_transfers import INSUFFICIENT
from domain.model.hashes import JsonObject
from domain.model.outcomes import Approved, Declined, FundsKnown, MoveFunds, Outcome, Refund, RequestFunds, intent_of
from domain.model.statuses import Status
from domain.money.cash_balances import AUTOMATIC, Claim, reconcile
from records.cash_balance_tables import cash_balance_transactions as transactions
from records.cash_balance_tables import cash_balances as balances
from records.cash_balance_tables import funding_requests as requests
from records.database import Database, Row
from records.database import Transaction as DatabaseTransaction
from records.events import Announcer
from records.scope import Cursor, Scope, page
from records.tables import customers
from records.tables import payment_intents as intents

TOLD_MAX = 100
"""So many payments are told at once that money was set aside for them; others find it out within a day."""

Transaction = JsonObject
"""`id`, `customer`, `currency`, `created`, `livemode`, `type`, `net_amount`, `ending_balance`; `data`, its own hash."""


@dataclass(slots=True)
class Funded:
    """What became of a transfer: the transaction, and the payments that got something of it."""

    transaction: Transaction
    intents: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Locked:
    """One customer's balance in one currency, while nobody else can change it."""

    connection: DatabaseTransaction
    scope: Scope
    customer: str
    currency: str
    available: int
    mode: str
    now: int

    async def write(self, key: str, type_: str, amount: int, data: JsonObject) -> Transaction:
        """Move `amount` in (or, negative, out), and announce it."""
        self.available += amount
        row = {
            "id": f"ccsbtxn_1{digest62('cash', key, length=23)}", "account": self.scope.account,
            "livemode": self.scope.livemode, "created": self.now, "customer": self.customer,
            "currency": self.currency, "key": key, "type": type_, "net_amount": amount,
            "ending_balance": self.available, "data": data,
        }  # fmt: skip
        await self.connection.execute(insert(transactions).values(row))
        mine = (balances.c.customer == self.customer) & (balances.c.currency == self.currency)
        await self.connection.execute(update(balances).where(mine).values(available=self.available))
        written = _transaction(row)
        await self.announce(key, "customer_cash_balance_transaction", written["id"], written)
        return written

    async def announce(self, key: str, subject: str, object_id: str, snapshot: JsonObject) -> None:
        """Write the event that tells of it."""
        type_ = {"cash_balance": "cash_balance.funds_available"}.get(subject, f"{subject}.created")
        announcer = Announcer(self.scope, self.now, Cause(), key)
        await self.connection.execute(announcer.statement(type_, subject, object_id, snapshot))

    async def apply(self, key: str, intent: str, amount: int) -> None:
        """Set `amount` aside for a payment."""
        await self.write(key, "applied_to_payment", -amount, {"payment_intent": intent})
        more = requests.c.applied + amount
        change = update(requests).where(requests.c.intent == intent)
        await self.connection.execute(change.values(applied=more, open=more < requests.c.amount))

    async def give_back(self, key: str, request: Row) -> None:
        """What was set aside for a payment is the customer's again, and nothing more is."""
        if request.applied:
            await self.write(key, "unapplied_from_payment", request.applied, {"payment_intent": request.intent})
        closed = update(requests).where(requests.c.intent == request.intent)
        await self.connection.execute(closed.values(applied=0, open=False))


class PostgresCashBalances:
    """The cash balances, kept in PostgreSQL."""

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        """Keep them in `database`; `clock` says when something happens, in Unix seconds."""
        self._database = database
        self._clock = clock

    @asynccontextmanager
    async def locked(self, customer: str, currency: str) -> AsyncIterator[Locked]:
        """One customer's balance in one currency, to change it: nobody else does so meanwhile."""
        async with self._database.transaction() as connection:
            # The customer first, as who deletes them does: they are deleted before, and it is seen, or not meanwhile.
            whose = select(customers).where(customers.c.id == customer).with_for_update(read=True)
            owner = (await connection.execute(whose))[0]
            new = insert(balances).values(customer=customer, currency=currency).on_conflict_do_nothing()
            await connection.execute(new)
            mine = (balances.c.customer == customer) & (balances.c.currency == currency)
            lock = select(balances.c.available).where(mine).with_for_update()
            available = (await connection.execute(lock))[0].available
            scope = Scope(owner.account, owner.livemode)
            yield Locked(connection, scope, customer, currency, available, mode_of(owner.data), self._clock())

    async def _request(self, intent: str) -> Row | None:
        rows = await self._database.execute(select(requests).where(requests.c.intent == intent))
        return rows[0] if rows else None

    async def request(self, effect: RequestFunds) -> int | None:
        """Set aside what there is, or as much as the merchant says; and, from now on, what comes."""
        async with self.locked(effect.customer, effect.currency) as locked:
            known = await _fresh(locked, effect.intent)
            if known is not None and known.key == effect.key:
                return int(known.applied)
            set_aside = known.applied if known is not None and known.open else 0
            if effect.applying is not None and effect.applying > locked.available + set_aside:
                return None
            if known is not None and known.open:
                await locked.give_back(f"{effect.key}/again", known)
            row = {
                "intent": effect.intent, "customer": effect.customer, "currency": effect.currency, "key": effect.key,
                "reference": effect.reference, "amount": effect.amount, "applied": 0, "refunded": 0, "open": True,
            }  # fmt: skip
            written = insert(requests).values(row)
            await locked.connection.execute(written.on_conflict_do_update(index_elements=["intent"], set_=row))
            amount = effect.applying
            if amount is None:
                amount = min(locked.available, effect.amount) if locked.mode == AUTOMATIC else 0
            if amount:
                await locked.apply(effect.key, effect.intent, amount)
            return amount

    async def move(self, effect: MoveFunds) -> Outcome:
        """Ask, add, or give back."""
        asked = await self._request(effect.intent)
        if asked is None:
            return FundsKnown(applied=0)
        async with self.locked(asked.customer, asked.currency) as locked:
            request = await _fresh(locked, effect.intent)
            assert request is not None, "a request is never deleted"
            if effect.operation == "apply_funds" and not await _done(locked, effect.key):
                if effect.amount > locked.available or request.applied + effect.amount > request.amount:
                    return Declined(decline_code=INSUFFICIENT)
                await locked.apply(effect.key, effect.intent, effect.amount)
            elif effect.operation == "release_funds" and request.open:
                # Unless what was to take its place has done so already, and is asked for once more.
                if not effect.key.startswith(f"{request.key}/"):
                    await locked.give_back(effect.key, request)
                    if not effect.key.endswith("/withdraw"):
                        # Not what makes room for something else: that may well be paid from this.
                        await distribute(locked, effect.key, request.applied, None)
            elif effect.operation == "release_funds" and request.applied:
                return Declined(decline_code="paid")
            now = await _fresh(locked, effect.intent)
            return FundsKnown(applied=now.applied if now else 0)

    async def refund(self, effect: Refund) -> Outcome:
        """Give back what a payment had taken."""
        intent = intent_of(effect)
        asked = await self._request(intent)
        if asked is None:
            return Declined(decline_code="invalid_amount")
        async with self.locked(asked.customer, asked.currency) as locked:
            request = await _fresh(locked, intent)
            if await _done(locked, effect.key):
                return Approved(authorization=effect.authorization)
            if request is None or request.open or request.refunded + effect.amount > request.applied:
                return Declined(decline_code="invalid_amount")
            await locked.write(effect.key, "refunded_from_payment", effect.amount, {"refund": effect.refund})
            given = update(requests).where(requests.c.intent == intent)
            await locked.connection.execute(given.values(refunded=requests.c.refunded + effect.amount))
            return Approved(authorization=effect.authorization)

    async def fund(
        self, transfer: str, customer: str, amount: int, currency: str, reference: str | None, details: JsonObject
    ) -> Funded:
        """Money came in. It pays the customer's open payments, unless the merchant says which. Twice is once."""
        async with self.locked(customer, currency) as locked:
            known = await _done(locked, transfer)
            if known is not None:
                return Funded(_transaction(dict(known)), await _intents_of(locked, transfer))
            funded = Funded(await locked.write(transfer, "funded", amount, {"bank_transfer": details}))
            funded.intents += await distribute(locked, transfer, amount, reference)
            if locked.available:
                snapshot = await balance_snapshot(locked)
                await locked.announce(transfer, "cash_balance", customer, snapshot)
            return funded


async def distribute(locked: Locked, key: str, received: int, reference: str | None) -> list[str]:
    """What is there pays the customer's open payments, unless the merchant says which; those that got something."""
    if locked.mode != AUTOMATIC:
        return []
    allocations = reconcile(locked.available, await _claims(locked), received=received, reference=reference)
    for allocation in allocations:
        await locked.apply(f"{key}/{allocation.intent}", allocation.intent, allocation.amount)
    return [allocation.intent for allocation in allocations]


async def _fresh(locked: Locked, intent: str) -> Row | None:
    rows = await locked.connection.execute(select(requests).where(requests.c.intent == intent))
    return rows[0] if rows else None


async def _done(locked: Locked, key: str) -> Row | None:
    rows = await locked.connection.execute(select(transactions).where(transactions.c.key == key))
    return rows[0] if rows else None


async def _intents_of(locked: Locked, transfer: str) -> list[str]:
    """The payments that got something of a transfer."""
    query = select(transactions.c.data).where(
        transactions.c.customer == locked.customer, transactions.c.key.startswith(f"{transfer}/", autoescape=True)
    )
    return [row.data["payment_intent"] for row in await locked.connection.execute(query)]


async def _claims(locked: Locked) -> list[Claim]:
    mine: ColumnElement[bool] = (requests.c.customer == locked.customer) & (requests.c.currency == locked.currency)
    query = select(requests).where(mine, requests.c.open).order_by(requests.c.seq)
    return [
        Claim(intent=row.intent, remaining=row.amount - row.applied, reference=row.reference)
        for row in await locked.connection.execute(query)
    ]


def mode_of(customer: JsonObject) -> str:
    """How a customer's money is reconciled; what nobody has set is automatic."""
    settings = (customer.get("cash_balance") or {}).get("settings") or {}
    chosen = settings.get("reconciliation_mode") or "merchant_default"
    return AUTOMATIC if chosen == "merchant_default" else str(chosen)


async def balance_snapshot(locked: Locked) -> JsonObject:
    """The balance as its event shows it."""
    query = select(balances).where(balances.c.customer == locked.customer)
    available = {row.currency: row.available for row in await locked.connection.execute(query)}
    owner = (await locked.connection.execute(select(customers.c.data).where(customers.c.id == locked.customer)))[0]
    return {
        "customer": locked.customer, "livemode": locked.scope.livemode, "available": available, "data": owner.data,
    }  # fmt: skip


async def available(database: Database, customer: str) -> dict[str, int]:
    """What a customer has, by currency."""
    rows = await database.execute(select(balances).where(balances.c.customer == customer))
    return {row.currency: row.available for row in rows}


async def paying(database: Database, customer: str) -> list[str]:
    """The PaymentIntents of a customer that wait for money, and have some set aside: they may not know it yet."""
    waiting = (intents.c.id == requests.c.intent) & (intents.c.status == Status.REQUIRES_ACTION)
    mine = (requests.c.customer == customer) & (requests.c.applied > 0)
    found = await database.execute(select(requests.c.intent).join(intents, waiting).where(mine).limit(TOLD_MAX))
    return [row.intent for row in found]


async def load(database: Database, scope: Scope, customer: str, id_: str) -> Transaction | None:
    """One transaction of a customer's."""
    mine = scope.owns(transactions) & (transactions.c.customer == customer) & (transactions.c.id == id_)
    rows = await database.execute(select(transactions).where(mine))
    return _transaction(dict(rows[0])) if rows else None


async def newest(database: Database, scope: Scope, cursor: Cursor, customer: str) -> tuple[list[Transaction], bool]:
    """A page of a customer's transactions, newest first, and whether there are more."""
    found = await page(database, transactions, scope, cursor, transactions.c.customer == customer)
    return [_transaction(dict(row)) for row in found.rows], found.has_more


def _transaction(row: JsonObject) -> Transaction:
    names = ("id", "created", "livemode", "customer", "currency", "type", "net_amount", "ending_balance", "data")
    return {name: row[name] for name in names}
