"""What the gateway's answer to a setup means (`conclude`): facts, and what its caller is told. Pure."""

from dataclasses import dataclass

from domain.copies import replace
from domain.identifiers import kept_debit_id, mandate_id
from domain.machine.setups import wording
from domain.machine.setups.evolution import checked
from domain.methods import microdeposits
from domain.methods.families import ATTACHABLE
from domain.model.events import (
    MandateAccepted,
    MicrodepositsMismatched,
    OutcomeKnown,
    PaymentError,
    PaymentMethodSaved,
)
from domain.model.gateways import hop_to
from domain.model.mandates import Mandate
from domain.model.next_actions import VERIFY
from domain.model.outcomes import (
    Accepted,
    Approved,
    AuthenticationRequired,
    Declined,
    FundsKnown,
    GeneratedDebit,
    Outcome,
    PaymentAwaited,
    SetUp,
    VerificationRequired,
)
from domain.model.payment_methods import PaymentMethod
from domain.model.setup_events import DebitKept, SetupActionRequired, SetupEvent, SetupFailed, SetupSucceeded
from domain.model.setup_intent import ABANDONED, SetupIntent, method_to_set_up
from domain.money import declines
from domain.refusals import InvariantViolation

AUTHENTICATION_SECONDS = 86_400
"""How long a buyer is waited for who was sent to their bank. Stripe says that such attempts expire
(`setup_intent_setup_attempt_expired`), and not when."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupConclusion:
    """What an outcome means: facts, and the error to tell the caller, if any."""

    events: tuple[SetupEvent, ...] = ()
    error: PaymentError | None = None


def conclude(state: SetupIntent, effect: SetUp, outcome: Outcome, now: int) -> SetupConclusion:
    """What it means for `state`, to which the facts of the decision have been applied."""
    known: tuple[SetupEvent, ...] = (OutcomeKnown(),) if state.pending else ()
    match outcome:
        case Approved():
            return SetupConclusion(events=(*known, *_succeeded(state, outcome, now)))
        case AuthenticationRequired():
            until = now + AUTHENTICATION_SECONDS
            asked = SetupActionRequired(outcome, effect.return_url, effect.use_stripe_sdk, until, hop_to(effect))
            return SetupConclusion(events=(*known, asked))
        case VerificationRequired():
            return SetupConclusion(events=(*known, microdeposits.requested(outcome, now, hop_to(effect))))
        case Declined():
            return _declined(state, effect, outcome, known)
        case Accepted() | PaymentAwaited() | FundsKnown():
            raise InvariantViolation(f"{outcome.type} answers no setup")


def expired(state: SetupIntent) -> SetupFailed:
    """The buyer's time is over."""
    method, action = method_to_set_up(state), state.next_action
    if action is not None and action.type == VERIFY:
        return SetupFailed(microdeposits.failure("microdeposits_timeout", method))
    return SetupFailed(wording.abandoned(method), status=ABANDONED)


def _succeeded(state: SetupIntent, outcome: Approved, now: int) -> tuple[SetupEvent, ...]:
    method, events = method_to_set_up(state), list[SetupEvent]()
    kept = _kept(state, method, outcome.generated, now) if outcome.generated else None
    if kept is not None:
        events.append(DebitKept(kept))
    if method.type != "card" and state.mandate_data:
        events.append(MandateAccepted(_mandate(state, kept or method, now)))
    if state.customer and method.customer is None and method.type in ATTACHABLE:
        events.append(PaymentMethodSaved(state.customer))
    return (*events, SetupSucceeded(outcome.checks, outcome.three_d_secure))


def _kept(state: SetupIntent, method: PaymentMethod, account: GeneratedDebit, now: int) -> PaymentMethod:
    """The account behind the method, which is debited from now on."""
    return replace(
        method,
        id=kept_debit_id(state.id, state.attempts),
        created=now,
        type="sepa_debit",
        token=account.token,
        details=account.details,
        customer=state.customer,
        metadata={},
    )


def _mandate(state: SetupIntent, method: PaymentMethod, now: int) -> Mandate:
    acceptance = (state.mandate_data or {}).get("customer_acceptance") or {}
    single = state.single_use or {}
    return Mandate(
        id=mandate_id(state.id, state.attempts),
        account=state.account,
        livemode=state.livemode,
        created=now,
        payment_method=method.id,
        method_type=method.type,
        acceptance={**acceptance, "accepted_at": acceptance.get("accepted_at") or now},
        amount=single.get("amount"),
        currency=single.get("currency"),
        on_behalf_of=state.on_behalf_of,
        by_setup=True,
    )


def _declined(state: SetupIntent, effect: SetUp, outcome: Declined, known: tuple[SetupEvent, ...]) -> SetupConclusion:
    method, action = method_to_set_up(state), state.next_action
    if effect.verification is not None and action is not None and action.type == VERIFY:
        code = outcome.decline_code
        mismatch = microdeposits.mismatch(action, effect.descriptor_code) if code == microdeposits.MISMATCH else None
        if mismatch is not None:
            return SetupConclusion(events=(*known, MicrodepositsMismatched()), error=mismatch)
        if code == microdeposits.MISMATCH or code in microdeposits.FAILURES:
            why = "microdeposits_exceeded" if code == microdeposits.MISMATCH else code
            error = microdeposits.failure(why, method)
            return SetupConclusion(events=(*known, SetupFailed(error)), error=error)
    code, no = outcome.decline_code, declines.decline(outcome.decline_code)
    error = PaymentError(
        type="card_error",
        code=declines.error_code(code),
        decline_code=None if no.uncharged else code,
        message=declines.message(code),
        advice_code=no.advice,
        network_advice_code=outcome.network_advice_code,
        network_decline_code=outcome.network_decline_code,
        param=no.param,
        payment_method=checked(method, outcome.checks),
    )
    return SetupConclusion(events=(*known, SetupFailed(error, checks=outcome.checks)), error=error)
