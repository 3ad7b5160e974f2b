"""What housekeeping finds in a real PostgreSQL, and its gauges. The database is shared: others' rows are left out."""

import re
from dataclasses import replace

from sqlalchemy import text, update

from contracts.housekeeping import Place
from domain.identifiers import refund_id
from domain.machine.fence import Taken, UnderWay
from domain.machine.transitions import Cause, carry_out, leave_unknown, make_known
from domain.model.commands import Capture, RefundCharge, Update
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from records import monitoring
from records.database import Database
from records.housekeeping import PostgresUnfinished
from records.projection import PostgresProjection
from records.scope import Scope
from records.tables import payment_intents as table
from tests.support.builders import APPROVED, NOW, decided, in_status

HOUR = 3_600
EVER = 2**40


async def recorded(database: Database, scope: Scope, status: Status) -> PaymentIntent:
    intent = in_status(status, account=scope.account)
    await PostgresProjection(database).create(intent, Cause())
    return intent


async def found(database: Database, scope: Scope, kind: str, until: int = EVER) -> list[str]:
    """This test's own, in order, read two at a time."""
    records, place, ids = PostgresUnfinished(database), Place(), []
    while page := await records.page(kind, place, until, 2):
        place = Place(changed=page[-1].changed, id=page[-1].id)
        ids += [each.id for each in page if each.intent is not None and each.intent.account == scope.account]
    return ids


async def age(database: Database, seconds: int, *intents: PaymentIntent) -> None:
    ids = [intent.id for intent in intents]
    values = {"changed": table.c.changed - seconds, "owed_since": table.c.owed_since - seconds}
    await database.execute(update(table).where(table.c.id.in_(ids)).values(values))


async def test_open_ones_are_found_by_when_they_changed(database: Database, scope: Scope) -> None:
    intents = {status: await recorded(database, scope, status) for status in Status}
    open_ = [intent for status, intent in intents.items() if status not in (Status.SUCCEEDED, Status.CANCELED)]
    assert sorted(await found(database, scope, "open")) == sorted(intent.id for intent in open_)
    oldest = open_[3]
    await age(database, HOUR, oldest)
    records = PostgresUnfinished(database)
    assert await found(database, scope, "open", await records.now() - HOUR) == [oldest.id]
    change = Update(changes={"description": "x"})
    await PostgresProjection(database).project(carry_out(oldest, change, decided(oldest, change), None, NOW))
    assert await found(database, scope, "open", await records.now() - HOUR) == [], "whatever is written is a change"
    assert (await found(database, scope, "open"))[-1:] != []


async def test_claims_on_open_payments(database: Database, scope: Scope) -> None:
    projection, records = PostgresProjection(database), PostgresUnfinished(database)
    held = await recorded(database, scope, Status.REQUIRES_CAPTURE)
    await recorded(database, scope, Status.REQUIRES_CAPTURE)
    capture = Capture(command_id="cmd_c")
    assert isinstance(await projection.claim(held, UnderWay(command=capture, now=NOW)), Taken)
    assert await found(database, scope, "claimed", NOW) == []  # The version is younger than that.
    await age(database, 10**8, held)
    assert await found(database, scope, "claimed", NOW) == [held.id]
    assert await found(database, scope, "claimed", NOW - 1) == []
    each = await records.load(held.id)
    assert each is not None
    assert each.claimed_at == NOW
    assert await found(database, scope, "owed") == [], "it is found as it is"
    age_of_it = await records.now() - NOW
    oldest = (await monitoring.states(database))["perdure_claims_oldest_seconds"]
    assert isinstance(oldest, float)
    assert oldest >= age_of_it
    await projection.project(carry_out(held, capture, decided(held, capture), APPROVED, NOW))
    assert await found(database, scope, "claimed", EVER) == []


async def test_what_the_gateway_owes_until_it_has_answered(database: Database, scope: Scope) -> None:
    projection = PostgresProjection(database)
    paid = await recorded(database, scope, Status.SUCCEEDED)
    refund = RefundCharge(command_id="cmd_r", refund=refund_id(paid.id, 0))
    await projection.claim(paid, UnderWay(command=refund, now=NOW))
    assert await found(database, scope, "owed") == [paid.id], "begun, on a payment that has ended"
    assert (await PostgresUnfinished(database).finished([paid.id, "pi_none"])) == {paid.id: False}
    await age(database, HOUR, paid)
    decision = decided(paid, refund)
    assert decision.effect is not None
    unknown = leave_unknown(paid, refund, decision, decision.effect, NOW)
    await projection.project(unknown)
    long_ago = await PostgresUnfinished(database).now() - HOUR
    assert await found(database, scope, "owed", long_ago) == [paid.id], "since the first moment"
    older = (await monitoring.states(database))["perdure_unknown_outcomes_older"]
    assert isinstance(older, dict)
    assert older["3600"] >= 1
    await projection.project(make_known(unknown.after, decision.effect, APPROVED, NOW))
    assert await found(database, scope, "owed") == []
    assert (await PostgresUnfinished(database).finished([paid.id])) == {paid.id: True}


async def test_which_sweep_was_the_last(database: Database) -> None:
    records = PostgresUnfinished(database)
    assert await records.last_sweep("of-this-test") == 0
    for number in (1, 7, 7):
        await records.swept("of-this-test", number)
        assert await records.last_sweep("of-this-test") == number
    ages = (await monitoring.states(database))["perdure_sweep_age_seconds"]
    assert isinstance(ages, dict)
    assert 0 <= ages["of-this-test"] < HOUR


async def test_whose_records_they_are(database: Database) -> None:
    lineage = await PostgresUnfinished(database).lineage()
    assert re.fullmatch(r"\d+/[0-9A-F]{8}", lineage), "the cluster and its timeline"
    assert await PostgresUnfinished(database).lineage() == lineage


async def test_an_open_payments_claim_touches_no_index(database: Database, scope: Scope) -> None:
    """PostgreSQL then updates the row within its page (HOT), which is what makes the fence cheap."""
    held = await recorded(database, scope, Status.REQUIRES_CAPTURE)
    query = text(
        "SELECT count(*) AS touched FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid "
        "WHERE i.indrelid = 'payment_intents'::regclass AND a.attname = 'under_way' "
        "AND (a.attnum = ANY(i.indkey) OR pg_get_indexdef(i.indexrelid) LIKE '%under_way%')"
    )
    assert (await database.execute(query))[0].touched == 0
    before = await PostgresUnfinished(database).load(held.id)
    await PostgresProjection(database).claim(held, UnderWay(command=Capture(command_id="cmd_c"), now=NOW))
    after = await PostgresUnfinished(database).load(held.id)
    assert before is not None
    assert after == replace(before, claimed_at=NOW), "neither time has moved"


async def test_a_record_that_cannot_be_read_stands_in_nobodys_way(database: Database, scope: Scope) -> None:
    first, other = [await recorded(database, scope, Status.REQUIRES_CAPTURE) for _ in range(2)]
    await database.execute(update(table).where(table.c.id == first.id).values(data={"of": "another release"}))
    assert await found(database, scope, "open") == [other.id]
    each = await PostgresUnfinished(database).load(first.id)
    assert each is not None
    assert (each.id, each.intent) == (first.id, None)
