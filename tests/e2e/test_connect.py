"""Connect as a platform uses it, by the official SDKs, Python and Node: accounts, and what is done for them."""

import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from tests.e2e.conftest import PUBLISHABLE, SECRET, Running
from tests.e2e.test_around import PAID, refused
from tests.e2e.test_every_method import NODE
from tests.support.receivers import Receiver, receiving, wait_until


def forbidden(command: Any, *given: Any) -> str:
    """The code of a 403, which the library's error knows in its body alone."""
    with pytest.raises(stripe.PermissionError) as caught:
        command(*given)
    body: Any = caught.value.json_body
    return str(body["error"]["code"])


def is_forbidden(command: Any) -> bool:
    try:
        command()
    except stripe.PermissionError:
        return True
    return False


def test_a_platform_acts_for_an_account(running: Running) -> None:
    v1 = running.client().v1
    account = v1.accounts.create({"type": "express", "country": "FR", "email": "jenny@example.com"})
    assert (account.charges_enabled, account.default_currency) == (True, "eur")
    assert v1.accounts.update(account.id, {"metadata": {"shop": "6735"}}).metadata["shop"] == "6735"
    assert account.id in [one.id for one in v1.accounts.list({"limit": 5}).auto_paging_iter()]
    intent = v1.payment_intents.create({**PAID, "application_fee_amount": 99}, {"stripe_account": account.id})
    assert (intent.status, intent.application_fee_amount, intent.application[:3]) == ("succeeded", 99, "ca_")
    assert refused(v1.payment_intents.retrieve, intent.id) == "resource_missing"
    assert refused(v1.charges.retrieve, intent.latest_charge) == "resource_missing"
    theirs = running.client(stripe_account=account.id).v1
    assert theirs.accounts.retrieve_current().id == account.id
    assert theirs.payment_intents.retrieve(intent.id).id == intent.id
    assert theirs.refunds.create({"payment_intent": intent.id, "amount": 99}).status == "succeeded"
    context = {"stripe_context": account.id}
    assert [one.id for one in v1.charges.list({"payment_intent": intent.id}, context).data] == [intent.latest_charge]
    browser = running.client(api_key=PUBLISHABLE, stripe_account=account.id).v1
    shown = browser.payment_intents.retrieve(intent.id, {"client_secret": intent.client_secret})
    assert shown.status == "succeeded"
    assert v1.accounts.delete(account.id).deleted is True
    assert forbidden(v1.accounts.retrieve, account.id) == "account_invalid"
    # What a key opens is remembered for some seconds.
    wait_until(lambda: is_forbidden(theirs.payment_intents.list), "the account to be shut")


def balance_of(v1: Any) -> int:
    balance = v1.balance.retrieve()
    return int(sum(one.amount for one in (*balance.available, *balance.pending)))


def test_a_fee_on_a_direct_charge_and_what_comes_back_of_it(running: Running) -> None:
    v1 = running.client().v1
    account = v1.accounts.create({"type": "standard"}).id
    theirs = running.client(stripe_account=account).v1
    before = balance_of(v1)
    intent = theirs.payment_intents.create({**PAID, "application_fee_amount": 99})
    charge = theirs.charges.retrieve(intent.latest_charge, {"expand": ["balance_transaction"]})
    assert [detail.type for detail in charge.balance_transaction.fee_details] == ["stripe_fee", "application_fee"]
    fee = v1.application_fees.retrieve(charge.application_fee)
    assert (fee.amount, fee.account, fee.charge) == (99, account, charge.id)
    assert [one.id for one in v1.application_fees.list({"charge": charge.id}).auto_paging_iter()] == [fee.id]
    assert balance_of(v1) == before + 99
    back = v1.application_fees.refunds.create(fee.id, {"amount": 9, "metadata": {"why": "kind"}})
    assert v1.application_fees.refunds.retrieve(fee.id, back.id).metadata["why"] == "kind"
    assert v1.application_fees.refunds.update(fee.id, back.id, {"metadata": {"why": ""}}).metadata.to_dict() == {}
    theirs.refunds.create({"payment_intent": intent.id, "refund_application_fee": True})
    assert v1.application_fees.retrieve(fee.id).refunded is True
    assert [one.amount for one in v1.application_fees.refunds.list(fee.id).data] == [90, 9]
    assert balance_of(v1) == before
    assert refused(theirs.application_fees.retrieve, fee.id) == "resource_missing"
    told = [event.type for event in v1.events.list({"type": "application_fee.refunded", "limit": 2}).data]
    assert told == ["application_fee.refunded"] * 2


def test_a_destination_charge_and_what_comes_back_of_it(running: Running) -> None:
    v1 = running.client().v1
    account = v1.accounts.create({"type": "express"}).id
    theirs = running.client(stripe_account=account).v1
    wanted = {**PAID, "application_fee_amount": 99, "transfer_data": {"destination": account}}
    intent = v1.payment_intents.create(wanted)
    charge = v1.charges.retrieve(intent.latest_charge, {"expand": ["transfer", "application_fee"]})
    transfer = charge.transfer
    assert (transfer.amount, transfer.transfer_group, charge.application_fee.amount) == (
        1_099, f"group_{intent.id}", 99,
    )  # fmt: skip
    assert [one.id for one in v1.transfers.list({"destination": account}).auto_paging_iter()] == [transfer.id]
    assert v1.transfers.update(transfer.id, {"metadata": {"flat": "4"}}).metadata["flat"] == "4"
    assert theirs.charges.retrieve(transfer.destination_payment).source_transfer == transfer.id
    assert balance_of(theirs) == 1_000
    part = v1.transfers.reversals.create(transfer.id, {"amount": 99, "refund_application_fee": True})
    assert v1.transfers.reversals.retrieve(transfer.id, part.id).amount == 99
    assert v1.transfers.reversals.update(transfer.id, part.id, {"metadata": {"a": "b"}}).metadata["a"] == "b"
    refund = v1.refunds.create(
        {"payment_intent": intent.id, "reverse_transfer": True, "refund_application_fee": True},
        {"idempotency_key": f"{intent.id}/back"},
    )
    assert [one.id for one in v1.transfers.reversals.list(transfer.id).data] == [refund.transfer_reversal, part.id]
    assert v1.transfers.retrieve(transfer.id).reversed is True
    assert balance_of(theirs) == 0
    assert refused(v1.payment_intents.create, {**wanted, "transfer_data": {"destination": "acct_nobody"}}) == (
        "resource_missing"
    )


def test_rivals_give_back_no_more_of_a_fee_than_was_taken(running: Running) -> None:
    v1 = running.client().v1
    account = v1.accounts.create({"type": "custom"}).id
    theirs = running.client(stripe_account=account).v1
    charge = theirs.payment_intents.create({**PAID, "application_fee_amount": 99}).latest_charge
    fee = theirs.charges.retrieve(charge).application_fee

    def by_hand(_: int) -> str:
        try:
            v1.application_fees.refunds.create(fee, {"amount": 40})
        except stripe.InvalidRequestError as error:
            return str(error.param)
        return "done"

    with ThreadPoolExecutor(5) as rivals:
        by_refund = rivals.submit(theirs.refunds.create, {"charge": charge, "refund_application_fee": True})
        answers = list(rivals.map(by_hand, range(4)))
    assert by_refund.result().status == "succeeded"
    backs = [one.amount for one in v1.application_fees.refunds.list(fee).data]
    assert sum(backs) == v1.application_fees.retrieve(fee).amount_refunded == 99
    assert answers.count("done") == backs.count(40)


def test_a_platform_is_told_of_its_accounts(running: Running) -> None:
    v1 = running.client().v1
    account = v1.accounts.create({"type": "custom"}).id
    with receiving(Receiver()) as receiver:
        wanted = {"url": receiver.url, "enabled_events": ["payment_intent.succeeded"], "connect": True}
        endpoint = v1.webhook_endpoints.create(wanted)
        receiver.secrets.append(endpoint.secret)
        own = v1.payment_intents.create(PAID)
        intent = v1.payment_intents.create(PAID, {"stripe_account": account})
        wait_until(lambda: receiver.events != [], "the event to arrive")
        assert [(event["account"], event["data"]["object"]["id"]) for event in receiver.events] == [
            (account, intent.id)
        ]
        assert receiver.types(own.id) == []
        v1.webhook_endpoints.delete(endpoint.id)


def test_the_same_by_the_node_sdk(running: Running) -> None:
    node = shutil.which("node")
    if node is None or not (NODE / "node_modules").is_dir():
        pytest.skip("no Node.js here, or its SDK is not installed (`make test` does, where there is npm)")
    done = subprocess.run(
        [node, "connect.mjs", running.url, SECRET], cwd=NODE, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["status"], said["refused"]) == ("succeeded", ["resource_missing", "account_invalid"])
