"""`./perdure accounts reattempts`: whose payments keep to the networks' limits is set, shown and ended."""

import pytest

from records.accounts import ensure_account, ensure_key, find_key
from records.database import Database
from records.scope import Scope
from tests.records.test_duplicate_setting import said
from tests.support.builders import NOW


async def limited(database: Database, scope: Scope, *, livemode: bool) -> bool:
    secret = f"sk_{scope.account}_{livemode}"
    await ensure_key(database, scope.account, secret, "secret", livemode=livemode, now=NOW)
    key = await find_key(database, secret, NOW)
    assert key is not None
    return key.limits_reattempts


async def test_live_payments_keep_to_them_unless_told_otherwise_and_test_payments_if_told(
    database: Database, scope: Scope, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await ensure_account(database, scope.account, "a", NOW)
    for choice, live, test in (("usual", True, False), ("on", True, True), ("off", False, False)):
        assert await said(database_url, "reattempts", choice, "--account", scope.account) == 0
        assert capsys.readouterr().out == f"{scope.account} reattempts: {choice}\n"
        assert await limited(database, scope, livemode=True) is live
        assert await limited(database, scope, livemode=False) is test
        assert await said(database_url, "list") == 0
        (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith(f"{scope.account} "))
        assert f" reattempts: {choice} " in line


async def test_an_account_that_there_is_not(database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert await said(database_url, "reattempts", "on", "--account", "acct_nobody") == 1
    assert "no account acct_nobody" in capsys.readouterr().err
