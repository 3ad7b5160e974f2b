"""Conclusions: what the gateway's answer to an effect means. Pure.

A decline is an outcome like any other; an answer that does not come is none, and never gets here.
"""

from dataclasses import dataclass
from typing import assert_never

from domain.copies import replace
from domain.machine import (
    amending,
    dispute_answers,
    holds,
    next_try,
    refund_rules,
)
from domain.machine.changes import change_events
from domain.methods import attempts, bank_transfers, debits, microdeposits, vouchers
from domain.methods.registry import family_in_use
from domain.model.events import (
    ActionRequired,
    AuthorizationIncremented,
    CaptureDeclined,
    ChargeCaptured,
    ChargeFailed,
    Event,
    IncrementDeclined,
    OutcomeKnown,
    PaymentError,
)
from domain.model.gateways import hop_to
from domain.model.modification_events import ModificationAccepted, ModificationFound
from domain.model.modifications import AcceptedModification, of_a_hold
from domain.model.outcomes import (
    Accepted,
    Amendment,
    AnswerDispute,
    Approved,
    AskSettlement,
    AuthenticationRequired,
    Authorize,
    CaptureHold,
    Declined,
    Effect,
    FundsKnown,
    Increment,
    Modification,
    MoveFunds,
    Outcome,
    PaymentAwaited,
    Refund,
    RequestFunds,
    VerificationRequired,
    Void,
)
from domain.model.payment_intent import PaymentIntent, held_charge, method_in_use, outstanding, pending_charge
from domain.money import declines
from domain.refusals import InvariantViolation

SHARES = ("application_fee_amount", "transfer_data")
"""Who gets a part of a capture. If the first of several says so, each must. docs.stripe.com/payments/multicapture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What an outcome means: facts, and the error to tell the caller, if any."""

    events: tuple[Event, ...] = ()
    error: PaymentError | None = None


def conclude(state: PaymentIntent, effect: Effect, outcome: Outcome, now: int) -> Conclusion:
    """Turn the gateway's definite answer into facts; `state` already has the decision's own facts."""
    conclusion = _conclude(state, effect, outcome, now)
    if state.pending is None:
        return conclusion
    return replace(conclusion, events=(*_found(effect, outcome), OutcomeKnown(), *conclusion.events))


def _found(effect: Effect, outcome: Outcome) -> tuple[Event, ...]:
    """What the gateway says by the key of a modification, it may tell once more by its own reference."""
    if of_a_hold(effect) is None or not isinstance(outcome, Approved | Declined):
        return ()
    done = isinstance(outcome, Approved)
    taken = effect.amount if done and isinstance(effect, CaptureHold) else 0
    return (ModificationFound(taken, refused=not done),)


def _conclude(state: PaymentIntent, effect: Effect, outcome: Outcome, now: int) -> Conclusion:
    if isinstance(effect, Modification) and isinstance(outcome, Accepted):
        return Conclusion(events=(ModificationAccepted(_promise(state, effect, outcome, now)),))
    match effect:
        case Authorize():
            return _conclude_authorization(state, effect, outcome, now)
        case Void(amends=Amendment() as amends) | MoveFunds(amends=Amendment() as amends):
            events, failure = amending.amended(state, amends, outcome, now)
            return Conclusion(events=events, error=failure)
        case RequestFunds():
            return _conclude_request(state, effect, outcome, now)
        case MoveFunds():
            return _conclude_movement(state, effect, outcome, now)
        case AskSettlement():
            events, failure = family_in_use(state).settle(state, effect, outcome, now)
            return Conclusion(events=events, error=failure)
        case Void():
            awaited = outstanding(state) or pending_charge(state)
            withdrawn = family_in_use(state).withdrawn if awaited else holds.release_result
            events, failure = withdrawn(state, effect, outcome, now)
            return Conclusion(events=events, error=failure)
        case CaptureHold():
            return _conclude_capture(state, effect, outcome, now)
        case Increment():
            return _conclude_increment(state, effect, outcome)
        case Refund():
            if not isinstance(outcome, Approved | Accepted | Declined):
                raise no_answer(outcome, effect)
            return Conclusion(events=refund_rules.answered(state, effect, outcome, late=state.pending is not None))
        case AnswerDispute():
            events, failure = dispute_answers.answered(state, effect, outcome)
            return Conclusion(events=events, error=failure)
        case _ as never:
            assert_never(never)


def _promise(state: PaymentIntent, effect: Modification, outcome: Accepted, now: int) -> AcceptedModification:
    """What is promised again is as old as the first promise."""
    ask_at = None if outcome.ask_after_seconds is None else now + outcome.ask_after_seconds
    return AcceptedModification(effect=effect, reference=outcome.reference, at=state.asked_at or now, ask_at=ask_at)


def no_answer(outcome: Outcome, effect: Effect) -> InvariantViolation:
    """What a gateway may say, and not to this."""
    return InvariantViolation(f"{outcome.type} does not answer {effect.operation}")


def _conclude_capture(state: PaymentIntent, effect: CaptureHold, outcome: Outcome, now: int) -> Conclusion:
    match outcome:
        case Approved():
            shares = tuple(name for name in SHARES if name in effect.changes)
            captured = ChargeCaptured(effect.amount, effect.final, shares)
            released = held_charge(state).capturable - effect.amount if effect.final and effect.refunds_rest else 0
            told = holds.refund_of_hold(state, released, now, rest=effect.amount > 0)
            return Conclusion(events=(*change_events(state, effect.changes, None), captured, *told))
        case Declined():
            return Conclusion(events=(CaptureDeclined(),), error=_decline_error(state, outcome, held_charge(state).id))
        case Accepted() | AuthenticationRequired() | VerificationRequired() | PaymentAwaited() | FundsKnown():
            raise no_answer(outcome, effect)


def _conclude_increment(state: PaymentIntent, effect: Increment, outcome: Outcome) -> Conclusion:
    match outcome:
        case Approved():
            raised = AuthorizationIncremented(effect.amount)
            return Conclusion(events=(*change_events(state, effect.changes, None), raised))
        case Declined():
            return Conclusion(
                events=(IncrementDeclined(),), error=_decline_error(state, outcome, held_charge(state).id)
            )
        case Accepted() | AuthenticationRequired() | VerificationRequired() | PaymentAwaited() | FundsKnown():
            raise no_answer(outcome, effect)


def _conclude_movement(state: PaymentIntent, effect: MoveFunds, outcome: Outcome, now: int) -> Conclusion:
    match effect.operation:
        case "ask_funds":
            events, failure = bank_transfers.settle(state, effect, outcome, now)
        case "apply_funds":
            events, failure = bank_transfers.applied(state, effect, outcome, now)
        case "release_funds":
            events, failure = bank_transfers.withdrawn(state, effect, outcome, now)
        case _ as never:
            assert_never(never)
    return Conclusion(events=events, error=failure)


def _conclude_request(state: PaymentIntent, effect: RequestFunds, outcome: Outcome, now: int) -> Conclusion:
    too_late = vouchers.superseded_too_late(effect, outcome, now)
    if too_late is not None:
        return Conclusion(events=too_late[0], error=too_late[1])
    if isinstance(outcome, Declined):
        error = bank_transfers.shortfall(state, effect) or _decline_error(state, outcome, None)
        return Conclusion(events=(ChargeFailed(None, error),), error=error)
    return Conclusion(events=bank_transfers.requested(state, effect, outcome, now))


def _conclude_authorization(state: PaymentIntent, effect: Authorize, outcome: Outcome, now: int) -> Conclusion:
    too_late = vouchers.superseded_too_late(effect, outcome, now)
    if too_late is not None:
        return Conclusion(events=too_late[0], error=too_late[1])
    match outcome:
        case Approved():
            return Conclusion(events=attempts.success(state, attempts.attempt_of(effect), outcome, now))
        case PaymentAwaited():
            return Conclusion(events=(vouchers.instructed(state, effect, outcome),))
        case VerificationRequired():
            return Conclusion(events=(microdeposits.requested(outcome, now, hop_to(effect)),))
        case Declined() if effect.verification and (no := microdeposits.declined(state, effect, outcome)) is not None:
            return Conclusion(events=no[0], error=no[1])
        case Declined() if (moved := next_try.next_gateway(state, effect, outcome, now)) is not None:
            return Conclusion(events=(moved,))
        case Declined():
            charge = attempts.failure(state, attempts.attempt_of(effect), outcome, now)
            error = _decline_error(state, outcome, charge.id if charge else None)
            return Conclusion(events=(*attempts.consumption(state), ChargeFailed(charge, error)), error=error)
        case Accepted():
            return Conclusion(events=debits.accepted(state, effect, outcome, now))
        case AuthenticationRequired():
            return _authentication_required(state, effect, outcome, now)
        case FundsKnown():
            raise InvariantViolation("a gateway knows nothing of cash balances")


def _authentication_required(
    state: PaymentIntent, effect: Authorize, outcome: AuthenticationRequired, now: int
) -> Conclusion:
    if not (effect.off_session or effect.error_on_requires_action):
        action = ActionRequired(outcome, effect.return_url, effect.use_stripe_sdk, hop_to(effect))
        return Conclusion(events=(action,))
    if effect.off_session:
        # A decline like any other: the bank was asked, and there is a charge.
        no = Declined(decline_code="authentication_required")
        error = _decline_error(state, no, effect.charge)
        failed = ChargeFailed(attempts.failure(state, attempts.attempt_of(effect), no, now), error)
        return Conclusion(events=(*attempts.consumption(state), failed), error=error)
    error = PaymentError(
        type="card_error",
        code="authentication_required",
        decline_code="authentication_not_handled",
        message=declines.message("authentication_not_handled"),
        payment_method=method_in_use(state),
    )
    return Conclusion(events=(ChargeFailed(None, error),), error=error)


def _decline_error(state: PaymentIntent, outcome: Declined, charge: str | None) -> PaymentError:
    return PaymentError(
        type="card_error",
        code=declines.error_code(outcome.decline_code),
        decline_code=None if declines.decline(outcome.decline_code).uncharged else outcome.decline_code,
        message=declines.message(outcome.decline_code),
        charge=charge,
        advice_code=declines.decline(outcome.decline_code).advice,
        network_advice_code=outcome.network_advice_code,
        network_decline_code=outcome.network_decline_code,
        param=declines.decline(outcome.decline_code).param,
        payment_method=method_in_use(state),
    )
