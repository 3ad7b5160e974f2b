"""Decisions: what a command takes (`decide`). Pure.

The table of what is legal at all is table.py; here are the rules within a legal cell. What the gateway's answer means
is conclusions.py, how a refusal reads is model/wording.py.
"""

from dataclasses import dataclass
from typing import assert_never

from domain.copies import replace
from domain.identifiers import gateway_key
from domain.machine import (
    amending,
    balance_payment,
    confirmation,
    dispute_answers,
    dispute_reports,
    duplicates,
    holds,
    limits,
    modifications,
    modifications_before,
    newer,
    next_try,
    reattempts,
    refund_rules,
    refusing,
    resolving,
    sharing,
    suitability,
)
from domain.machine.changes import changes_refusal, command_changes, held_changes_refusal
from domain.machine.evolution import evolve
from domain.machine.table import TABLE
from domain.methods import attempts, bank_transfers, microdeposits
from domain.methods.attempts import PRESENT, Manner
from domain.methods.registry import family_in_use, family_of
from domain.model import wording
from domain.model.commands import (
    ApplyCustomerBalance,
    AuthenticationResult,
    Cancel,
    Capture,
    CheckSettlement,
    CloseDispute,
    Command,
    Confirm,
    DisputeCommand,
    ExpireAction,
    ExpireAuthorization,
    ExpireDispute,
    IncrementAuthorization,
    ModificationResult,
    MoneyCommand,
    RefundCharge,
    RefundResult,
    ReportDispute,
    Update,
    UpdateDispute,
    VerifyMicrodeposits,
)
from domain.model.events import (
    Authenticated,
    ChargeFailed,
    DuplicateNoticed,
    Event,
    InstructionsWithdrawn,
    IntentCanceled,
    PaymentError,
)
from domain.model.outcomes import (
    Authorize,
    CaptureHold,
    Effect,
    Increment,
    Refund,
    RequestFunds,
)
from domain.model.payment_intent import PaymentIntent, held_charge, method_in_use, outstanding
from domain.model.resolutions import Resolve
from domain.model.shares import ReturnShare
from domain.model.statuses import Status
from domain.money.currencies import amount_refusal
from domain.refusals import Refusal

INCREMENTS_MAX = 10
"""Attempts to raise a hold, declined ones included. docs.stripe.com/payments/incremental-authorization."""

CAPTURES_MAX = 50
"""Captures of one hold. docs.stripe.com/payments/multicapture."""

ATTEMPTS_MAX = 100
"""Confirmations that reached the gateway; then the intent is canceled. Stripe calls its own limit variable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Yes: `events` hold at once, then `effect` is asked of the gateway; without one, `error` is told, if any."""

    events: tuple[Event, ...] = ()
    effect: Effect | None = None
    error: PaymentError | None = None


def decide(state: PaymentIntent, command: Command, now: int) -> Decision | Refusal:
    """Say whether `command` is legal now and what it takes. Never changes anything."""
    if not state.rules:
        return _decide(state, command, now)
    refusal = (
        limits.unreadable(command, state.rules) or limits.command_refusal(command) or newer.refusal(state, command)
    )
    decision = refusal or _decide(state, command, now)
    if isinstance(decision, Decision) and isinstance(command, Update | Confirm):
        decision = suitability.refusal(state, command) or decision
    if isinstance(decision, Refusal) or not limits.says_something(command):
        return decision
    after = evolve(state, decision.events, check_table=False)
    return limits.too_much_said(state, after, decision.effect) or decision


def _decide(state: PaymentIntent, command: Command, now: int) -> Decision | Refusal:
    if not TABLE[state.status][command.name] or newer.was_out_of_place(state, command):
        return refusing.out_of_place(state, command)
    if refusal := _busy(state, command):
        return refusal
    if isinstance(command, MoneyCommand):
        return _decide_about_money(state, command, now)
    match command:
        case Update():
            return _decide_update(state, command)
        case Confirm():
            return _decide_confirm(state, command, now)
        case Cancel():
            return _decide_cancel(state, command, now)
        case AuthenticationResult():
            return _decide_authentication(state, command)
        case VerifyMicrodeposits():
            return _decide_deposits(state, command)
        case ExpireAction():
            return _decide_action_expiry(state, now)
        case CheckSettlement() if state.accepted:
            return _facts_or_refusal(modifications.questioned(state, now))
        case CheckSettlement():
            return _effect_or_refusal(family_in_use(state).question(state, command, now))
        case ApplyCustomerBalance():
            return _decide_application(state, command)
        case _ as never:
            assert_never(never)


def _busy(state: PaymentIntent, command: Command) -> Refusal | None:
    """What is asked while a gateway's answer is awaited waits for it, unless it is the answer."""
    waits = state.pending or (state.accepted and not isinstance(command, CheckSettlement))
    if not waits or isinstance(command, Update | ModificationResult | Resolve):
        return None
    # Of a `processing` payment Stripe says that it cannot be canceled; a hold could be, once the refund is known.
    ends = isinstance(command, Cancel) and state.status == Status.PROCESSING
    return wording.cannot_cancel(state) if ends else wording.busy()


def _decide_deposits(state: PaymentIntent, command: VerifyMicrodeposits) -> Decision | Refusal:
    again = attempts.authorization(state, PRESENT, begun=microdeposits.waiting(state))
    return _effect_or_refusal(microdeposits.attempt(state, command, again))


def _decide_application(state: PaymentIntent, command: ApplyCustomerBalance) -> Decision | Refusal:
    if state.status == Status.REQUIRES_ACTION:
        return _effect_or_refusal(bank_transfers.application(state, command))
    paid = balance_payment.payment(state, command, ATTEMPTS_MAX)
    return paid if isinstance(paid, Refusal) else Decision(events=paid[0], effect=paid[1])


def _refund_or_refusal(asked: tuple[Event, Refund] | Refusal) -> Decision | Refusal:
    return asked if isinstance(asked, Refusal) else Decision(events=(asked[0],), effect=asked[1])


def _effect_or_refusal(effect: Effect | Refusal) -> Decision | Refusal:
    return effect if isinstance(effect, Refusal) else Decision(effect=effect)


def _decide_about_money(state: PaymentIntent, command: MoneyCommand, now: int) -> Decision | Refusal:
    """What is held, or was taken."""
    match command:
        case Capture():
            return _decide_capture(state, command)
        case IncrementAuthorization():
            return _decide_increment(state, command)
        case RefundCharge():
            return _refund_or_refusal(refund_rules.requested(state, command, now))
        case RefundResult():
            return _facts_or_refusal(refund_rules.reported(state, command))
        case ExpireAuthorization():
            return _effect_or_refusal(holds.expiry(state, now))
        case ModificationResult():
            rules = modifications if state.rules > 1 else modifications_before
            return _facts_or_refusal(rules.reported(state, command, now))
        case Resolve():
            return _facts_or_refusal(resolving.resolved(state, command, now))
        case ReturnShare():
            return _facts_or_refusal(sharing.returned(state, command))
        case ReportDispute() | UpdateDispute() | CloseDispute() | ExpireDispute():
            return _decide_about_dispute(state, command, now)
        case _ as never:
            assert_never(never)


def _decide_about_dispute(state: PaymentIntent, command: DisputeCommand, now: int) -> Decision | Refusal:
    """What the buyer's bank wants back."""
    match command:
        case ReportDispute():
            return _facts_or_refusal(dispute_reports.reported(state, command, now))
        case UpdateDispute():
            said = dispute_answers.updated(state, command)
            if isinstance(said, Refusal):
                return said
            staged, answer = said
            return Decision(effect=answer) if staged is None else Decision(events=(staged,))
        case CloseDispute():
            return _effect_or_refusal(dispute_answers.conceded(state, command))
        case ExpireDispute():
            return _facts_or_refusal(dispute_answers.expired(state, command, now))
        case _ as never:
            assert_never(never)


def _facts_or_refusal(fact: Event | tuple[Event, ...] | Refusal) -> Decision | Refusal:
    if isinstance(fact, Refusal):
        return fact
    return Decision(events=fact if isinstance(fact, tuple) else (fact,))


def _decide_update(state: PaymentIntent, command: Update) -> Decision | Refusal:
    withdrawal = amending.withdrawal(state, command)
    if isinstance(withdrawal, Refusal):
        return withdrawal
    refusal = changes_refusal(state, command.changes, command.payment_method)
    if refusal or withdrawal:
        return refusal or Decision(effect=withdrawal)
    return Decision(events=command_changes(state, command))


def _decide_confirm(state: PaymentIntent, command: Confirm, now: int) -> Decision | Refusal:
    if next_try.is_next_try(state, command):
        return _decide_next_try(state, command, now)
    events = (*command_changes(state, command), *confirmation.route_chosen(state, command))
    refusal = changes_refusal(state, command.changes, command.payment_method)
    after = evolve(state, events, check_table=False)
    refusal = refusal or confirmation.refusal(after, command, now)
    if refusal:
        return refusal
    if state.attempts >= ATTEMPTS_MAX:
        # As by a cancel: what the buyer can still pay with is called back first.
        return _decide_cancel(state, Cancel(cancellation_reason="automatic"), now)
    shown = outstanding(state)
    if command.duplicate_of is not None:
        if command.refuse_duplicate:
            no = duplicates.declined(state, after, command.duplicate_of)
            return no if isinstance(no, Refusal) else Decision(events=(*events, ChargeFailed(None, no)), error=no)
        events = (*events, DuplicateNoticed(command.duplicate_of))
    if command.limit is not None:
        no_try = reattempts.blocked(state, after, command.limit, now)
        return no_try if isinstance(no_try, Refusal) else Decision(events=(*events, no_try), error=no_try.error)
    effect = _attempt(after, command)
    if shown is None:
        return Decision(events=events, effect=effect)
    return Decision(events=(*events, InstructionsWithdrawn()), effect=replace(effect, supersedes=shown))


def _attempt(state: PaymentIntent, command: Confirm) -> Authorize | RequestFunds:
    manner = Manner(
        off_session=command.off_session,
        error_on_requires_action=command.error_on_requires_action,
        return_url=command.return_url,
        use_stripe_sdk=command.use_stripe_sdk,
    )
    return family_of(method_in_use(state).type).start(state, attempts.authorization(state, manner))


def _decide_next_try(state: PaymentIntent, command: Confirm, now: int) -> Decision | Refusal:
    """The confirmation goes on at the next gateway; what it changes, and where it may be tried, is settled."""
    refusal = confirmation.refusal(state, command, now)
    return refusal or Decision(effect=_attempt(state, command))


def _decide_authentication(state: PaymentIntent, command: AuthenticationResult) -> Decision | Refusal:
    action = state.next_action
    if action is None or action.authentication != command.authentication:
        return wording.cannot_authenticate(state)
    if not command.authenticated:
        return Decision(events=(ChargeFailed(None, wording.not_authenticated(method_in_use(state))),))
    if state.confirmation_method == "manual":
        return Decision(events=(Authenticated(action.authentication),))
    manner = Manner(return_url=action.return_url, use_stripe_sdk=action.type == "use_stripe_sdk")
    return Decision(effect=attempts.authorization(state, manner, action.authentication, begun=action))


def _decide_action_expiry(state: PaymentIntent, now: int) -> Decision | Refusal:
    action = microdeposits.waiting(state)
    if action is None or action.expires_at is None or now < action.expires_at:
        return wording.cannot_authenticate(state)
    events, _ = microdeposits.ended(state, "microdeposits_timeout")
    return Decision(events=events)


def _decide_capture(state: PaymentIntent, command: Capture) -> Decision | Refusal:
    charge = held_charge(state)
    amount = charge.capturable if command.amount_to_capture is None else command.amount_to_capture
    closing = amount == 0 and command.final_capture and charge.captures > 0
    refusal = None if closing else wording.capture_amount(amount, charge.maximum_capturable)
    refusal = refusal or held_changes_refusal(state, command.changes, charge.amount_captured + amount)
    if refusal:
        return refusal
    if not command.final_capture and not charge.multicapture:
        text = "This PaymentIntent does not support multiple captures, so final_capture cannot be false."
        return Refusal(code=wording.INVALID_PARAMETER, message=text, param="final_capture")
    untold = [name for name in charge.shares if name not in command.changes]
    if untold and not closing:
        return wording.share_missing(untold[0])
    if charge.captures >= CAPTURES_MAX:
        return Refusal(code=wording.INVALID_PARAMETER, message=f"Captured {CAPTURES_MAX} times, which is the most.")
    if command.changes.get("statement_descriptor") and charge.payment_method.type == "card":
        return wording.descriptor_not_for_cards()
    key = gateway_key(state.id, state.attempts, "capture", charge.captures + state.declined_captures + 1)
    # Taking all that is left leaves nothing to hold: that capture is the final one, whatever was asked.
    final = command.final_capture or amount >= charge.capturable
    return Decision(
        effect=CaptureHold(
            key=key,
            authorization=holds.reference(charge),
            amount=amount,
            final=final,
            over=amount > charge.capturable,
            changes=command.changes,
            charge=charge.id,
            currency=charge.currency,
            intent=state.id,
            refunds_rest=command.refunds_rest,
            gateway=charge.gateway,
            patience=charge.patience,
        )
    )


def _decide_cancel(state: PaymentIntent, command: Cancel, now: int) -> Decision | Refusal:
    withdrawal = family_in_use(state).withdraw(state, command.cancellation_reason)
    if withdrawal is not None:
        return Decision(effect=withdrawal)
    if state.status != Status.REQUIRES_CAPTURE:
        return Decision(events=(IntentCanceled(command.cancellation_reason, now),))
    return Decision(effect=holds.release(state, command.cancellation_reason, refunds_rest=command.refunds_rest))


def _decide_increment(state: PaymentIntent, command: IncrementAuthorization) -> Decision | Refusal:
    charge = held_charge(state)
    if not charge.incremental:
        text = (
            "This PaymentIntent's authorization cannot be incremented; request_incremental_authorization was not set."
        )
        return Refusal(code=wording.INVALID_PARAMETER, message=text)
    if charge.captures:
        return Refusal(
            code=wording.INVALID_PARAMETER, message="An authorization cannot be incremented after a capture."
        )
    if state.increments >= INCREMENTS_MAX:
        text = f"This PaymentIntent's authorization was incremented {INCREMENTS_MAX} times, which is the most."
        return Refusal(code=wording.INVALID_PARAMETER, message=text)
    if command.amount <= charge.amount:
        text = f"The amount must be greater than the currently authorized amount of {charge.amount}."
        return Refusal(code=wording.INVALID_PARAMETER, message=text, param="amount")
    refusal = amount_refusal(command.amount, state.currency, rules=state.rules)
    refusal = refusal or held_changes_refusal(state, command.changes, command.amount)
    if refusal:
        return refusal
    key = gateway_key(state.id, state.attempts, "increment", state.increments + 1)
    return Decision(
        effect=Increment(
            key=key,
            authorization=holds.reference(charge),
            amount=command.amount,
            changes=command.changes,
            charge=charge.id,
            currency=charge.currency,
            intent=state.id,
            gateway=charge.gateway,
            patience=charge.patience,
        )
    )
