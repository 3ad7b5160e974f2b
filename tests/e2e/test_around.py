"""Every method of the official SDKs, Python and Node, on what stands around a PaymentIntent."""

import json
import shutil
import subprocess
from typing import Any

import pytest
import stripe

from tests.e2e.conftest import SECRET, Running
from tests.e2e.test_every_method import NODE, USD

PAID = {**USD, "confirm": True, "payment_method": "pm_card_visa", "allowed_payment_method_types": ["card"]}


def refused(command: Any, *given: Any) -> str | None:
    """The code of the error that the command is answered with."""
    with pytest.raises(stripe.StripeError) as caught:
        command(*given)
    return caught.value.code


def test_charges(running: Running) -> None:
    v1 = running.client().v1
    intent = v1.payment_intents.create(PAID)
    charge = v1.charges.update(intent.latest_charge, {"metadata": {"run": intent.id}, "description": "seen"})
    assert v1.charges.retrieve(charge.id).description == "seen"
    assert [one.id for one in v1.charges.list({"payment_intent": intent.id}).auto_paging_iter()] == [charge.id]
    assert [one.id for one in v1.charges.search({"query": f"metadata['run']:'{intent.id}'"}).data] == [charge.id]
    assert refused(v1.charges.capture, charge.id) == "charge_already_captured"
    assert refused(v1.charges.create, {"amount": 1_099, "currency": "usd"}) == "parameter_missing"


def test_the_balance(running: Running) -> None:
    v1 = running.client().v1
    intent = v1.payment_intents.create(PAID)
    charge = v1.charges.retrieve(intent.latest_charge, {"expand": ["balance_transaction"]})
    moved = charge.balance_transaction
    assert (moved.amount, moved.fee, moved.net, moved.status) == (1_099, 62, 1_037, "pending")
    assert v1.balance_transactions.retrieve(moved.id).source == charge.id
    assert [one.id for one in v1.balance_transactions.list({"source": charge.id}).auto_paging_iter()] == [moved.id]
    assert {"usd"} <= {one.currency for one in v1.balance.retrieve().pending}


def test_tokens_and_domains(running: Running) -> None:
    v1 = running.client().v1
    card = {"number": "4242424242424242", "exp_month": 8, "exp_year": 2034, "cvc": "123"}
    token = v1.tokens.create({"card": card})
    paid = v1.payment_intents.create({**PAID, "payment_method": None} | {
        "payment_method_data": {"type": "card", "card": {"token": token.id}}
    })  # fmt: skip
    assert paid.status == "succeeded"
    assert v1.tokens.retrieve(token.id).used is True
    again = {"type": "card", "card": {"token": token.id}}
    assert refused(v1.payment_methods.create, again) == "token_already_used"
    domain = v1.payment_method_domains.create({"domain_name": "pay.example"})
    assert v1.payment_method_domains.validate(domain.id).apple_pay.status == "active"
    assert v1.payment_method_domains.update(domain.id, {"enabled": False}).enabled is False
    assert v1.payment_method_domains.retrieve(domain.id).google_pay.status == "inactive"
    assert [
        one.id for one in v1.payment_method_domains.list({"enabled": False, "domain_name": "pay.example"}).data
    ] == [domain.id]


def test_ephemeral_keys(running: Running) -> None:
    v1 = running.client().v1
    customer = v1.customers.create({"email": "jenny@example.com"})
    key = v1.ephemeral_keys.create({"customer": customer.id}, {"stripe_version": "2026-10-28.endive"})
    phone = running.client(api_key=key.secret).v1
    assert phone.customers.retrieve(customer.id).email == "jenny@example.com"
    assert phone.customers.payment_methods.list(customer.id).data == []
    with pytest.raises(stripe.PermissionError):
        phone.payment_intents.create(USD)
    v1.ephemeral_keys.delete(key.id)


def test_the_node_sdk(running: Running) -> None:
    node = shutil.which("node")
    if node is None or not (NODE / "node_modules").is_dir():
        pytest.skip("no Node.js here, or its SDK is not installed (`make test` does, where there is npm)")
    done = subprocess.run(
        [node, "around.mjs", running.url, SECRET], cwd=NODE, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["resources"] == [
        "charges", "balance", "disputes", "tokens", "paymentMethodDomains", "ephemeralKeys",
    ]  # fmt: skip
