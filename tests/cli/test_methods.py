"""`./perdure accounts methods`: what is offered is shown and changed; what makes no sense changes nothing."""

import pytest

from domain.methods.offered import CONFIGURABLE, USUAL, WALLETS
from records import payment_method_configurations as configurations
from records.accounts import ensure_account
from records.database import Database
from records.scope import Scope
from tests.records.test_duplicate_setting import said
from tests.support.builders import NOW


async def test_it_is_shown_and_changed(
    database: Database, scope: Scope, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    of = ("--account", scope.account)
    await ensure_account(database, scope.account, "a", NOW)
    assert await said(database_url, "methods", *of) == 0
    on, off = capsys.readouterr().out.splitlines()
    assert set(on.removeprefix(f"{scope.account} on: ").split()) == {*USUAL, *WALLETS}
    assert "sepa_debit" in off.split()
    assert len(on.split()) + len(off.split()) == len(CONFIGURABLE) + 4
    assert await said(database_url, "methods", "--on", "sepa_debit", "--off", "klarna", "--off", "eps", *of) == 0
    on = capsys.readouterr().out.splitlines()[0]
    assert ("sepa_debit" in on.split(), "klarna" in on.split(), "eps" in on.split()) == (True, False, False)
    assert (await configurations.default(database, scope)).preferences == {
        "sepa_debit": "on", "klarna": "off", "eps": "off"
    }  # fmt: skip
    live = Scope(scope.account, not scope.livemode)
    assert (await configurations.default(database, live)).offered is None, "the other mode is not touched"


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("--off", "card"), 2, "cards cannot be turned off"),
        (("--on", "zip", "--off", "zip"), 2, "nothing both on and off"),
        (("--on", "zip", "--account", "acct_nobody"), 1, "there is no account acct_nobody"),
    ],
)
async def test_what_makes_no_sense(
    database_url: str, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], status: int, message: str
) -> None:
    assert await said(database_url, "methods", *arguments) == status
    assert message in capsys.readouterr().err
    with pytest.raises(SystemExit):
        await said(database_url, "methods", "--on", "sepa_debbit")
    assert "Did you mean sepa_debit?" in capsys.readouterr().err
