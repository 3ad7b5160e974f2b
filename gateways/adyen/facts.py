"""What a notification of Adyen's means for a payment of ours: a fact in the words of our own notifications. Pure.

A fact says which payment, charge or refund it is about, and that something has become known; what exactly, the engine
asks (ADR 0013), and the adapter answers from what was told (news.py). What was not asked for here is no fact.
"""

from collections.abc import Iterable

from domain.model.gateway_dealings import Notice, Request
from gateways.adyen import disputes
from gateways.adyen.news import AUTHORISATION, CANCELS, FAILED_LATER, FALSE_SETTLES_SECONDS, OF_PAYMENTS
from gateways.listening import Fact

MODIFIED = {
    "CAPTURE": "capture",
    "CAPTURE_FAILED": "capture",
    **dict.fromkeys(CANCELS, "void"),
    "AUTHORISATION_ADJUSTMENT": "increment",
    "REFUND": "refund",
    "REFUND_WITH_DATA": "refund",
    "REFUND_FAILED": "refund",
    "REFUNDED_REVERSED": "refund",
}
"""The operation that each event is about."""

TAKEN_BACK = {event for events in FAILED_LATER.values() for event in events}
"""Events that say of themselves that they succeeded, and mean that something did not."""


FINAL = ("approved", "declined")
"""Outcomes of a call that say how it ended."""


def fact(notice: Notice, asked: Request | None, payment: Request | None, told: Iterable[Notice] = ()) -> Fact | None:
    """The fact; None if there is nothing in it for the engine.

    `asked` is what was asked here under the name that the notice has for it, `payment` the payment that it belongs to,
    `told` what else was told about the same.
    """
    if notice.event in OF_PAYMENTS:
        return _of_the_payment(notice, asked or payment)
    if notice.event in MODIFIED:
        return _of_a_modification(notice, asked, payment)
    if payment is None:
        return None
    about = {"payment_intent": payment.intent, "charge": payment.charge}
    if notice.event == "EXPIRE":
        return {"type": "modification", **about, "operation": "expiry", "reference": "", "succeeded": True}
    if notice.event in disputes.EVENTS:
        return _of_a_dispute(notice, about, told)
    return None


def _of_the_payment(notice: Notice, asked: Request | None) -> Fact | None:
    """News of a payment that waits for its buyer, or for its bank; whoever does not wait has no use for them."""
    outcome = (asked.outcome if asked else None) or {}
    if asked is None:
        return None
    if outcome.get("type") == "authentication_required":
        # Also where it failed: what became of it is asked by the effect that follows, so that a no is the adapter's,
        # who knows of it when something is authorized after all.
        about = {"payment_intent": asked.intent, "authentication": outcome["authentication"]}
        return {"type": "authentication", **about, "authenticated": True}
    if outcome.get("type") == "accepted":
        return {"type": "settlement", "payment_intent": asked.intent, "charge": asked.charge}
    return None


def is_early(notice: Notice, asked: Request | None, now: int) -> bool:
    """Whether it is a no to somebody who waits, and a yes may still come under the same reference."""
    waits = ((asked.outcome if asked else None) or {}).get("type") in ("authentication_required", "accepted")
    refused = notice.event == AUTHORISATION and not notice.succeeded
    return waits and refused and now - notice.received_at < FALSE_SETTLES_SECONDS


def _of_a_dispute(notice: Notice, about: Fact, told: Iterable[Notice]) -> Fact | None:
    status = disputes.status(notice, told)
    if status is None:
        return None
    found = {"type": "dispute", **about, "id": notice.reference, "reason": disputes.reason(notice), "status": status}
    if notice.amount > 0:
        found |= {"amount": notice.amount, "currency": notice.currency}
    due = disputes.due_by(notice)
    return found if due is None else found | {"due_by": due}


def _of_a_modification(notice: Notice, asked: Request | None, payment: Request | None) -> Fact | None:
    operation, succeeded = MODIFIED[notice.event], notice.succeeded and notice.event not in TAKEN_BACK
    if asked is None and notice.event == "CAPTURE_FAILED" and payment is not None:
        # Of a capture that nobody asked for by itself: it was taken at once.
        asked = payment
    if asked is None or (asked.operation != operation and notice.event != "CAPTURE_FAILED"):
        return None
    if operation == "refund":
        about = {"payment_intent": asked.intent, "refund": asked.refund, "succeeded": succeeded}
        why = None if succeeded else "unknown" if notice.event in TAKEN_BACK else "declined"
        return {"type": "refund", **about, "failure_reason": why}
    told: Fact = {"type": "modification", "payment_intent": asked.intent, "charge": asked.charge}
    told |= {"operation": operation, "succeeded": succeeded}
    if notice.event in TAKEN_BACK:
        told["after_all"] = True
    told["reference"] = (asked.reference or notice.reference) if asked.operation == operation else ""
    if (asked.outcome or {}).get("type") in FINAL and asked.operation == operation and notice.event not in TAKEN_BACK:
        # They were there before the answer, and the call itself came to this. Only who has the answer of another call,
        # to which they were still to come, waits for them; for all others they are no news of what was asked since.
        told["answered"] = True
    if operation == "capture":
        told["amount"] = notice.amount
    return told
