"""`./perdure accounts version`: pinned, shown, taken back; and a version or an account that there is not."""

import pytest
from sqlalchemy import select

from records.accounts import ensure_account
from records.database import Database
from records.scope import Scope
from records.tables import accounts
from tests.records.test_duplicate_setting import said
from tests.support.builders import NOW


async def pinned(database: Database, scope: Scope) -> str | None:
    rows = await database.execute(select(accounts.c.api_version).where(accounts.c.id == scope.account))
    version: str | None = rows[0].api_version
    return version


async def test_it_is_pinned_shown_and_taken_back(
    database: Database, scope: Scope, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    of = ("--account", scope.account)
    await ensure_account(database, scope.account, "a", NOW)
    assert await said(database_url, "version", "2022-11-15", *of) == 0
    assert capsys.readouterr().out == f"{scope.account} version: 2022-11-15\n"
    assert await pinned(database, scope) == "2022-11-15"
    assert await said(database_url, "list") == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith(scope.account)]
    assert line.endswith("version: 2022-11-15")
    assert await said(database_url, "version", "newest", *of) == 0
    assert await pinned(database, scope) is None


@pytest.mark.parametrize(
    ("version", "account", "status", "message"),
    [
        ("2031-01-01", None, 2, "there is no version 2031-01-01"),
        ("2022-11-15", "acct_nobody", 1, "there is no account acct_nobody"),
    ],
)
async def test_what_there_is_not(
    database: Database, scope: Scope, database_url: str, capsys: pytest.CaptureFixture[str],
    version: str, account: str | None, status: int, message: str,
) -> None:  # fmt: skip
    await ensure_account(database, scope.account, "a", NOW)
    assert await said(database_url, "version", version, "--account", account or scope.account) == status
    assert message in capsys.readouterr().err
    assert await pinned(database, scope) is None
