"""Shares of payments on a real PostgreSQL: both sides at once or not at all, and differences are found."""

import pytest
from sqlalchemy import ColumnElement, delete, func, insert, select, text, update

from domain.machine.transitions import Cause, Transition, carry_out
from domain.model.commands import Confirm
from domain.model.connected_accounts import ConnectedAccount
from domain.model.payment_intent import PaymentIntent
from domain.model.shares import ReturnShare
from domain.reconciliation.balance import compare, compare_ledger
from domain.reconciliation.kinds import Kind
from records import connected_accounts, share_rows
from records.balance_tables import ledger_entries
from records.base import RecordsRefused
from records.database import Database
from records.projection import PostgresProjection
from records.reconciliation import RecordsBook
from records.scope import Scope
from records.share_tables import share_returns, shares
from tests.support.builders import APPROVED, NOW, confirmable, decided


async def account_of(database: Database, scope: Scope) -> str:
    """An account that is connected to the scope's."""
    id_ = f"{scope.account}_c"
    await connected_accounts.add(
        database, ConnectedAccount(id=id_, account=scope.account, livemode=False, created=1), None
    )
    return id_


async def shared(database: Database, scope: Scope) -> PaymentIntent:
    """A payment whose money went to another account, less a fee."""
    projection, other = PostgresProjection(database), await account_of(database, scope)
    intent = confirmable(
        account=scope.account, amount=1_000, application_fee_amount=99, beneficiary=other,
        transfer_data={"destination": other},
    )  # fmt: skip
    await projection.create(intent, Cause())
    return await moved(projection, confirmed(intent))


def confirmed(intent: PaymentIntent) -> Transition:
    return carry_out(intent, Confirm(), decided(intent, Confirm()), APPROVED, NOW)


async def moved(projection: PostgresProjection, transition: Transition) -> PaymentIntent:
    await projection.project(transition)
    return transition.after


async def found(database: Database, intent: PaymentIntent) -> set[Kind]:
    """What reconciliation finds of a payment, and in the ledger."""
    book = RecordsBook(database)
    kinds = {one.kind for read in (await book.of([intent.id])).books for one in compare(read)}
    mine = {row.id for row in await database.execute(select(shares.c.id).where(of(intent)))}
    return kinds | {one.kind for one in compare_ledger(await book.ledger()) if one.id in mine}


def of(intent: PaymentIntent) -> ColumnElement[bool]:
    return shares.c.payment_intent == intent.id


async def test_what_is_given_and_comes_back_is_in_the_books_of_both(database: Database, scope: Scope) -> None:
    intent = await shared(database, scope)
    back = ReturnShare(share="transfer", amount=400, refund_application_fee=True, command_id="c")
    await moved(PostgresProjection(database), carry_out(intent, back, decided(intent, back), None, NOW))
    rows = {row.kind: (row.amount, row.returned) for row in await database.execute(select(shares).where(of(intent)))}
    assert rows == {"fee": (99, 39), "transfer": (1_000, 400)}
    assert await found(database, intent) == set()
    between = select(func.sum(ledger_entries.c.amount)).where(ledger_entries.c.book == "accounts")
    assert (await database.execute(between))[0][0] == 0


async def test_a_payment_that_nobody_shares_leaves_nothing_of_it(database: Database, scope: Scope) -> None:
    intent = confirmable(account=scope.account, amount=1_000)
    transition = confirmed(intent)
    assert share_rows.share_rows(transition) == share_rows.return_rows(transition) == []
    assert share_rows.events(transition, 0) == []


ENTRIES = text(
    "INSERT INTO ledger_entries (transaction, book, account, livemode, currency, amount) VALUES "
    "('txn_a', 'balance', 'acct', false, 'usd', 5), ('txn_a', 'accounts', 'acct', false, 'usd', -5)"
)


async def test_the_ledger_takes_no_side_alone(database: Database, scope: Scope) -> None:
    del scope
    with pytest.raises(RecordsRefused):
        await database.execute(ENTRIES)
    mine = select(func.count()).select_from(ledger_entries).where(ledger_entries.c.transaction == "txn_a")
    assert (await database.execute(mine))[0][0] == 0


async def test_no_more_comes_back_than_was_given_whatever_is_written(database: Database, scope: Scope) -> None:
    intent = await shared(database, scope)
    with pytest.raises(RecordsRefused):
        await database.execute(update(shares).where(of(intent)).values(returned=shares.c.amount + 1))


async def test_a_share_that_is_lost_is_found(database: Database, scope: Scope) -> None:
    intent = await shared(database, scope)
    assert await found(database, intent) == set()
    await database.execute(delete(shares).where(of(intent), shares.c.kind == "fee"))
    assert await found(database, intent) == {Kind.SHARE_DIFFERS}


async def test_what_came_back_and_is_not_booked_is_found(database: Database, scope: Scope) -> None:
    intent = await shared(database, scope)
    fee = (await database.execute(select(shares).where(of(intent), shares.c.kind == "fee")))[0]
    names = ("account", "livemode", "created", "kind", "connected", "currency", "metadata")
    more = {"id": f"fr_{fee.id}", "share": fee.id, "amount": 7, **{name: fee[name] for name in names}}
    await database.execute(insert(share_returns).values(more))
    assert await found(database, intent) == {Kind.SHARE_NOT_BOOKED}
    await database.execute(delete(share_returns).where(share_returns.c.id == more["id"]))
    assert await found(database, intent) == set()
