"""What a gateway's report of a dispute makes of a PaymentIntent.

News come twice, late and out of order, and the last word of a bank may be the first that is heard: whatever has come
before it follows from it. So all orders of the same news end in the same books, if they are of one amount: that is the
bank's, where it says one. The first that is told stands; of another a person is told (`agrees`). What the bank has
decided stands against what only our clock has.
"""

from domain.copies import replace
from domain.machine import dispute_reports_before
from domain.machine.dispute_facts import amount_of, cannot_dispute, dispute_id, escalated, opened
from domain.model import balance
from domain.model.commands import ReportDispute
from domain.model.disputes import (
    INQUIRIES,
    INQUIRY,
    INQUIRY_CLOSED,
    INQUIRY_UNDER_REVIEW,
    LOST,
    NEEDS_RESPONSE,
    OPEN,
    UNDER_REVIEW,
    WON,
    Dispute,
)
from domain.model.events import ChargeDisputed, DisputeMoved, Event
from domain.model.payment_intent import PaymentIntent, held_charge
from domain.money.pricing import DEFAULT
from domain.refusals import Refusal

STAGES = {
    status: stage
    for stage, status in enumerate(
        (INQUIRY, INQUIRY_UNDER_REVIEW, INQUIRY_CLOSED, NEEDS_RESPONSE, UNDER_REVIEW, LOST, WON)
    )
}
"""How far a dispute has come; news of an earlier stage are late. Lost may be our clock's word alone: it may be won."""

BEGINNING = {
    INQUIRY_UNDER_REVIEW: INQUIRY, INQUIRY_CLOSED: INQUIRY, UNDER_REVIEW: NEEDS_RESPONSE, WON: NEEDS_RESPONSE,
}  # fmt: skip
"""How a dispute has begun that is heard of only now. One that is lost may have been so at once, as debits are."""

TOLD = {
    INQUIRY_UNDER_REVIEW: ("charge.dispute.updated",),
    INQUIRY_CLOSED: ("charge.dispute.closed",),
    NEEDS_RESPONSE: ("charge.dispute.updated", "charge.dispute.funds_withdrawn"),
    UNDER_REVIEW: ("charge.dispute.updated",),
    LOST: ("charge.dispute.closed",),
    WON: ("charge.dispute.funds_reinstated", "charge.dispute.closed"),
}
"""Stripe's events for each stage that a dispute comes to."""


def reported(state: PaymentIntent, command: ReportDispute, now: int) -> tuple[Event, ...] | Event | Refusal:
    """What the gateway tells: of a new dispute, or how one stands that it has told of before."""
    if state.rules < 2:
        return dispute_reports_before.reported(state, command, now)
    if command.status not in STAGES:
        return cannot_dispute(state)
    known = _known(state, command, now)
    if known is not None:
        return _moved(state, known, command, now)
    charge = state.charge
    if charge is None or charge.dispute or command.charge != charge.id or not charge.amount_captured:
        return cannot_dispute(state)
    amount = amount_of(charge, command)
    if amount <= 0:
        return cannot_dispute(state)
    begun = replace(command, status=BEGINNING.get(command.status, command.status))
    dispute = opened(state, charge, begun, amount, now)
    if dispute.status == command.status:
        return ChargeDisputed(dispute)
    moved = _moved(state, dispute, command, now)
    return moved if isinstance(moved, Refusal) else (ChargeDisputed(dispute), *moved)


def already_so(state: PaymentIntent, command: ReportDispute, now: int) -> bool:
    """Whether news that change nothing say what is so, or was; if not, the gateway's book is not ours.

    Without a name, news of one that has ended may be of another.
    """
    known, charge = _known(state, command, now), state.charge
    if known is None:
        # The rules of before kept no dispute without a name: the charge says that there is one.
        mine = charge is not None and charge.id == command.charge and charge.dispute == dispute_id(charge, "")
        return mine and not command.reference and command.status in (NEEDS_RESPONSE, LOST)
    if (known.status, command.status) == (WON, LOST) or not agrees(known, command):
        return False
    if not command.reference and known.status not in OPEN:
        return command.status == known.status
    return STAGES.get(command.status, len(STAGES)) <= STAGES.get(known.status, -1)


def agrees(known: Dispute | None, command: ReportDispute) -> bool:
    """Whether news, by their amount, may be of this dispute. A bank that only asks may take another one in the end."""
    told = command.amount
    return known is None or told is None or known.inquiry or command.status in INQUIRIES or told == known.amount


def _known(state: PaymentIntent, command: ReportDispute, now: int) -> Dispute | None:
    """The dispute that is meant, if it is known of."""
    known, charge = state.dispute, state.charge
    if known is not None:
        return known if (command.reference, command.charge) == (known.reference, known.charge) else None
    if charge is None or command.reference or command.charge != charge.id or charge.charged_back is not False:
        return None
    if charge.dispute != dispute_id(charge, ""):
        return None
    # An inquiry without a name, of which the rules of before kept only the id.
    return opened(state, charge, replace(command, status=INQUIRY), charge.amount_disputable, now)


def _moved(state: PaymentIntent, known: Dispute, command: ReportDispute, now: int) -> tuple[Event, ...] | Refusal:
    """What has become of it, and what must have come between."""
    if STAGES[command.status] <= STAGES.get(known.status, len(STAGES)):
        return cannot_dispute(state)
    if not command.reference and known.status not in OPEN and not agrees(known, command):
        # One has ended, and this is another: it turns nothing around.
        return cannot_dispute(state)
    if not known.inquiry or command.status in INQUIRIES:
        return (_come_to(state, known, command.status, now),)
    amount = command.amount and amount_of(held_charge(state), command)
    left = min(known.amount, held_charge(state).amount_disputable) if amount is None else amount
    if left <= 0:
        # All was given back while the bank decided: there is nothing to withdraw, nor to answer any more.
        ended = known.status == INQUIRY_CLOSED or amount is not None
        return cannot_dispute(state) if ended else (_come_to(state, known, INQUIRY_CLOSED, now),)
    more = escalated(state, known, command, left, now)
    first = DisputeMoved(more, TOLD[NEEDS_RESPONSE])
    return (first,) if command.status == NEEDS_RESPONSE else (first, _come_to(state, more, command.status, now))


def _come_to(state: PaymentIntent, known: Dispute, status: str, now: int) -> DisputeMoved:
    now_is = replace(known, status=status)
    if status == WON:
        back = balance.available_on(now, state.pricing or DEFAULT)
        now_is = replace(now_is, reinstated_at=now, reinstated_on=back)
    return DisputeMoved(now_is, TOLD[status])
