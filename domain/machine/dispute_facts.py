"""A dispute as it begins, and an inquiry that becomes one: how much is taken, what it costs, until when to answer."""

from domain.copies import replace
from domain.identifiers import digest62
from domain.model.charges import DAY_SECONDS, Charge
from domain.model.commands import ReportDispute
from domain.model.disputes import INQUIRY, LOST, NEEDS_RESPONSE, Dispute
from domain.model.payment_intent import PaymentIntent
from domain.model.payment_methods import BillingDetails
from domain.money.currencies import CURRENCIES
from domain.money.pricing import DEFAULT
from domain.refusals import Refusal

RESPONSE_DAYS = 8
"""How long a merchant has to answer: to the end (UTC) of this day after that of the dispute, as live Stripe has it."""

RESPONSE_DAYS_MAX = 365
"""No bank waits longer for an answer; who says so has told milliseconds, or made a mistake."""


def believable(due_by: int | None, now: int) -> int | None:
    """Until when a bank is said to take answers, if that can be: it decides what is lost, and not our clock."""
    return due_by if due_by and now < due_by <= now + RESPONSE_DAYS_MAX * DAY_SECONDS else None


def cannot_dispute(intent: PaymentIntent) -> Refusal:
    """Nothing was captured, or not by this charge, or it is disputed already."""
    return Refusal(
        code="payment_intent_unexpected_state",
        message=f"There is no charge of this PaymentIntent ({intent.status}) that could be disputed now.",
    )


def amount_of(charge: Charge, command: ReportDispute) -> int:
    """What the bank takes, in minor units: what its gateway says, or what has not gone back for certain."""
    told = command.amount
    if told is None:
        return charge.amount_disputable
    return told if 0 < told <= CURRENCIES[charge.currency].maximum else 0


def opened(state: PaymentIntent, charge: Charge, command: ReportDispute, amount: int, now: int) -> Dispute:
    """The dispute that the gateway tells of. One that it takes answers to has its name for it."""
    method = charge.payment_method
    return Dispute(
        id=dispute_id(charge, command.reference),
        charge=charge.id,
        payment_intent=state.id,
        created=now,
        amount=amount,
        currency=charge.currency,
        reason=command.reason,
        status=command.status,
        account=state.account,
        livemode=state.livemode,
        due_by=None if command.status == LOST else believable(command.due_by, now) or _due(now),
        method_type=method.type,
        brand=method.card.brand if method.card else None,
        fee=0 if command.status == INQUIRY else (state.pricing or DEFAULT).dispute,
        reference=command.reference,
        prefilled=_prefilled(method.billing_details),
    )


def dispute_id(charge: Charge, reference: str) -> str:
    """The id of the one dispute of a charge; `dp_` says that it takes no answers here."""
    return ("du_1" if reference else "dp_1") + digest62("dispute", charge.id, length=23)


def escalated(state: PaymentIntent, known: Dispute, command: ReportDispute, amount: int, now: int) -> Dispute:
    """The inquiry, once the money was withdrawn after all."""
    return replace(
        known,
        status=NEEDS_RESPONSE,
        reason=command.reason if command.reason != "general" else known.reason,
        amount=amount,
        fee=(state.pricing or DEFAULT).dispute,
        withdrawn_at=now,
        due_by=believable(command.due_by, now) or _due(now),
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
