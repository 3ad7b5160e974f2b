"""`./perdure keys create`: a connected account is of one mode, and of nobody once it was deleted."""

import argparse

import pytest

from cli import keys
from domain.model.connected_accounts import ConnectedAccount
from records import connected_accounts
from records.accounts import ensure_account, list_keys
from records.database import Database
from records.scope import Scope
from tests.support.builders import NOW


async def created(database_url: str, account: str, *more: str) -> int:
    parser = argparse.ArgumentParser()
    keys.add_to(parser.add_subparsers())
    given = ["keys", "create", "--database-url", database_url, "--account", account, *more]
    return await keys.run(parser.parse_args(given))


async def test_a_connected_account_gets_no_key_of_the_other_mode_and_none_once_it_was_deleted(
    database: Database, scope: Scope, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await ensure_account(database, scope.account, "a platform", NOW)
    account = ConnectedAccount(id=f"{scope.account}_c", account=scope.account, livemode=False, created=NOW)
    await connected_accounts.add(database, account, None)
    assert await created(database_url, account.id) == 0
    capsys.readouterr()
    assert await created(database_url, account.id, "--live") == 2
    await connected_accounts.delete(database, scope, account.id, NOW)
    assert await created(database_url, account.id) == 2
    shown = capsys.readouterr()
    assert shown.out == "", "no key is shown"
    assert shown.err.count("has deleted it or has it in the other mode") == 2
    whose = [one.livemode for one in await list_keys(database) if one.account == account.id]
    assert whose == [False]
