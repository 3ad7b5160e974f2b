"""Shares of a PaymentIntent (Connect) against their rows and the ledger; and what is to be booked of them after all.

Both sides of a share are booked at once, or neither: the ledger refuses one alone.
"""

from collections.abc import Iterator
from dataclasses import replace

from domain.identifiers import digest62
from domain.model import share_transactions, shares
from domain.model.balance import OTHER, BalanceTransaction
from domain.model.charges import Charge
from domain.reconciliation.books import PaymentBook
from domain.reconciliation.kinds import Kind
from domain.reconciliation.report import Difference

NOTHING = (0, 0)


def compare(book: PaymentBook) -> list[Difference]:
    """Hold what a charge has given to other accounts against the rows of that."""
    wanted: dict[str, tuple[int, int]] = {}
    for charge in (row.charge for row in book.charges):
        wanted[shares.fee_id(charge.id)] = charge.fee_taken, charge.fee_returned
        wanted[shares.transfer_id(charge)] = charge.transferred, charge.transfer_returned
    wanted = {id_: sums for id_, sums in wanted.items() if sums != NOTHING}
    return [
        Difference(
            kind=Kind.SHARE_DIFFERS,
            id=id_,
            ours=_as_text(wanted.get(id_, NOTHING)),
            theirs=_as_text(book.shares.get(id_, NOTHING)),
            payment_intent=book.id,
        )
        for id_ in sorted(wanted.keys() | book.shares.keys())
        if wanted.get(id_, NOTHING) != book.shares.get(id_, NOTHING)
    ]


def _as_text(sums: tuple[int, int]) -> str:
    given, returned = sums
    return f"{given} less {returned}"


def lacking(book: PaymentBook, charge: Charge, *, short: bool) -> tuple[int, int]:
    """What of a charge's fee and transfer is not booked, and can be; `short` says that the charge's own money is not.

    Of a direct charge the other side of the fee is kept of that money, of a destination charge it is the transfer's.
    """
    fee = max(0, charge.fee_taken - book.booked.get(shares.fee_id(charge.id), 0))
    out, got = book.booked.get(shares.transfer_id(charge), 0), book.booked.get(shares.destination_payment_id(charge), 0)
    # What one of them has alone is for people to judge.
    sent = max(0, charge.transferred - max(-out, got))
    return fee if sent or (short and charge.platform is not None) else 0, sent


def missing(book: PaymentBook, charge: Charge, lack: tuple[int, int]) -> Iterator[BalanceTransaction]:
    """What others have got of a charge, have given back, and is not booked."""
    for one in share_transactions.taken(charge, *lack, book.state.pricing, charge.created):
        yield _unused(book, one)
    ids = (shares.fee_id(charge.id), shares.transfer_id(charge))
    for back in book.share_returns:
        if back.share in ids and share_transactions.returned_id(back) not in book.transactions:
            yield from share_transactions.returned(charge, back, back.created)


def _unused(book: PaymentBook, one: BalanceTransaction) -> BalanceTransaction:
    """By another id where another part of the same share is booked by this one."""
    if one.id not in book.transactions:
        return one
    return replace(one, id=OTHER + digest62("levelled", one.id, book.booked.get(one.source, 0), length=23))
