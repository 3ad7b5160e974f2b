"""Mandates that are good for one payment, on the real PostgreSQL: who takes one, and who gives one back."""

import asyncio
from dataclasses import replace
from itertools import count

import pytest
from sqlalchemy import null

from domain.machine.transitions import Cause
from domain.model.mandates import Mandate
from records import mandates
from records.codec import dump_mandate
from records.database import Database
from records.projection import PostgresProjection
from records.scope import Scope
from records.tables import mandates as table
from records.tables import payment_intents
from records.takers import LAPSE_SECONDS
from tests.support.builders import NOW, confirmable

_numbers = count()


async def for_one(database: Database, scope: Scope) -> str:
    """The id of one that nobody has taken."""
    mandate = Mandate(
        id=f"mandate_{scope.account}_{next(_numbers)}", account=scope.account, livemode=scope.livemode, created=NOW,
        payment_method="pm_1", method_type="sepa_debit", amount=1_000, currency="eur", by_setup=True,
    )  # fmt: skip
    named = ("id", "account", "livemode", "created", "payment_method")
    row = {name: getattr(mandate, name) for name in named}
    await database.execute(table.insert().values(**row, data=dump_mandate(mandate)))
    return mandate.id


async def taken_by(database: Database, scope: Scope, id_: str) -> tuple[str | None, str | None]:
    mandate = await mandates.load(database, scope, id_)
    assert mandate is not None
    return mandate.used_by, mandate.used_command


async def made(database: Database, scope: Scope, **fields: object) -> str:
    """A payment that nobody has confirmed."""
    intent = replace(confirmable(account=scope.account, **fields), livemode=scope.livemode)
    await PostgresProjection(database).create(intent, Cause())
    return intent.id


async def busy(database: Database, id_: str) -> None:
    row = payment_intents.c.id == id_
    await database.execute(payment_intents.update().where(row).values(under_way={"command": {}, "now": NOW}))


async def test_only_the_command_that_took_one_gives_it_back(database: Database, scope: Scope) -> None:
    id_ = await for_one(database, scope)
    assert await mandates.use(database, scope, id_, "pi_first", "first", NOW)
    assert await mandates.use(database, scope, id_, "pi_first", "first", NOW), "a repetition is the same"
    assert not await mandates.use(database, scope, id_, "pi_other", "other", NOW)
    await mandates.give_back(database, scope, id_, "pi_other", "other")
    await mandates.give_back(database, scope, id_, "pi_first", "second")
    assert await taken_by(database, scope, id_) == ("pi_first", "first")
    await mandates.give_back(database, scope, id_, "pi_first", "first")
    assert await taken_by(database, scope, id_) == (None, None)
    assert await mandates.use(database, scope, id_, "pi_other", "other", NOW)


@pytest.mark.parametrize("order", [("first", "second"), ("second", "first")])
async def test_one_that_two_commands_have_taken_is_given_back_by_both_or_not_at_all(
    database: Database, scope: Scope, order: tuple[str, str]
) -> None:
    id_ = await for_one(database, scope)
    assert await mandates.use(database, scope, id_, "pi_first", "first", NOW)
    assert await mandates.use(database, scope, id_, "pi_first", "second", NOW)
    await mandates.give_back(database, scope, id_, "pi_first", order[0])
    assert await taken_by(database, scope, id_) == ("pi_first", order[1]), "which may be about to pay by it"
    assert not await mandates.use(database, scope, id_, "pi_other", "other", NOW)
    await mandates.give_back(database, scope, id_, "pi_first", order[1])
    assert await taken_by(database, scope, id_) == (None, None)
    assert await mandates.use(database, scope, id_, "pi_other", "other", NOW)


@pytest.mark.parametrize("made_it", [True, False])
async def test_one_that_a_process_died_with_is_free_again_after_a_while(
    database: Database, scope: Scope, made_it: bool
) -> None:
    """Before it had written its intent, or sent its command; another of its commands was refused meanwhile."""
    id_, died = await for_one(database, scope), await made(database, scope) if made_it else "pi_never_made"
    assert await mandates.use(database, scope, id_, died, "died", NOW)
    assert await mandates.use(database, scope, id_, died, "refused", NOW)
    await mandates.give_back(database, scope, id_, died, "refused")
    assert not await mandates.use(database, scope, id_, "pi_other", "early", NOW + LAPSE_SECONDS - 1)
    assert await mandates.use(database, scope, id_, "pi_other", "later", NOW + LAPSE_SECONDS)
    assert await taken_by(database, scope, id_) == ("pi_other", "later")
    late = NOW + LAPSE_SECONDS
    assert not await mandates.use(database, scope, id_, died, "died", late), "it is not the dead one's any more"
    await mandates.give_back(database, scope, id_, died, "died")
    assert await taken_by(database, scope, id_) == ("pi_other", "later")


async def test_one_that_something_has_come_of_stays_for_good(database: Database, scope: Scope) -> None:
    late = NOW + 1_000 * LAPSE_SECONDS
    for name in ("names it", "is being paid"):
        id_ = await for_one(database, scope)
        intent = await made(database, scope, mandate=id_ if name == "names it" else None)
        assert await mandates.use(database, scope, id_, intent, "first", NOW)
        if name == "is being paid":
            await busy(database, intent)
        assert not await mandates.use(database, scope, id_, "pi_other", "other", late), name
        assert await taken_by(database, scope, id_) == (intent, "first")


async def test_of_rivals_for_one_that_has_lapsed_one_has_it(database: Database, scope: Scope) -> None:
    id_, late = await for_one(database, scope), NOW + LAPSE_SECONDS
    assert await mandates.use(database, scope, id_, "pi_died", "died", NOW)
    rivals = (mandates.use(database, scope, id_, f"pi_{one}", f"cmd_{one}", late) for one in range(8))
    assert (await asyncio.gather(*rivals)).count(True) == 1


async def test_what_an_older_release_took_does_not_lapse(database: Database, scope: Scope) -> None:
    id_, late = await for_one(database, scope), NOW + 1_000 * LAPSE_SECONDS
    older = {"used_by": "pi_first", "used_command": "first"}
    await database.execute(table.update().where(table.c.id == id_).values(data=table.c.data.concat(older)))
    assert not await mandates.use(database, scope, id_, "pi_other", "other", late)
    assert await mandates.use(database, scope, id_, "pi_first", "second", NOW)
    await mandates.give_back(database, scope, id_, "pi_first", "second")
    assert not await mandates.use(database, scope, id_, "pi_other", "other", late)
    await mandates.give_back(database, scope, id_, "pi_first", "first")
    assert await mandates.use(database, scope, id_, "pi_other", "other", late)


@pytest.mark.parametrize("under_way", [True, False])
async def test_nothing_is_given_back_while_its_intent_has_a_command_under_way(
    database: Database, scope: Scope, under_way: bool
) -> None:
    id_, intent = await for_one(database, scope), await made(database, scope)
    if under_way:
        await busy(database, intent)
    assert await mandates.use(database, scope, id_, intent, "first", NOW)
    await mandates.give_back(database, scope, id_, intent, "first")
    assert (await taken_by(database, scope, id_))[0] == (intent if under_way else None)
    await database.execute(payment_intents.update().where(payment_intents.c.id == intent).values(under_way=null()))
    assert await mandates.use(database, scope, id_, "pi_other", "other", NOW), "and it came to nothing"
