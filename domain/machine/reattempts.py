"""A card that is not to be tried now: declined here, as Stripe blocks it, before it costs a fine. No bank is asked."""

from dataclasses import replace
from datetime import UTC, datetime

from domain.methods import attempts
from domain.methods.attempts import Attempt
from domain.model.charges import Charge, ChargeResult
from domain.model.events import ChargeFailed, PaymentError
from domain.model.payment_intent import PaymentIntent, captures_at_once, method_in_use, outstanding
from domain.model.reattempts import PREVIOUSLY_DECLINED, Limit
from domain.money import declines
from domain.refusals import Refusal


def blocked(state: PaymentIntent, after: PaymentIntent, limit: Limit, now: int) -> ChargeFailed | Refusal:
    """The charge that was not tried; `after` has the method that was to be charged.

    What the buyer of `state` was shown and can still pay with stays, so that intent is only refused.
    """
    if outstanding(state):
        return Refusal(code=declines.error_code(PREVIOUSLY_DECLINED), message=declines.message(PREVIOUSLY_DECLINED))
    charge = _charge(after, limit, now)
    error = PaymentError(
        type="card_error",
        code=declines.error_code(PREVIOUSLY_DECLINED),
        decline_code=PREVIOUSLY_DECLINED,
        message=declines.message(PREVIOUSLY_DECLINED),
        charge=charge.id,
        advice_code=limit.advice,
        network_advice_code=limit.network_advice_code,
        network_decline_code=limit.network_decline_code,
        payment_method=method_in_use(after),
    )
    return ChargeFailed(charge, error)


def _charge(state: PaymentIntent, limit: Limit, now: int) -> Charge:
    """The charge that was kept from its network, and why."""
    attempt = Attempt(
        charge=attempts.next_charge(state),
        amount=state.amount,
        currency=state.currency,
        capture=captures_at_once(state),
    )
    return replace(
        attempts.charge_of(state, attempt, now),
        status="failed",
        receipt_url=None,
        failure_code=declines.error_code(PREVIOUSLY_DECLINED),
        failure_message=declines.message(PREVIOUSLY_DECLINED),
        result=ChargeResult(
            type="blocked",
            network_status="not_sent_to_network",
            reason=PREVIOUSLY_DECLINED,
            seller_message=f"This payment was blocked: {limit.why}{_until(limit)}.",
            advice_code=limit.advice,
            network_decline_code=limit.network_decline_code,
            network_advice_code=limit.network_advice_code,
        ),
    )


def _until(limit: Limit) -> str:
    if limit.until is None:
        return ""
    return f", not before {datetime.fromtimestamp(limit.until, UTC):%Y-%m-%d %H:%M:%S} UTC"
