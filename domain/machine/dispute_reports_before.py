"""What a gateway's report of a dispute made of a PaymentIntent by the rules before the second (`PaymentIntent.rules`).

Runs that older releases have started go by these until they end; dispute_reports.py is for all others.
"""

from domain.copies import replace
from domain.machine.dispute_facts import cannot_dispute, escalated, opened
from domain.model import balance
from domain.model.commands import ReportDispute
from domain.model.disputes import (
    INQUIRY_CLOSED,
    LOST,
    NEEDS_RESPONSE,
    UNDER_REVIEW,
    WON,
    Dispute,
)
from domain.model.events import ChargeDisputed, DisputeMoved, Event
from domain.model.payment_intent import PaymentIntent, held_charge
from domain.model.statuses import Status
from domain.money.pricing import DEFAULT
from domain.refusals import Refusal


def reported(state: PaymentIntent, command: ReportDispute, now: int) -> Event | Refusal:
    """What the gateway tells: of a new dispute, or how one stands that it has told of before."""
    charge, known = state.charge, state.dispute
    if state.status != Status.SUCCEEDED:
        return cannot_dispute(state)
    if known is not None and command.reference == known.reference and command.charge == known.charge:
        return _moved(state, known, command, now)
    if charge is None or charge.dispute or command.charge != charge.id or charge.amount_kept <= 0:
        return cannot_dispute(state)
    untold = replace(command, due_by=None)
    return ChargeDisputed(opened(state, charge, untold, charge.amount_kept, now))


def _moved(state: PaymentIntent, known: Dispute, command: ReportDispute, now: int) -> Event | Refusal:
    """What the bank has decided. What has ended does not begin again."""
    if not known.answerable:
        return cannot_dispute(state)
    now_is = replace(known, status=command.status)
    match command.status:
        case status if status == NEEDS_RESPONSE and known.inquiry:
            return _escalated(state, known, command, now)
        case status if status == UNDER_REVIEW and known.status == NEEDS_RESPONSE:
            return DisputeMoved(now_is, ("charge.dispute.updated",))
        case status if status == WON and not known.inquiry:
            back = balance.available_on(now, state.pricing or DEFAULT)
            won = replace(now_is, reinstated_at=now, reinstated_on=back)
            return DisputeMoved(won, ("charge.dispute.funds_reinstated", "charge.dispute.closed"))
        case status if status == LOST and not known.inquiry:
            return DisputeMoved(now_is, ("charge.dispute.closed",))
        case status if status == INQUIRY_CLOSED and known.inquiry:
            return DisputeMoved(now_is, ("charge.dispute.closed",))
        case _:
            return cannot_dispute(state)


def _escalated(state: PaymentIntent, known: Dispute, command: ReportDispute, now: int) -> Event | Refusal:
    """An inquiry becomes a dispute: the money is withdrawn after all, as far as it is still there."""
    charge = held_charge(state)
    left = min(known.amount, charge.amount_kept)
    if left <= 0:
        # All was given back while the bank decided: there is nothing to withdraw, nor to answer any more.
        over = DisputeMoved(replace(known, status=INQUIRY_CLOSED), ("charge.dispute.closed",))
        return cannot_dispute(state) if charge.amount_captured <= charge.amount_refunded else over
    more = escalated(state, known, replace(command, due_by=None), left, now)
    return DisputeMoved(more, ("charge.dispute.updated", "charge.dispute.funds_withdrawn"))
