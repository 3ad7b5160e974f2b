"""What Adyen's notifications say about what was asked. Pure, over what is kept of them; only what is signed counts.

Order is not promised, and each may come twice. So it is not the last that counts: a true AUTHORISATION beats a false
one (the acquirer that failed was replaced by another), and a failure that comes after a success is another fact.
"""

from collections.abc import Iterable, Sequence

from domain.model.gateway_dealings import Notice
from domain.model.outcomes import (
    Approved,
    AskSettlement,
    Authorize,
    CaptureHold,
    Declined,
    Increment,
    Outcome,
    Refund,
    SetUp,
    Void,
)
from gateways.base import GatewayMismatch

FALSE_SETTLES_SECONDS = 60
"""A refusal may be followed by a success under the same reference, seconds later (adyen-commercetools issue 1324)."""

AUTHORISATION = "AUTHORISATION"
OFFER_CLOSED = "OFFER_CLOSED"
OF_PAYMENTS = (AUTHORISATION, OFFER_CLOSED)
"""What tells how a payment ended: both name it by its own reference."""

CANCELS = ("CANCELLATION", "TECHNICAL_CANCEL", "CANCEL_OR_REFUND")

EVENTS: dict[type, tuple[str, ...]] = {
    CaptureHold: ("CAPTURE",),
    Void: CANCELS,
    Increment: ("AUTHORISATION_ADJUSTMENT",),
    Refund: ("REFUND", "REFUND_WITH_DATA"),
}
"""What answers each modification: true or false."""

FAILED_LATER: dict[type, tuple[str, ...]] = {
    CaptureHold: ("CAPTURE_FAILED",),
    Refund: ("REFUND_FAILED", "REFUNDED_REVERSED"),
}
"""What takes a success back. Each is `success: true` itself."""

Modification = CaptureHold | Void | Increment | Refund


def payment(effect: Authorize | SetUp | AskSettlement, told: Sequence[Notice], now: int) -> Outcome | None:
    """What became of a payment, as far as was told; None if that is nothing yet.

    Raises:
        GatewayMismatch: what was authorized is another amount.
    """
    authorized = [notice for notice in told if notice.event == AUTHORISATION]
    for notice in authorized:
        if notice.succeeded:
            _of_this_amount(effect, notice)
            return Approved(authorization=effect.attempt if isinstance(effect, SetUp) else notice.reference)
    if any(notice.event == OFFER_CLOSED for notice in told):
        return Declined(decline_code="authentication_required")
    if any(now - notice.received_at >= FALSE_SETTLES_SECONDS for notice in authorized):
        # Why is not under the signature.
        return Declined(decline_code="generic_decline")
    return None


def ended(told: Iterable[Notice]) -> bool | None:
    """Whether a cancel has released what there may have been; None if nobody has said yet."""
    answers = {notice.succeeded for notice in told if notice.event in CANCELS}
    return True in answers if answers else None


def modification(effect: Modification, told: Sequence[Notice]) -> Outcome | None:
    """What became of a modification; None if nobody has said yet.

    Raises:
        GatewayMismatch: it was done with another amount.
    """
    for notice in told:
        if notice.event in EVENTS[type(effect)]:
            if not isinstance(effect, Void) and notice.succeeded:
                _of_this_amount(effect, notice)
            return Approved(authorization=effect.authorization) if notice.succeeded else _not_done()
    if any(notice.event in FAILED_LATER.get(type(effect), ()) for notice in told):
        return _not_done()
    return None


def _not_done() -> Declined:
    return Declined(decline_code="processing_error")


def _of_this_amount(effect: Authorize | SetUp | AskSettlement | Modification, notice: Notice) -> None:
    amount, currency = getattr(effect, "amount", None), getattr(effect, "currency", "")
    if amount is None or not currency:
        return
    if (notice.amount, notice.currency) != (amount, currency):
        raise GatewayMismatch(f"{effect.operation} {effect.key}: told of another amount than {amount} {currency}")
