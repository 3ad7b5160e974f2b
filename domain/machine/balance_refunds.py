"""Refunds of what is in a customer's cash balance, and paid for nothing: to their bank, by no PaymentIntent. Pure.

The money leaves the balance when the refund begins, and is back in it if the refund ends without having been paid.
docs.stripe.com/payments/customer-balance/refunding.
"""

from dataclasses import dataclass, field

from domain.copies import replace
from domain.model.charges import DAY_SECONDS
from domain.model.outcomes import Refund
from domain.model.refunds import ANSWER_SECONDS, ChargeRefund
from domain.money.currencies import CURRENCIES
from domain.refusals import Refusal

REQUIRES_ACTION, PENDING, SUCCEEDED = "requires_action", "pending", "succeeded"
FAILED, CANCELED = "failed", "canceled"

NEXT = {
    REQUIRES_ACTION: (PENDING, SUCCEEDED, FAILED, CANCELED),
    PENDING: (SUCCEEDED, FAILED),
    SUCCEEDED: (FAILED,),
    FAILED: (),
    CANCELED: (),
}
"""What may become of a refund. A bank may send back what had succeeded."""

UNDER_WAY = (REQUIRES_ACTION, PENDING)
"""The money has left the balance, and may be back."""

RETURNED = (FAILED, CANCELED)
"""Ended, and its money is in the balance again."""

ASKED_AGAIN_SECONDS = 60
"""How old one is whose gateway has not been heard, before somebody asks again: who began it needs seconds."""

OVERDUE_SECONDS = ANSWER_SECONDS + DAY_SECONDS
"""After this the gateway has forgotten to say that the time to answer is over, and is told so."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A refund that somebody has to see to: the gateway is to be asked (`unasked`), or told that time is up."""

    refund: ChargeRefund
    unasked: bool


@dataclass(slots=True)
class Ended:
    """The refund as it is now, and the payments that its money has gone to if it is back."""

    refund: ChargeRefund
    intents: list[str] = field(default_factory=list)


def is_one(refund: ChargeRefund) -> bool:
    """Whether a refund is of a balance, and not of a payment."""
    return not refund.payment_intent


def begin_refusal(refund: ChargeRefund, available: int) -> Refusal | None:
    """Refuse to give back what is not there; `available` is what there is, in minor units."""
    if refund.amount <= available:
        return None
    money = CURRENCIES[refund.currency]
    text = (
        f"Refund amount ({money.format(refund.amount)}) is greater than the customer's available cash balance "
        f"({money.format(available)})."
    )
    return Refusal(code="balance_insufficient", param="amount", message=text)


def effect(refund: ChargeRefund) -> Refund:
    """What is asked of the gateway. In its book the refund stands where a charge is: there is none."""
    return Refund(
        key=f"{refund.id}/payout",
        authorization=refund.customer or "",
        amount=refund.amount,
        refund=refund.id,
        created=refund.created,
        reason=refund.reason,
        instructions_email=refund.instructions_email,
        by_email=True,
        charge=refund.id,
        currency=refund.currency,
        intent=refund.id,
    )


def moved(refund: ChargeRefund, status: str, failure_reason: str | None = None) -> ChargeRefund | None:
    """The refund after it was heard how it stands; None if that changes nothing, or cannot be any more."""
    if status not in NEXT[refund.status]:
        return None
    return replace(refund, status=status, failure_reason=(failure_reason or "unknown") if status == FAILED else None)


def events(before: ChargeRefund | None, after: ChargeRefund) -> tuple[str, ...]:
    """What is announced of a step; `before` is None where it begins."""
    if before is None:
        return ("refund.created",)
    return ("refund.updated", "refund.failed") if after.status == FAILED else ("refund.updated",)
