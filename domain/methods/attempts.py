"""What an attempt to authorize leaves behind: its charge, and what becomes of the payment method and of the consent.

`conclude` (machine/conclusions.py) asks here once the bank has said yes or no.
"""

from dataclasses import dataclass
from typing import Literal

from domain.copies import replace
from domain.identifiers import charge_id, gateway_key, mandate_id, receipt_path
from domain.methods.families import TYPES, charge_prefix
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
from domain.model.gateways import AT_FIRST, Hop, first_hop, hop_to
from domain.model.hashes import MethodOptions
from domain.model.mandates import Mandate
from domain.model.next_actions import NextAction
from domain.model.outcomes import Approved, Authorize, Declined
from domain.model.payment_intent import PaymentIntent, captures_at_once, future_usage, method_in_use, options_of
from domain.model.payment_methods import PaymentMethod
from domain.money import declines
from domain.refusals import InvariantViolation

Request = Literal[
    "request_extended_authorization", "request_incremental_authorization", "request_multicapture", "request_overcapture"
]
"""The option by which a feature of a hold is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How an attempt is made: whether the buyer is there, and how they would be asked to authenticate."""

    off_session: bool = False
    error_on_requires_action: bool = False
    return_url: str | None = None
    use_stripe_sdk: bool = False


PRESENT = Manner()
"""The buyer is there, and is asked nothing more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What a charge is made of: its id, `amount` in minor units, whether it is taken at once, and at which gateway."""

    charge: str
    amount: int
    currency: str
    capture: bool
    off_session: bool = False
    at: Hop = AT_FIRST


def attempt_of(effect: Authorize) -> Attempt:
    """The attempt that an authorization is."""
    return Attempt(
        charge=effect.charge,
        amount=effect.amount,
        currency=effect.currency,
        capture=effect.capture,
        off_session=effect.off_session,
        at=hop_to(effect),
    )


def next_charge(state: PaymentIntent) -> str:
    """The id of the charge that the next attempt makes."""
    return charge_id(state.id, state.attempts + 1, charge_prefix(method_in_use(state).type))


def promised_charge(state: PaymentIntent) -> str:
    """The charge that paying makes: it was promised with the attempt that showed the buyer how."""
    return charge_id(state.id, state.attempts, charge_prefix(method_in_use(state).type))


def authorization(
    state: PaymentIntent, manner: Manner, authentication: str | None = None, begun: NextAction | None = None
) -> Authorize:
    """What to ask the gateway for: the next attempt, with what the intent says at this moment.

    Where something was `begun` with the buyer, or has been approved by them, it goes on there.
    """
    if state.payment_method is None:
        raise InvariantViolation("an authorization needs a payment method")
    before = begun or state.approval
    at = hop_to(before) if before else first_hop(state.route)
    options, own = options_of(state, "card"), options_of(state, state.payment_method.type)
    approved = state.approval.authentication if state.approval else None
    return Authorize(
        key=gateway_key(state.id, state.attempts + 1, "authorize"),
        charge=next_charge(state),
        amount=state.amount,
        currency=state.currency,
        token=_token_at(at.gateway, state.payment_method),
        capture=captures_at_once(state),
        off_session=manner.off_session,
        error_on_requires_action=manner.error_on_requires_action,
        authentication=authentication or approved,
        three_d_secure=options.get("request_three_d_secure") or "automatic",
        line1_given=state.payment_method.billing_details.address.line1 is not None,
        postal_code_given=state.payment_method.billing_details.address.postal_code is not None,
        return_url=manner.return_url,
        use_stripe_sdk=manner.use_stripe_sdk,
        authenticated_elsewhere=options.get("three_d_secure") is not None,
        method_type=state.payment_method.type,
        options={} if state.payment_method.type == "card" else {**own},
        email=state.payment_method.billing_details.email,
        moto=options.get("moto") is True,
        saving=future_usage(state) in ("on_session", "off_session"),
        blocked=state.blocked_checks,
        intent=state.id,
        gateway=at.gateway,
        patience=at.patience,
    )


def _token_at(gateway: str, method: PaymentMethod) -> str:
    token = method.token_at(gateway)
    if token is None:
        raise InvariantViolation(f"{method.id} is not known at {gateway}")
    return token


def success(state: PaymentIntent, attempt: Attempt, outcome: Approved, now: int) -> tuple[Event, ...]:
    """The bank said yes: money is held or taken, and the method is kept, used up, or was somebody's already."""
    method, options = method_in_use(state), options_of(state, "card")
    brand = method.card.brand if method.card else method.type
    extended = _granted(options, "request_extended_authorization") and brand in EXTENDED_NETWORKS
    days = TYPES[method.type].capture_days if method.type in TYPES else None
    window = capture_window_seconds(brand, attempt.currency, attempt.off_session, extended)
    window = window if days is None else days * DAY_SECONDS
    over = _granted(options, "request_overcapture") and brand in OVERCAPTURE_NETWORKS
    usage = future_usage(state)
    saving = usage in ("on_session", "off_session")
    given = mandate(state, method, now, saving=saving, reusable=usage == "off_session")
    charge = replace(
        charge_of(state, attempt, now),
        result=approved_result(outcome),
        authorization=outcome.authorization,
        authorization_code=outcome.authorization_code,
        network_transaction_id=outcome.network_transaction_id,
        captured=attempt.capture,
        amount_captured=attempt.amount if attempt.capture else 0,
        captures=1 if attempt.capture else 0,
        capture_before=None if attempt.capture else now + window,
        multicapture=_granted(options, "request_multicapture") and brand in MULTICAPTURE_NETWORKS,
        incremental=_granted(options, "request_incremental_authorization") and brand in INCREMENTAL_NETWORKS,
        extended=extended and not attempt.capture,
        overcapture_maximum=overcapture_maximum(attempt.amount) if over and not attempt.capture else None,
        checks=outcome.checks,
        three_d_secure=outcome.three_d_secure or options.get("three_d_secure"),
        mandate=given.id if given else state.mandate,
    )
    events: list[Event] = [MandateAccepted(given)] if given else []
    if method.customer is None and state.customer and saving:
        events.append(PaymentMethodSaved(state.customer))
    return (*events, *consumption(state), ChargeSucceeded(charge))


def _granted(options: MethodOptions, request: Request) -> bool:
    """Whether a feature was asked for; whether the network has it is another question."""
    return options.get(request) == "if_available"


def mandate(state: PaymentIntent, method: PaymentMethod, now: int, *, saving: bool, reusable: bool) -> Mandate | None:
    """A new mandate: the buyer's consent was told, or the method is kept to be charged without the buyer."""
    kept = reusable and (state.rules < 2 or _kept_by_mandate(state, method))
    if state.mandate is not None or not (kept or state.mandate_data):
        return None
    return consent(state, method, mandate_id(state.id, state.attempts + 1), now, saving=saving)


def _kept_by_mandate(state: PaymentIntent, method: PaymentMethod) -> bool:
    """Whether who keeps it has a mandate. Of cards, India's have: some 3,000 recorded charges of others have none."""
    card = method.card
    return card is None or card.country == "IN" or bool(options_of(state, "card").get("mandate_options"))


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


def consumption(state: PaymentIntent) -> tuple[Event, ...]:
    """A bank has seen a method that is nobody's and is not to be kept: whatever it said, that was its one use."""
    saving = future_usage(state) in ("on_session", "off_session")
    return () if saving or method_in_use(state).customer is not None else (PaymentMethodConsumed(),)


def failure(state: PaymentIntent, attempt: Attempt, outcome: Declined, now: int) -> Charge | None:
    """The bank said no: the attempt, and why. None where the bank was never asked."""
    if declines.decline(outcome.decline_code).uncharged:
        return None
    return replace(
        charge_of(state, attempt, now),
        status="failed",
        receipt_url=None,
        result=declined_result(outcome),
        checks=outcome.checks,
        failure_code=declines.error_code(outcome.decline_code),
        failure_message=declines.message(outcome.decline_code),
    )


def charge_of(state: PaymentIntent, attempt: Attempt, now: int) -> Charge:
    """What every charge has, however it ends: the attempt, and what the intent says about it at this moment."""
    method, options = method_in_use(state), options_of(state, "card")
    plan = (options.get("installments") or {}).get("plan")
    return Charge(
        id=attempt.charge,
        payment_intent=state.id,
        created=now,
        amount=attempt.amount,
        currency=attempt.currency,
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
        transfer_group=state.transfer_group or (f"group_{state.id}" if state.beneficiary else None),
        on_behalf_of=state.on_behalf_of,
        platform=state.platform,
        beneficiary=state.beneficiary,
        mandate=state.mandate,
        moto=options.get("moto"),
        network=options.get("network") or (method.card.preferred_network if method.card else None),
        installments=None if plan is None else {**plan},
        setup_credential_usage=options.get("setup_credential_usage"),
        stored_credential_usage=options.get("stored_credential_usage"),
        three_d_secure=options.get("three_d_secure"),
        radar_session=(state.radar_options or {}).get("session") or method.radar_session,
        receipt_url=state.pages + receipt_path(state.client_secret, attempt.charge) if state.pages else None,
        gateway=attempt.at.gateway,
        patience=attempt.at.patience,
    )
