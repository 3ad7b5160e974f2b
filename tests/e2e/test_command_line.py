"""`./perdure keys` and `reconcile` as an operator runs them, against the running engine."""

import subprocess
import sys
from typing import Any

import pytest
import stripe

from settings import ROOT
from tests.e2e.conftest import Running
from tests.support import patient


def perdure(running: Running, *arguments: str, seconds: float = 240) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cli", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=running.environment, capture_output=True, text=True, timeout=seconds, check=False
    )


def key_id(running: Running, key: str) -> str:
    listed = perdure(running, "keys", "list").stdout
    assert key not in listed
    return next(line.split()[0] for line in listed.splitlines() if f"…{key[-4:]}" in line)


def test_the_doctor_finds_nothing_wrong_with_what_make_run_has_started(running: Running) -> None:
    found = perdure(running, "doctor")
    assert (found.returncode, "!!" in found.stdout) == (0, False), found.stdout
    assert "all parts are well" in found.stdout


def test_a_key_is_made_used_rolled_and_revoked(running: Running) -> None:
    made = perdure(running, "keys", "create", "--name", "shop")
    key = made.stdout.strip()
    assert key.startswith("sk_test_")
    assert running.client(api_key=key).v1.customers.create({}).id
    rolled = perdure(running, "keys", "roll", key_id(running, key), "--overlap", "1h").stdout.strip()
    for one in (key, rolled):
        assert running.client(api_key=one).v1.customers.list({"limit": 1}).data
    assert perdure(running, "keys", "revoke", key_id(running, rolled)).returncode == 0

    def refused() -> bool:
        try:
            running.client(api_key=rolled).v1.customers.list({"limit": 1})
        except stripe.AuthenticationError as error:
            return "Expired API Key" in str(error)
        return False

    running.wait_for(refused)


def test_a_restricted_key_of_another_account(running: Running) -> None:
    given = ("--account", "acct_other", "--kind", "restricted", "--allow", "customers:write")
    client: Any = running.client(api_key=perdure(running, "keys", "create", *given).stdout.strip())
    assert client.v1.customers.list().data == []
    with pytest.raises(stripe.PermissionError):
        client.v1.payment_intents.create({"amount": 100, "currency": "usd"})


def test_duplicates_are_looked_for_once_that_is_set(running: Running) -> None:
    account = "acct_duplicates"
    client: Any = running.client(api_key=perdure(running, "keys", "create", "--account", account).stdout.strip())
    given = {"amount": 1_234, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True,
             "return_url": "https://shop.example"}  # fmt: skip
    of = ("--account", account)
    said = perdure(running, "accounts", "duplicates", "refuse", "--window", "10m", *of)
    assert (said.returncode, said.stdout.strip()) == (0, f"{account} duplicates: refuse within 600 s")
    assert said.stdout.split()[-5:] == perdure(running, "accounts", "list").stdout.split(account)[1].split()[:5]
    first = client.v1.payment_intents.create(given)
    with pytest.raises(stripe.CardError) as caught:
        client.v1.payment_intents.create(given)
    error: Any = caught.value.error
    assert (error.code, error.decline_code) == ("card_declined", "duplicate_transaction")
    assert first.id in error.message
    second = error.payment_intent
    assert (second["status"], client.v1.charges.list({"payment_intent": second["id"]}).data) == (
        "requires_payment_method", [],
    )  # fmt: skip
    assert perdure(running, "accounts", "duplicates", "off", *of).stdout.strip() == f"{account} duplicates: off"


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("accounts", "duplicates", "refuse"), 2, "--window says"),
        (("accounts", "duplicates", "off", "--window", "1m"), 2, "--window says"),
        (("accounts", "duplicates", "flag", "--window", "2d"), 2, "no window"),
        (("accounts", "duplicates", "flag", "--window", "1m", "--account", "acct_nobody"), 1, "there is no account"),
        (("keys", "create", "--kind", "restricted"), 2, "--allow says"),
        (("keys", "create", "--allow", "customers:fly"), 2, "no permission"),
        (
            ("keys", "create", "--kind", "restricted", "--allow", "nonsense:write"),
            2,
            "There are accounts, api_keys, application_fees, balance,",
        ),
        (("keys", "create", "--kind", "restricted", "--allow", "refund:write"), 2, "Did you mean refunds?"),
        (("keys", "create", "--kind", "restricted", "--allow", "refunds:wirte"), 2, "Did you mean write?"),
        (("listen", "--events", "charge.succeded"), 1, "Did you mean charge.succeeded?"),
        (("keys", "create", "--account", "me"), 2, "starts with acct_"),
        (("keys", "revoke", "key_nobody"), 1, "there is no key"),
        (("keys", "list", "--database-url", "postgresql://nobody@127.0.0.1:1/x"), 2, "does not answer"),
        (("reconcile", "--gateway-url", "http://127.0.0.1:1"), 2, "cannot compare"),
    ],
)
def test_what_makes_no_sense_is_said_so(running: Running, arguments: tuple[str, ...], status: int, said: str) -> None:
    done = perdure(running, *arguments)
    assert (done.returncode, done.stdout) == (status, "")
    assert said in done.stderr


def test_a_difference_is_found_and_shown(fresh: Running) -> None:
    fresh.start()
    client = fresh.client()
    client.v1.payment_intents.create(
        {"amount": 700, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    )
    agreed = perdure(fresh, "reconcile")
    assert (agreed.returncode, agreed.stdout.splitlines()[-1]) == (0, "No difference.")

    token = patient.post(f"{fresh.simulator}/tokens", json={"reference": "pm_card_visa"}).json()["token"]
    body = {"key": "by hand", "charge": "ch_by_hand", "token": token, "amount": 5, "currency": "usd", "capture": True}
    patient.post(f"{fresh.simulator}/authorizations", json=body).raise_for_status()
    differs = perdure(fresh, "reconcile")
    assert differs.returncode == 1
    assert "ch_by_hand" in differs.stdout
    assert "1 differences." in differs.stdout
    assert '"what": "unknown to us"' in perdure(fresh, "reconcile", "--json").stdout
