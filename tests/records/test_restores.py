"""Restores are noticed once, stay until they are over, and are not noticed again afterwards."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from contracts.names import SWEEP_SCHEDULE
from domain.machine.announcements import Announcement
from domain.machine.housekeeping import put_back
from domain.model.commands import ReportDispute
from domain.model.statuses import Status
from domain.rebuilding.completing import Lost, lost
from records import disputes
from records.database import Database
from records.housekeeping import PostgresUnfinished
from records.projection import PostgresProjection
from records.reconciliation import RecordsBook
from records.restores import PostgresRestores
from records.scope import Scope
from tests.support.builders import NOW, after, in_status


@pytest.fixture
async def restores(database: Database) -> AsyncIterator[PostgresRestores]:
    """None under way, before and after: the database is shared."""
    await database.execute(text("DELETE FROM restores"))
    await database.execute(text("DELETE FROM sweeps"))
    yield PostgresRestores(database)
    await database.execute(text("DELETE FROM restores"))
    await database.execute(text("DELETE FROM sweeps"))


async def test_records_that_know_of_fewer_sweeps_than_temporal_were_put_back(
    database: Database, restores: PostgresRestores
) -> None:
    unfinished = PostgresUnfinished(database)
    ours = await unfinished.lineage()
    await unfinished.swept(SWEEP_SCHEDULE, 7)
    assert await restores.notice(7, ours) is None
    assert await restores.notice(0, "") is None, "a Temporal that was lost is no restore of the records"
    assert await restores.under_way() is None
    said = await restores.notice(40, ours)
    assert said == "the records know of sweep 7, and Temporal of 40: they were put back to a copy, or lost"
    await restores.notice(41, ours)
    assert await restores.under_way() == said, "the first word counts"
    await restores.end(NOW, 41)
    assert await restores.under_way() is None
    assert await restores.notice(41, ours) is None


async def test_another_cluster_is_a_restore_until_it_was_accepted(restores: PostgresRestores) -> None:
    said = await restores.notice(0, "12345/00000001")
    assert said is not None
    assert "of the PostgreSQL 12345 until now" in said
    await restores.end(NOW, 0)
    assert await restores.notice(0, "12345/00000001") is None, "the next sweep sees the old name once more"


def test_a_standby_that_took_over_whole_is_none() -> None:
    assert put_back(9, "5/00000002", 9, "5/00000001") is None
    assert put_back(8, "5/00000002", 9, "5/00000001") is not None, "it lacks a sweep, and so perhaps payments"
    assert put_back(9, "", 9, "5/1") is None


@pytest.mark.parametrize("way", ["restore", "complete"])
@pytest.mark.parametrize("reference", ["dsp_1", ""])
async def test_a_dispute_comes_back_with_its_payment(
    database: Database, scope: Scope, way: str, reference: str
) -> None:
    """Without its row, its merchant could not answer it, and our clock would have lost it for them."""
    paid = in_status(Status.SUCCEEDED, account=scope.account)
    assert paid.charge is not None
    state = after(paid, ReportDispute(charge=paid.charge.id, reference=reference))
    assert state.dispute is not None
    projection = PostgresProjection(database)
    await projection.restore(state)
    if way == "complete":
        await database.execute(text(f"DELETE FROM disputes WHERE id = '{state.dispute.id}'"))
        assert await projection.complete(state, Lost(), 0, NOW)
    assert await disputes.load(database, scope, state.dispute.id) == state.dispute


async def test_what_was_lost_beside_a_state_is_written_once(database: Database, scope: Scope) -> None:
    projection, rows = PostgresProjection(database), RecordsBook(database)
    paid = in_status(Status.SUCCEEDED, account=scope.account)
    await projection.restore(paid)
    assert paid.charge is not None
    refunded = {"re_lost": 100}
    [book] = (await rows.of([paid.id])).books
    book.state.charge.refunds_given.update(refunded)  # type: ignore[union-attr]
    found = lost(book, NOW)
    assert [one.refunds[0].amount for one in found if one.refunds] == [100]
    types = [announcement.type for one in found for announcement in one.announcements]
    assert types == ["refund.created", "payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
    for _ in range(2):
        for number, one in enumerate(found):
            assert await projection.complete(paid, one, number, NOW)
    [again] = (await rows.of([paid.id])).books
    assert sorted(event.type for event in again.events) == sorted(types)
    assert [row.id for row in again.refunds] == ["re_lost"]
    other = Lost(announcements=(Announcement("charge.refunded", "charge"),))
    stale = in_status(Status.REQUIRES_CAPTURE, account=scope.account)
    assert not await projection.complete(stale, other, 9, NOW), "the record is elsewhere"
