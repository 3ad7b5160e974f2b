"""`./perdure accounts blocks`: checks of cards that are a no when they fail are set, shown and ended."""

import pytest

from records.accounts import ensure_account, ensure_key, find_key
from records.database import Database
from records.scope import Scope
from tests.records.test_duplicate_setting import said
from tests.support.builders import NOW


async def blocked(database: Database, scope: Scope) -> tuple[str, ...]:
    await ensure_key(database, scope.account, f"sk_{scope.account}", "secret", livemode=False, now=NOW)
    key = await find_key(database, f"sk_{scope.account}", NOW)
    assert key is not None
    return key.blocked_checks


async def test_they_are_set_shown_and_ended(
    database: Database, scope: Scope, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await ensure_account(database, scope.account, "a", NOW)
    assert await blocked(database, scope) == ()
    of = ("--account", scope.account)
    assert await said(database_url, "blocks", "postal_code", "cvc", *of) == 0
    assert capsys.readouterr().out == f"{scope.account} blocks: cvc, postal_code\n"
    assert await blocked(database, scope) == ("cvc", "postal_code")
    assert await said(database_url, "list") == 0
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith(f"{scope.account} "))
    assert " blocks: cvc, postal_code " in line
    assert await said(database_url, "blocks", "off", *of) == 0
    assert await blocked(database, scope) == ()


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [(("cvc", "off"), 2, "which checks, or off"), (("cvc", "--account", "acct_nobody"), 1, "no account acct_nobody")],
)
async def test_what_makes_no_sense(
    database_url: str, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], status: int, message: str
) -> None:
    assert await said(database_url, "blocks", *arguments) == status
    assert message in capsys.readouterr().err
