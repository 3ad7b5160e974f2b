"""Bank transfers through the official SDK on real parts: cash balances, what they pay, and what comes back."""

from typing import Any

import pytest
import stripe

from tests.e2e.conftest import Running
from tests.e2e.test_families import confirmed, reached
from tests.e2e.test_webhooks import written
from tests.support import patient
from tests.support.receivers import wait_until

KINDS = {
    "us_bank_transfer": ("usd", ["aba", "swift"]), "eu_bank_transfer": ("eur", ["iban"]),
    "gb_bank_transfer": ("gbp", ["sort_code"]), "jp_bank_transfer": ("jpy", ["zengin"]),
    "mx_bank_transfer": ("mxn", ["spei"]),
}  # fmt: skip


def options(kind: str = "us_bank_transfer") -> dict[str, Any]:
    transfer: dict[str, Any] = {"type": kind}
    if kind == "eu_bank_transfer":
        transfer["eu_bank_transfer"] = {"country": "DE"}
    return {"customer_balance": {"funding_type": "bank_transfer", "bank_transfer": transfer}}


def customer_of(client: Any, mode: str | None = None) -> str:
    settings = {"cash_balance": {"settings": {"reconciliation_mode": mode}}} if mode else {}
    return str(client.v1.customers.create({"email": "buyer@example.com", **settings}).id)


def asked(client: Any, customer: str, amount: int = 2_000, kind: str = "us_bank_transfer", **more: Any) -> Any:
    """A PaymentIntent to be paid by bank transfer, confirmed."""
    return client.v1.payment_intents.create(
        {
            "amount": amount, "currency": KINDS[kind][0], "customer": customer, "confirm": True,
            "allowed_payment_method_types": ["customer_balance"], "payment_method_data": {"type": "customer_balance"},
            "payment_method_options": options(kind), **more,
        }
    )  # fmt: skip


def fund(client: Any, customer: str, amount: int, currency: str = "usd", **more: Any) -> Any:
    given = {"amount": amount, "currency": currency, **more}
    return client.v1.test_helpers.customers.fund_cash_balance(customer, given)


def movements(client: Any, customer: str) -> list[tuple[str, int, int]]:
    """Oldest first: type, net amount, ending balance."""
    found = client.v1.customers.cash_balance_transactions.list(customer, {"limit": 100}).data
    return [(one.type, one.net_amount, one.ending_balance) for one in reversed(found)]


def available(client: Any, customer: str, currency: str = "usd") -> int:
    balance = client.v1.customers.cash_balance.retrieve(customer).available
    return int(balance.to_dict().get(currency, 0)) if balance else 0


def remaining(client: Any, intent: Any) -> int:
    action = client.v1.payment_intents.retrieve(intent.id).next_action
    return int(action.display_bank_transfer_instructions.amount_remaining)


@pytest.mark.parametrize("kind", KINDS)
def test_the_buyer_is_told_where_to_send_money_and_it_pays(running: Running, kind: str) -> None:
    client = running.client()
    customer, (currency, addresses) = customer_of(client), KINDS[kind]
    intent = asked(client, customer, kind=kind)
    assert (intent.status, intent.latest_charge, intent.amount_received) == ("requires_action", None, 0)
    told = intent.next_action.display_bank_transfer_instructions
    assert (told.amount_remaining, told.currency, told.type) == (2_000, currency, kind)
    assert [address.type for address in told.financial_addresses] == addresses
    assert intent.payment_method_options.customer_balance.bank_transfer.type == kind
    again = asked(client, customer, kind=kind).next_action.display_bank_transfer_instructions
    assert again.financial_addresses == told.financial_addresses
    assert again.reference != told.reference
    funded = fund(client, customer, 2_000, currency, reference=told.reference)
    assert (funded.type, funded.net_amount, funded.funded.bank_transfer.type) == ("funded", 2_000, kind)
    paid = reached(client, intent, "succeeded")
    assert (paid.amount_received, paid.next_action) == (2_000, None)
    charge = client.v1.charges.retrieve(paid.latest_charge)
    assert (charge.payment_method_details.type, charge.customer) == ("customer_balance", customer)
    assert [event["type"] for event in written(client, intent.id)] == [
        "payment_intent.created", "payment_intent.requires_action", "charge.succeeded", "payment_intent.succeeded",
    ]  # fmt: skip
    assert movements(client, customer) == [("funded", 2_000, 2_000), ("applied_to_payment", -2_000, 0)]


def test_too_little_is_set_aside_and_the_rest_awaited(running: Running) -> None:
    client = running.client()
    customer = customer_of(client)
    intent = asked(client, customer)
    fund(client, customer, 700)
    wait_until(lambda: remaining(client, intent) == 1_300, "partially funded")
    assert client.v1.payment_intents.retrieve(intent.id).amount_received == 0
    fund(client, customer, 1_300)
    reached(client, intent, "succeeded")
    types = [event["type"] for event in written(client, intent.id)]
    assert types[1:] == [
        "payment_intent.requires_action", "payment_intent.partially_funded", "charge.succeeded",
        "payment_intent.succeeded",
    ]  # fmt: skip


def test_too_much_stays_in_the_balance_and_pays_the_next(running: Running) -> None:
    client = running.client()
    customer = customer_of(client)
    first = asked(client, customer)
    fund(client, customer, 4_500)
    reached(client, first, "succeeded")
    assert available(client, customer) == 2_500
    second = asked(client, customer)
    assert (second.status, second.amount_received) == ("succeeded", 2_000)
    third = asked(client, customer)
    assert third.next_action.display_bank_transfer_instructions.amount_remaining == 1_500
    assert available(client, customer) == 0
    kinds = [event["type"] for event in written(client, third.id)]
    assert kinds[-1] == "payment_intent.partially_funded"
    told = [e.type for e in client.v1.events.list({"limit": 100, "type": "cash_balance.funds_available"}).data
            if e.data.object.customer == customer]  # fmt: skip
    assert told == ["cash_balance.funds_available"]


def test_reconciled_by_reference_then_by_amount_then_by_age(running: Running) -> None:
    client = running.client()
    customer = customer_of(client)
    oldest, exact, named = (asked(client, customer, amount) for amount in (3_000, 2_000, 2_500))
    reference = named.next_action.display_bank_transfer_instructions.reference
    fund(client, customer, 2_500, reference=reference)
    reached(client, named, "succeeded")
    fund(client, customer, 2_000)
    reached(client, exact, "succeeded")
    fund(client, customer, 500)
    wait_until(lambda: remaining(client, oldest) == 2_500, "the oldest")


def test_several_payments_by_one_exact_transfer_in_japan(running: Running) -> None:
    client = running.client()
    customer = customer_of(client)
    intents = [asked(client, customer, amount, "jp_bank_transfer") for amount in (1_000, 700, 300)]
    fund(client, customer, 1_300, "jpy")
    reached(client, intents[0], "succeeded")
    reached(client, intents[2], "succeeded")
    assert remaining(client, intents[1]) == 700


def test_manual_reconciliation_leaves_it_to_the_merchant(running: Running) -> None:
    client = running.client()
    customer = customer_of(client, "manual")
    fund(client, customer, 3_000)
    intent = asked(client, customer)
    assert remaining(client, intent) == 2_000
    some = client.v1.payment_intents.apply_customer_balance(intent.id, {"amount": 500, "currency": "usd"})
    assert some.next_action.display_bank_transfer_instructions.amount_remaining == 1_500
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.apply_customer_balance(intent.id, {"amount": 1_501})
    assert (caught.value.http_status, caught.value.code, caught.value.param) == (400, None, None)
    paid = client.v1.payment_intents.apply_customer_balance(intent.id)
    assert (paid.status, paid.amount_received, available(client, customer)) == ("succeeded", 2_000, 1_000)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.apply_customer_balance(intent.id)
    assert caught.value.code == "payment_intent_unexpected_state"
    other = asked(client, customer)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.apply_customer_balance(other.id)
    assert (caught.value.code, caught.value.http_status) == ("balance_insufficient", 400)
    assert (available(client, customer), remaining(client, other)) == (1_000, 2_000)
    balance = client.v1.customers.cash_balance.update(customer, {"settings": {"reconciliation_mode": "automatic"}})
    assert (balance.settings.reconciliation_mode, balance.settings.using_merchant_default) == ("automatic", False)
    fund(client, customer, 1_000)
    reached(client, other, "succeeded")


def test_canceled_the_money_goes_back_to_the_balance(running: Running) -> None:
    client = running.client()
    customer = customer_of(client)
    intent = asked(client, customer)
    fund(client, customer, 700)
    wait_until(lambda: remaining(client, intent) == 1_300, "partially funded")
    assert client.v1.payment_intents.cancel(intent.id).status == "canceled"
    assert available(client, customer) == 700
    assert movements(client, customer)[-1] == ("unapplied_from_payment", 700, 700)


def test_a_card_takes_the_place_of_a_transfer_and_the_money_goes_back(running: Running) -> None:
    client = running.client()
    customer = customer_of(client)
    intent = asked(client, customer, allowed_payment_method_types=["customer_balance", "card"])
    fund(client, customer, 700)
    wait_until(lambda: remaining(client, intent) == 1_300, "partially funded")
    paid = client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert (paid.status, paid.amount_received, available(client, customer)) == ("succeeded", 2_000, 700)
    fund(client, customer, 1_300)
    assert available(client, customer) == 2_000


@pytest.mark.parametrize(
    ("email", "status", "returned"),
    [("succeed_immediately", "succeeded", 500), ("expire_immediately", "failed", 0), ("fill_never", "canceled", 0)],
)
def test_refunds_go_to_the_customers_bank(running: Running, email: str, status: str, returned: int) -> None:
    client = running.client()
    customer = customer_of(client)
    fund(client, customer, 2_000)
    intent = asked(client, customer)
    refund = client.v1.refunds.create(
        {"payment_intent": intent.id, "amount": 500, "instructions_email": f"{email}@example.com"}
    )
    assert (refund.status, refund.destination_details.type) == ("requires_action", "us_bank_transfer")
    if status == "canceled":
        assert client.v1.refunds.cancel(refund.id).status == status
    wait_until(lambda: client.v1.refunds.retrieve(refund.id).status == status, f"{refund.id} to be {status}")
    charge = client.v1.charges.retrieve(intent.latest_charge)
    assert (charge.amount_refunded, available(client, customer)) == (returned, 0)
    book = running.entries(intent.latest_charge)
    assert [entry["operation"] for entry in book] == ["refund"] + ["refund_return"] * (not returned)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 2_001, "instructions_email": "a@example.com"})


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"customer": ""}, "parameter_missing", "customer"),
        ({"payment_method_options": {}}, "parameter_missing", "payment_method_options[customer_balance][funding_type]"),
        ({"currency": "eur"}, "payment_method_currency_mismatch", None),
        ({"capture_method": "manual"}, None, None),
    ],
)
def test_what_a_transfer_cannot_do_without(running: Running, changes: Any, code: str | None, param: str | None) -> None:
    client = running.client()
    given = {**changes}
    customer = customer_of(client)
    body = {
        "amount": 2_000, "currency": "usd", "customer": customer, "confirm": True,
        "allowed_payment_method_types": ["customer_balance"], "payment_method_data": {"type": "customer_balance"},
        "payment_method_options": options(), **given,
    }  # fmt: skip
    if body["customer"] == "":
        del body["customer"]
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.create(body)
    assert code is None or caught.value.code == code
    assert param is None or caught.value.param == param
    assert movements(client, customer) == []


def test_funding_instructions_without_a_payment(running: Running) -> None:
    client = running.client()
    customer = customer_of(client)
    for kind, (currency, addresses) in KINDS.items():
        transfer = options(kind)["customer_balance"]["bank_transfer"]
        given: Any = {"funding_type": "bank_transfer", "currency": currency, "bank_transfer": transfer}
        found = client.v1.customers.funding_instructions.create(customer, given)
        assert [address.type for address in found.bank_transfer.financial_addresses] == addresses
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.customers.funding_instructions.create(customer, {**given, "currency": "chf"})
    iban = client.v1.customers.funding_instructions.create(
        customer,
        {"funding_type": "bank_transfer", "currency": "eur",
         "bank_transfer": {"type": "eu_bank_transfer", "eu_bank_transfer": {"country": "NL"}}},
    ).bank_transfer.financial_addresses[0].iban.iban  # fmt: skip
    assert iban.startswith("NL")
    assert int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97 == 1


def test_the_page_tells_where_to_send_money_and_takes_a_test_transfer(running: Running) -> None:
    client = running.client()
    customer = customer_of(client)
    intent = asked(client, customer)
    told = intent.next_action.display_bank_transfer_instructions
    page = patient.get(told.hosted_instructions_url)
    for shown in ("20.00 USD", told.reference, told.financial_addresses[0].aba.account_number):
        assert shown in page.text
    assert patient.post(told.hosted_instructions_url, data={"amount": "x"}).status_code == 400
    assert available(client, customer) == 0
    assert patient.get(told.hosted_instructions_url.replace(told.reference, "WRONG")).status_code == 404
    patient.post(told.hosted_instructions_url, data={"amount": "2000"})
    reached(client, intent, "succeeded")
    assert "succeeded" in patient.get(told.hosted_instructions_url).text


def test_the_balance_is_shown_with_its_customer_and_its_movements_one_by_one(running: Running) -> None:
    client = running.client()
    customer = customer_of(client)
    assert client.v1.customers.cash_balance.retrieve(customer).available is None
    moved = fund(client, customer, 900)
    shown = client.v1.customers.retrieve(customer, {"expand": ["cash_balance"]})
    assert shown.cash_balance.available.to_dict() == {"usd": 900}
    again = client.v1.customers.cash_balance_transactions.retrieve(customer, moved.id)
    assert again.to_dict() == moved.to_dict()
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.customers.cash_balance_transactions.retrieve(customer_of(client), moved.id)
    assert caught.value.code == "resource_missing"
    for wrong in ({"amount": 0, "currency": "usd"}, {"amount": 5, "currency": "chf"}):
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.test_helpers.customers.fund_cash_balance(customer, wrong)
    told = [e for e in client.v1.events.list({"limit": 100, "type": "customer_cash_balance_transaction.created"}).data
            if e.data.object.customer == customer]  # fmt: skip
    assert [event.data.object.id for event in told] == [moved.id]


def test_the_same_key_funds_once(running: Running) -> None:
    client = running.client()
    customer = customer_of(client)
    given = {"amount": 900, "currency": "usd"}
    moved = {
        client.v1.test_helpers.customers.fund_cash_balance(customer, given, {"idempotency_key": f"once-{customer}"}).id
        for _ in range(3)
    }
    assert (len(moved), available(client, customer)) == (1, 900)


@pytest.mark.parametrize("spoiled", [["twice"], ["late"], ["shuffled", "twice", "late"]])
def test_news_that_come_late_twice_and_in_any_order_change_nothing(running: Running, spoiled: list[str]) -> None:
    client = running.client()
    customer = customer_of(client)
    running.faults(news=spoiled, seed=7)
    try:
        intents = [asked(client, customer) for _ in range(3)]
        debits = [confirmed(client, "sepa_debit") for _ in range(3)]
        for _ in range(5):
            fund(client, customer, 1_000)
        for debit in debits:
            reached(client, debit, "succeeded")
    finally:
        running.faults()
    for intent in intents[:2]:
        assert reached(client, intent, "succeeded").amount_received == 2_000
    wait_until(lambda: remaining(client, intents[2]) == 1_000, "partially funded")
    assert available(client, customer) == 0
    assert [net for type_, net, _ in movements(client, customer) if type_ == "funded"] == [1_000] * 5
    assert [entry["operation"] for debit in debits for entry in running.entries(debit.latest_charge)] == ["debit"] * 3


def test_a_balance_pays_what_nobody_has_confirmed(running: Running) -> None:
    client = running.client()
    customer = customer_of(client, "manual")
    fund(client, customer, 2_500)
    intents = [
        client.v1.payment_intents.create(
            {
                "amount": 2_000,
                "currency": "usd",
                "customer": customer,
                "allowed_payment_method_types": ["customer_balance"],
            }
        )
        for _ in range(2)
    ]
    paid = client.v1.payment_intents.apply_customer_balance(intents[0].id)
    assert (paid.status, paid.amount_received, available(client, customer)) == ("succeeded", 2_000, 500)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.apply_customer_balance(intents[1].id)
    assert (caught.value.code, caught.value.http_status) == ("balance_insufficient", 400)
    assert client.v1.payment_intents.retrieve(intents[1].id).status == "requires_payment_method"
    assert available(client, customer) == 500


@pytest.mark.parametrize(
    ("email", "status", "left"),
    [("succeed_immediately@example.com", "succeeded", 700), ("expire_immediately@example.com", "failed", 1_200)],
)
def test_what_is_in_a_balance_goes_to_the_customers_bank_or_is_back(
    running: Running, email: str, status: str, left: int
) -> None:
    client = running.client()
    customer = customer_of(client, "manual")
    fund(client, customer, 1_200)
    given: Any = {"origin": "customer_balance", "customer": customer, "currency": "usd", "amount": 500}
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create({**given, "amount": 1_201, "instructions_email": email})
    assert caught.value.code == "balance_insufficient"
    refund = client.v1.refunds.create({**given, "instructions_email": email})
    assert (refund.status, refund.payment_intent, available(client, customer)) == ("requires_action", None, 700)
    wait_until(lambda: client.v1.refunds.retrieve(refund.id).status == status, f"the refund is {status}")
    assert available(client, customer) == left


def test_a_refund_of_a_balance_is_canceled_until_it_is_answered(running: Running) -> None:
    client = running.client()
    customer = customer_of(client, "manual")
    fund(client, customer, 1_200)
    refund = client.v1.refunds.create(
        {
            "origin": "customer_balance", "customer": customer, "currency": "usd", "amount": 500,
            "instructions_email": "fill_never@example.com",
        }
    )  # fmt: skip
    assert available(client, customer) == 700
    assert client.v1.refunds.cancel(refund.id).status == "canceled"
    assert available(client, customer) == 1_200
