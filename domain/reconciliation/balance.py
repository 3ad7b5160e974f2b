"""A PaymentIntent against the ledger: all that it has moved is booked, once; and what is not, to be booked after all.

Releases before the ledger have booked nothing, and a record that was restored from a copy brings none of it back.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from domain.identifiers import digest62
from domain.model import balance
from domain.model.balance import BalanceTransaction
from domain.model.charges import Charge
from domain.reconciliation import shares
from domain.reconciliation.books import Misbooked, PaymentBook
from domain.reconciliation.kinds import Kind
from domain.reconciliation.report import Difference


def expected(book: PaymentBook) -> dict[str, int]:
    """What each charge, refund and dispute has moved, in minor units; what came in is positive."""
    moved = {row.id: _brought(row.charge) for row in book.charges}
    for row in book.refunds:
        gone = row.refund.status == "succeeded" and balance.of_refund(row.refund) is not None
        moved[row.id] = -row.refund.amount if gone else 0
    return moved | {one.id: -one.amount if one.withdrawn else 0 for one in book.disputes}


def _brought(charge: Charge) -> int:
    """What was taken and has come, and with it what a refund tells of that was not."""
    return charge.amount_captured and charge.amount_captured + charge.released_as_refund - charge.capture_failed


def compare(book: PaymentBook) -> list[Difference]:
    """Hold the ledger against what has moved. Only of a record that agrees with its rows.

    What was taken and given back comes to nothing, and has cost something: of that, each transaction is looked for.
    """
    amounts = [
        Difference(
            kind=Kind.BOOKED_DIFFERS, id=id_, ours=amount, theirs=book.booked.get(id_, 0), payment_intent=book.id
        )
        for id_, amount in expected(book).items()
        if amount != book.booked.get(id_, 0)
    ]
    told = {one.id for one in amounts}
    return [*shares.compare(book), *amounts, *(one for one in _unbooked(book) if one.id not in told)]


def _unbooked(book: PaymentBook) -> Iterator[Difference]:
    for dispute in book.disputes:
        wanted = [one.id for one in balance.of_dispute(dispute)]
        there = [id_ for id_ in wanted if id_ in book.transactions]
        if there != wanted:
            ours, theirs = ", ".join(wanted), ", ".join(there) or "none"
            yield Difference(kind=Kind.BOOKED_DIFFERS, id=dispute.id, ours=ours, theirs=theirs, payment_intent=book.id)


_KINDS = {"entries": Kind.ENTRIES_DIFFER, "share": Kind.SHARE_NOT_BOOKED, "accounts": Kind.ACCOUNTS_DIFFER}


def compare_ledger(wrong: Iterable[Misbooked]) -> list[Difference]:
    """Transactions whose entries do not say what they say, or do not add up to nothing; and shares likewise."""
    return [Difference(kind=_KINDS[one.what], id=one.id, ours=one.transaction, theirs=one.entries) for one in wrong]


def missing(book: PaymentBook) -> Iterator[BalanceTransaction]:
    """What is to be booked so that the ledger has what has moved. What it has too much is for people to judge."""
    wanted, terms = expected(book), book.state.pricing
    charges = {row.id: row.charge for row in book.charges}
    for charge in charges.values():
        booked = book.booked.get(charge.id, 0)
        short = booked < wanted[charge.id]
        fee, sent = shares.lacking(book, charge, short=short)
        if short:
            amount = wanted[charge.id] - booked
            taken = min(amount, charge.amount_captured)
            # What is fixed of the fee was asked for with the first that is booked.
            times, kept = 1 if booked == 0 else 2, fee if charge.platform is not None else 0
            more = balance.captured(charge, amount, times, terms, charge.created, taken=taken, kept=kept)
            yield more if booked == 0 else replace(more, id=_further(charge.id, booked))
        yield from shares.missing(book, charge, (fee, sent))
    for row in book.refunds:
        of = charges.get(row.refund.charge)
        if of is None:
            continue
        booked = book.booked.get(row.id, 0)
        if booked > wanted[row.id]:
            yield balance.refunded(row.refund, of, terms, row.refund.created)
        elif booked < wanted[row.id]:
            yield balance.returned(row.refund, of, terms, row.refund.created)
    for dispute in book.disputes:
        yield from (one for one in balance.of_dispute(dispute) if one.id not in book.transactions)


def _further(charge: str, booked: int) -> str:
    return balance.CHARGE + digest62("levelled", charge, booked, length=23)
