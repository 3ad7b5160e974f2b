"""`./perdure resolve`: shows what is not known, and tells the payment what an operator has found out."""

import argparse
import getpass

import pytest

from cli import resolve
from domain.machine.transitions import Cause
from domain.model.commands import Confirm
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from records.database import Database
from records.projection import PostgresProjection
from records.scope import Scope
from records.setups import PostgresSetups
from tests.replay.setup_scenarios import confirm
from tests.support.builders import NOW, in_status, make_method
from tests.workflows.conftest import Stage
from tests.workflows.setups import Setups


async def said(database_url: str, *arguments: str) -> int:
    parser = argparse.ArgumentParser()
    resolve.add_to(parser.add_subparsers())
    given = parser.parse_args(["resolve", *arguments, "--database-url", database_url])
    status: int = await given.run(given)
    return status


@pytest.fixture
async def waiting(
    stage: Stage, database: Database, scope: Scope, temporal_address: str, monkeypatch: pytest.MonkeyPatch
) -> PaymentIntent:
    """One that nobody knows the end of, recorded where the command looks."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal_address)
    stage.gateway.lose_answers = True
    intent = await stage.open(account=scope.account)
    told = await stage.send(intent, Confirm(command_id="cmd_1", payment_method=make_method()))
    assert told.status is Status.PROCESSING
    await PostgresProjection(database).create(told, Cause())
    return told


async def test_what_is_not_known_is_shown_with_its_key_and_nothing_is_done(
    database_url: str, waiting: PaymentIntent, stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    assert waiting.pending is not None
    assert await said(database_url, waiting.id) == 0
    told = capsys.readouterr().out
    assert waiting.pending.key in told
    assert "simulator was asked, and not answered: authorize" in told
    assert "Nobody has to say anything yet" in told, "its gateway can still be asked"
    assert "If it never will be known like that, find out at the gateway, then say --done" in told
    assert "--regardless WHY" in told
    assert (await stage.projection.latest(waiting.id)) == waiting


async def test_of_a_gateway_that_is_not_there_or_has_forgotten_it_is_said_that_it_is_not_asked(
    database_url: str, waiting: PaymentIntent, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PERDURE_GATEWAYS", "other=simulator")
    assert await said(database_url, waiting.id) == 0
    assert "simulator is not in PERDURE_GATEWAYS here" in capsys.readouterr().out
    told = resolve.advice("simulator", {"simulator": 60}, NOW, NOW + 60)
    assert told.startswith("It is not asked again, as simulator keeps the key no more. Find out at the gateway")
    assert "Nobody has to say anything yet" in resolve.advice("simulator", {"simulator": 60}, NOW, NOW + 59)


async def test_it_is_refused_without_a_reason_and_done_with_one(
    database_url: str, waiting: PaymentIntent, stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    word = (waiting.id, "--done", "auth_9", "--by", "kim")
    assert await said(database_url, *word) == 1
    assert "what this rests on" in capsys.readouterr().err
    assert await said(database_url, *word, "--evidence", "file 7") == 1
    assert "still keeps its key" in capsys.readouterr().err
    assert (await stage.projection.latest(waiting.id)) == waiting, "nothing has moved"
    assert await said(database_url, *word, "--evidence", "file 7", "--regardless", "their account is closed") == 0
    assert f"{waiting.id} is succeeded." in capsys.readouterr().out
    ended = await stage.projection.latest(waiting.id)
    assert ended is not None
    assert [(one.by, one.reference, one.evidence) for one in ended.resolutions] == [("kim", "auth_9", "file 7")]


async def test_where_nobody_is_logged_in_it_is_asked_who_says_so(
    database_url: str, waiting: PaymentIntent, stage: Stage, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 10001")

    monkeypatch.setattr(getpass, "getuser", nobody)
    word = (waiting.id, "--not-done", "--evidence", "file 7", "--regardless", "their account is closed")
    assert await said(database_url, *word) == 1
    assert "say who you are (--by)" in capsys.readouterr().err
    assert (await stage.projection.latest(waiting.id)) == waiting, "nothing has moved"
    assert await said(database_url, *word, "--by", "kim") == 0


async def test_where_nothing_is_unknown_there_is_nothing_to_say(
    database_url: str, database: Database, scope: Scope, capsys: pytest.CaptureFixture[str]
) -> None:
    paid = in_status(Status.SUCCEEDED, account=scope.account)
    await PostgresProjection(database).create(paid, Cause())
    for id_, text in (
        (paid.id, "everything is known of"),
        ("pi_none", "there is no PaymentIntent"),
        ("seti_none", "there is no SetupIntent"),
    ):
        assert await said(database_url, id_, "--not-done", "--evidence", "e") == 1
        assert text in capsys.readouterr().err


async def test_a_setup_is_shown_and_resolved_as_a_payment_is(
    database_url: str, database: Database, stage: Stage, temporal_address: str, scope: Scope,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal_address)
    stage.gateway.lose_answers = True
    setups = Setups(stage)
    working = await setups.send(await setups.open(account=scope.account), confirm())
    assert working.pending is not None
    await PostgresSetups(database).create(working, Cause())
    assert await said(database_url, working.id) == 0
    told = capsys.readouterr().out
    assert working.pending.key in told
    assert "simulator was asked, and not answered: set_up" in told
    word = (working.id, "--not-done", "--by", "kim", "--evidence", "file 7")
    assert await said(database_url, *word) == 1
    assert "still keeps its key" in capsys.readouterr().err
    assert await stage.setups.latest(working.id) == working, "nothing has moved"
    assert await said(database_url, *word, "--regardless", "their account is closed") == 0
    assert f"{working.id} is requires_payment_method." in capsys.readouterr().out
    ended = await stage.setups.latest(working.id)
    assert ended is not None
    assert [(one.by, one.done, one.operation) for one in ended.resolutions] == [("kim", False, "set_up")]


async def test_a_database_that_does_not_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert await said("postgresql://nobody@127.0.0.1:1/none", "pi_1") == 2
    assert capsys.readouterr().err.startswith("perdure: ")
