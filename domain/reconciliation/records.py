"""A PaymentIntent's record against what hangs on it: its charges, refunds, disputes, mandates, and set-aside money."""

from collections.abc import Iterable, Iterator
from typing import assert_never

from domain.model.charges import Charge
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from domain.reconciliation.books import (
    Balance,
    ChargeRow,
    MethodUse,
    PaymentBook,
    RefundRow,
    Step,
    Undelivered,
    Unreadable,
)
from domain.reconciliation.kinds import Kind
from domain.reconciliation.report import Difference, whose

MONEY = ("status", "amount", "currency", "captured", "amount_captured", "amount_refunded", "voided", "authorization",
         "dispute")  # fmt: skip
"""What a charge's row must have as the state has it. The rest may be older: what is personal may have been erased."""


def compare(book: PaymentBook) -> list[Difference]:
    """Hold the record of one PaymentIntent against its rows."""
    return [
        *_of_itself(book),
        *_of_charges(book),
        *_of_refunds(book),
        *_of_disputes(book),
        *_of_mandates(book),
        *_of_funds(book),
    ]


def _of_itself(book: PaymentBook) -> Iterator[Difference]:
    state, row = book.state, book.row
    pairs: list[tuple[str, int | str, int | str]] = [
        ("version", state.version, row.version),
        ("status", str(state.status), row.status),
        ("amount", state.amount, row.amount),
        ("currency", state.currency, row.currency),
        ("amount_capturable", state.amount_capturable, row.amount_capturable),
    ]
    for detail, ours, theirs in pairs:
        if ours != theirs:
            yield _of(book, Kind.RECORD_CONTRADICTS_ITSELF, book.id, ours, theirs, detail)
    if not status_can_be(state):
        charge = state.charge
        yield _of(book, Kind.STATUS_DIFFERS_FROM_CHARGE, book.id, str(state.status), _described(charge))


def _described(charge: Charge | None) -> str:
    if charge is None:
        return "none"
    return f"{charge.id} {charge.status}, captured {charge.amount_captured}, held {charge.capturable}"


def status_can_be(state: PaymentIntent) -> bool:
    """Whether the latest charge fits the status."""
    charge = state.charge
    taken = charge is not None and charge.amount_captured > 0
    held = charge is not None and charge.capturable > 0
    pending = charge is not None and charge.status == "pending"
    match state.status:
        case Status.SUCCEEDED:
            return taken and charge is not None and charge.captured
        case Status.REQUIRES_CAPTURE:
            return held
        case Status.PROCESSING:
            return pending or state.pending is not None or state.accepted is not None
        case Status.REQUIRES_PAYMENT_METHOD | Status.REQUIRES_CONFIRMATION | Status.REQUIRES_ACTION | Status.CANCELED:
            return not (taken or held or pending)
        case _ as never:
            assert_never(never)


def _of_charges(book: PaymentBook) -> Iterator[Difference]:
    latest, rows = book.state.charge, {row.id: row for row in book.charges}
    if latest is not None and latest.id not in rows:
        yield _of(book, Kind.CHARGE_MISSING, latest.id, _described(latest), "none")
    differing = [found for row in book.charges if (found := _charge_difference(book, row, latest)) is not None]
    yield from differing
    successes = [row.id for row in book.charges if row.status == "succeeded"]
    if len(successes) > 1:
        yield _of(book, Kind.SECOND_SUCCESS, book.id, 1, ", ".join(sorted(successes)))
    captured = sum(row.amount_captured for row in book.charges)
    explained = differing or (latest is not None and latest.id not in rows) or len(successes) > 1
    if not explained and book.row.amount_received != captured:
        yield _of(book, Kind.RECEIVED_DIFFERS, book.id, book.row.amount_received, captured)


def _charge_difference(book: PaymentBook, row: ChargeRow, latest: Charge | None) -> Difference | None:
    """The first part of a row that is not as the state has it, or for an earlier charge, as the row itself has it."""
    charge = latest if latest is not None and latest.id == row.id else row.charge
    for name in ("status", "amount", "amount_captured", "amount_refunded"):
        if getattr(row, name) != getattr(charge, name):
            return _of(book, Kind.CHARGE_DIFFERS, row.id, getattr(charge, name), getattr(row, name), name)
    for name in MONEY:
        if getattr(row.charge, name) != getattr(charge, name):
            ours, theirs = str(getattr(charge, name)), str(getattr(row.charge, name))
            return _of(book, Kind.CHARGE_DIFFERS, row.id, ours, theirs, name)
    return None


def _of_refunds(book: PaymentBook) -> Iterator[Difference]:
    charge = book.state.charge
    given = charge.refunds_given if charge is not None else {}
    known = {row.id for row in book.refunds}
    for id_, amount in given.items():
        if id_ not in known:
            yield _of(book, Kind.REFUND_MISSING, id_, amount, "none")
    for row in book.refunds:
        found = _refund_difference(book, row, given)
        if found is not None:
            yield found
    total = sum(given.values())
    if charge is not None and charge.amount_refunded != total:
        yield _of(book, Kind.REFUND_TOTAL_DIFFERS, charge.id, charge.amount_refunded, total)


def _refund_difference(book: PaymentBook, row: RefundRow, given: dict[str, int]) -> Difference | None:
    if row.status != row.refund.status:
        return _of(book, Kind.REFUND_STATUS_DIFFERS, row.id, row.refund.status, row.status)
    if row.refund.of_hold is not None:
        # It tells of what was never taken.
        return None
    if row.status in ("failed", "canceled"):
        stands = row.id in given
        return _of(book, Kind.REFUND_STATUS_DIFFERS, row.id, "stands", row.status) if stands else None
    if row.id not in given:
        return _of(book, Kind.REFUND_UNKNOWN, row.id, "none", row.amount)
    if not given[row.id] == row.amount == row.refund.amount:
        return _of(book, Kind.REFUND_AMOUNT_DIFFERS, row.id, given[row.id], row.amount)
    return None


def _of_disputes(book: PaymentBook) -> Iterator[Difference]:
    known = {dispute.id for dispute in book.disputes}
    told = {row.charge.dispute for row in book.charges if row.charge.dispute}
    if book.state.charge is not None and book.state.charge.dispute:
        told.add(book.state.charge.dispute)
    for id_ in sorted(told - known):
        yield _of(book, Kind.DISPUTE_MISSING, id_, "disputed", "none")
    for dispute in book.disputes:
        if dispute.id not in told:
            yield _of(book, Kind.DISPUTE_NOT_ON_CHARGE, dispute.id, "none", dispute.charge)
        mine = book.state.dispute
        if mine is not None and mine.id == dispute.id and mine != dispute:
            yield _of(book, Kind.DISPUTE_DIFFERS, dispute.id, mine.status, dispute.status)


def _of_mandates(book: PaymentBook) -> Iterator[Difference]:
    named = {row.charge.mandate for row in book.charges if row.charge.mandate}
    if book.state.mandate:
        named.add(book.state.mandate)
    for id_ in sorted(named - book.mandates):
        yield _of(book, Kind.MANDATE_MISSING, id_, "named", "none")


def _of_funds(book: PaymentBook) -> Iterator[Difference]:
    """What is set aside; while a command is under way it may just have been changed."""
    funding, known = book.funding, book.state.funded
    applied = funding.applied if funding is not None else 0
    if funding is not None and funding.applied != funding.moved:
        yield _of(book, Kind.APPLIED_DIFFERS, book.id, funding.applied, funding.moved)
    if funding is not None and funding.refunded != funding.returned:
        yield _of(book, Kind.RETURNED_DIFFERS, book.id, funding.refunded, funding.returned)
    if applied != known and not book.under_way:
        yield _of(book, Kind.FUNDS_DIFFER, book.id, known, applied)


def compare_readable(unreadable: Iterable[Unreadable]) -> list[Difference]:
    """Records that nothing else can be said of."""
    return [
        Difference(kind=Kind.RECORD_UNREADABLE, id=one.id, ours="unreadable", theirs=one.why, **whose(one.id))
        for one in unreadable
    ]


def compare_balances(balances: Iterable[Balance], steps: Iterable[Step]) -> list[Difference]:
    """Cash balances against their transactions, and each of these against the one before."""
    sums = [
        Difference(
            kind=Kind.BALANCE_DIFFERS, id=one.customer, ours=one.available, theirs=one.total, detail=one.currency
        )
        for one in balances
        if one.available != one.total
    ]
    return sums + [
        Difference(
            kind=Kind.ENDING_BALANCE_DIFFERS, id=one.id, ours=one.ending, theirs=one.expected, detail=one.customer
        )
        for one in steps
        if one.ending != one.expected
    ]


def compare_methods(uses: Iterable[MethodUse]) -> list[Difference]:
    """Payment methods that nobody saved are good for one payment, and for none after it."""
    found = []
    for use in uses:
        if use.payments > 1:
            found.append(Difference(kind=Kind.METHOD_USED_TWICE, id=use.id, ours=1, theirs=use.payments))
        elif use.reusable:
            found.append(Difference(kind=Kind.METHOD_NOT_USED_UP, id=use.id, ours="used up", theirs="reusable"))
    return found


def compare_deliveries(missing: Iterable[Undelivered]) -> list[Difference]:
    """Events that an endpoint wants and nobody is to send it."""
    return [
        Difference(kind=Kind.DELIVERY_MISSING, id=one.event, ours=one.endpoint, theirs="none", detail=one.type)
        for one in missing
    ]


def _of(book: PaymentBook, kind: Kind, id_: str, ours: int | str, theirs: int | str, detail: str = "") -> Difference:
    return Difference(kind=kind, id=id_, ours=ours, theirs=theirs, payment_intent=book.id, detail=detail)
