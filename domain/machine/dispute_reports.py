"""What a gateway's report of a dispute makes of a PaymentIntent."""

from domain.identifiers import digest62
from domain.model.charges import DAY_SECONDS
from domain.model.commands import ReportDispute
from domain.model.disputes import INQUIRY, LOST, Dispute
from domain.model.payment_intent import PaymentIntent
from domain.money.pricing import DEFAULT
from domain.refusals import Refusal

RESPONSE_DAYS = 8
"""How long a merchant has to answer: to the end (UTC) of this day after that of the dispute, as live Stripe has it."""


def cannot_dispute(intent: PaymentIntent) -> Refusal:
    """Nothing was captured, or not by this charge, or it is disputed already."""
    return Refusal(
        code="payment_intent_unexpected_state",
        message=f"There is no charge of this PaymentIntent ({intent.status}) that could be disputed now.",
    )


def opened(state: PaymentIntent, command: ReportDispute, now: int) -> Dispute | Refusal:
    """The dispute that the gateway tells of."""
    charge = state.charge
    if charge is None or charge.dispute or command.charge != charge.id:
        return cannot_dispute(state)
    left = charge.amount_captured - charge.amount_refunded
    if left <= 0:
        return cannot_dispute(state)
    method = charge.payment_method
    fee = 0 if command.status == INQUIRY else (state.pricing or DEFAULT).dispute
    return Dispute(
        id=f"dp_1{digest62('dispute', charge.id, length=23)}",
        charge=charge.id,
        payment_intent=state.id,
        created=now,
        amount=left,
        currency=charge.currency,
        reason=command.reason,
        status=command.status,
        account=state.account,
        livemode=state.livemode,
        due_by=None if command.status == LOST else (now // DAY_SECONDS + RESPONSE_DAYS + 1) * DAY_SECONDS - 1,
        method_type=method.type,
        brand=method.card.brand if method.card else None,
        fee=fee,
    )
