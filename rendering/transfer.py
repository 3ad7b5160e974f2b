"""Transfer and what was taken back of it: Stripe's `transfer` and `transfer_reversal`."""

from domain.model.hashes import JsonObject
from domain.model.share_transactions import returned_id
from domain.model.shares import Share, ShareReturn
from rendering.schema_words import BOOLEAN, INTEGER, METADATA, STRING, TEXT, expandable, object_of
from rendering.shared_lists import LIST, of_returns


def render(transfer: Share, returns: tuple[list[ShareReturn], int] = ([], 0)) -> JsonObject:
    """The object, with its reversals: the newest, and how many there are."""
    return {
        "id": transfer.id,
        "object": "transfer",
        "amount": transfer.amount,
        "amount_reversed": transfer.returned,
        "balance_transaction": transfer.balance_transaction,
        "created": transfer.created,
        "currency": transfer.currency,
        "description": transfer.description,
        "destination": transfer.connected,
        "destination_payment": transfer.destination_payment,
        "livemode": transfer.livemode,
        "metadata": transfer.metadata,
        "reversals": of_returns(f"/v1/transfers/{transfer.id}/reversals", returns, render_reversal),
        "reversed": transfer.returned == transfer.amount,
        "source_transaction": transfer.charge,
        "source_type": "card",
        "transfer_group": transfer.transfer_group,
    }


def render_reversal(back: ShareReturn) -> JsonObject:
    """What was taken back at once."""
    return {
        "id": back.id,
        "object": "transfer_reversal",
        "amount": back.amount,
        "balance_transaction": returned_id(back),
        "created": back.created,
        "currency": back.currency,
        "destination_payment_refund": back.payment_refund,
        "metadata": back.metadata,
        "source_refund": back.refund,
        "transfer": back.share,
    }


TRANSFER = object_of(
    "transfer",
    amount=INTEGER,
    amount_reversed=INTEGER,
    balance_transaction=expandable("balance_transaction"),
    created=INTEGER,
    currency=STRING,
    description=TEXT,
    destination=expandable("account"),
    destination_payment=expandable("charge"),
    livemode=BOOLEAN,
    metadata=METADATA,
    reversals=LIST,
    reversed=BOOLEAN,
    source_transaction=expandable("charge"),
    source_type=TEXT,
    transfer_group=TEXT,
)

TRANSFER_REVERSAL = object_of(
    "transfer_reversal",
    amount=INTEGER,
    balance_transaction=expandable("balance_transaction"),
    created=INTEGER,
    currency=STRING,
    destination_payment_refund=expandable("refund"),
    metadata=METADATA,
    source_refund=expandable("refund"),
    transfer=expandable("transfer"),
)
