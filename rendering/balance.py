"""Balance: Stripe's `balance` object, what an account has in each currency, to have now and later."""

from domain.model.hashes import JsonObject
from records.balance import Sum

NOTHING_IN = "usd"
"""The currency of a balance that nothing has moved yet."""


def render(sums: list[Sum], livemode: bool) -> JsonObject:
    """The object. Disputes and refunds are not prefunded here; what a balance owes is negative."""
    known = sums or [Sum(currency=NOTHING_IN, available=0, pending=0)]
    prefunded = [{"amount": 0, "currency": one.currency} for one in known]
    return {
        "object": "balance",
        "available": [_entry(one.available, one.currency) for one in known],
        "livemode": livemode,
        "pending": [_entry(one.pending, one.currency) for one in known],
        "refund_and_dispute_prefunding": {"available": prefunded, "pending": [dict(one) for one in prefunded]},
    }


def _entry(amount: int, currency: str) -> JsonObject:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}
