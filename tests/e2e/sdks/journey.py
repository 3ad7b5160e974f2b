"""A shop on the official SDK of its time, unmodified: `python journey.py <url> <key> [<version>]`, with it on its path.

It prints the SDK's version, and the PaymentIntent that was paid.
"""

import json
import sys
from typing import Any

import stripe

library: Any = stripe
library.api_base, library.api_key = sys.argv[1:3]
if len(sys.argv) > 3:
    # Before it pinned one of its own, an SDK was told.
    library.api_version = sys.argv[3]
USD = {"amount": 1099, "currency": "usd"}
CARD = {"payment_method": "pm_card_visa", "return_url": "https://shop.example"}
intents = library.PaymentIntent

customer = library.Customer.create(email="jenny@example.com", metadata={"shop": "old"})
made = intents.create(customer=customer.id, metadata={"order": "1"}, **USD)
assert made.status == "requires_payment_method", made.status
assert intents.modify(made.id, description="later").description == "later"
paid = intents.retrieve(made.id).confirm(**CARD)
assert (paid.status, paid.amount_received) == ("succeeded", 1099)

CardError: Any = library.error.CardError if hasattr(library, "error") else library.CardError


def declined(intent: Any) -> Any:
    """What the shop is told of a card that is refused."""
    card = "pm_card_visa_chargeDeclinedInsufficientFunds"
    try:
        return intent.confirm(payment_method=card, return_url="https://shop.example")
    except CardError as error:
        return error


no = declined(intents.create(**USD))
told = no.json_body["error"]
assert (no.http_status, no.code, told["decline_code"]) == (402, "card_declined", "insufficient_funds")
assert told["payment_intent"]["status"] == "requires_payment_method"

held = intents.create(capture_method="manual", confirm=True, **CARD, **USD)
assert (held.status, held.amount_capturable) == ("requires_capture", 1099)
assert intents.retrieve(held.id).capture(amount_to_capture=1000).amount_received == 1000
dropped = intents.create(capture_method="manual", confirm=True, **CARD, **USD)
assert dropped.cancel(cancellation_reason="abandoned").status == "canceled"

refund = library.Refund.create(payment_intent=made.id, amount=99)
assert (refund.status, refund.amount) == ("succeeded", 99)
shown = intents.retrieve(made.id, expand=["latest_charge", "customer"])
assert (shown.latest_charge.amount_refunded, shown.customer.email) == (99, "jenny@example.com")
pinned = paid.last_response.headers["stripe-version"] if hasattr(paid, "last_response") else library.api_version
if (library.api_version or pinned) < "2022-11-15":
    charge = intents.retrieve(made.id).charges.data[0]
    assert (charge.id, charge.refunds.data[0].id) == (shown.latest_charge.id, refund.id)
page = intents.list(customer=customer.id, limit=1)
assert [intent.id for intent in page.auto_paging_iter()] == [made.id]
first, again = (intents.create(idempotency_key=made.id, **USD) for _ in range(2))
assert first.id == again.id
told_of = library.Event.list(type="payment_intent.succeeded", limit=20).data
assert made.id in [event.data.object.id for event in told_of]
print(json.dumps({"sdk": sys.modules["stripe"].__dict__.get("VERSION") or library.version.VERSION, "intent": made.id}))  # noqa: T201
