"""Giving back what is held, and what the gateway's answer to that means.

A no says that nothing was released, and nothing else: whether anything is held is asked of the gateway
(`Gateway.standing`), which makes a yes of the no where there is nothing left to release. So a no that gets here leaves
the hold as it was: whoever canceled is told so, and time tries again.
"""

from domain.identifiers import gateway_key, release_refund_id
from domain.model import wording
from domain.model.charges import Charge
from domain.model.events import (
    AuthorizationReleased,
    ChargeCaptured,
    Event,
    IntentCanceled,
    PaymentError,
    ReleaseDeclined,
)
from domain.model.outcomes import Approved, Declined, Outcome, Void
from domain.model.payment_intent import PaymentIntent, held_charge
from domain.model.refund_events import HoldRefunded
from domain.model.refunds import ChargeRefund
from domain.refusals import InvariantViolation, Refusal

RELEASE_AGAIN_SECONDS = 3_600
"""A gateway that would not release a hold whose time is up is asked again every hour."""


def release(state: PaymentIntent, reason: str | None, *, expired: bool = False, refunds_rest: bool = False) -> Void:
    """What it takes to give the hold back. Each time that this is declined, the next one is another operation."""
    charge, sequence = held_charge(state), state.declined_releases + 1
    return Void(
        key=gateway_key(state.id, state.attempts, "void", sequence if sequence > 1 else 0),
        authorization=reference(charge),
        reason=reason,
        expired=expired,
        captured=charge.amount_captured - charge.capture_failed,
        charge=charge.id,
        currency=charge.currency,
        intent=state.id,
        refunds_rest=refunds_rest,
        gateway=charge.gateway,
        patience=charge.patience,
    )


def expiry(state: PaymentIntent, now: int) -> Void | Refusal:
    """What is done about a hold whose time is up."""
    lapses_at = held_charge(state).lapses_at
    if lapses_at is None or now < lapses_at:
        return wording.cannot_expire(state)
    return release(state, "expired", expired=True)


def release_result(
    state: PaymentIntent, effect: Void, outcome: Outcome, now: int
) -> tuple[tuple[Event, ...], PaymentError | None]:
    """Nothing is held any more, and what was taken of it stays taken; or all is as it was."""
    if isinstance(outcome, Declined):
        return (ReleaseDeclined(now + RELEASE_AGAIN_SECONDS if effect.expired else None),), wording.not_released()
    if not isinstance(outcome, Approved):
        raise InvariantViolation(f"{outcome.type} does not answer {effect.operation}")
    refunded = refund_of_hold(state, held_charge(state).capturable, now) if effect.refunds_rest else ()
    return _end(state, effect.reason, now, refunded, expired=effect.expired), None


def lapse(state: PaymentIntent, now: int) -> tuple[Event, ...]:
    """The gateway says by itself that nothing is held any more: its time was up there."""
    return _end(state, "expired", now, expired=True)


def _end(
    state: PaymentIntent, reason: str | None, now: int, refunded: tuple[Event, ...] = (), *, expired: bool
) -> tuple[Event, ...]:
    if held_charge(state).amount_captured:
        return ChargeCaptured(0, final=True), *refunded
    return AuthorizationReleased(expired), *refunded, IntentCanceled(reason, now)


def refund_of_hold(state: PaymentIntent, amount: int, now: int, *, rest: bool = False) -> tuple[Event, ...]:
    """The fact that a refund tells of what is released of the hold (minor units); `rest` if the other part is taken."""
    charge = held_charge(state)
    if amount <= 0:
        return ()
    taken = rest or charge.amount_captured > 0
    refund = ChargeRefund(
        id=release_refund_id(charge.id),
        charge=charge.id,
        payment_intent=state.id,
        payment_method=charge.payment_method.id,
        created=now,
        amount=amount,
        currency=charge.currency,
        status="succeeded",
        account=state.account,
        livemode=state.livemode,
        customer=charge.customer,
        method_type=charge.payment_method.type,
        of_hold="rest" if taken else "whole",
    )
    return (HoldRefunded(refund),)


def reference(charge: Charge) -> str:
    """The gateway's own name for it."""
    return charge.authorization or ""
