"""Projecting on a real PostgreSQL: twice is once, out of order is refused, all or nothing."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from domain.machine.evolution import next_version
from domain.machine.fence import Elsewhere, Recorded, Taken
from domain.machine.transitions import Cause, Transition, carry_out
from domain.model.commands import Capture, Confirm, Update
from domain.model.ledger import LedgerEntry
from domain.model.outcomes import Declined, Outcome
from domain.model.payment_intent import PaymentIntent
from records import charges, payment_intents, payment_methods, tables
from records.database import Database
from records.events import stored
from records.projection import PostgresProjection
from records.scope import Created, Cursor, Scope
from rendering.event import render
from tests.support.builders import APPROVED, NOW, confirmable, decided, make_method


@pytest.fixture
def projection(database: Database) -> PostgresProjection:
    return PostgresProjection(database)


def confirmed(intent: PaymentIntent, outcome: Outcome = APPROVED) -> Transition:
    return carry_out(intent, Confirm(), decided(intent, Confirm()), outcome, NOW + 1)


async def event_types(database: Database, scope: Scope) -> list[str]:
    table = tables.events
    rows = await database.execute(select(table.c.type).where(scope.owns(table)).order_by(table.c.seq))
    return [row.type for row in rows]


async def test_create_writes_the_intent_and_that_it_was_created(
    database: Database, projection: PostgresProjection, scope: Scope
) -> None:
    intent = confirmable(account=scope.account, metadata={"a": "1"}, shipping={"name": "A", "phone": None})
    assert await projection.create(intent, Cause(request_id="req_1", idempotency_key="key"))
    assert not await projection.create(intent, Cause(request_id="req_2")), "it was there already"
    loaded = await payment_intents.load(database, scope, intent.id)
    assert loaded == replace(intent, shipping={"name": "A", "phone": None})
    assert await event_types(database, scope) == ["payment_intent.created"]


async def test_a_new_method_is_written_with_its_intent_or_not_at_all(
    database: Database, projection: PostgresProjection, scope: Scope
) -> None:
    intent = confirmable(account=scope.account)
    assert intent.payment_method is not None
    first, second = (replace(intent.payment_method, id=f"pm_{n}_{intent.id}", account=scope.account) for n in (1, 2))
    assert await projection.create(intent, Cause(), first)
    assert await payment_methods.load(database, scope, first.id) == first
    assert not await projection.create(intent, Cause(), second), "the intent was there already"
    assert await payment_methods.load(database, scope, second.id) is None


async def test_twice_is_once(database: Database, projection: PostgresProjection, scope: Scope) -> None:
    intent = confirmable(account=scope.account)
    await projection.create(intent, Cause())
    transition = confirmed(intent)
    for _ in range(2):
        await projection.project(transition)
    types = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
    assert await event_types(database, scope) == types
    found, _ = await charges.newest(database, scope, Cursor(), Created(), payment_intent=intent.id)
    assert [charge.status for charge in found] == ["succeeded"]


async def test_out_of_order_is_refused(database: Database, projection: PostgresProjection, scope: Scope) -> None:
    intent = confirmable(account=scope.account, capture_method="manual")
    await projection.create(intent, Cause())
    held = confirmed(intent)
    captured = carry_out(held.after, Capture(), decided(held.after, Capture()), APPROVED, NOW + 2)
    assert await projection.project(captured) == Elsewhere(Recorded(intent=intent)), "the hold is not recorded yet"
    assert await projection.project(held) == Taken(held.now)
    assert await projection.project(captured) == Taken(captured.now)
    assert await projection.project(held) == Elsewhere(Recorded(intent=captured.after))
    types = ["payment_intent.created", "charge.succeeded", "payment_intent.amount_capturable_updated"]
    assert await event_types(database, scope) == [*types, "charge.captured", "payment_intent.succeeded"]


async def test_every_attempt_stays_in_the_history(
    database: Database, projection: PostgresProjection, scope: Scope
) -> None:
    intent = confirmable(account=scope.account)
    await projection.create(intent, Cause())
    declined = confirmed(intent, Declined(decline_code="lost_card"))
    await projection.project(declined)
    again = Confirm(payment_method=make_method(account=scope.account))
    await projection.project(carry_out(declined.after, again, decided(declined.after, again), APPROVED, NOW + 2))
    found, has_more = await charges.newest(database, scope, Cursor(), Created(), payment_intent=intent.id)
    assert [(charge.status, charge.failure_code) for charge in found] == [
        ("succeeded", None),
        ("failed", "card_declined"),
    ]
    assert not has_more


async def test_a_loose_method_is_consumed_with_the_payment(
    database: Database, projection: PostgresProjection, scope: Scope
) -> None:
    method = make_method(account=scope.account)
    await payment_methods.add(database, method)
    intent = replace(confirmable(account=scope.account), payment_method=method)
    await projection.create(intent, Cause())
    await projection.project(confirmed(intent))
    loaded = await payment_methods.load(database, scope, method.id)
    assert loaded is not None
    assert loaded.consumed


async def test_snapshots_are_as_it_was_and_without_the_ledger(
    database: Database, projection: PostgresProjection, scope: Scope
) -> None:
    intent = next_version(confirmable(account=scope.account, description="before"), LedgerEntry(command_id="cmd_1"))
    await projection.create(intent, Cause(request_id="req_1", idempotency_key="key_1"))
    update = Update(changes={"description": "after"}, request_id="req_2")
    await projection.project(carry_out(intent, update, decided(intent, update), None, NOW + 1))
    rows = await database.execute(select(tables.events).where(scope.owns(tables.events)))
    assert [(row.request_id, row.idempotency_key) for row in rows] == [("req_1", "key_1")]
    assert rows[0].data["object"]["description"] == "before"
    assert "ledger" not in rows[0].data["object"]
    loaded = await payment_intents.load(database, scope, intent.id)
    assert loaded is not None
    assert loaded.ledger == (LedgerEntry(command_id="cmd_1"),)


async def test_capturable_updates_say_what_was_before(
    database: Database, projection: PostgresProjection, scope: Scope
) -> None:
    intent = confirmable(account=scope.account, capture_method="manual")
    await projection.create(intent, Cause())
    await projection.project(confirmed(intent))
    table = tables.events
    rows = await database.execute(
        select(table).where(scope.owns(table), table.c.type == "payment_intent.amount_capturable_updated")
    )
    shown = render(stored(rows[0], 0))
    assert shown["data"]["previous_attributes"] == {"amount_capturable": 0}
    assert rows[0].data["before"]["status"] == "requires_confirmation"


async def test_nobody_reads_another_accounts_rows(
    database: Database, projection: PostgresProjection, scope: Scope
) -> None:
    intent = confirmable(account=scope.account)
    await projection.create(intent, Cause())
    for stranger in (Scope("acct_stranger", livemode=False), Scope(scope.account, livemode=True)):
        assert await payment_intents.load(database, stranger, intent.id) is None
        assert await payment_intents.newest(database, stranger, Cursor(), Created(), None) == ([], False)
