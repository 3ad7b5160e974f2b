"""Books to compare: those of one payment, all in agreement, for tests to change one of."""

from typing import Any

from domain.model.balance import of_dispute
from domain.model.charges import Charge
from domain.model.commands import RefundCharge
from domain.model.payment_intent import PaymentIntent
from domain.model.refunds import ChargeRefund
from domain.model.statuses import Status
from domain.reconciliation import balance, facts
from domain.reconciliation.books import ChargeRow, Entry, EventSeen, GatewayBook, IntentRow, PaymentBook, RefundRow
from tests.support.builders import after, in_status

REFUND = "re_1"


def refunded() -> PaymentIntent:
    """Paid, and 300 of it given back."""
    return after(in_status(Status.SUCCEEDED), RefundCharge(refund=REFUND, amount=300))


def row_of(charge: Charge, **columns: Any) -> ChargeRow:
    """The charge as a row."""
    given = {
        "id": charge.id, "status": charge.status, "amount": charge.amount, "amount_captured": charge.amount_captured,
        "amount_refunded": charge.amount_refunded, "charge": charge, **columns,
    }  # fmt: skip
    return ChargeRow(**given)


def refund_of(state: PaymentIntent, id_: str = REFUND, amount: int = 300, **columns: Any) -> RefundRow:
    """A refund of the payment, as a row."""
    assert state.charge is not None
    refund = ChargeRefund(
        id=id_, charge=state.charge.id, payment_intent=state.id, payment_method="pm_1", created=0, amount=amount,
        currency=state.currency, status="succeeded",
    )  # fmt: skip
    return RefundRow(**{"id": id_, "status": "succeeded", "amount": amount, "refund": refund, **columns})


def book_of(state: PaymentIntent, **parts: Any) -> PaymentBook:
    """All that the records have of a payment, if they have it right."""
    row = IntentRow(
        version=state.version, status=str(state.status), amount=state.amount, currency=state.currency,
        amount_capturable=state.amount_capturable, amount_received=state.amount_received,
    )  # fmt: skip
    given = state.charge.refunds_given if state.charge else {}
    book = PaymentBook(
        id=state.id,
        row=row,
        state=state,
        charges=[row_of(state.charge)] if state.charge else [],
        refunds=[refund_of(state, id_, amount) for id_, amount in given.items()],
    )
    for name, value in parts.items():
        setattr(book, name, value)
    if "booked" not in parts:
        book.booked = balance.expected(book)
        book.transactions = {one.id for dispute in book.disputes for one in of_dispute(dispute)}
    if "events" not in parts:
        book.events = events_of(book)
    return book


def events_of(book: PaymentBook) -> list[EventSeen]:
    """Every event that must be, once, in order."""
    wanted = [event for event, count in facts.expected(book).items() for _ in range(count)]
    wanted.sort(key=lambda event: facts.STAGES[event[0]])
    return [EventSeen(f"evt_{number}", type_, id_) for number, (type_, id_) in enumerate(wanted)]


def gateway_of(state: PaymentIntent, *more: tuple[str, int]) -> GatewayBook:
    """The gateway's book of a payment, if it has it right, and more movements."""
    book, charge = GatewayBook(), state.charge
    if charge is None or charge.status != "succeeded":
        return book
    moved = [("authorize", charge.amount), ("capture", charge.amount_captured), ("refund", charge.amount_refunded)]
    moved += [("void", charge.amount - charge.amount_captured if charge.voided else 0)]
    book.add(entry(state, operation, amount) for operation, amount in [*moved, *more] if amount)
    return book


def entry(state: PaymentIntent, operation: str, amount: int, **fields: Any) -> Entry:
    """One movement of the payment's money."""
    charge = state.charge
    given = {
        "operation": operation, "authorization": charge.authorization if charge else "", "amount": amount,
        "charge": charge.id if charge else "", "currency": state.currency, "key": f"{state.id}/1/{operation}", **fields,
    }  # fmt: skip
    return Entry(**given)
