"""BalanceTransaction: Stripe's `balance_transaction` object, what a movement of money did to the account's balance."""

from domain.model.balance import BalanceTransaction
from domain.model.hashes import JsonObject
from rendering.schema_words import HASH, INTEGER, STRING, TEXT, expandable, object_of, words


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
    ours = transaction.fee - transaction.application_fee
    found = [_detail(transaction, ours, None, transaction.fee_for, "stripe_fee")] if ours else []
    if transaction.application_fee:
        whose = transaction.application
        text = f"{whose} application fee"
        found.append(_detail(transaction, transaction.application_fee, whose, text, "application_fee"))
    return found


def _detail(
    transaction: BalanceTransaction, amount: int, application: str | None, description: str | None, type_: str
) -> JsonObject:
    return {
        "amount": amount,
        "application": application,
        "currency": transaction.currency,
        "description": description,
        "type": type_,
    }


BALANCE_TRANSACTION = object_of(
    "balance_transaction",
    amount=INTEGER,
    available_on=INTEGER,
    balance_type=STRING,
    created=INTEGER,
    currency=STRING,
    description=TEXT,
    exchange_rate={"type": "null"},
    fee=INTEGER,
    fee_details={"type": "array", "items": HASH},
    net=INTEGER,
    reporting_category=STRING,
    source=expandable("charge", "refund", "dispute", "application_fee", "fee_refund", "transfer", "transfer_reversal"),
    status=words("available", "pending"),
    type=words(
        "adjustment",
        "application_fee",
        "application_fee_refund",
        "charge",
        "payment",
        "payment_failure_refund",
        "payment_refund",
        "refund",
        "refund_failure",
        "transfer",
        "transfer_refund",
    ),
)
