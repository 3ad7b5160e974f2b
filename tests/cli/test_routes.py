"""`./perdure routes`: rules are checked, set as versions, shown, taken back, ended; what is wrong changes nothing."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from cli import routes
from records.accounts import ensure_account, ensure_key, find_key
from records.database import Database
from records.scope import Scope
from tests.support.builders import NOW

RULES: dict[str, Any] = {
    "rules": [{"name": "cards", "when": {"type": "card"}, "gateways": ["alpha", "beta"]}],
    "otherwise": {"gateways": ["beta"]},
}


@pytest.fixture(autouse=True)
def two_gateways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERDURE_GATEWAYS", "alpha beta")


class Desk:
    """An operator with an account, and a file of rules."""

    def __init__(self, database_url: str, scope: Scope, folder: Path) -> None:
        self.url, self.scope, self.file = database_url, scope, folder / "rules.json"

    async def said(self, *arguments: str, account: str | None = None) -> int:
        parser = argparse.ArgumentParser()
        routes.add_to(parser.add_subparsers())
        of = ("--account", account or self.scope.account, "--database-url", self.url)
        given = parser.parse_args(["routes", *arguments, *of])
        status: int = await given.run(given)
        return status

    async def set(self, rules: Any, **more: str) -> int:
        self.file.write_text(json.dumps(rules))
        return await self.said("set", str(self.file), **more)


@pytest.fixture
async def desk(database: Database, database_url: str, scope: Scope, tmp_path: Path) -> Desk:
    await ensure_account(database, scope.account, "a", NOW)
    await ensure_key(database, scope.account, f"sk_{scope.account}", "secret", livemode=False, now=NOW)
    return Desk(database_url, scope, tmp_path)


async def holding(database: Database, scope: Scope) -> tuple[int, list[str]] | None:
    key = await find_key(database, f"sk_{scope.account}", NOW)
    assert key is not None
    return (key.routing.version, [rule.name for rule in key.routing.rules]) if key.routing else None


async def test_versions_are_set_shown_taken_back_and_ended(
    database: Database, scope: Scope, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await holding(database, scope) is None
    assert await desk.said("show") == 0
    assert capsys.readouterr().out == "no rules hold\n"
    assert await desk.set(RULES) == 0
    assert capsys.readouterr().out == f"{scope.account} routes: version 1\n"
    assert await holding(database, scope) == (1, ["cards"])
    assert await desk.set({"tries": 1}) == 0
    assert await holding(database, scope) == (2, [])
    assert await desk.said("back", "1") == 0
    assert await holding(database, scope) == (3, ["cards"])
    capsys.readouterr()
    assert await desk.said("show") == 0
    assert json.loads(capsys.readouterr().out) == RULES
    assert await desk.said("show", "--version", "2") == 0
    assert json.loads(capsys.readouterr().out) == {"rules": [], "tries": 1}
    assert await desk.said("versions") == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [(line[0], line[-1]) for line in lines] == [("3", "holds"), ("2", "rules"), ("1", "rules")]
    assert await desk.said("off") == 0
    assert await holding(database, scope) is None
    assert await desk.said("versions") == 0
    assert "holds" not in capsys.readouterr().out


async def test_what_makes_no_sense_is_named_and_sets_nothing(
    database: Database, scope: Scope, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = {"rules": [{"name": "a", "gateways": ["alhpa"]}], "tries": 0}
    assert await desk.set(wrong) == 2
    said = capsys.readouterr().err
    assert "there is no gateway 'alhpa'. Did you mean alpha?" in said
    assert "tries: must be a number from 1 to 3" in said
    assert await desk.said("check", str(desk.file)) == 2
    desk.file.write_text("{")
    assert await desk.said("set", str(desk.file)) == 2
    assert await desk.said("set", str(desk.file / "none")) == 2
    desk.file.write_text(json.dumps({"rules": [], "x": " " * routes.RULES_BYTES_MAX}))
    assert await desk.said("set", str(desk.file)) == 2
    assert "at most 65536 bytes" in capsys.readouterr().err
    assert await holding(database, scope) is None


async def test_a_file_is_checked_without_being_set(
    database: Database, scope: Scope, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.file.write_text(json.dumps(RULES))
    assert await desk.said("check", str(desk.file)) == 0
    assert capsys.readouterr().out == "1 rules, all of them right\n"
    assert await holding(database, scope) is None


async def test_an_account_or_a_version_that_there_is_not(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert await desk.set(RULES, account="acct_nobody") == 1
    assert await desk.said("off", account="acct_nobody") == 1
    assert await desk.said("back", "7") == 1
    assert await desk.said("show", "--version", "7") == 1
    assert capsys.readouterr().err.count("perdure: ") == 4


async def test_a_version_that_names_a_gateway_that_is_gone_is_not_taken_back(
    database: Database, scope: Scope, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await desk.set(RULES) == 0
    monkeypatch.setenv("PERDURE_GATEWAYS", "alpha")
    assert await desk.said("back", "1") == 2
    assert await holding(database, scope) == (1, ["cards"])
