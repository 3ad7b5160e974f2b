"""`./perdure accounts`: the duplicate guard is set, shown and ended; what makes no sense changes nothing."""

import argparse

import pytest

from cli import accounts
from domain.machine.duplicates import Choice, Guard
from records.accounts import ensure_key, find_key
from records.database import Database
from records.scope import Scope
from tests.support.builders import NOW


async def said(database_url: str, *arguments: str) -> int:
    parser = argparse.ArgumentParser()
    accounts.add_to(parser.add_subparsers())
    given = parser.parse_args(["accounts", *arguments, "--database-url", database_url])
    status: int = await given.run(given)
    return status


async def guard(database: Database, scope: Scope) -> Guard | None:
    await ensure_key(database, scope.account, f"sk_{scope.account}", "secret", livemode=False, now=NOW)
    key = await find_key(database, f"sk_{scope.account}", NOW)
    assert key is not None
    return key.duplicates


async def test_it_is_set_shown_and_ended(
    database: Database, scope: Scope, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await guard(database, scope) is None
    of = ("--account", scope.account)
    assert await said(database_url, "duplicates", "refuse", "--window", "10m", *of) == 0
    assert capsys.readouterr().out == f"{scope.account} duplicates: refuse within 600 s\n"
    assert await guard(database, scope) == Guard(600, Choice.REFUSE)
    assert await said(database_url, "list") == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [scope.account, "duplicates:", "refuse", "within", "600", "s"] in [line[:6] for line in lines]
    assert await said(database_url, "duplicates", "off", *of) == 0
    assert await guard(database, scope) is None


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(("flag",), 2), (("off", "--window", "1m"), 2), (("flag", "--window", "1m", "--account", "acct_nobody"), 1)],
)
async def test_what_makes_no_sense(
    database: Database, scope: Scope, database_url: str, arguments: tuple[str, ...], status: int
) -> None:
    of = () if "--account" in arguments else ("--account", scope.account)
    assert await said(database_url, "duplicates", *arguments, *of) == status
    assert await guard(database, scope) is None


@pytest.mark.parametrize("window", ["0", "2d", "soon"])
async def test_a_window_is_a_second_at_least_and_a_day_at_most(database_url: str, window: str) -> None:
    with pytest.raises(SystemExit):
        await said(database_url, "duplicates", "flag", "--window", window)
