"""What a transition leaves in each table: the rows that projection.py writes. Pure."""

from dataclasses import asdict
from functools import cached_property

from domain.identifiers import event_id
from domain.machine.announcements import Announcement
from domain.machine.transitions import Transition
from domain.model import balance, share_transactions
from domain.model.balance import BalanceTransaction
from domain.model.charges import Charge
from domain.model.disputes import Dispute
from domain.model.events import (
    AttemptMoved,
    ChargeDisputed,
    ChargeFailed,
    ChargePending,
    ChargeSucceeded,
    DisputeMoved,
    MandateAccepted,
    MandateEnded,
    PaymentMethodConsumed,
    PaymentMethodSaved,
    PaymentMethodSelected,
)
from domain.model.hashes import JsonObject
from domain.model.mandates import Mandate
from domain.model.payment_intent import PaymentIntent
from domain.model.payment_methods import PaymentMethod
from domain.model.refund_events import (
    HoldRefunded,
    RefundFailed,
    RefundProgressed,
    RefundRequested,
    RefundReturned,
    RefundSucceeded,
)
from domain.model.refunds import ChargeRefund
from records import declined_cards
from records.codec import dump_charge, dump_dispute, dump_intent, dump_mandate, dump_method, dump_refund
from records.events import event_row as row_of_event
from records.scope import Scope

Row = JsonObject


class Seen:
    """What a transition's row and events show of the intent: each dumped once, however many of them tell of it."""

    def __init__(self, transition: Transition) -> None:
        self.transition = transition

    @cached_property
    def stored(self) -> Row:
        """The whole state, ledger included."""
        return dump_intent(self.transition.after)

    @cached_property
    def public(self) -> Row:
        """Without the ledger and the evidence, which are nobody's business outside."""
        return _public(self.stored)

    @cached_property
    def public_before(self) -> Row:
        """As it was."""
        return _public(dump_intent(self.transition.before))


def _public(stored: Row) -> Row:
    return {name: value for name, value in stored.items() if name not in ("ledger", "dispute")}


def intent_row(intent: PaymentIntent, stored: Row) -> Row:
    """The row of `payment_intents`; `stored` is the whole state."""
    return {
        "id": intent.id,
        "account": intent.account,
        "livemode": intent.livemode,
        "created": intent.created,
        "version": intent.version,
        "status": intent.status,
        "amount": intent.amount,
        "amount_capturable": intent.amount_capturable,
        "amount_received": intent.amount_received,
        "currency": intent.currency,
        "customer": intent.customer,
        "data": stored,
        "amount_maximum": intent.charge.overcapture_maximum if intent.charge else None,
    }


def charge_rows(transition: Transition) -> list[Row]:
    """The latest charge, and those that came and went within this very transition."""
    charges = {c.id: c for c in (_attempted(event) for event in transition.events) if c is not None}
    latest = transition.after.charge
    if latest is not None and latest != transition.before.charge:
        charges[latest.id] = latest
    return [charge_row(charge) for charge in charges.values()]


def _attempted(event: object) -> Charge | None:
    told = ChargeSucceeded | ChargeFailed | ChargePending | AttemptMoved
    return event.charge if isinstance(event, told) else None


def charge_row(charge: Charge) -> Row:
    """The row of a charge."""
    return {
        "id": charge.id,
        "account": charge.account,
        "livemode": charge.livemode,
        "created": charge.created,
        "payment_intent": charge.payment_intent,
        "customer": charge.customer,
        "status": charge.status,
        "amount": charge.amount,
        "amount_captured": charge.amount_captured,
        "amount_refunded": charge.amount_refunded,
        "data": dump_charge(charge),
        "amount_maximum": charge.overcapture_maximum,
    }


def mandate_rows(transition: Transition) -> list[Row]:
    """Consents that were given, or have ended."""
    return [
        {
            "id": mandate.id,
            "account": mandate.account,
            "livemode": mandate.livemode,
            "created": mandate.created,
            "payment_method": mandate.payment_method,
            "data": dump_mandate(mandate),
        }
        for mandate in _mandates(transition)
    ]


def _mandates(transition: Transition) -> list[Mandate]:
    """What became of each mandate, by id: the last fact about it is how it is."""
    told = [event.mandate for event in transition.events if isinstance(event, MandateAccepted | MandateEnded)]
    return list({mandate.id: mandate for mandate in told}.values())


def dispute_rows(transition: Transition) -> list[Row]:
    """Disputes that were opened, and what has become of them."""
    return [dispute_row(dispute) for dispute in _disputes(transition)]


def dispute_row(dispute: Dispute) -> Row:
    """The row of `disputes`."""
    return {
        "id": dispute.id,
        "account": dispute.account,
        "livemode": dispute.livemode,
        "created": dispute.created,
        "charge": dispute.charge,
        "payment_intent": dispute.payment_intent,
        "amount": dispute.amount,
        "data": dump_dispute(dispute),
    }


def _disputes(transition: Transition) -> list[Dispute]:
    """What became of each dispute, by id: the last fact about it is how it is."""
    told = [event.dispute for event in transition.events if isinstance(event, ChargeDisputed | DisputeMoved)]
    return list({dispute.id: dispute for dispute in told}.values())


def balance_rows(transition: Transition) -> list[Row]:
    """What it did to the balance."""
    was, now = transition.before.charge, transition.after.charge
    happened = (was, now, transition.events, transition.after.pricing, transition.now)
    found = balance.moved(*happened) + share_transactions.moved(*happened)
    return [balance_row(transaction) for transaction in found]


def declined_card_rows(transition: Transition) -> list[Row]:
    """What networks count of it: declines of cards."""
    failed = [event.charge for event in transition.events if isinstance(event, ChargeFailed | AttemptMoved)]
    return [row for charge in failed if charge and (row := declined_cards.row_of(charge, transition.now)) is not None]


def balance_row(transaction: BalanceTransaction) -> Row:
    """The row of a balance transaction."""
    return {**asdict(transaction), "net": transaction.net}


def _refunds(transition: Transition) -> dict[str, ChargeRefund]:
    """What became of each refund, by id: the last fact about it is how it is."""
    facts = (RefundRequested, RefundSucceeded, RefundProgressed, RefundFailed, RefundReturned, HoldRefunded)
    return {event.refund.id: event.refund for event in transition.events if isinstance(event, facts)}


def refund_rows(transition: Transition) -> list[Row]:
    """Refunds as they are now."""
    return [
        {
            "id": refund.id,
            "account": refund.account,
            "livemode": refund.livemode,
            "created": refund.created,
            "charge": refund.charge,
            "payment_intent": refund.payment_intent,
            "status": refund.status,
            "amount": refund.amount,
            "metadata": refund.metadata,
            "data": dump_refund(refund),
        }
        for refund in _refunds(transition).values()
    ]


def method_rows(transition: Transition) -> list[Row]:
    """What became of the payment method, if it was saved or used up, and what its bank has made of what it checked."""
    changed = any(isinstance(event, PaymentMethodSaved | PaymentMethodConsumed) for event in transition.events)
    selected = [event.payment_method for event in transition.events if isinstance(event, PaymentMethodSelected)]
    method = transition.after.payment_method or (selected[-1] if selected else transition.before.payment_method)
    if not changed or method is None:
        return []
    return [{"id": method.id, "customer": method.customer, "card": _checked(transition, method)}]


def _checked(transition: Transition, method: PaymentMethod) -> Row | None:
    attempts = [charge for event in transition.events if (charge := _attempted(event)) is not None]
    charge = attempts[-1] if attempts else transition.after.charge
    if method.card is None or charge is None or charge.payment_method.id != method.id:
        return None
    return {name: said for name, said in charge.checks.items() if said is not None} or None


def event_row(seen: Seen, announcement: Announcement, index: int) -> Row:
    """One of Stripe's events; `index` counts those of this transition."""
    transition, intent = seen.transition, seen.transition.after
    object_id, snapshot = _snapshot(seen, announcement)
    return row_of_event(
        id_=event_id(intent.id, intent.version, index),
        scope=Scope(intent.account, intent.livemode),
        created=transition.now,
        type_=announcement.type,
        subject=announcement.subject,
        object_id=object_id,
        snapshot=snapshot,
        before=_before(seen, announcement),
        cause=transition.cause,
    )


def _snapshot(seen: Seen, announcement: Announcement) -> tuple[str, Row]:
    """The object as it is now."""
    transition = seen.transition
    intent, refunds = transition.after, list(_refunds(transition).values())
    if announcement.subject == "refund" and refunds:
        return refunds[-1].id, dump_refund(refunds[-1])
    disputes = _disputes(transition)
    if announcement.subject == "dispute" and disputes:
        return disputes[-1].id, dump_dispute(disputes[-1])
    mandates = _mandates(transition)
    if announcement.subject == "mandate" and mandates:
        return mandates[-1].id, dump_mandate(mandates[-1])
    if announcement.subject == "charge" and intent.charge:
        return intent.charge.id, dump_charge(intent.charge)
    if announcement.subject == "payment_method" and intent.payment_method:
        return intent.payment_method.id, dump_method(intent.payment_method)
    return intent.id, seen.public


def tells_of_known_charge(transition: Transition) -> bool:
    """Whether an event shows a charge that was there before, of which its merchant may have said something since."""
    was, now = transition.before.charge, transition.after.charge
    same = was is not None and now is not None and was.id == now.id
    return same and any(announcement.subject == "charge" for announcement in transition.announcements)


TELLS_WHAT_CHANGED = frozenset(
    {
        "charge.captured",
        "charge.dispute.updated",
        "charge.expired",
        "charge.refunded",
        "charge.updated",
        "payment_intent.amount_capturable_updated",
    }
)
"""Events that have `previous_attributes`."""


def _before(seen: Seen, announcement: Announcement) -> Row | None:
    """The object before, where the event tells what has changed of it."""
    if announcement.type not in TELLS_WHAT_CHANGED:
        return None
    if announcement.subject == "payment_intent":
        return seen.public_before
    transition = seen.transition
    if announcement.subject == "dispute":
        return dump_dispute(transition.before.dispute) if transition.before.dispute else None
    was, now = transition.before.charge, transition.after.charge
    return dump_charge(was) if was is not None and now is not None and was.id == now.id else None
