"""What reconciliation reads of refunds of balances, from the real PostgreSQL."""

from records.balance_refunds import PostgresBalanceRefunds
from records.database import Database
from records.reconciliation import RecordsBook
from records.scope import Scope
from tests.records.test_balance_refunds import begun
from tests.records.test_cash_balances import Bench


async def test_reconciliation_reads_what_is_out(database: Database, scope: Scope) -> None:
    bench = Bench(database, scope)
    refunds = PostgresBalanceRefunds(database, bench.balances)
    await bench.open("x", mode="manual")
    await bench.fund("trf_1", 2_000)
    unheard, out, back = [await begun(bench, refunds, name) for name in ("unheard", "out", "back")]
    await refunds.asked(out.id)
    await refunds.end(back, "canceled")
    found = await RecordsBook(database).returns()
    assert {one.id: found[one.id] for one in (unheard, out, back)} == {unheard.id: None, out.id: 400, back.id: 0}
    sums, steps = await RecordsBook(database).balances()
    assert not [one for one in [*sums, *steps] if getattr(one, "customer", "") == bench.customer]
