"""A shop written years ago, on the SDK of its time: `python old_sdk.py <url> <key>` with that SDK on its path."""

import sys
from typing import Any

import stripe

stripe.api_base, stripe.api_key = sys.argv[1:]
stripe.api_version = "2022-11-15"  # that of the account, at Stripe: the SDK of that time sends none
library: Any = stripe
intents = library.PaymentIntent

assert library.version.VERSION.startswith("5."), library.version.VERSION
customer = library.Customer.create(email="jenny@example.com", metadata={"shop": "old"})
held = intents.create(
    amount=1099, currency="usd", customer=customer.id, capture_method="manual", payment_method_types=["card"],
    payment_method="pm_card_visa", confirm=True, off_session=False, metadata={"order": "1"},
)  # fmt: skip
assert held.status == "requires_capture"
assert dict(intents.modify(held.id, metadata={"box": 2}).metadata) == {"order": "1", "box": "2"}
paid = intents.capture(held.id, amount_to_capture=1000)
assert (paid.status, paid.amount_received) == ("succeeded", 1000)
shown = intents.retrieve(held.id, expand=["latest_charge", "customer"])
assert (shown.latest_charge.amount_captured, shown.customer.email) == (1000, "jenny@example.com")
assert library.Refund.create(payment_intent=held.id, amount=200).amount == 200


def declined() -> Any:
    """What the shop is told of a card that is refused."""
    form = {"amount": 1099, "currency": "usd", "payment_method_types": ["card"]}
    try:
        return intents.create(**form, payment_method="pm_card_chargeDeclined", confirm=True)
    except library.error.CardError as error:
        return error


refusal = declined()
assert (refusal.http_status, refusal.code) == (402, "card_declined")
assert refusal.error.payment_intent.status == "requires_payment_method"

first, again = (intents.create(amount=500, currency="eur", idempotency_key=held.id) for _ in range(2))
assert first.id == again.id
assert intents.cancel(first.id, cancellation_reason="abandoned").status == "canceled"
page = intents.list(customer=customer.id)
assert [intent.id for intent in page.auto_paging_iter()] == [held.id]
assert [intent.id for intent in intents.search(query=f'customer:"{customer.id}"').data] == [held.id]
assert held.id in [event.data.object.id for event in library.Event.list(type="payment_intent.succeeded").data]
print("every step held")  # noqa: T201
