"""The ledger on a real PostgreSQL: what a payment moves is booked with it, adds up to nothing, and stays."""

from dataclasses import replace

import pytest
from alembic import command
from sqlalchemy import Connection, func, select, text

from domain.machine.transitions import Cause, Transition, carry_out
from domain.model import balance as transactions
from domain.model.commands import Capture, Confirm, RefundCharge, RefundResult, ReportDispute
from domain.model.outcomes import Accepted
from domain.model.payment_intent import PaymentIntent
from domain.money.pricing import NONE, Pricing
from domain.reconciliation.balance import compare
from records import accounts, balance
from records import refunds as refund_records
from records.balance_tables import ledger_entries
from records.base import RecordsRefused
from records.database import Database
from records.levelling import level, level_page
from records.migrate import config, engine_on, migrate
from records.projection import PostgresProjection
from records.reconciliation import RecordsBook
from records.scope import Created, Cursor, Scope
from tests.support.builders import APPROVED, NOW, confirmable, decided
from tests.support.databases import another, opened


@pytest.fixture
def projection(database: Database) -> PostgresProjection:
    return PostgresProjection(database)


def confirmed(intent: PaymentIntent) -> Transition:
    return carry_out(intent, Confirm(), decided(intent, Confirm()), APPROVED, NOW)


async def paid(projection: PostgresProjection, scope: Scope, amount: int = 1_000) -> PaymentIntent:
    intent = confirmable(account=scope.account, amount=amount)
    await projection.create(intent, Cause())
    transition = confirmed(intent)
    await projection.project(transition)
    return transition.after


async def booked(database: Database, scope: Scope) -> dict[str, int]:
    """What is in each book of the account."""
    query = select(ledger_entries.c.book, func.sum(ledger_entries.c.amount).label("amount"))
    query = query.where(ledger_entries.c.account == scope.account).group_by(ledger_entries.c.book)
    return {row.book: int(row.amount) for row in await database.execute(query)}


async def nets(database: Database, scope: Scope) -> list[int]:
    found, _ = await balance.newest(database, scope, Cursor(), Created())
    return [one.net for one in reversed(found)]


async def test_what_a_payment_moves_is_booked_once(
    database: Database, projection: PostgresProjection, scope: Scope
) -> None:
    intent = confirmable(account=scope.account, amount=1_000)
    await projection.create(intent, Cause())
    transition = confirmed(intent)
    for _ in range(2):
        await projection.project(transition)
    assert await nets(database, scope) == [941]
    assert await booked(database, scope) == {"balance": 941, "fees": 59, "gateway": -1_000}


async def test_what_is_not_recorded_is_not_booked(
    database: Database, projection: PostgresProjection, scope: Scope
) -> None:
    intent = confirmable(account=scope.account, capture_method="manual")
    await projection.create(intent, Cause())
    held = confirmed(intent)
    await projection.project(carry_out(held.after, Capture(), decided(held.after, Capture()), APPROVED, NOW))
    assert (await nets(database, scope), await booked(database, scope)) == ([], {})


async def refund(projection: PostgresProjection, state: PaymentIntent, *, at_once: bool = True) -> PaymentIntent:
    asked = RefundCharge(refund=f"re_3{state.id}", amount=300)
    outcome = APPROVED if at_once else Accepted(reference="ref")
    transition = carry_out(state, asked, decided(state, asked), outcome, NOW)
    await projection.project(transition)
    return transition.after


async def fail(database: Database, projection: PostgresProjection, scope: Scope, state: PaymentIntent) -> None:
    known = await refund_records.load(database, scope, f"re_3{state.id}")
    told = RefundResult(refund=known, failure_reason="lost_or_stolen_card")
    await projection.project(carry_out(state, told, decided(state, told), None, NOW))


@pytest.mark.parametrize(("at_once", "expected"), [(True, [941, -300, 300]), (False, [941])])
async def test_only_what_had_gone_back_comes_back(
    database: Database, projection: PostgresProjection, scope: Scope, at_once: bool, expected: list[int]
) -> None:
    state = await refund(projection, await paid(projection, scope), at_once=at_once)
    await fail(database, projection, scope, state)
    assert await nets(database, scope) == expected
    assert sum((await booked(database, scope)).values()) == 0


@pytest.mark.parametrize("together", [True, False])
async def test_what_the_bank_gives_back_is_booked_with_what_it_took(
    database: Database, projection: PostgresProjection, scope: Scope, together: bool
) -> None:
    """The bank's last word may be the first that is heard: both are booked by one statement then."""
    state = await paid(projection, scope)
    assert state.charge is not None
    for status in ("won",) if together else ("needs_response", "won"):
        told = ReportDispute(charge=state.charge.id, status=status, reference="dsp_1")
        transition = carry_out(state, told, decided(state, told), None, NOW)
        await projection.project(transition)
        state = transition.after
    assert await nets(database, scope) in ([941, -2_500, 1_000], [941, 1_000, -2_500])
    assert await booked(database, scope) == {"balance": -559, "fees": 1_559, "gateway": -1_000}


async def test_the_balance_is_what_is_there_now_and_what_will_be(
    database: Database, projection: PostgresProjection, scope: Scope
) -> None:
    await paid(projection, scope)
    await refund(projection, await paid(projection, scope, 500))
    (today,) = await balance.sums(database, scope, NOW)
    (later,) = await balance.sums(database, scope, NOW + 3 * 86_400)
    assert (today.currency, today.available, today.pending) == ("usd", 0, 941 + 455 - 300)
    assert (later.available, later.pending) == (941 + 455 - 300, 0)
    assert await balance.sums(database, Scope(scope.account, livemode=True), NOW) == []


async def test_entries_that_come_to_something_are_refused(database: Database, scope: Scope) -> None:
    before = await booked(database, scope)
    for entries in ("('t', 'balance', 5)", "('t', 'balance', 5), ('t', 'fees', -4)"):
        names = "transaction, book, amount, account, livemode, currency"
        values = f"SELECT e.*, '{scope.account}', false, 'usd' FROM (VALUES {entries}) AS e (t, b, a)"
        with pytest.raises(RecordsRefused, match="ledger_adds_up"):
            await database.execute(text(f"INSERT INTO ledger_entries ({names}) {values}"))
    assert await booked(database, scope) == before


@pytest.mark.parametrize("table", ["ledger_entries", "balance_transactions"])
async def test_the_ledger_only_grows(
    database: Database, projection: PostgresProjection, scope: Scope, table: str
) -> None:
    await paid(projection, scope)
    before = await booked(database, scope)
    for statement in (f"UPDATE {table} SET amount = 1", f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with pytest.raises(RecordsRefused, match="ledger_only_grows"):
            await database.execute(text(statement))
    assert await booked(database, scope) == before


async def forget(database: Database, *sources: str) -> None:
    """As if an older release had written it: nothing is booked."""
    await _forget(database, "source", sources)


async def forget_transactions(database: Database, *ids: str) -> None:
    await _forget(database, "id", ids)


async def _forget(database: Database, column: str, values: tuple[str, ...]) -> None:
    both = (
        "ALTER TABLE {0} DISABLE TRIGGER ledger_only_grows", "DELETE FROM {0} WHERE {1}",
        "ALTER TABLE {0} ENABLE TRIGGER ledger_only_grows",
    )  # fmt: skip
    names = ", ".join(f"'{value}'" for value in values)
    mine = f"SELECT id FROM balance_transactions WHERE {column} IN ({names})"
    for table, which in (("ledger_entries", f"transaction IN ({mine})"), ("balance_transactions", f"id IN ({mine})")):
        for statement in both:
            await database.execute(text(statement.format(table, which)))


async def test_what_was_paid_before_there_was_a_ledger_is_booked_once(
    database: Database, projection: PostgresProjection, scope: Scope
) -> None:
    state = await refund(projection, await paid(projection, scope))
    as_booked = await balance.of_sources(database, scope, [state.charge.id if state.charge else "", f"re_3{state.id}"])
    await forget(database, *as_booked)
    (book,) = (await RecordsBook(database).of([state.id])).books
    assert [(one.kind, one.ours, one.theirs) for one in compare(book)] == [
        ("booked_differs", 1_000, 0), ("booked_differs", -300, 0),
    ]  # fmt: skip
    assert await level(database) >= 2
    assert await level(database) == 0, "twice is as once"
    assert await nets(database, scope) == [941, -300]
    assert sum((await booked(database, scope)).values()) == 0
    (book,) = (await RecordsBook(database).of([state.id])).books
    assert compare(book) == []
    again = await balance.of_sources(database, scope, list(as_booked))
    assert {k: [one.id for one in v] for k, v in again.items()} == {
        k: [one.id for one in v] for k, v in as_booked.items()
    }


async def test_of_a_payment_that_is_half_booked_the_rest_is(
    database: Database, projection: PostgresProjection, scope: Scope
) -> None:
    """A worker of before the ledger captured a part, and one of after it the rest."""
    state = await paid(projection, scope)
    assert state.charge is not None
    charge = replace(state.charge, amount=1_500, amount_captured=1_500)
    await projection.restore(replace(state, amount=1_500, charge=charge, version=state.version + 1))
    assert await level(database) == 1
    # What is fixed of the fee is asked for once: 2.9 % of 1500, and 30.
    assert await booked(database, scope) == {"balance": 1_426, "fees": 74, "gateway": -1_500}
    assert await level(database) == 0


@pytest.mark.parametrize("lost", [["withdrawn", "reinstated"], ["reinstated"]])
async def test_a_dispute_that_was_won_comes_to_nothing_and_has_cost_something(
    database: Database, projection: PostgresProjection, scope: Scope, lost: list[str]
) -> None:
    state = await paid(projection, scope)
    assert state.charge is not None
    told = ReportDispute(charge=state.charge.id, status="won", reference="dsp_1")
    won = carry_out(state, told, decided(state, told), None, NOW)
    await projection.project(won)
    assert won.after.dispute is not None
    dispute = won.after.dispute
    whole = await booked(database, scope)
    ids = {"withdrawn": transactions.withdrawn(dispute).id, "reinstated": transactions.reinstated(dispute).id}
    await forget_transactions(database, *(ids[name] for name in lost))
    (book,) = (await RecordsBook(database).of([state.id])).books
    assert [(one.kind, one.id) for one in compare(book)] == [("booked_differs", dispute.id)]
    assert await level(database) == len(lost)
    assert await booked(database, scope) == whole == {"balance": -559, "fees": 1_559, "gateway": -1_000}
    (book,) = (await RecordsBook(database).of([state.id])).books
    assert (compare(book), await level(database)) == ([], 0)


async def test_a_payment_that_moves_while_it_is_levelled_is_left_to_the_next_time(
    database: Database, projection: PostgresProjection, scope: Scope
) -> None:
    state = await paid(projection, scope)
    assert state.charge is not None
    await forget(database, state.charge.id)
    (book,) = (await RecordsBook(database).of([state.id])).books
    await refund(projection, state)
    assert await level_page(database, [book]) == 0
    assert await nets(database, scope) == [-300]
    assert await level(database) == 1
    assert sorted(await nets(database, scope)) == [-300, 941]


async def test_an_account_s_pricing_is_its_key_s(database: Database, scope: Scope) -> None:
    await accounts.ensure_key(database, scope.account, f"sk_test_{scope.account}", "secret", livemode=False, now=NOW)
    for pricing in (NONE, Pricing(basis_points=150, fixed=5, dispute=900, days=7), None):
        assert await accounts.set_pricing(database, scope.account, pricing)
        key = await accounts.find_key(database, f"sk_test_{scope.account}", NOW)
        assert key is not None
        assert key.pricing == pricing
    assert not await accounts.set_pricing(database, "acct_nobody", NONE)


async def test_an_upgrade_books_what_was_paid_before(database_url: str) -> None:
    async with another(database_url, "upgraded") as url, opened(url) as upgraded:
        await migrate(url)
        await accounts.ensure_account(upgraded, "acct_old", "old", NOW)
        scope = Scope("acct_old", livemode=False)
        await paid(PostgresProjection(upgraded), scope)
        engine = engine_on(url)
        async with engine.connect() as connection:
            await connection.run_sync(back_to_before)
        await engine.dispose()
        await migrate(url)
        assert await booked(upgraded, scope) == {"balance": 941, "fees": 59, "gateway": -1_000}


def back_to_before(connection: Connection) -> None:
    configuration = config()
    configuration.attributes["connection"] = connection
    command.downgrade(configuration, "0026")
