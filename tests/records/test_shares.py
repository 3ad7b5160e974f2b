"""Shares of payments on a real PostgreSQL: both sides at once or not at all, and differences are found."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import ColumnElement, delete, func, insert, select, text, update

from domain.machine.transitions import Cause, Transition, carry_out
from domain.model.commands import Capture, Confirm, ModificationResult
from domain.model.connected_accounts import ConnectedAccount
from domain.model.outcomes import Accepted
from domain.model.payment_intent import PaymentIntent
from domain.model.shares import ReturnShare, transfer_id
from domain.model.statuses import Status
from domain.rebuilding.completing import Lost
from domain.reconciliation.balance import compare, compare_ledger
from domain.reconciliation.kinds import Kind
from records import connected_accounts, share_rows
from records.balance_tables import balance_transactions, ledger_entries
from records.base import RecordsRefused
from records.database import Database
from records.levelling import level
from records.projection import PostgresProjection
from records.reconciliation import RecordsBook
from records.scope import Scope
from records.share_tables import share_returns, shares
from tests.support.builders import APPROVED, NOW, confirmable, decided, in_status


async def account_of(database: Database, scope: Scope) -> str:
    """An account that is connected to the scope's."""
    id_ = f"{scope.account}_c"
    await connected_accounts.add(
        database, ConnectedAccount(id=id_, account=scope.account, livemode=False, created=1), None
    )
    return id_


async def shared(database: Database, scope: Scope, fee: int = 99) -> PaymentIntent:
    """A payment whose money went to another account, less a fee."""
    projection, other = PostgresProjection(database), await account_of(database, scope)
    intent = confirmable(
        account=scope.account, amount=1_000, application_fee_amount=fee, beneficiary=other,
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


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_capture_that_fails_after_all_takes_its_shares_along(
    database: Database, scope: Scope, at_once: bool
) -> None:
    """Of one that came and failed at once, the share and what came back of it are one row, written once."""
    projection, other = PostgresProjection(database), await account_of(database, scope)
    said = {"beneficiary": other, "transfer_data": {"destination": other}, "application_fee_amount": 99}
    held = in_status(Status.REQUIRES_CAPTURE, account=scope.account, amount=1_000, **said)
    await projection.restore(held)
    if at_once:
        accepted = Accepted(reference="cap_1", ask_after_seconds=60)
        promised = carry_out(held, Capture(), decided(held, Capture()), accepted, NOW)
        taken = await moved(projection, promised)
    else:
        taken = await moved(projection, carry_out(held, Capture(), decided(held, Capture()), APPROVED, NOW))
    assert taken.charge is not None
    told = ModificationResult(charge=taken.charge.id, reference="cap_1", amount=1_000, after_all=True, command_id="f")
    failed = await moved(projection, carry_out(taken, told, decided(taken, told), None, NOW))
    rows = await database.execute(select(shares).where(of(failed)).order_by(shares.c.kind))
    assert [(row.amount, row.returned) for row in rows] == [(99, 99), (1_000, 1_000)]
    assert await found(database, failed) == set()
    assert (await sums(database, other))[other, "balance"] == 0


async def sums(database: Database, *accounts: str) -> dict[tuple[str, str], int]:
    """What is in each book of these accounts, and in each of their shares."""
    book, share = ledger_entries.c, shares.c
    query = select(book.account, book.book, func.sum(book.amount).label("amount")).where(book.account.in_(accounts))
    found = await database.execute(query.group_by(book.account, book.book))
    rows = await database.execute(select(shares).where(share.account.in_(accounts)))
    given = {(row.kind, name): int(row[name]) for row in rows for name in ("amount", "returned")}
    return {(row.account, row.book): int(row.amount) for row in found} | given


@pytest.mark.parametrize("way", ["restore", "complete"])
@pytest.mark.parametrize("direct", [True, False])
async def test_what_others_had_got_is_restored_and_booked_on_both_sides(
    database: Database, scope: Scope, way: str, direct: bool
) -> None:
    projection, platform, other = PostgresProjection(database), scope.account, await account_of(database, scope)
    said: dict[str, Any] = {"account": platform, "beneficiary": other, "transfer_data": {"destination": other}}
    if direct:
        said = {"account": other, "platform": platform}
    intent = confirmable(amount=1_000, application_fee_amount=99, **said)
    paid = confirmed(intent)
    back = ReturnShare(share="fee", amount=40, command_id="a")
    more = carry_out(paid.after, back, decided(paid.after, back), None, NOW)
    steps = [paid, more]
    if not direct:
        reverse = ReturnShare(share="transfer", amount=400, command_id="b")
        steps.append(carry_out(more.after, reverse, decided(more.after, reverse), None, NOW))
    last = steps[-1].after
    await projection.create(intent, Cause())
    for step in steps:
        await projection.project(step)
    whole = await sums(database, platform, other)
    assert await found(database, last) == set()
    await lose(database, last)
    await projection.restore(last)
    if way == "complete":
        await database.execute(delete(share_returns).where(share_returns.c.account == platform))
        await database.execute(delete(shares).where(of(last)))
        assert await projection.complete(last, Lost(), 0, NOW)
    assert await found(database, last) == {Kind.BOOKED_DIFFERS, Kind.SHARE_NOT_BOOKED}
    assert await level(database) >= 3
    assert await sums(database, platform, other) == whole
    assert await found(database, last) == set()
    assert await level(database) == 0, "twice is as once"
    if way == "complete":
        assert await projection.complete(last, Lost(), 1, NOW)
        assert await sums(database, platform, other) == whole


async def lose(database: Database, intent: PaymentIntent) -> None:
    """As if a copy had been restored from before the payment."""
    mine = f"payment_intent = '{intent.id}'"
    theirs = f"account IN ('{intent.account}', '{intent.account}_c', '{intent.platform}')"
    for table, which in (("share_returns", theirs), ("shares", mine), ("charges", mine), ("events", theirs)):
        await database.execute(text(f"DELETE FROM {table} WHERE {which}"))
    await database.execute(text(f"DELETE FROM payment_intents WHERE id = '{intent.id}'"))
    await without_guard(database, f"SELECT id FROM balance_transactions WHERE {theirs}")


async def without_guard(database: Database, lost: str) -> None:
    """Delete transactions with their entries, which nobody may."""
    for table, column in (("ledger_entries", "transaction"), ("balance_transactions", "id")):
        for statement in (
            f"ALTER TABLE {table} DISABLE TRIGGER ledger_only_grows",
            f"DELETE FROM {table} WHERE {column} IN ({lost})",
            f"ALTER TABLE {table} ENABLE TRIGGER ledger_only_grows",
        ):
            await database.execute(text(statement))


async def test_a_part_that_was_lost_of_a_share_that_grew_is_booked_beside_the_other(
    database: Database, scope: Scope
) -> None:
    projection, intent = PostgresProjection(database), await shared(database, scope)
    assert intent.charge is not None
    charge = replace(intent.charge, amount=1_500, amount_captured=1_500, fee_taken=120, transferred=1_500)
    await projection.restore(replace(intent, amount=1_500, charge=charge, version=intent.version + 1))
    assert await level(database) == 4
    assert await found(database, intent) == set()
    assert await level(database) == 0


async def test_a_fee_without_another_side_to_be_booked_with_is_told_and_stops_nobody(
    database: Database, scope: Scope
) -> None:
    """A direct charge's own money is booked, and cannot be booked again with more of a fee."""
    projection, other = PostgresProjection(database), await account_of(database, scope)
    intent = confirmable(account=other, platform=scope.account, amount=1_000, application_fee_amount=99)
    await projection.create(intent, Cause())
    paid = await moved(projection, confirmed(intent))
    assert paid.charge is not None
    await projection.restore(replace(paid, charge=replace(paid.charge, fee_taken=120), version=paid.version + 1))
    assert await level(database) == 0
    assert await found(database, paid) == {Kind.SHARE_NOT_BOOKED}
    await lose(database, paid)


async def test_what_one_side_has_alone_is_told_and_not_booked_again(database: Database, scope: Scope) -> None:
    intent = await shared(database, scope)
    assert intent.charge is not None
    await without_guard(database, f"SELECT id FROM balance_transactions WHERE source = '{transfer_id(intent.charge)}'")
    before = await sums(database, f"{scope.account}_c")
    assert await level(database) == 0
    assert await sums(database, f"{scope.account}_c") == before
    assert await found(database, intent) == {Kind.SHARE_NOT_BOOKED}
    await lose(database, intent)


async def test_a_fee_of_all_that_was_transferred_leaves_nothing_and_no_difference(
    database: Database, scope: Scope
) -> None:
    intent = await shared(database, scope, fee=1_000)
    mine = select(balance_transactions.c.id).where(balance_transactions.c.account == f"{scope.account}_c")
    [row] = await database.execute(mine)
    assert row.id not in {one.id for one in await RecordsBook(database).ledger()}
    assert await found(database, intent) == set()


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
