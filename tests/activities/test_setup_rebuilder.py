"""What the records have forgotten of SetupIntents is written from the workflows that know it, on a real PostgreSQL."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from activities.rebuilder import Rebuilder
from activities.setup_rebuilder import SetupRebuilder
from domain.machine.housekeeping import Known, Standing
from domain.model.hashes import JsonObject
from domain.model.setup_intent import SetupIntent
from domain.rebuilding.movements import Movement
from domain.reconciliation import setups as rules
from domain.reconciliation.kinds import Kind
from domain.reconciliation.report import Difference, Report
from gateways.simulator import SimulatorGateway
from records.base import RecordsRefused, RecordsUnavailable
from records.database import Database
from records.projection import PostgresProjection
from records.reconciliation import RecordsBook
from records.scope import Scope
from records.setup_reconciliation import SetupRecordsBook
from records.setups import PostgresSetups
from tests.activities.test_rebuilder import NoRuns
from tests.domain.machine.test_setups import YES
from tests.records.test_setup_reconciliation import NO, Shop
from tests.support.builders import NOW


class Runs:
    """Workflows that remember what they were told last."""

    def __init__(self, *states: SetupIntent) -> None:
        self.states = {state.id: state for state in states}
        self.woken = list[Known]()

    async def known(self) -> AsyncIterator[str]:
        for id_ in [*self.states, "seti_silent"]:
            yield id_

    async def standing(self, id_: str) -> Standing:
        return Standing(running=id_ == "seti_silent", intent=self.states.get(id_))

    async def wake(self, intent: Known) -> None:
        self.woken.append(intent)


def rebuilder(shop: Shop, runs: Runs) -> SetupRebuilder:
    return SetupRebuilder(PostgresSetups(shop.database), SetupRecordsBook(shop.database), runs, lambda: NOW)


async def forget(shop: Shop, done: SetupIntent, before: SetupIntent | None) -> None:
    """Put the records back to a copy of when `before` was all that there was; None: there was nothing."""
    assert done.payment_method is not None
    method = done.payment_method.id
    keep = "setup_intent.created" if before else ""
    await shop.sql("DELETE FROM events WHERE object_id = :id AND type <> :keep", id=done.id, keep=keep)
    await shop.sql("DELETE FROM setup_attempts WHERE setup_intent = :id", id=done.id)
    await shop.sql("DELETE FROM setup_intents WHERE id = :id", id=done.id)
    if before is None:
        await shop.sql("DELETE FROM payment_methods WHERE id = :method", method=method)
    else:
        await shop.sql("UPDATE payment_methods SET customer = NULL WHERE id = :method", method=method)
        await PostgresSetups(shop.database).restore(before)


@pytest.mark.parametrize("known_to_the_copy", [True, False])
async def test_one_that_succeeded_since_the_copy_is_whole_again(
    database: Database, scope: Scope, known_to_the_copy: bool
) -> None:
    shop = Shop(database, scope)
    opened = await shop.open()
    done = await shop.confirmed(opened, YES)
    assert await shop.kinds(done.id) == []
    await forget(shop, done, opened if known_to_the_copy else None)
    runs = Runs(done)
    found = await rebuilder(shop, runs).rebuild()
    assert found["records of SetupIntents written from workflows"] == 1
    assert rules.compare(await shop.book(done.id)) == []
    assert (await PostgresSetups(database).latest(done.id)) == done
    assert sum((await rebuilder(shop, runs).rebuild()).values()) == 0, "there is nothing left to do"


async def test_one_that_failed_is_told_once_and_a_record_that_knows_more_is_left(
    database: Database, scope: Scope
) -> None:
    shop = Shop(database, scope)
    opened = await shop.open()
    failed = await shop.confirmed(opened, NO)
    found = await rebuilder(shop, Runs(opened)).rebuild()
    assert sum(found.values()) == 0
    assert (await PostgresSetups(database).latest(failed.id)) == failed
    await shop.sql("DELETE FROM setup_attempts WHERE setup_intent = :id", id=failed.id)
    await shop.sql("DELETE FROM events WHERE object_id = :id AND type = 'setup_intent.setup_failed'", id=failed.id)
    await shop.sql("DELETE FROM setup_intents WHERE id = :id", id=failed.id)
    assert (await rebuilder(shop, Runs(failed)).rebuild())["events of SetupIntents written"] == 1
    assert await shop.kinds(failed.id) == []


async def test_one_that_cannot_be_written_is_counted_and_the_others_are_written(
    database: Database, scope: Scope
) -> None:
    shop = Shop(database, scope)
    opened = await shop.open()
    done = await shop.confirmed(opened, YES)
    await forget(shop, done, opened)

    class Refusing(PostgresSetups):
        async def restore(self, intent: SetupIntent) -> None:
            if intent.id == "seti_of_nobody":
                raise RecordsRefused("there is no such account")
            await super().restore(intent)

    runs = Runs(replace(opened, id="seti_of_nobody"), done)
    found = await SetupRebuilder(Refusing(database), SetupRecordsBook(database), runs, lambda: NOW).rebuild()
    assert found["records that could not be written"] == 1
    assert await shop.kinds(done.id) == []


async def test_one_that_is_stopped_halfway_and_begun_again_leaves_nothing_out(database: Database, scope: Scope) -> None:
    shop = Shop(database, scope)
    opened = [await shop.open(), await shop.open()]
    done = [await shop.confirmed(intent, YES) for intent in opened]
    for after, before in zip(done, opened, strict=True):
        await forget(shop, after, before)

    class Dying(PostgresSetups):
        async def restore(self, intent: SetupIntent) -> None:
            if intent.id == done[1].id:
                raise RecordsUnavailable
            await super().restore(intent)

    with pytest.raises(RecordsUnavailable):
        await SetupRebuilder(Dying(database), SetupRecordsBook(database), Runs(*done), lambda: NOW).rebuild()
    await rebuilder(shop, Runs(*done)).rebuild()
    assert [await shop.kinds(intent.id) for intent in done] == [[], []]


async def test_a_workflow_is_woken_by_its_record_or_by_what_it_says_itself(database: Database, scope: Scope) -> None:
    shop = Shop(database, scope)
    opened = await shop.open()
    runs = Runs(opened)
    assert await rebuilder(shop, runs).wake(opened.id)
    assert not await rebuilder(shop, runs).wake("seti_nobody")
    assert runs.woken == [opened]


async def test_rebuild_writes_setups_too_and_wakes_those_that_the_comparison_names(
    database: Database, scope: Scope
) -> None:
    shop = Shop(database, scope)
    opened = await shop.open()
    done = await shop.confirmed(opened, YES)
    await forget(shop, done, opened)
    runs = Runs(done)
    difference = Difference(
        kind=Kind.OPEN_WITHOUT_WORKFLOW, id=done.id, ours="open", theirs="none", setup_intent=done.id
    )
    reports = [Report(differences=[difference]), Report()]

    class NoBook:
        async def movements(self) -> AsyncIterator[Movement]:
            for one in tuple[Movement, ...]():
                yield one

        async def asked(self, key: str) -> JsonObject | None:
            raise AssertionError(key)

    async def reconcile() -> Report:
        return reports.pop(0)

    async def no_pause(seconds: float) -> None:
        del seconds

    gateway = SimulatorGateway("http://nobody.invalid")
    whole = Rebuilder(
        PostgresProjection(database), RecordsBook(database), NoBook(), gateway, NoRuns(),
        reconcile, owner=None, secret=str, clock=lambda: NOW, pause=no_pause, setups=rebuilder(shop, runs),
    )  # fmt: skip
    found = (await whole.rebuild()).found
    assert (found["records of SetupIntents written from workflows"], found["workflows woken"]) == (1, 1)
    assert runs.woken == [done]
    await gateway.close()
