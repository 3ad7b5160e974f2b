"""ApplicationFee and what was given back of it: Stripe's `application_fee` and `fee_refund`."""

from domain.identifiers import application_id
from domain.model.hashes import JsonObject
from domain.model.share_transactions import returned_id
from domain.model.shares import Share, ShareReturn
from rendering.schema_words import (
    BOOLEAN,
    INTEGER,
    METADATA,
    STRING,
    expandable,
    hash_with,
    nullable,
    object_of,
)
from rendering.shared_lists import LIST, of_returns


def render(fee: Share, returns: tuple[list[ShareReturn], int] = ([], 0)) -> JsonObject:
    """The object, with what was given back: the newest, and how many there are."""
    return {
        "id": fee.id,
        "object": "application_fee",
        "account": fee.connected,
        "amount": fee.amount,
        "amount_refunded": fee.returned,
        "application": application_id(fee.account),
        "balance_transaction": fee.balance_transaction,
        "charge": fee.charge,
        "created": fee.created,
        "currency": fee.currency,
        "fee_source": {"charge": fee.charge, "type": "charge"},
        "livemode": fee.livemode,
        "originating_transaction": fee.origin,
        "refunded": fee.returned == fee.amount,
        "refunds": of_returns(f"/v1/application_fees/{fee.id}/refunds", returns, render_refund),
    }


def render_refund(back: ShareReturn) -> JsonObject:
    """What was given back at once."""
    return {
        "id": back.id,
        "object": "fee_refund",
        "amount": back.amount,
        "balance_transaction": returned_id(back),
        "created": back.created,
        "currency": back.currency,
        "fee": back.share,
        "metadata": back.metadata,
    }


APPLICATION_FEE = object_of(
    "application_fee",
    account=expandable(),
    amount=INTEGER,
    amount_refunded=INTEGER,
    application=expandable(),
    balance_transaction=expandable("balance_transaction"),
    charge=expandable("charge"),
    created=INTEGER,
    currency=STRING,
    fee_source=nullable(hash_with(charge=STRING, type=STRING)),
    livemode=BOOLEAN,
    originating_transaction=expandable("charge"),
    refunded=BOOLEAN,
    refunds=LIST,
)

FEE_REFUND = object_of(
    "fee_refund",
    amount=INTEGER,
    balance_transaction=expandable("balance_transaction"),
    created=INTEGER,
    currency=STRING,
    fee=expandable("application_fee"),
    metadata=METADATA,
)
