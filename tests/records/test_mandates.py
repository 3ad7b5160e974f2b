"""Mandates that are good for one payment, on the real PostgreSQL: who takes one, and who gives one back."""

from dataclasses import replace

import pytest

from domain.machine.transitions import Cause
from domain.model.mandates import Mandate
from records import mandates
from records.codec import dump_mandate
from records.confirmation_tokens import Use
from records.database import Database
from records.projection import PostgresProjection
from records.scope import Scope
from records.tables import mandates as table
from records.tables import payment_intents
from tests.support.builders import NOW, confirmable


async def for_one(database: Database, scope: Scope) -> str:
    """The id of one that nobody has taken."""
    mandate = Mandate(
        id=f"mandate_{scope.account}", account=scope.account, livemode=scope.livemode, created=NOW,
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


async def test_only_the_command_that_took_one_gives_it_back(database: Database, scope: Scope) -> None:
    id_ = await for_one(database, scope)
    assert await mandates.use(database, scope, id_, "pi_1", "first") is Use.TAKEN
    assert await mandates.use(database, scope, id_, "pi_1", "first") is Use.TAKEN, "a repetition is the same"
    assert await mandates.use(database, scope, id_, "pi_2", "other") is Use.ELSEWHERE
    await mandates.give_back(database, scope, id_, "pi_2", "other")
    await mandates.give_back(database, scope, id_, "pi_1", "second")
    assert await taken_by(database, scope, id_) == ("pi_1", "first")
    await mandates.give_back(database, scope, id_, "pi_1", "first")
    assert await taken_by(database, scope, id_) == (None, None)
    assert await mandates.use(database, scope, id_, "pi_2", "other") is Use.TAKEN


async def test_one_that_two_commands_go_by_stays_with_their_intent(database: Database, scope: Scope) -> None:
    id_ = await for_one(database, scope)
    assert await mandates.use(database, scope, id_, "pi_1", "first") is Use.TAKEN
    assert await mandates.use(database, scope, id_, "pi_1", "second") is Use.AGAIN
    await mandates.give_back(database, scope, id_, "pi_1", "first")
    assert await taken_by(database, scope, id_) == ("pi_1", "second"), "the second may be about to pay by it"


@pytest.mark.parametrize("under_way", [True, False])
async def test_nothing_is_given_back_while_its_intent_has_a_command_under_way(
    database: Database, scope: Scope, under_way: bool
) -> None:
    id_, intent = await for_one(database, scope), replace(confirmable(account=scope.account), livemode=scope.livemode)
    await PostgresProjection(database).create(intent, Cause())
    if under_way:
        row = payment_intents.c.id == intent.id
        await database.execute(payment_intents.update().where(row).values(under_way={"command": {}, "now": NOW}))
    assert await mandates.use(database, scope, id_, intent.id, "first") is Use.TAKEN
    await mandates.give_back(database, scope, id_, intent.id, "first")
    assert (await taken_by(database, scope, id_))[0] == (intent.id if under_way else None)
