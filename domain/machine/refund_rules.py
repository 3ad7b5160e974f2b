"""Giving back: what a refund asks of the gateway, and what its answers and its later notifications mean. Pure.

What may be refunded at all, and by which way, is model/refunds.py.
"""

from domain.copies import replace
from domain.identifiers import gateway_key, refund_id
from domain.machine import holds, sharing
from domain.methods import bank_transfers
from domain.model import refunds
from domain.model.charges import Charge
from domain.model.commands import RefundCharge, RefundResult
from domain.model.events import Event
from domain.model.outcomes import Accepted, Approved, Declined, Refund
from domain.model.payment_intent import PaymentIntent, held_charge, method_in_use
from domain.model.refund_events import (
    RefundFailed,
    RefundProgressed,
    RefundRequested,
    RefundReturned,
    RefundSucceeded,
)
from domain.model.refunds import ChargeRefund, WayBack
from domain.model.shares import FEE, TRANSFER
from domain.refusals import Refusal

PENDING, CANCELED = "pending", "canceled"
"""What is told of a refund before it has ended: its receiver has answered; its merchant took it back."""


def requested(state: PaymentIntent, command: RefundCharge, now: int) -> tuple[Event, Refund] | Refusal:
    """Ask for it; until the gateway says otherwise, it counts as given back."""
    charge = held_charge(state)
    refusal = refunds.refusal(charge, command.amount)
    if refusal:
        return refusal
    amount = command.amount if command.amount is not None else charge.amount_kept
    # Payments that an older release began give back to the balance, as they always did.
    by_email = bool(state.rules) and refunds.way_back(method_in_use(state).type) is WayBack.BANK
    email = refunds.receiver(charge, command.instructions_email) if by_email else command.instructions_email
    effect = Refund(
        key=gateway_key(state.id, state.attempts, "refund", charge.refunds + 1),
        authorization=holds.reference(charge),
        amount=amount,
        refund=command.refund or refund_id(state.id, charge.refunds + 1),
        created=now,
        reason=command.reason,
        metadata=command.metadata,
        instructions_email=email,
        to_balance=not by_email and bank_transfers.by_transfer(state),
        by_email=by_email,
        charge=charge.id,
        currency=charge.currency,
        intent=state.id,
        gateway=charge.gateway,
        patience=charge.patience,
        shares=_shares(command),
    )
    return RefundRequested(_refund(state, effect)), effect


def _shares(command: RefundCharge) -> tuple[str, ...]:
    asked = ((FEE, command.refund_application_fee), (TRANSFER, command.reverse_transfer))
    return tuple(kind for kind, wanted in asked if wanted)


def reported(state: PaymentIntent, command: RefundResult) -> tuple[Event, ...] | Refusal:
    """What the gateway tells of a refund that stands. What has ended goes back to no earlier stage.

    Of one that has failed it may tell late that it had succeeded before: then its money has come back. The rules
    before the second knew of none of that.
    """
    told, charge = command.refund, held_charge(state)
    if told is not None and state.rules > 1 and _had_succeeded(charge, told, command):
        return (RefundReturned(replace(told, returned=True)),)
    if told is None or charge.refunds_given.get(told.id) != told.amount:
        return refunds.unknown_refund()
    if command.status in (PENDING, CANCELED) and told.id not in charge.refunds_asked:
        return refunds.unknown_refund()
    if command.status == PENDING:
        return (RefundProgressed(replace(told, status=PENDING)),)
    if command.status == CANCELED:
        return (RefundFailed(replace(told, status=CANCELED)),)
    if command.succeeded:
        if told.status == "succeeded":
            return ()
        return _succeeded(state, told, late=True)
    reason, came_back = command.failure_reason or "unknown", told.status == "succeeded"
    return (RefundFailed(replace(told, status="failed", failure_reason=reason, returned=came_back)),)


def _succeeded(state: PaymentIntent, refund: ChargeRefund, *, late: bool) -> tuple[Event, ...]:
    """The money is back; so are the shares of it that were asked for, once."""
    return sharing.by_refund(held_charge(state), RefundSucceeded(replace(refund, status="succeeded"), late=late))


def _had_succeeded(charge: Charge, told: ChargeRefund, command: RefundResult) -> bool:
    """Whether it is said of a refund that has failed, and was not known to have succeeded."""
    failed = told.status == "failed" and not told.returned and told.id not in charge.refunds_given
    return failed and told.charge == charge.id and command.succeeded and not command.status


def answered(
    state: PaymentIntent, effect: Refund, outcome: Approved | Accepted | Declined, *, late: bool
) -> tuple[Event, ...]:
    """What the gateway says to it; `late`, if that was not known for a while."""
    match outcome:
        case Approved():
            return _succeeded(state, _refund(state, effect), late=late)
        case Accepted():
            # It is as it was when it was asked for; the gateway's notification will say more.
            return ()
        case Declined():
            # Not the caller's error: the refund exists, and has failed.
            return (RefundFailed(replace(_refund(state, effect), status="failed", failure_reason="declined")),)


def _refund(state: PaymentIntent, effect: Refund) -> ChargeRefund:
    return ChargeRefund(
        id=effect.refund,
        charge=held_charge(state).id,
        payment_intent=state.id,
        payment_method=method_in_use(state).id,
        created=effect.created,
        amount=effect.amount,
        currency=state.currency,
        status="requires_action" if effect.by_email else "pending",
        reason=effect.reason,
        account=state.account,
        livemode=state.livemode,
        customer=state.customer,
        metadata=effect.metadata,
        instructions_email=effect.instructions_email,
        method_type=method_in_use(state).type,
        by_email=effect.by_email,
        shares=effect.shares,
    )


def cannot_refund(intent: PaymentIntent) -> Refusal:
    """No money was taken, or not for good."""
    return refunds.not_successful(intent.id)
