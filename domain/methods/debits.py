"""Payments whose bank answers later: accepted now, settled or returned in days.

The gateway's word is asked for, never taken from a notification, which only says that it is time to ask
(`CheckSettlement`); when none comes, the time is up by itself (`deadline`).
"""

from domain.copies import replace
from domain.identifiers import gateway_key
from domain.methods import attempts
from domain.methods.families import TYPES, ends_mandate, failed_debit
from domain.model import wording
from domain.model.charges import DAY_SECONDS, Charge, approved_result
from domain.model.commands import CheckSettlement, Confirm
from domain.model.events import (
    ChargeFailed,
    ChargePending,
    ChargeSucceeded,
    ChargeWithdrawn,
    Event,
    IntentCanceled,
    MandateAccepted,
    MandateEnded,
    PaymentError,
    PaymentMethodSaved,
    SettlementAwaited,
)
from domain.model.outcomes import (
    Accepted,
    Approved,
    AskSettlement,
    AuthenticationRequired,
    Authorize,
    Declined,
    FundsKnown,
    MoveFunds,
    Outcome,
    PaymentAwaited,
    VerificationRequired,
    Void,
)
from domain.model.payment_intent import PaymentIntent, future_usage, method_in_use, options_of, pending_charge
from domain.refusals import InvariantViolation, Refusal

GENERIC = "generic_decline"
"""What a debit of a US account that comes back says beside its own code."""

ASK_AGAIN_SECONDS = DAY_SECONDS
"""A bank that has not answered in its usual time is asked daily."""

ASK_SOON_SECONDS = 60
"""One that usually answers at once has taken its time this once: it is asked after a minute, then after two, four, …"""

DOUBLINGS_MAX = 11
"""After so many it is more than a day."""


def may_confirm(state: PaymentIntent, command: Confirm, now: int) -> Refusal | None:
    """Refuse a bank account that was to be proven at once, and was not."""
    method = method_in_use(state)
    options = options_of(state, method.type)
    instantly = TYPES[method.type].microdeposits and options.get("verification_method") == "instant"
    if instantly and not method.details.get("financial_connections_account"):
        return wording.not_verified_instantly(method.type)
    return None


def start(state: PaymentIntent, authorization: Authorize) -> Authorize:
    """The debit is asked for as a card would be."""
    return authorization


def question(state: PaymentIntent, command: CheckSettlement, now: int) -> AskSettlement | Refusal:
    """What to ask the gateway about the pending charge."""
    charge = pending_charge(state)
    if charge is None or command.charge not in ("", charge.id):
        return wording.nothing_to_settle(state)
    key = gateway_key(state.id, state.attempts, "settlement", charge.settlement_checks + 1)
    return AskSettlement(
        key=key,
        authorization=charge.authorization or "",
        at=now,
        amount=charge.amount,
        charge=charge.id,
        currency=charge.currency,
        intent=state.id,
        gateway=charge.gateway,
        patience=charge.patience,
    )


def accepted(state: PaymentIntent, effect: Authorize, outcome: Accepted, now: int) -> tuple[Event, ...]:
    """The gateway has taken it on: the charge is pending, and the buyer's consent is on file."""
    method = method_in_use(state)
    saving = _saving(state)
    consent = attempts.mandate(state, method, now, saving=saving, reusable=saving)
    charge = replace(
        attempts.charge_of(state, attempts.attempt_of(effect), now),
        status="pending",
        authorization=outcome.reference,
        settles_at=now + TYPES[method.type].settles_after_seconds,
        mandate=consent.id if consent else state.mandate,
    )
    events: list[Event] = [MandateAccepted(consent)] if consent else []
    return (*events, ChargePending(charge))


def withdraw(state: PaymentIntent, reason: str | None) -> Void | None:
    """What it takes to cancel a debit that is under way: the gateway has not sent it yet, and says so."""
    charge = pending_charge(state)
    if charge is None:
        return None
    # Each time that it was too late, the next one is another operation. Older runs used one key for all.
    names = ("recall", charge.settlement_checks + 1) if state.rules else ("void", 0)
    key = gateway_key(state.id, state.attempts, *names)
    reference = charge.authorization or ""
    return Void(
        key=key,
        authorization=reference,
        reason=reason,
        charge=charge.id,
        currency=charge.currency,
        intent=state.id,
        gateway=charge.gateway,
        patience=charge.patience,
    )


def withdrawn(
    state: PaymentIntent, effect: Void | MoveFunds, outcome: Outcome, now: int
) -> tuple[tuple[Event, ...], PaymentError | None]:
    """It never reached the bank, or it had been sent, and the bank will answer."""
    charge = pending_charge(state)
    if charge is None:
        raise InvariantViolation("a debit was called back, and no charge is pending")
    if not isinstance(outcome, Approved):
        return (SettlementAwaited(charge.settles_at or now),), wording.too_late_to_cancel()
    gone = replace(charge, status="failed", failure_message="The payment was canceled.", settles_at=None)
    return (ChargeWithdrawn(gone), IntentCanceled(effect.reason, now)), None


def settle(
    state: PaymentIntent, effect: AskSettlement | MoveFunds, outcome: Outcome, now: int
) -> tuple[tuple[Event, ...], PaymentError | None]:
    """What the bank said, or that it has said nothing yet."""
    charge = pending_charge(state)
    if charge is None:
        raise InvariantViolation("a bank answered, and no charge is pending")
    match outcome:
        case Accepted():
            return (SettlementAwaited(now + _patience(state, charge)),), None
        case Approved():
            paid = replace(
                charge, status="succeeded", captured=True, amount_captured=charge.amount, captures=1, settles_at=None,
                result=approved_result(outcome),
            )  # fmt: skip
            return (*_afterwards(state), ChargeSucceeded(paid)), None
        case Declined(decline_code=code):
            ended = _consent_ended(state, charge, code)
            return (*attempts.consumption(state), *ended, _returned(state, charge, code)), None
        case AuthenticationRequired() | VerificationRequired() | PaymentAwaited() | FundsKnown():
            raise InvariantViolation(f"{outcome.type} does not answer {effect.operation}")


def _patience(state: PaymentIntent, charge: Charge) -> int:
    """How long (seconds) until it is asked again. Older runs waited for a day, whatever was paid with."""
    if state.rules < 2 or TYPES[method_in_use(state).type].delayed:
        return ASK_AGAIN_SECONDS
    return min(ASK_SOON_SECONDS << min(charge.settlement_checks, DOUBLINGS_MAX), ASK_AGAIN_SECONDS)


def _afterwards(state: PaymentIntent) -> tuple[Event, ...]:
    """The method is kept, used up, or was somebody's already."""
    if method_in_use(state).customer is not None:
        return ()
    if state.customer and _saving(state):
        return (PaymentMethodSaved(state.customer),)
    return attempts.consumption(state)


def _saving(state: PaymentIntent) -> bool:
    return future_usage(state) in ("on_session", "off_session")


def _returned(state: PaymentIntent, charge: Charge, code: str) -> ChargeFailed:
    failure = failed_debit(code)
    failed = replace(
        charge, status="failed", failure_code=failure.code, failure_message=failure.message, settles_at=None,
        result=replace(
            charge.result, type="issuer_declined", network_status="declined_by_network", reason=failure.code
        ),
    )  # fmt: skip
    error = PaymentError(
        type="invalid_request_error",
        code=failure.error_code or failure.code,
        decline_code=GENERIC if method_in_use(state).type == "us_bank_account" else None,
        message=failure.message,
        charge=charge.id,
        payment_method=method_in_use(state),
    )
    return ChargeFailed(failed, error)


def _consent_ended(state: PaymentIntent, charge: Charge, code: str) -> tuple[MandateEnded, ...]:
    """The bank has said that it does not pay on this mandate, nor will."""
    method = method_in_use(state)
    if charge.mandate is None or not ends_mandate(method.type, code):
        return ()
    known = attempts.consent(state, method, charge.mandate, charge.created, saving=_saving(state))
    return (MandateEnded(replace(known, status="inactive")),)
