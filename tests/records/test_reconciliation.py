"""What the records have, as reconciliation reads it: payments whole, and deliveries that an endpoint is owed."""

from dataclasses import replace

from sqlalchemy import text

from domain.machine.transitions import Cause, carry_out
from domain.model.commands import Capture, Confirm
from domain.model.connected_accounts import ConnectedAccount
from domain.reconciliation import facts
from domain.reconciliation import records as rules
from domain.reconciliation.kinds import Kind
from records import connected_accounts, monitoring
from records import webhook_endpoints as endpoints
from records.accounts import ensure_account
from records.database import Database
from records.projection import PostgresProjection
from records.reconciliation import RecordsBook
from records.reconciliations import REPORTS_KEPT_MAX, PostgresReports
from records.scope import Scope
from tests.support.builders import APPROVED, NOW, confirmable, decided


async def captured(database: Database, scope: Scope, id_: str) -> str:
    """A hold that was captured."""
    projection = PostgresProjection(database)
    intent = confirmable(id=id_, account=scope.account, capture_method="manual")
    await projection.create(intent, Cause())
    for command in (Confirm(), Capture(amount_to_capture=400)):
        transition = carry_out(intent, command, decided(intent, command), APPROVED, NOW)
        await projection.project(transition)
        intent = transition.after
    return intent.id


async def test_a_payment_is_read_whole_and_agrees_with_itself(database: Database, scope: Scope) -> None:
    id_ = await captured(database, scope, f"pi_{scope.account}")
    (book,) = (await RecordsBook(database).of([id_, "pi_nobody"])).books
    assert (book.id, book.row.status, book.row.amount_received, book.begun) == (id_, "succeeded", 400, None)
    assert [(row.status, row.amount_captured) for row in book.charges] == [("succeeded", 400)]
    assert [event.type for event in book.events][-2:] == ["charge.captured", "payment_intent.succeeded"]
    assert rules.compare(book) + facts.compare(book) == []
    pages = [id_ async for page in RecordsBook(database).pages() for id_ in sorted(page.ids)]
    assert id_ in pages
    assert pages == sorted(pages)


async def test_a_command_under_way_is_seen(database: Database, scope: Scope) -> None:
    id_ = await captured(database, scope, f"pi_{scope.account}")
    begun = """UPDATE payment_intents SET under_way = '{"command": {"name": "update"}, "now": 5}' WHERE id = :id"""
    await database.execute(text(begun).bindparams(id=id_))
    (book,) = (await RecordsBook(database).of([id_])).books
    assert (book.begun, book.under_way) == (5, True)


async def test_an_endpoint_is_owed_what_it_wanted_when_it_happened(database: Database, scope: Scope) -> None:
    async def owed() -> list[str]:
        return [one.type for one in await RecordsBook(database).undelivered() if one.endpoint == endpoint.id]

    await captured(database, scope, f"pi_1{scope.account}")
    endpoint = endpoints.Endpoint(
        id=f"we_{scope.account}", account=scope.account, livemode=False, created=NOW, url="https://shop.example",
        enabled_events=("charge.captured",), secrets=(),
    )  # fmt: skip
    await endpoints.add(database, endpoint)
    await captured(database, scope, f"pi_2{scope.account}")
    assert await owed() == [], "what was before it is not owed, and what came since is on its way"
    lost = text("DELETE FROM deliveries WHERE endpoint = :id").bindparams(id=endpoint.id)
    await database.execute(lost)
    assert await owed() == ["charge.captured"]
    more = replace(endpoint, enabled_events=("charge.succeeded",))
    await endpoints.change(database, scope, endpoint.id, lambda _: more)
    assert await owed() == [], "it wants something else by now"
    await endpoints.change(database, scope, endpoint.id, lambda _: replace(more, description="unchanged wishes"))
    await captured(database, scope, f"pi_3{scope.account}")
    await database.execute(lost)
    assert await owed() == ["charge.succeeded"]
    await endpoints.change(database, scope, endpoint.id, lambda _: replace(more, enabled=False))
    await endpoints.change(database, scope, endpoint.id, lambda _: more)
    assert await owed() == [], "it was disabled in between"


async def test_so_is_one_that_is_told_of_connected_accounts(database: Database, scope: Scope) -> None:
    async def owed() -> list[str]:
        return [one.type for one in await RecordsBook(database).undelivered() if one.endpoint == endpoint.id]

    platform = Scope(f"{scope.account}_platform", livemode=False)
    await ensure_account(database, platform.account, "a platform", 1)
    own = ConnectedAccount(id=f"{scope.account}_c", account=platform.account, livemode=False, created=1)
    await connected_accounts.add(database, own, None)
    endpoint = endpoints.Endpoint(
        id=f"we_{platform.account}", account=platform.account, livemode=False, created=NOW, url="https://shop.example",
        enabled_events=("charge.captured",), secrets=(), connect=True,
    )  # fmt: skip
    await endpoints.add(database, endpoint)
    await captured(database, platform, f"pi_1{scope.account}")
    assert await owed() == [], "what is the platform's own is not for it"
    await captured(database, Scope(own.id, livemode=False), f"pi_2{scope.account}")
    assert await owed() == [], "it is on its way"
    await database.execute(text("DELETE FROM deliveries WHERE endpoint = :id").bindparams(id=endpoint.id))
    assert await owed() == ["charge.captured"]
    await connected_accounts.delete(database, platform, own.id, NOW)
    assert await owed() == [], "that account is nobody's by now"


async def test_the_last_report_is_what_the_metrics_say(database: Database) -> None:
    reports = PostgresReports(database)
    for found in ({"captured_differs": 2}, {"refunded_differs": 1}):
        await reports.keep(NOW, {"kinds": found})
    gauges = (await monitoring.states(database))["perdure_reconciliation_differences"]
    assert isinstance(gauges, dict)
    assert (gauges["captured_differs"], gauges["refunded_differs"], len(gauges)) == (0, 1, len(Kind))
    for _ in range(REPORTS_KEPT_MAX):
        await reports.keep(NOW, {"kinds": {}})
    kept = await database.execute(text("SELECT count(*) AS reports FROM reconciliations"))
    assert kept[0].reports == REPORTS_KEPT_MAX


async def test_what_cannot_be_read_keeps_nobody_from_reading_the_rest(database: Database, scope: Scope) -> None:
    ids = [await captured(database, scope, f"pi_{number}{scope.account}") for number in range(3)]
    strange = """UPDATE payment_intents SET data = '{"of": "another release"}' WHERE id = :id"""
    await database.execute(text(strange).bindparams(id=ids[0]))
    impossible = "UPDATE charges SET data = jsonb_set(data, '{amount_captured}', '9999') WHERE payment_intent = :id"
    await database.execute(text(impossible).bindparams(id=ids[1]))
    page = await RecordsBook(database).of(ids)
    assert [book.id for book in page.books] == ids[2:]
    assert [one.id for one in page.unreadable] == ids[:2]
    assert "captured at most" in page.unreadable[1].why
