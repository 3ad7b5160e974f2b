"""What a transition leaves of shares of a payment (Connect): rows, the platform's events, parts of the statement."""

from dataclasses import asdict

from domain.copies import replace
from domain.identifiers import event_id
from domain.machine.transitions import Transition
from domain.model import share_transactions, shares
from domain.model.charges import Charge
from domain.model.hashes import JsonObject
from domain.model.refund_events import ShareReturned
from domain.model.shares import FEE, TRANSFER, Share, ShareReturn
from records.codec import dump_share
from records.events import event_row as row_of_event
from records.scope import Scope

Row = JsonObject

_GIVEN = """
    share AS (
        INSERT INTO shares (id, account, livemode, created, kind, connected, charge, payment_intent, amount, returned,
                            currency, balance_transaction, origin, destination_payment, transfer_group, description,
                            metadata)
        SELECT s.* FROM intent, jsonb_to_recordset(:{rows}) AS s (id text, account text, livemode boolean,
            created bigint, kind text, connected text, charge text, payment_intent text, amount bigint, returned bigint,
            currency text, balance_transaction text, origin text, destination_payment text, transfer_group text,
            description text, metadata jsonb)
        ON CONFLICT (id) DO UPDATE SET {known}
    )
    """

GIVEN = _GIVEN.format(
    rows="shares",
    known="amount = shares.amount + excluded.amount, returned = shares.returned + excluded.returned, "
    "balance_transaction = excluded.balance_transaction",
)
"""Of a hold that is captured in parts, a share grows."""

RETURNED = """
    back AS (
        INSERT INTO share_returns (id, account, livemode, created, share, kind, connected, amount, currency, refund,
                                   destination_payment, payment_refund, description, metadata)
        SELECT r.* FROM intent, jsonb_to_recordset(:share_returns) AS r (id text, account text, livemode boolean,
            created bigint, share text, kind text, connected text, amount bigint, currency text, refund text,
            destination_payment text, payment_refund text, description text, metadata jsonb)
        RETURNING share, kind, amount
    ), alone AS (
        SELECT r.share, r.kind FROM jsonb_to_recordset(:share_returns) AS r (share text, kind text, grows boolean)
        WHERE NOT r.grows
    ), fee_back AS (
        UPDATE shares SET returned = returned + (SELECT amount FROM back WHERE kind = 'fee')
        WHERE id = (SELECT r.share FROM alone AS r WHERE r.kind = 'fee')
    ), transfer_back AS (
        UPDATE shares SET returned = returned + (SELECT amount FROM back WHERE kind = 'transfer')
        WHERE id = (SELECT r.share FROM alone AS r WHERE r.kind = 'transfer')
    )
    """
"""One transition gives back each share once at most. That it is not too much is checked by the table as well. Each is
asked for as one, by its id: a join reads a table that was empty when it was planned from end to end. Where the share
`grows` with it, its own row says what came back: a statement writes a row once."""

RESTORED = _GIVEN.format(rows="whole_shares", known="amount = excluded.amount, returned = excluded.returned")
"""As the charge has it, whatever was there before."""

RETURNS_RESTORED = """
    back AS (
        INSERT INTO share_returns (id, account, livemode, created, share, kind, connected, amount, currency,
                                   destination_payment, payment_refund, metadata)
        SELECT r.id, r.account, r.livemode, r.created, r.share, r.kind, r.connected, r.amount - known.amount,
            r.currency, r.destination_payment, r.payment_refund, r.metadata
        FROM intent, jsonb_to_recordset(:whole_returns) AS r (id text, account text, livemode boolean,
            created bigint, share text, kind text, connected text, amount bigint, currency text,
            destination_payment text, payment_refund text, metadata jsonb)
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(b.amount), 0) AS amount FROM share_returns AS b WHERE b.share = r.share
        ) AS known
        WHERE r.amount > known.amount
        ON CONFLICT (id) DO NOTHING
    )
    """
"""What came back and is in no row, as one. By which refunds that was, nobody knows any more."""

AS_NOTED = """jsonb_set(e.data, '{object}', e.data -> 'object' || COALESCE((
                SELECT jsonb_build_object('created', s.created, 'metadata', s.metadata) ||
                       jsonb_strip_nulls(jsonb_build_object('description', s.description))
                FROM shares AS s WHERE s.id = e.object_id), '{}'))"""
"""An event's data where it tells of a share that was there before: with what the platform has said of it since."""


def given(transition: Transition) -> list[Share]:
    """What others have got by it; of a share that was there before, what it has grown by."""
    charge = transition.after.charge
    if charge is None or not shares.is_shared(charge):
        return []
    fee, sent = shares.since(transition.before.charge, charge)
    made = []
    if sent:
        transaction = share_transactions.transfer_transaction(charge)
        made.append(shares.transfer_of(charge, sent, transition.now, transaction))
    if fee:
        made.append(shares.fee_of(charge, fee, transition.now, share_transactions.fee_transaction(charge)))
    return made


def returned(transition: Transition) -> list[ShareReturn]:
    """What came back."""
    return [event.back for event in transition.events if isinstance(event, ShareReturned)]


def share_rows(transition: Transition) -> list[Row]:
    """Shares, as the statement takes them."""
    back = {one.share: one.amount for one in returned(transition)}
    return [asdict(share) | {"returned": back.get(share.id, 0)} for share in given(transition)]


def return_rows(transition: Transition) -> list[Row]:
    """What came back, likewise."""
    growing = {share.id for share in given(transition)}
    return [asdict(back) | {"created": transition.now, "grows": back.share in growing} for back in returned(transition)]


def restored(charge: Charge | None) -> dict[str, list[Row]]:
    """All that others have got of a charge, and all that came back, as the parts take it that write it again."""
    if charge is None or not (charge.fee_taken or charge.transferred):
        return {}
    made, backs, when = [], [], charge.created
    if charge.transferred:
        transaction = share_transactions.transfer_transaction(charge)
        made.append(shares.transfer_of(charge, charge.transferred, when, transaction))
    if charge.fee_taken:
        made.append(shares.fee_of(charge, charge.fee_taken, when, share_transactions.fee_transaction(charge)))
    if back := charge.transfer_returned:
        backs.append(shares.transfer_back(charge, shares.reversal_id(f"restored/{charge.id}/{back}"), back))
    if back := charge.fee_returned:
        backs.append(shares.fee_back(charge, shares.fee_return_id(f"restored/{charge.id}/{back}"), back))
    return {
        "whole_shares": [asdict(share) for share in made],
        "whole_returns": [asdict(one) | {"created": when} for one in backs],
    }


def events(transition: Transition, first: int) -> list[Row]:
    """What the platform is told; `first` is how many events of this transition there are before these."""
    charge = transition.after.charge
    if charge is None:
        return []
    before = transition.before.charge
    known = before if before is not None and before.id == charge.id else None
    told: list[tuple[str, Share, tuple[ShareReturn, ...]]] = []
    for share in given(transition):
        if share.kind == FEE and not (known and known.fee_taken):
            told.append(("application_fee.created", share, ()))
        elif share.kind == TRANSFER and not (known and known.transferred):
            told.append(("transfer.created", share, ()))
    for back in returned(transition):
        type_ = "application_fee.refunded" if back.kind == FEE else "transfer.reversed"
        told.append((type_, _whole(charge, back), (replace(back, created=transition.now),)))
    return [_event(transition, first + place, *one) for place, one in enumerate(told)]


def _whole(charge: Charge, back: ShareReturn) -> Share:
    """All that was given, of which this came back."""
    if back.kind == FEE:
        return shares.fee_of(charge, charge.fee_taken, charge.created, share_transactions.fee_transaction(charge))
    transaction = share_transactions.transfer_transaction(charge)
    return shares.transfer_of(charge, charge.transferred, charge.created, transaction)


def _event(transition: Transition, index: int, type_: str, share: Share, backs: tuple[ShareReturn, ...]) -> Row:
    intent = transition.after
    return row_of_event(
        id_=event_id(intent.id, intent.version, index),
        scope=Scope(share.account, share.livemode),
        created=transition.now,
        type_=type_,
        subject="application_fee" if share.kind == FEE else "transfer",
        object_id=share.id,
        snapshot=dump_share(share, *backs),
        cause=transition.cause,
    )
