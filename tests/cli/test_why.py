"""`./perdure why`: says from the record why a payment is as it is, and what comes."""

import argparse
import json

import pytest

from cli import why
from domain.machine.fence import UnderWay
from domain.machine.transitions import Cause, carry_out
from domain.model.commands import Capture, Confirm
from domain.model.payment_intent import PaymentIntent
from records.database import Database
from records.projection import PostgresProjection
from records.scope import Scope
from tests.support.builders import APPROVED, NOW, confirmable, decided


async def said(database_url: str, *arguments: str) -> int:
    parser = argparse.ArgumentParser()
    why.add_to(parser.add_subparsers())
    given = parser.parse_args(["why", *arguments, "--database-url", database_url])
    status: int = await given.run(given)
    return status


@pytest.fixture
async def held(database: Database, scope: Scope) -> PaymentIntent:
    projection, intent = PostgresProjection(database), confirmable(account=scope.account, capture_method="manual")
    await projection.create(intent, Cause())
    confirm = Confirm(command_id="c")
    transition = carry_out(intent, confirm, decided(intent, confirm), APPROVED, NOW)
    await projection.project(transition)
    return transition.after


async def test_a_hold_is_explained_with_what_comes_and_when(
    database_url: str, held: PaymentIntent, capsys: pytest.CaptureFixture[str]
) -> None:
    assert held.charge is not None
    assert await said(database_url, held.id) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{held.id} is requires_capture. It waits for the merchant."
    assert lines[1] == "  $10.99 usd is held on visa …4242, and waits to be captured."
    assert why.when(held.charge.capture_before) in lines[lines.index("By itself:") + 1]
    assert f"{held.charge.id} at simulator, succeeded: approved and held" in lines[lines.index("Attempts:") + 1]
    assert lines[-1].startswith("Its merchant may: ")


async def test_as_json_and_with_a_command_under_way(
    database: Database, database_url: str, held: PaymentIntent, capsys: pytest.CaptureFixture[str]
) -> None:
    await PostgresProjection(database).claim(held, UnderWay(command=Capture(command_id="k"), now=NOW))
    assert await said(database_url, held.id, "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["status"], len(shown["attempts"])) == ("requires_capture", 1)
    assert any(one.startswith("A capture was begun ") for one in shown["why"])


async def test_a_payment_that_there_is_not_and_a_database_that_does_not_answer(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await said(database_url, "pi_none") == 1
    assert capsys.readouterr().err == "perdure: there is no payment pi_none\n"
    assert await said(database_url, "seti_1") == 1
    told = capsys.readouterr().err
    assert "seti_1 is no payment" in told
    assert "`perdure resolve seti_1`" in told
    assert await said("postgresql://nobody@127.0.0.1:1/none", "pi_none") == 2
