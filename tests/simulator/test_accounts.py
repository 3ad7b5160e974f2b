"""Every test account of Stripe's pages: by name and by number it is taken, and its bank does what the page says."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulator.account_table import ACCOUNTS, BLOCKED, BOUNCED, DISPUTE, NAMED, NEVER, TestAccount
from simulator.ibans import IBANS, SCENARIOS
from simulator.rails import WITH_MICRODEPOSITS
from simulator.transfers import with_check
from tests.simulator.test_app import authorize, http, path

__all__ = ["http", "path"]

FAR_SECONDS = 10 * 86_400
ROWS = [pytest.param(account, id=account.name or f"{account.type}-{account.number}") for account in ACCOUNTS]


async def made(http: httpx.AsyncClient, account: TestAccount, *, named: bool) -> str:
    """A token of the account."""
    body = {"reference": account.name} if named else {"type": account.type, "details": account.given}
    answer = (await http.post("/tokens", json=body)).json()
    assert answer["details"]["last4"] == account.number[-4:]
    assert account.number not in json.dumps(answer)
    return str(answer["token"])


async def debited(http: httpx.AsyncClient, account: TestAccount, token: str) -> dict[str, Any]:
    """What is said to a debit, once it was verified where that is asked."""
    answer = (await authorize(http, token=token, reference="pi_1")).json()
    if answer["type"] != "verification_required":
        return dict(answer)
    assert account.type in WITH_MICRODEPOSITS
    said = {"amounts": [32, 45], "verification": answer["verification"]}
    return dict((await authorize(http, "k2", token=token, reference="pi_1", **said)).json())


def news(path: Path) -> list[dict[str, Any]]:
    """What the engine will be told."""
    with sqlite3.connect(path) as book:
        return [json.loads(body) for (body,) in book.execute("SELECT body FROM notifications ORDER BY id")]


@pytest.mark.parametrize("account", ROWS)
async def test_its_bank_does_what_the_page_says(http: httpx.AsyncClient, path: Path, account: TestAccount) -> None:
    answer = await debited(http, account, await made(http, account, named=False))
    pace, _, reason = account.conduct.partition(":")
    if reason == BLOCKED:
        assert (answer["type"], answer["decline_code"], answer["blocked"]) == ("declined", "fraudulent", True)
        return
    if reason == BOUNCED:
        assert answer["decline_code"] == "microdeposits_failed"
        return
    assert answer["type"] == "accepted"
    settlement = f"/authorizations/{answer['reference']}/settlement"
    at_once = (await http.post(settlement, json={"key": "pi_1/now"})).json()
    assert at_once["type"] == "accepted", "no bank answers within a second"
    ended = (await http.post(settlement, json={"key": "pi_1/later", "at": 2_000_000_000 + FAR_SECONDS})).json()
    if pace == NEVER:
        assert ended["type"] == "accepted"
    elif reason in ("", DISPUTE):
        assert ended["type"] == "approved"
    else:
        assert (ended["type"], ended["decline_code"]) == ("declined", reason)
    told = [(news_["type"], news_.get("reason")) for news_ in news(path)]
    disputed = [("dispute", "debit_not_authorized")] if reason == DISPUTE else []
    assert told == ([] if pace == NEVER else [("settlement", None)]) + disputed


@pytest.mark.parametrize("name", sorted(NAMED))
async def test_a_name_is_its_account(http: httpx.AsyncClient, name: str) -> None:
    answer = (await http.post("/tokens", json={"reference": name})).json()
    account = NAMED[name]
    assert (answer["type"], answer["details"]["last4"]) == (account.type, account.number[-4:])
    first = (await authorize(http, token=answer["token"])).json()
    asked = account.type in WITH_MICRODEPOSITS and not account.known and BLOCKED not in account.conduct
    assert (first["type"] == "verification_required") == asked


@pytest.mark.parametrize("slow", ["delayed", "soon", "never"])
def test_what_is_called_delayed_takes_its_time(slow: str) -> None:
    paces = {account.name: account.conduct.partition(":")[0] for account in ACCOUNTS if account.name}
    called = {name for name in paces if name.lower().partition("delayed")[1]} | {"pm_bacsDebit_dispute"}
    assert (slow == "delayed") == all(paces[name] == slow for name in called)


@pytest.mark.parametrize("country", sorted(IBANS))
def test_every_iban_is_one(country: str) -> None:
    row = IBANS[country].split()
    assert len(row) == len(SCENARIOS)
    assert [iban for iban in row if iban != with_check(country.upper(), iban[4:])] == []


@pytest.mark.parametrize(
    ("type_", "given", "code"),
    [
        ("sepa_debit", {"iban": "AT271904300000055555"}, "sepa_debit_bank_not_supported"),
        ("sepa_debit", {"iban": "AT511904300000066666"}, "sepa_debit_debits_not_supported"),
        ("sepa_debit", {"iban": "BE43510000066666"}, "sepa_debit_debits_not_supported"),
        ("bacs_debit", {"account_number": "00044444", "sort_code": "108800"}, "account_number_invalid"),
    ],
)
async def test_what_is_never_debited_gets_no_token(
    http: httpx.AsyncClient, path: Path, type_: str, given: dict[str, str], code: str
) -> None:
    answer = (await http.post("/tokens", json={"type": type_, "details": given})).json()
    assert answer == {"type": "declined", "decline_code": code}
    with sqlite3.connect(path) as book:
        assert book.execute("SELECT count(*) FROM tokens").fetchone() == (0,)


async def test_an_account_that_nobody_lists_has_money(http: httpx.AsyncClient) -> None:
    body = {"type": "bacs_debit", "details": {"account_number": "00098765", "sort_code": "108800"}}
    token = (await http.post("/tokens", json=body)).json()["token"]
    answer = (await authorize(http, token=token, reference="pi_1")).json()
    ended = await http.post(
        f"/authorizations/{answer['reference']}/settlement", json={"key": "k/later", "at": 2_000_000_000}
    )
    assert ended.json()["type"] == "approved"
