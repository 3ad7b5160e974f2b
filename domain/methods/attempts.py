"""What an attempt to authorize leaves behind: its charge, and what becomes of the payment method and of the consent.

`conclude` (machine/conclusions.py) asks here once the bank has said yes or no.
"""

from dataclasses import replace
from typing import Any

from domain.identifiers import mandate_id
from domain.methods.families import TYPES
from domain.model.charges import (
    DAY_SECONDS,
    EXTENDED_NETWORKS,
    INCREMENTAL_NETWORKS,
    MULTICAPTURE_NETWORKS,
    OVERCAPTURE_NETWORKS,
    Charge,
    ChargeResult,
    approved_result,
    capture_window_seconds,
    declined_result,
    overcapture_maximum,
)
from domain.model.events import ChargeSucceeded, Event, MandateAccepted, PaymentMethodConsumed, PaymentMethodSaved
from domain.model.mandates import Mandate
from domain.model.outcomes import Approved, Authorize, Declined
from domain.model.payment_intent import PaymentIntent, card_options, method_in_use, saved_for
from domain.model.payment_methods import PaymentMethod
from domain.money import declines


def approved(state: PaymentIntent, effect: Authorize, outcome: Approved, now: int) -> tuple[Event, ...]:
    """The bank said yes: money is held or taken, and the method is kept, used up, or was somebody's already."""
    method, options = method_in_use(state), card_options(state)
    brand = method.card.brand if method.card else method.type
    extended = _granted(options, "request_extended_authorization") and brand in EXTENDED_NETWORKS
    days = TYPES[method.type].capture_days if method.type in TYPES else None
    window = capture_window_seconds(brand, effect.currency, effect.off_session, extended)
    window = window if days is None else days * DAY_SECONDS
    over = _granted(options, "request_overcapture") and brand in OVERCAPTURE_NETWORKS
    usage = saved_for(state)
    saving = usage in ("on_session", "off_session")
    given = mandate(state, method, now, saving=saving, reusable=usage == "off_session")
    charge = replace(
        attempt(state, effect, now),
        result=approved_result(outcome),
        authorization=outcome.authorization,
        authorization_code=outcome.authorization_code,
        network_transaction_id=outcome.network_transaction_id,
        captured=effect.capture,
        amount_captured=effect.amount if effect.capture else 0,
        captures=1 if effect.capture else 0,
        capture_before=None if effect.capture else now + window,
        multicapture=_granted(options, "request_multicapture") and brand in MULTICAPTURE_NETWORKS,
        incremental=_granted(options, "request_incremental_authorization") and brand in INCREMENTAL_NETWORKS,
        extended=extended and not effect.capture,
        overcapture_maximum=overcapture_maximum(effect.amount) if over and not effect.capture else None,
        checks=outcome.checks,
        three_d_secure=outcome.three_d_secure or options.get("three_d_secure"),
        mandate=given.id if given else state.mandate,
    )
    events: list[Event] = [MandateAccepted(given)] if given else []
    if method.customer is None and state.customer and saving:
        events.append(PaymentMethodSaved(state.customer))
    return (*events, *used_up(state), ChargeSucceeded(charge))


def _granted(options: dict[str, Any], request: str) -> bool:
    """Whether a feature was asked for; whether the network has it is another question."""
    return options.get(request) == "if_available"


def mandate(state: PaymentIntent, method: PaymentMethod, now: int, *, saving: bool, reusable: bool) -> Mandate | None:
    """A new mandate: the buyer's consent was told, or the method is kept to be charged without the buyer."""
    if state.mandate is not None or not (reusable or state.mandate_data):
        return None
    return consent(state, method, mandate_id(state.id, state.attempts + 1), now, saving=saving)


def consent(state: PaymentIntent, method: PaymentMethod, id_: str, now: int, *, saving: bool) -> Mandate:
    """What the buyer has consented to, as far as this payment knows."""
    acceptance = (state.mandate_data or {}).get("customer_acceptance") or {}
    if acceptance:
        acceptance = {**acceptance, "accepted_at": acceptance.get("accepted_at") or now}
    return Mandate(
        id=id_,
        account=state.account,
        livemode=state.livemode,
        created=now,
        payment_method=method.id,
        method_type=method.type,
        acceptance=acceptance,
        amount=None if saving else state.amount,
        currency=None if saving else state.currency,
        on_behalf_of=state.on_behalf_of,
    )


def used_up(state: PaymentIntent) -> tuple[Event, ...]:
    """A bank has seen a method that is nobody's and is not to be kept: whatever it said, that was its one use."""
    saving = saved_for(state) in ("on_session", "off_session")
    return () if saving or method_in_use(state).customer is not None else (PaymentMethodConsumed(),)


def failed(state: PaymentIntent, effect: Authorize, outcome: Declined, now: int) -> Charge | None:
    """The bank said no: the attempt, and why. None where the bank was never asked."""
    if declines.decline(outcome.decline_code).uncharged:
        return None
    return replace(
        attempt(state, effect, now),
        status="failed",
        result=declined_result(outcome),
        checks=outcome.checks,
        failure_code=declines.error_code(outcome.decline_code),
        failure_message=declines.message(outcome.decline_code),
    )


def attempt(state: PaymentIntent, effect: Authorize, now: int) -> Charge:
    """What every charge has, however it ends: the attempt, and what the intent says about it at this moment."""
    method, options = method_in_use(state), card_options(state)
    return Charge(
        id=effect.charge,
        payment_intent=state.id,
        created=now,
        amount=effect.amount,
        currency=effect.currency,
        status="succeeded",
        payment_method=method,
        result=ChargeResult(type="authorized", network_status="approved_by_network"),
        account=state.account,
        livemode=state.livemode,
        customer=state.customer,
        description=state.description,
        metadata=state.metadata,
        receipt_email=state.receipt_email,
        shipping=state.shipping,
        statement_descriptor_suffix=state.statement_descriptor_suffix,
        application_fee_amount=state.application_fee_amount,
        transfer_data=state.transfer_data,
        transfer_group=state.transfer_group,
        on_behalf_of=state.on_behalf_of,
        mandate=state.mandate,
        moto=options.get("moto"),
        network=options.get("network") or (method.card.preferred_network if method.card else None),
        installments=(options.get("installments") or {}).get("plan"),
        setup_credential_usage=options.get("setup_credential_usage"),
        stored_credential_usage=options.get("stored_credential_usage"),
        three_d_secure=options.get("three_d_secure"),
        radar_session=(state.radar_options or {}).get("session") or method.radar_session,
    )
