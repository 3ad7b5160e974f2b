"""Every method of the official SDKs, Python and Node, of every resource here, carried out once."""

import io
import json
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
import stripe

from tests.e2e.conftest import SECRET, Running
from tests.e2e.test_every_method import NODE, USD
from tests.fidelity.sdk_methods import Watched, not_here, of_node, of_python
from tests.support.receivers import wait_until

PAID = {**USD, "confirm": True, "payment_method": "pm_card_visa", "allowed_payment_method_types": ["card"]}
HELD = {**PAID, "capture_method": "manual"}
CARD = {"number": "4242424242424242", "exp_month": 8, "exp_year": 2034, "cvc": "123"}


def refused(command: Any, *given: Any) -> str | None:
    """The code of the error that the command is answered with."""
    with pytest.raises(stripe.StripeError) as caught:
        command(*given)
    return caught.value.code


def ids(listed: Any) -> list[str]:
    return [one.id for one in listed.auto_paging_iter()]


def payment_intents(v1: Any, _: Running) -> None:
    more = {"card": {"request_incremental_authorization": "if_available"}}
    lines = {"line_items": [{"product_name": "Book", "quantity": 1, "unit_cost": 1099}]}
    held = v1.payment_intents.create({**HELD, "payment_method_options": more, "amount_details": lines})
    assert v1.payment_intents.amount_details_line_items.list(held.id).data[0].product_name == "Book"
    assert v1.payment_intents.increment_authorization(held.id, {"amount": 1_500}).amount == 1_500
    assert v1.payment_intents.capture(held.id, {"amount_to_capture": 1_000}).amount_received == 1_000
    created = v1.payment_intents.create({**USD, "allowed_payment_method_types": ["card"]})
    assert v1.payment_intents.update(created.id, {"metadata": {"run": created.id}}).metadata["run"] == created.id
    assert v1.payment_intents.confirm(created.id, {"payment_method": "pm_card_visa"}).status == "succeeded"
    assert v1.payment_intents.retrieve(created.id).status == "succeeded"
    assert ids(v1.payment_intents.search({"query": f"metadata['run']:'{created.id}'"})) == [created.id]
    assert v1.payment_intents.cancel(v1.payment_intents.create(USD).id).status == "canceled"
    for command, given in (
        (v1.payment_intents.verify_microdeposits, {"amounts": [32, 45]}),
        (v1.payment_intents.apply_customer_balance, {}),
    ):
        assert refused(command, created.id, given) == "payment_intent_unexpected_state"
    customer = v1.customers.create({}).id
    mine = [v1.payment_intents.create({**USD, "customer": customer}).id for _ in range(2)]
    assert ids(v1.payment_intents.list({"customer": customer, "limit": 1})) == mine[::-1]


def setup_intents(v1: Any, _: Running) -> None:
    customer = v1.customers.create({}).id
    setup = v1.setup_intents.create({"customer": customer, "allowed_payment_method_types": ["card"]})
    assert v1.setup_intents.update(setup.id, {"description": "later"}).description == "later"
    done = v1.setup_intents.confirm(setup.id, {"payment_method": "pm_card_visa"})
    assert (done.status, v1.setup_intents.retrieve(setup.id).status) == ("succeeded", "succeeded")
    assert ids(v1.setup_attempts.list({"setup_intent": setup.id})) == [done.latest_attempt]
    assert ids(v1.setup_intents.list({"customer": customer})) == [setup.id]
    canceled = v1.setup_intents.cancel(v1.setup_intents.create({}).id, {"cancellation_reason": "abandoned"})
    assert canceled.cancellation_reason == "abandoned"
    assert refused(v1.setup_intents.verify_microdeposits, setup.id, {"amounts": [32, 45]}) == "intent_invalid_state"


def charges(v1: Any, _: Running) -> None:
    intent = v1.payment_intents.create(PAID)
    charge = v1.charges.update(intent.latest_charge, {"metadata": {"run": intent.id}, "description": "seen"})
    assert v1.charges.retrieve(charge.id).description == "seen"
    assert ids(v1.charges.list({"payment_intent": intent.id})) == [charge.id]
    assert ids(v1.charges.search({"query": f"metadata['run']:'{intent.id}'"})) == [charge.id]
    assert refused(v1.charges.capture, charge.id) == "charge_already_captured"
    assert refused(v1.charges.create, {"amount": 1_099, "currency": "usd"}) == "parameter_missing"


def refunds(v1: Any, _: Running) -> None:
    intent = v1.payment_intents.create(PAID)
    refund = v1.refunds.create({"payment_intent": intent.id, "amount": 99})
    assert v1.refunds.update(refund.id, {"metadata": {"why": "kind"}}).metadata["why"] == "kind"
    assert v1.refunds.retrieve(refund.id).amount == 99
    assert ids(v1.refunds.list({"charge": intent.latest_charge})) == [refund.id]
    with pytest.raises(stripe.InvalidRequestError, match="Canceling this refund is unsupported"):
        v1.refunds.cancel(refund.id)


def balance(v1: Any, _: Running) -> None:
    intent = v1.payment_intents.create(PAID)
    charge = v1.charges.retrieve(intent.latest_charge, {"expand": ["balance_transaction"]})
    moved = charge.balance_transaction
    assert (moved.amount, moved.fee, moved.net, moved.status) == (1_099, 62, 1_037, "pending")
    assert v1.balance_transactions.retrieve(moved.id).source == charge.id
    assert ids(v1.balance_transactions.list({"source": charge.id})) == [moved.id]
    assert {"usd"} <= {one.currency for one in v1.balance.retrieve().pending}


def disputes(v1: Any, _: Running) -> None:
    intent = v1.payment_intents.create({**PAID, "payment_method": "pm_card_createDispute"})
    wait_until(lambda: bool(v1.disputes.list({"payment_intent": intent.id}).data), "a dispute")
    (dispute,) = ids(v1.disputes.list({"charge": intent.latest_charge}))
    receipt = io.BytesIO(b"%PDF-1.7 receipt")
    receipt.name = "receipt.pdf"
    file = v1.files.create({"purpose": "dispute_evidence", "file": receipt})
    assert v1.files.retrieve(file.id).size == 16
    assert file.id in [one.id for one in v1.files.list({"purpose": "dispute_evidence", "limit": 100}).data]
    staged = v1.disputes.update(dispute, {"evidence": {"receipt": file.id}, "submit": False})
    assert (staged.status, staged.evidence.receipt) == ("needs_response", file.id)
    assert v1.disputes.close(dispute).status == v1.disputes.retrieve(dispute).status == "lost"


def tokens(v1: Any, _: Running) -> None:
    token = v1.tokens.create({"card": CARD})
    data = {"type": "card", "card": {"token": token.id}}
    assert v1.payment_intents.create({**PAID, "payment_method": None, "payment_method_data": data}).status == (
        "succeeded"
    )
    assert v1.tokens.retrieve(token.id).used is True
    assert refused(v1.payment_methods.create, data) == "token_already_used"


def payment_method_domains(v1: Any, _: Running) -> None:
    domain = v1.payment_method_domains.create({"domain_name": "pay.example"})
    assert v1.payment_method_domains.update(domain.id, {"enabled": False}).enabled is False
    assert v1.payment_method_domains.retrieve(domain.id).google_pay.status == "inactive"
    assert ids(v1.payment_method_domains.list({"enabled": False, "domain_name": "pay.example"})) == [domain.id]
    v1.payment_method_domains.update(domain.id, {"enabled": True})
    assert v1.payment_method_domains.validate(domain.id).apple_pay.status == "active"


def what_a_device_may_have(v1: Any, running: Running) -> None:
    customer = v1.customers.create({"email": "jenny@example.com"})
    components = {"payment_element": {"enabled": True}}
    session = v1.customer_sessions.create({"customer": customer.id, "components": components})
    assert session.client_secret.startswith("cuss_")
    key = v1.ephemeral_keys.create({"customer": customer.id}, {"stripe_version": "2026-10-28.endive"})
    phone = running.client(api_key=key.secret).v1
    assert phone.customers.retrieve(customer.id).email == "jenny@example.com"
    assert phone.customers.payment_methods.list(customer.id).data == []
    with pytest.raises(stripe.PermissionError):
        phone.payment_intents.create(USD)
    v1.ephemeral_keys.delete(key.id)


def accounts(v1: Any, _: Running) -> None:
    account = v1.accounts.create({"type": "express", "email": "jenny@example.com"}).id
    assert v1.accounts.update(account, {"metadata": {"shop": "6735"}}).metadata["shop"] == "6735"
    assert v1.accounts.retrieve(account).email == "jenny@example.com"
    assert v1.accounts.retrieve_current().id != account
    assert account in [one.id for one in v1.accounts.list({"limit": 5}).data]
    assert v1.accounts.delete(account).deleted is True


def application_fees(v1: Any, running: Running) -> None:
    account = v1.accounts.create({"type": "standard"}).id
    theirs = running.client(stripe_account=account).v1
    charge = theirs.payment_intents.create({**PAID, "application_fee_amount": 99}).latest_charge
    (fee,) = ids(v1.application_fees.list({"charge": charge}))
    back = v1.application_fees.refunds.create(fee, {"amount": 9})
    assert v1.application_fees.refunds.update(fee, back.id, {"metadata": {"why": "kind"}}).metadata["why"] == "kind"
    assert v1.application_fees.refunds.retrieve(fee, back.id).amount == 9
    assert ids(v1.application_fees.refunds.list(fee)) == [back.id]
    assert v1.application_fees.retrieve(fee).amount_refunded == 9


def transfers(v1: Any, running: Running) -> None:
    account = v1.accounts.create({"type": "express"}).id
    v1.payment_intents.create({**PAID, "transfer_data": {"destination": account}})
    (transfer,) = ids(v1.transfers.list({"destination": account}))
    assert v1.transfers.update(transfer, {"description": "Rent"}).description == "Rent"
    back = v1.transfers.reversals.create(transfer, {"amount": 99})
    assert v1.transfers.reversals.update(transfer, back.id, {"metadata": {"why": "kind"}}).metadata["why"] == "kind"
    assert v1.transfers.reversals.retrieve(transfer, back.id).amount == 99
    assert ids(v1.transfers.reversals.list(transfer)) == [back.id]
    got = v1.transfers.retrieve(transfer)
    assert got.amount_reversed == 99
    theirs = running.client(stripe_account=account).v1
    assert ids(theirs.charges.list()) == [got.destination_payment]
    assert ids(theirs.refunds.list()) == [back.destination_payment_refund]


def payment_method_configurations(v1: Any, _: Running) -> None:
    made = v1.payment_method_configurations.create({"name": "Ours"})
    assert v1.payment_method_configurations.update(made.id, {"name": "Theirs"}).name == "Theirs"
    assert v1.payment_method_configurations.retrieve(made.id).is_default is False
    assert made.id in ids(v1.payment_method_configurations.list())


def events(v1: Any, _: Running) -> None:
    url = "https://shop.example/hook"
    endpoint = v1.webhook_endpoints.create({"url": url, "enabled_events": ["payout.paid"]})
    changed = v1.webhook_endpoints.update(endpoint.id, {"enabled_events": ["payout.failed"]})
    assert v1.webhook_endpoints.retrieve(endpoint.id).enabled_events == changed.enabled_events == ["payout.failed"]
    assert endpoint.id in ids(v1.webhook_endpoints.list())
    assert v1.webhook_endpoints.delete(endpoint.id).deleted is True
    newest = v1.events.list({"limit": 1}).data[0]
    assert v1.events.retrieve(newest.id).type == newest.type


def customers(v1: Any, running: Running) -> None:
    customer = v1.customers.create({"email": "jenny@example.com"}).id
    assert v1.customers.update(customer, {"metadata": {"run": customer}}).metadata["run"] == customer
    assert ids(v1.customers.search({"query": f"metadata['run']:'{customer}'"})) == [customer]
    assert customer in [one.id for one in v1.customers.list({"email": "jenny@example.com", "limit": 100}).data]
    bank = {"type": "us_bank_transfer"}
    told = {"funding_type": "bank_transfer", "currency": "usd", "bank_transfer": bank}
    assert v1.customers.funding_instructions.create(customer, told).currency == "usd"
    running.client().v1.test_helpers.customers.fund_cash_balance(customer, {"amount": 900, "currency": "usd"})
    (moved,) = ids(v1.customers.cash_balance_transactions.list(customer))
    assert v1.customers.cash_balance_transactions.retrieve(customer, moved).net_amount == 900
    assert v1.customers.cash_balance.retrieve(customer).available["usd"] == 900
    manual = {"settings": {"reconciliation_mode": "manual"}}
    assert v1.customers.cash_balance.update(customer, manual).settings.reconciliation_mode == "manual"
    other = v1.customers.create({}).id
    assert v1.customers.delete(other).deleted is v1.customers.retrieve(other).deleted is True


def payment_methods(v1: Any, _: Running) -> None:
    customer = v1.customers.create({}).id
    method = v1.payment_methods.create({"type": "card", "card": CARD}).id
    assert v1.payment_methods.attach(method, {"customer": customer}).customer == customer
    changed = v1.payment_methods.update(method, {"billing_details": {"name": "Jenny"}})
    assert changed.billing_details.name == v1.payment_methods.retrieve(method).billing_details.name == "Jenny"
    assert ids(v1.payment_methods.list({"customer": customer})) == [method]
    assert ids(v1.customers.payment_methods.list(customer)) == [method]
    assert v1.customers.payment_methods.retrieve(customer, method).id == method
    assert v1.payment_methods.detach(method).customer is None


def mandates(v1: Any, running: Running) -> None:
    given = {
        "allowed_payment_method_types": ["sepa_debit"],
        "confirm": True,
        "mandate_data": {"customer_acceptance": {"type": "offline"}},
        "payment_method_data": {
            "type": "sepa_debit", "sepa_debit": {"iban": "AT611904300234573201"},
            "billing_details": {"name": "Jenny Rosen", "email": "jenny@example.com"},
        },
    }  # fmt: skip
    setup = v1.setup_intents.create(given)
    assert v1.mandates.retrieve(setup.mandate).payment_method == setup.payment_method
    token = running.client().v1.test_helpers.confirmation_tokens.create({"payment_method": "pm_card_visa"})
    assert v1.confirmation_tokens.retrieve(token.id).id == token.id


PARTS: tuple[Callable[[Any, Running], None], ...] = (
    payment_intents, setup_intents, charges, refunds, balance, disputes, tokens, payment_method_domains,
    what_a_device_may_have, accounts, application_fees, transfers, payment_method_configurations, events, customers,
    payment_methods, mandates,
)  # fmt: skip


def test_every_method_of_the_python_sdk(running: Running) -> None:
    called: set[str] = set()
    v1 = Watched(running.client().v1, called)
    for part in PARTS:
        part(v1, running)
    assert {name for name, request in of_python().items() if not_here(request) is None} == called


def test_every_method_of_the_node_sdk(running: Running) -> None:
    methods = of_node()
    if methods is None:
        pytest.skip("no Node.js here, or its SDK is not installed (`make test` does, where there is npm)")
    done = subprocess.run(
        [str(shutil.which("node")), "every_resource.mjs", running.url, SECRET],
        cwd=NODE, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert {name for name, request in methods.items() if not_here(request) is None} == set(json.loads(done.stdout))
