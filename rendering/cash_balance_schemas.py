"""Cash balances described, as schemas.py describes the other objects."""

from rendering.schema_words import (
    BOOLEAN,
    HASH,
    INTEGER,
    STRING,
    TEXT,
    expandable,
    hash_with,
    nullable,
    object_of,
    object_without_id,
    words,
)

CASH_BALANCE = object_without_id(
    "cash_balance",
    available=nullable({"type": "object", "additionalProperties": INTEGER}),
    customer=STRING,
    customer_account=TEXT,
    livemode=BOOLEAN,
    settings=hash_with(reconciliation_mode=words("automatic", "manual"), using_merchant_default=BOOLEAN),
)

CASH_BALANCE_TRANSACTION = object_of(
    "customer_cash_balance_transaction",
    "applied_to_payment",
    "funded",
    "refunded_from_payment",
    "unapplied_from_payment",
    applied_to_payment=hash_with(payment_intent=expandable("payment_intent")),
    created=INTEGER,
    currency=STRING,
    customer=expandable("customer"),
    customer_account=TEXT,
    ending_balance=INTEGER,
    funded=hash_with(bank_transfer=HASH),
    livemode=BOOLEAN,
    net_amount=INTEGER,
    refunded_from_payment=hash_with(refund=expandable()),
    type=words(
        "applied_to_payment",
        "funded",
        "refunded_from_payment",
        "return_canceled",
        "return_initiated",
        "unapplied_from_payment",
    ),
    unapplied_from_payment=hash_with(payment_intent=expandable("payment_intent")),
)

FUNDING_INSTRUCTIONS = object_without_id(
    "funding_instructions",
    bank_transfer=hash_with(country=STRING, financial_addresses={"type": "array", "items": HASH}, type=STRING),
    currency=STRING,
    funding_type=STRING,
    livemode=BOOLEAN,
)
