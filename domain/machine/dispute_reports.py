"""What a gateway's report of a dispute makes of a PaymentIntent."""

from dataclasses import replace

from domain.identifiers import digest62
from domain.model import balance
from domain.model.charges import DAY_SECONDS
from domain.model.commands import ReportDispute
from domain.model.disputes import (
    INQUIRY,
    INQUIRY_CLOSED,
    LOST,
    NEEDS_RESPONSE,
    UNDER_REVIEW,
    WON,
    Dispute,
)
from domain.model.events import ChargeDisputed, DisputeMoved, Event
from domain.model.payment_intent import PaymentIntent, held_charge
from domain.model.payment_methods import BillingDetails
from domain.money.pricing import DEFAULT
from domain.refusals import Refusal

BEGINNINGS = frozenset({NEEDS_RESPONSE, INQUIRY, LOST})
"""How a dispute can stand when it is first told of. Of debits that come back it is over at once."""

RESPONSE_DAYS = 8
"""How long a merchant has to answer: to the end (UTC) of this day after that of the dispute, as live Stripe has it."""


def cannot_dispute(intent: PaymentIntent) -> Refusal:
    """Nothing was captured, or not by this charge, or it is disputed already."""
    return Refusal(
        code="payment_intent_unexpected_state",
        message=f"There is no charge of this PaymentIntent ({intent.status}) that could be disputed now.",
    )


def reported(state: PaymentIntent, command: ReportDispute, now: int) -> Event | Refusal:
    """What the gateway tells: of a new dispute, or how one stands that it has told of before."""
    known = state.dispute
    if known is not None and command.reference == known.reference and command.charge == known.charge:
        return _moved(state, known, command, now)
    dispute = opened(state, command, now)
    return dispute if isinstance(dispute, Refusal) else ChargeDisputed(dispute)


def opened(state: PaymentIntent, command: ReportDispute, now: int) -> Dispute | Refusal:
    """The dispute that the gateway tells of. One that it has a name for can be answered."""
    charge = state.charge
    if charge is None or charge.dispute or command.charge != charge.id:
        return cannot_dispute(state)
    left = charge.amount_kept
    if left <= 0 or (state.rules >= 2 and command.status not in BEGINNINGS):
        return cannot_dispute(state)
    method = charge.payment_method
    return Dispute(
        id=("du_1" if command.reference else "dp_1") + digest62("dispute", charge.id, length=23),
        charge=charge.id,
        payment_intent=state.id,
        created=now,
        amount=left,
        currency=charge.currency,
        reason=command.reason,
        status=command.status,
        account=state.account,
        livemode=state.livemode,
        due_by=None if command.status == LOST else _due(now),
        method_type=method.type,
        brand=method.card.brand if method.card else None,
        fee=0 if command.status == INQUIRY else (state.pricing or DEFAULT).dispute,
        reference=command.reference,
        prefilled=_prefilled(method.billing_details),
    )


def _prefilled(buyer: BillingDetails) -> dict[str, str]:
    """The evidence that is there before anybody gives some, as in recordings of live Stripe (2022, 2024)."""
    at = buyer.address
    town = ", ".join(part for part in (at.city, at.state, at.postal_code, at.country) if part)
    said = {
        "billing_address": "\n".join(line for line in (at.line1, at.line2, town) if line),
        "customer_email_address": buyer.email,
        "customer_name": buyer.name,
    }
    return {name: text for name, text in said.items() if text}


def _due(now: int) -> int:
    return (now // DAY_SECONDS + RESPONSE_DAYS + 1) * DAY_SECONDS - 1


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
        refused_before = state.rules < 2 and charge.amount_captured <= charge.amount_refunded
        return cannot_dispute(state) if refused_before else over
    more = replace(
        known,
        status=NEEDS_RESPONSE,
        reason=command.reason if command.reason != "general" else known.reason,
        amount=left,
        fee=(state.pricing or DEFAULT).dispute,
        withdrawn_at=now,
        due_by=_due(now),
    )
    return DisputeMoved(more, ("charge.dispute.updated", "charge.dispute.funds_withdrawn"))
