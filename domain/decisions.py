"""Decisions: what a command takes (`decide`), and what the gateway's answer to it means (`conclude`). Both pure.

The table of what is legal at all is payment_intent.py; here are the rules within a legal cell. How a refusal reads is
wording.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from domain import (
    amending,
    amounts,
    applying,
    attempts,
    bank_transfers,
    confirmation,
    connect,
    declines,
    disputes,
    duplicates,
    giving_back,
    holds,
    limits,
    microdeposits,
    newer,
    refunds,
    settling,
    suitability,
    vouchers,
    wording,
)
from domain.attributes import attribute_refusal, unknown_attribute
from domain.commands import (
    ApplyCustomerBalance,
    AuthenticationResult,
    Cancel,
    Capture,
    CheckSettlement,
    Command,
    Confirm,
    ExpireAction,
    ExpireAuthorization,
    IncrementAuthorization,
    RefundCharge,
    RefundResult,
    ReportDispute,
    Update,
    VerifyMicrodeposits,
)
from domain.events import (
    ActionRequired,
    AttributesChanged,
    Authenticated,
    AuthorizationIncremented,
    CaptureDeclined,
    ChargeCaptured,
    ChargeDisputed,
    ChargeFailed,
    DuplicateNoticed,
    Event,
    IncrementDeclined,
    InstructionsWithdrawn,
    IntentCanceled,
    OutcomeKnown,
    PaymentError,
    PaymentMethodSelected,
)
from domain.identifiers import gateway_key
from domain.money import amount_refusal, currency_refusal
from domain.outcomes import (
    Accepted,
    Amendment,
    Approved,
    AskSettlement,
    AuthenticationRequired,
    Authorize,
    CaptureHold,
    Declined,
    Effect,
    FundsKnown,
    Increment,
    MoveFunds,
    Outcome,
    PaymentAwaited,
    Refund,
    RequestFunds,
    VerificationRequired,
    Void,
)
from domain.payment_intent import (
    ALWAYS_UPDATABLE,
    OPEN_TO_CHANGE,
    TABLE,
    PaymentIntent,
    evolve,
    held,
    method_in_use,
    outstanding,
    pending_charge,
)
from domain.payment_methods import PaymentMethod
from domain.refusals import InvariantViolation, Refusal
from domain.statuses import Status

INCREMENTS_MAX = 10
"""Attempts to raise a hold, declined ones included. docs.stripe.com/payments/incremental-authorization."""

CAPTURES_MAX = 50
"""Captures of one hold. docs.stripe.com/payments/multicapture."""

METADATA_KEYS_MAX = 50
"""Keys an intent has in all, however many requests they came in. docs.stripe.com/metadata."""

ATTEMPTS_MAX = 100
"""Confirmations that reached the gateway; then the intent is canceled. Stripe calls its own limit variable."""

SHARES = ("application_fee_amount", "transfer_data")
"""Who gets a part of a capture. If the first of several says so, each must. docs.stripe.com/payments/multicapture."""

WITH_MONEY_HELD = frozenset(
    {"amount_details", "application_fee_amount", "description", "hooks", "metadata", "payment_details",
     "statement_descriptor", "statement_descriptor_suffix", "transfer_data"}
)  # fmt: skip
"""What a capture or an increment may change besides the money it moves."""

CHOOSING = frozenset({"customer", "payment_method_types", "excluded_payment_method_types"})
"""What decides whether the intent can be paid with its method."""

SHARING = frozenset({"amount", "application_fee_amount", "transfer_data"})
"""What decides who gets how much."""

REFUSED: dict[str, Callable[[PaymentIntent], Refusal]] = {
    "capture": wording.cannot_capture,
    "cancel": wording.cannot_cancel,
    "increment_authorization": wording.cannot_increment,
    "refund": refunds.cannot_refund,
    "refund_result": refunds.cannot_refund,
    "dispute": disputes.cannot_dispute,
    "verify_microdeposits": wording.cannot_verify_microdeposits,
    "apply_customer_balance": wording.cannot_apply_customer_balance,
    "authentication_result": wording.cannot_authenticate,
    "expire_authorization": wording.cannot_expire,
    "check_settlement": wording.nothing_to_settle,
    "expire_action": wording.cannot_authenticate,
}
"""How an empty cell is refused; `confirm` also depends on the command (`wording.cannot_confirm`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Yes: `events` hold at once, then `effect` is asked of the gateway; without one, `error` is told, if any."""

    events: tuple[Event, ...] = ()
    effect: Effect | None = None
    error: PaymentError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What an outcome means: facts, and the error to tell the caller, if any."""

    events: tuple[Event, ...] = ()
    error: PaymentError | None = None


def decide(state: PaymentIntent, command: Command, now: int) -> Decision | Refusal:
    """Say whether `command` is legal now and what it takes. Never changes anything."""
    if not state.rules:
        return _decide(state, command, now)
    refusal = command.mistake or limits.command_refusal(command) or newer.refusal(state, command)
    decision = refusal or _decide(state, command, now)
    if isinstance(decision, Decision) and isinstance(command, Update | Confirm):
        decision = suitability.refusal(state, command) or decision
    if isinstance(decision, Refusal) or not limits.says_something(command):
        return decision
    after = evolve(state, decision.events, check_table=False)
    return limits.too_much_said(state, after, decision.effect) or decision


def _decide(state: PaymentIntent, command: Command, now: int) -> Decision | Refusal:
    if not TABLE[state.status][command.name]:
        if isinstance(command, Confirm):
            return wording.cannot_confirm(state, command.payment_method is not None)
        return REFUSED[command.name](state)
    if state.pending and not isinstance(command, Update):
        return wording.cannot_cancel(state) if isinstance(command, Cancel) else wording.busy()
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
            again = confirmation.authorization(state, Confirm())
            deposits = microdeposits.attempt(state, command, again)
            return deposits if isinstance(deposits, Refusal) else Decision(effect=deposits)
        case ExpireAction():
            return _decide_action_expiry(state, now)
        case CheckSettlement():
            return _asking(_question(state, command, now))
        case ApplyCustomerBalance():
            return _decide_application(state, command)
        case _:
            return _decide_about_money(state, command, now)


def _decide_application(state: PaymentIntent, command: ApplyCustomerBalance) -> Decision | Refusal:
    if state.status == Status.REQUIRES_ACTION:
        return _asking(bank_transfers.application(state, command))
    paid = applying.payment(state, command, ATTEMPTS_MAX)
    return paid if isinstance(paid, Refusal) else Decision(events=paid[0], effect=paid[1])


def _giving(asked: tuple[Event, Refund] | Refusal) -> Decision | Refusal:
    return asked if isinstance(asked, Refusal) else Decision(events=(asked[0],), effect=asked[1])


def _asking(effect: Effect | Refusal) -> Decision | Refusal:
    return effect if isinstance(effect, Refusal) else Decision(effect=effect)


def _question(state: PaymentIntent, command: CheckSettlement, now: int) -> Effect | Refusal:
    if bank_transfers.awaited(state):
        return bank_transfers.question(state, command)
    ask = vouchers.question if outstanding(state) else settling.question
    return ask(state, command, now)


def _decide_about_money(state: PaymentIntent, command: Command, now: int) -> Decision | Refusal:
    """What is held, or was taken."""
    match command:
        case Capture():
            return _decide_capture(state, command)
        case IncrementAuthorization():
            return _decide_increment(state, command)
        case RefundCharge():
            return _giving(giving_back.requested(state, command, now))
        case RefundResult():
            result = giving_back.reported(state, command)
            return result if isinstance(result, Refusal) else Decision(events=(result,))
        case ReportDispute():
            dispute = disputes.opened(state, command, now)
            return dispute if isinstance(dispute, Refusal) else Decision(events=(ChargeDisputed(dispute),))
        case ExpireAuthorization():
            return _asking(holds.expiry(state, now))
        case _:
            raise InvariantViolation(f"{command.name} has no rules but a legal cell")


def _decide_update(state: PaymentIntent, command: Update) -> Decision | Refusal:
    withdrawal = amending.withdrawal(state, command)
    if isinstance(withdrawal, Refusal):
        return withdrawal
    refusal = _changes_refusal(state, command.changes, command.payment_method)
    if refusal or withdrawal:
        return refusal or Decision(effect=withdrawal)
    return Decision(events=_change_events(command.changes, command.payment_method))


def _changes_refusal(state: PaymentIntent, changes: dict[str, Any], method: PaymentMethod | None) -> Refusal | None:
    if state.status not in OPEN_TO_CHANGE:
        settled = [name for name in changes if name not in ALWAYS_UPDATABLE]
        if method or settled:
            return wording.cannot_update(state, settled[0] if settled else "payment_method")
    refusal: Refusal | None = None
    for name, value in changes.items():
        refusal = refusal or attribute_refusal(name, value, rules=state.rules)
    if refusal:
        return refusal
    after = evolve(state, _change_events(changes, method), check_table=False)
    if state.rules and changes.keys() & SHARING:
        refusal = connect.refusal(after)
    if refusal is None and ("amount" in changes or "currency" in changes):
        refusal = currency_refusal(after.currency) or amount_refusal(after.amount, after.currency, rules=state.rules)
    if len(after.metadata) > METADATA_KEYS_MAX:
        refusal = refusal or wording.too_much_metadata(METADATA_KEYS_MAX)
    if "amount" in changes or "amount_details" in changes:
        refusal = refusal or amounts.refusal(after.amount_details, after.amount)
    if refusal:
        return refusal
    choosing = CHOOSING if state.rules else {"customer"}
    return confirmation.payment_method_refusal(after) if method or changes.keys() & choosing else None


def _held_changes_refusal(state: PaymentIntent, changes: dict[str, Any], amount: int) -> Refusal | None:
    """Refuse what cannot change while money is held; `amount` is what the details must add up to."""
    for name, value in changes.items():
        known = name in WITH_MONEY_HELD
        refusal = attribute_refusal(name, value, rules=state.rules) if known else unknown_attribute(name)
        if refusal:
            return refusal
    after = evolve(state, _change_events(changes, None), check_table=False)
    if len(after.metadata) > METADATA_KEYS_MAX:
        return wording.too_much_metadata(METADATA_KEYS_MAX)
    if state.rules and changes.keys() & SHARING and (refusal := connect.refusal(replace(after, amount=amount))):
        return refusal
    return amounts.refusal(after.amount_details, amount) if "amount_details" in changes else None


def _change_events(changes: dict[str, Any], method: PaymentMethod | None) -> tuple[Event, ...]:
    events: list[Event] = [AttributesChanged(changes)] if changes else []
    return (*events, PaymentMethodSelected(method)) if method else tuple(events)


def _decide_confirm(state: PaymentIntent, command: Confirm, now: int) -> Decision | Refusal:
    events = _change_events(command.changes, command.payment_method)
    refusal = _changes_refusal(state, command.changes, command.payment_method)
    after = evolve(state, events, check_table=False)
    refusal = refusal or confirmation.refusal(after, command) or vouchers.expiry_refusal(after, now)
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
    effect: Authorize | RequestFunds = confirmation.authorization(after, command)
    if bank_transfers.by_transfer(after):
        effect = bank_transfers.request(after)
    if shown is None:
        return Decision(events=events, effect=effect)
    return Decision(events=(*events, InstructionsWithdrawn()), effect=replace(effect, supersedes=shown))


def _decide_authentication(state: PaymentIntent, command: AuthenticationResult) -> Decision | Refusal:
    action = state.next_action
    if action is None or action.authentication != command.authentication:
        return wording.cannot_authenticate(state)
    if not command.authenticated:
        return Decision(events=(ChargeFailed(None, wording.not_authenticated(method_in_use(state))),))
    if state.confirmation_method == "manual":
        return Decision(events=(Authenticated(action.authentication),))
    again = Confirm(return_url=action.return_url, use_stripe_sdk=action.type == "use_stripe_sdk")
    return Decision(effect=confirmation.authorization(state, again, authentication=action.authentication))


def _decide_action_expiry(state: PaymentIntent, now: int) -> Decision | Refusal:
    action = microdeposits.waiting(state)
    if action is None or action.expires_at is None or now < action.expires_at:
        return wording.cannot_authenticate(state)
    events, _ = microdeposits.ended(state, "microdeposits_timeout")
    return Decision(events=events)


def _decide_capture(state: PaymentIntent, command: Capture) -> Decision | Refusal:
    charge = held(state)
    amount = charge.capturable if command.amount_to_capture is None else command.amount_to_capture
    closing = amount == 0 and command.final_capture and charge.captures > 0
    refusal = None if closing else wording.capture_amount(amount, charge.maximum_capturable)
    refusal = refusal or _held_changes_refusal(state, command.changes, charge.amount_captured + amount)
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
        )
    )


def _decide_cancel(state: PaymentIntent, command: Cancel, now: int) -> Decision | Refusal:
    if bank_transfers.awaited(state):
        return Decision(effect=bank_transfers.release(state, command.cancellation_reason))
    withdrawal = vouchers.withdrawal(state, command.cancellation_reason) or settling.recall(state, command)
    if withdrawal is not None:
        return Decision(effect=withdrawal)
    if state.status != Status.REQUIRES_CAPTURE:
        return Decision(events=(IntentCanceled(command.cancellation_reason, now),))
    return Decision(effect=holds.release(state, command.cancellation_reason))


def _decide_increment(state: PaymentIntent, command: IncrementAuthorization) -> Decision | Refusal:
    charge = held(state)
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
    refusal = refusal or _held_changes_refusal(state, command.changes, command.amount)
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
        )
    )


def conclude(state: PaymentIntent, effect: Effect, outcome: Outcome, now: int) -> Conclusion:
    """Turn the gateway's definite answer into facts; `state` already has the decision's own facts."""
    known: tuple[Event, ...] = (OutcomeKnown(),) if state.pending else ()
    match effect, outcome:
        case Authorize(), _:
            return _conclude_authorization(state, effect, outcome, now, known)
        case Void(amends=Amendment() as amends) | MoveFunds(amends=Amendment() as amends), _:
            events, failure = amending.amended(state, amends, outcome, now)
            return Conclusion(events=(*known, *events), error=failure)
        case RequestFunds() | MoveFunds(), _:
            return _conclude_funds(state, effect, outcome, now, known)
        case AskSettlement(), _:
            return Conclusion(events=(*known, *_settled(state, outcome, now)))
        case Void(), _:
            awaited = vouchers.withdrawn if outstanding(state) else settling.recalled
            back = awaited if outstanding(state) or pending_charge(state) else holds.released
            events, failure = back(state, effect, outcome, now)
            return Conclusion(events=(*known, *events), error=failure)
        case CaptureHold(), Approved():
            changed = _change_events(effect.changes, None)
            shares = tuple(name for name in SHARES if name in effect.changes)
            return Conclusion(events=(*known, *changed, ChargeCaptured(effect.amount, effect.final, shares)))
        case Increment(), Approved():
            changed = _change_events(effect.changes, None)
            return Conclusion(events=(*known, *changed, AuthorizationIncremented(effect.amount)))
        case Refund(), Approved() | Accepted() | Declined():
            return Conclusion(events=(*known, *giving_back.answered(state, effect, outcome, late=bool(known))))
        case CaptureHold(), Declined():
            return Conclusion(events=(*known, CaptureDeclined()), error=_decline_error(state, outcome, held(state).id))
        case Increment(), Declined():
            return Conclusion(
                events=(*known, IncrementDeclined()), error=_decline_error(state, outcome, held(state).id)
            )
        case _:
            raise InvariantViolation(f"{outcome.type} does not answer {effect.operation}")


def _settled(state: PaymentIntent, outcome: Outcome, now: int) -> tuple[Event, ...]:
    shown = outstanding(state)
    if shown is None:
        return settling.settled(state, outcome, now)
    return vouchers.settled(state, shown, confirmation.authorization(state, Confirm()), outcome, now)


def _conclude_funds(
    state: PaymentIntent, effect: RequestFunds | MoveFunds, outcome: Outcome, now: int, known: tuple[Event, ...]
) -> Conclusion:
    made = confirmation.authorization(state, Confirm())
    if isinstance(effect, MoveFunds):
        made = replace(made, charge=vouchers.promised_charge(state))
        events, failure = bank_transfers.moved(state, effect, outcome, made, now)
        return Conclusion(events=(*known, *events), error=failure)
    too_late = vouchers.superseded_too_late(effect, outcome, now)
    if too_late is not None:
        return Conclusion(events=(*known, *too_late[0]), error=too_late[1])
    if isinstance(outcome, Declined):
        error = bank_transfers.shortfall(state, effect) or _decline_error(state, outcome, None)
        return Conclusion(events=(*known, ChargeFailed(None, error)), error=error)
    return Conclusion(events=(*known, *bank_transfers.requested(state, effect, outcome, made, now)))


def _conclude_authorization(
    state: PaymentIntent, effect: Authorize, outcome: Outcome, now: int, known: tuple[Event, ...]
) -> Conclusion:
    too_late = vouchers.superseded_too_late(effect, outcome, now)
    if too_late is not None:
        return Conclusion(events=(*known, *too_late[0]), error=too_late[1])
    match outcome:
        case Approved():
            return Conclusion(events=(*known, *attempts.approved(state, effect, outcome, now)))
        case PaymentAwaited():
            return Conclusion(events=(*known, vouchers.instructed(state, effect, outcome)))
        case VerificationRequired():
            return Conclusion(events=(*known, microdeposits.requested(outcome, now)))
        case Declined() if effect.verification and (no := microdeposits.declined(state, effect, outcome)) is not None:
            return Conclusion(events=(*known, *no[0]), error=no[1])
        case Declined():
            charge = attempts.failed(state, effect, outcome, now)
            error = _decline_error(state, outcome, charge.id if charge else None)
            return Conclusion(events=(*known, *attempts.used_up(state), ChargeFailed(charge, error)), error=error)
        case Accepted():
            return Conclusion(events=(*known, *settling.accepted(state, effect, outcome, now)))
        case AuthenticationRequired():
            return _authentication_required(state, effect, outcome, now, known)
        case FundsKnown():
            raise InvariantViolation("a gateway knows nothing of cash balances")


def _authentication_required(
    state: PaymentIntent, effect: Authorize, outcome: AuthenticationRequired, now: int, known: tuple[Event, ...]
) -> Conclusion:
    if not (effect.off_session or effect.error_on_requires_action):
        action = ActionRequired(outcome, effect.return_url, effect.use_stripe_sdk)
        return Conclusion(events=(*known, action))
    if effect.off_session:
        # A decline like any other: the bank was asked, and there is a charge.
        no = Declined(decline_code="authentication_required")
        error = _decline_error(state, no, effect.charge)
        failed = ChargeFailed(attempts.failed(state, effect, no, now), error)
        return Conclusion(events=(*known, *attempts.used_up(state), failed), error=error)
    error = PaymentError(
        type="card_error",
        code="authentication_required",
        decline_code="authentication_not_handled",
        message=declines.message("authentication_not_handled"),
        payment_method=method_in_use(state),
    )
    return Conclusion(events=(*known, ChargeFailed(None, error)), error=error)


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
