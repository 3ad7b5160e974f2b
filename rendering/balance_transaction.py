"""BalanceTransaction: Stripe's `balance_transaction` object, what a movement of money did to the account's balance."""

from domain.model.balance import BalanceTransaction
from domain.model.hashes import JsonObject


def render(transaction: BalanceTransaction, now: int) -> JsonObject:
    """The object at `now` (Unix seconds): what was pending becomes available. Every currency is settled as itself."""
    return {
        "id": transaction.id,
        "object": "balance_transaction",
        "amount": transaction.amount,
        "available_on": transaction.available_on,
        "balance_type": "payments",
        "created": transaction.created,
        "currency": transaction.currency,
        "description": transaction.description,
        "exchange_rate": None,
        "fee": transaction.fee,
        "fee_details": _fee_details(transaction),
        "net": transaction.net,
        "reporting_category": transaction.category,
        "source": transaction.source,
        "status": "available" if transaction.available_on <= now else "pending",
        "type": transaction.type,
    }


def _fee_details(transaction: BalanceTransaction) -> list[JsonObject]:
    if transaction.fee == 0:
        return []
    return [
        {
            "amount": transaction.fee,
            "application": None,
            "currency": transaction.currency,
            "description": transaction.fee_for,
            "type": "stripe_fee",
        }
    ]
