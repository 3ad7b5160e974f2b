"""`./perdure accounts pricing` and `./perdure ledger`: set, shown, added up; what makes no sense changes nothing."""

import argparse
from types import ModuleType

import pytest

from cli import accounts, ledger
from domain.machine.transitions import Cause, carry_out
from domain.model.commands import Confirm
from domain.money.pricing import NONE, Pricing
from records import accounts as records
from records.database import Database
from records.projection import PostgresProjection
from records.scope import Scope
from tests.support.builders import APPROVED, NOW, confirmable, decided


async def said(command: ModuleType, database_url: str, *arguments: str) -> int:
    parser = argparse.ArgumentParser()
    command.add_to(parser.add_subparsers())
    name = command.__name__.rpartition(".")[2]
    given = parser.parse_args([name, *arguments, "--database-url", database_url])
    status: int = await given.run(given)
    return status


async def pricing(database: Database, scope: Scope) -> Pricing | None:
    return next(one.pricing for one in await records.list_accounts(database) if one.id == scope.account)


async def test_what_payments_cost_is_set_and_shown(
    database: Database, scope: Scope, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    of = ("--account", scope.account)
    for arguments, expected, words in (
        (("set", "--percent", "1.45", "--fixed", "10", "--days", "7"), Pricing(basis_points=145, fixed=10, dispute=0,
                                                                               days=7), "1.45 % + 10, 0 a dispute"),
        (("none",), NONE, "0 % + 0, 0 a dispute, 2 days"),
        (("usual",), None, "usual (2.9 % + 30, 1500 a dispute, 2 days)"),
    ):  # fmt: skip
        assert await said(accounts, database_url, "pricing", *arguments, *of) == 0
        assert words in capsys.readouterr().out
        assert await pricing(database, scope) == expected
        assert await said(accounts, database_url, "list") == 0
        assert words in next(line for line in capsys.readouterr().out.splitlines() if scope.account in line)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(("set",), 2), (("none", "--fixed", "3"), 2), (("usual", "--account", "acct_nobody"), 1)],
)
async def test_what_makes_no_sense(
    database: Database, scope: Scope, database_url: str, arguments: tuple[str, ...], status: int
) -> None:
    of = () if "--account" in arguments else ("--account", scope.account)
    assert await said(accounts, database_url, "pricing", *arguments, *of) == status
    assert await pricing(database, scope) is None


@pytest.mark.parametrize(
    "given", [("--percent", "2.905"), ("--percent", "101"), ("--percent", "x"), ("--fixed", "-1"), ("--days", "91")]
)
async def test_a_number_has_its_bounds(database_url: str, given: tuple[str, str]) -> None:
    with pytest.raises(SystemExit):
        await said(accounts, database_url, "pricing", "set", *given)


async def test_the_ledger_is_added_up_and_levelled(
    database: Database, scope: Scope, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    projection, intent = PostgresProjection(database), confirmable(account=scope.account, amount=1_000)
    await projection.create(intent, Cause())
    await projection.project(carry_out(intent, Confirm(), decided(intent, Confirm()), APPROVED, NOW))
    assert await said(ledger, database_url, "show") == 0
    shown = [line.split() for line in capsys.readouterr().out.splitlines()]
    mine = {line[3]: line[4] for line in shown if line[0] == scope.account}
    assert mine == {"balance": "941", "fees": "59", "gateway": "-1000"}
    assert shown[-1] == ["all", "of", "it", "0"]
    assert await said(ledger, database_url, "level") == 0
    assert capsys.readouterr().out.startswith("booked ")
    assert await said(ledger, "postgresql://nobody@127.0.0.1:1/none", "show") == 2
