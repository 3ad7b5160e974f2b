"""Evolution: how facts change a PaymentIntent. `evolve` is the only way a state comes about.

The facts are model/events.py. Invariants are checked after every batch of them.
"""

from collections.abc import Iterable
from typing import Any, assert_never

from domain.copies import replace
from domain.machine.invariants import check_invariants, quiet
from domain.machine.modifying import before_unknown, modify
from domain.methods.eligibility import no_longer_ours, with_automatic_types
from domain.model.attributes import ATTRIBUTES
from domain.model.charges import Charge, overcapture_maximum
from domain.model.events import (
    ActionEvent,
    ActionRequired,
    AttemptEvent,
    AttemptMoved,
    AttributesChanged,
    Authenticated,
    AuthorizationIncremented,
    AuthorizationReleased,
    CaptureDeclined,
    CaptureFailed,
    ChargeCaptured,
    ChargeDisputed,
    ChargeFailed,
    ChargePending,
    ChargeSucceeded,
    ChargeWithdrawn,
    DisputeMoved,
    DuplicateNoticed,
    Event,
    FundsApplied,
    HoldEvent,
    IncrementDeclined,
    InstructionsRestored,
    InstructionsWithdrawn,
    IntentCanceled,
    MandateAccepted,
    MandateEnded,
    MethodEvent,
    MicrodepositsMismatched,
    OutcomeEvent,
    OutcomeKnown,
    OutcomeResolved,
    OutcomeUnknown,
    PaymentInstructed,
    PaymentMethodConsumed,
    PaymentMethodSaved,
    PaymentMethodSelected,
    ReleaseDeclined,
    ResolutionContradicted,
    RouteChosen,
    SettlementAwaited,
    VerificationRequested,
)
from domain.model.gateways import AT_FIRST, hop_to
from domain.model.hashes import Changes
from domain.model.ledger import LedgerEntry, with_entry
from domain.model.modification_events import ModificationEvent
from domain.model.next_actions import VERIFY, Approval, NextAction
from domain.model.outcomes import Authorize, Effect, MoveFunds, Void
from domain.model.payment_intent import (
    PaymentIntent,
    held_charge,
    method_in_use,
    outstanding,
    pending_charge,
    terms_now,
    terms_to_approve,
)
from domain.model.refund_events import RefundEvent, given_back
from domain.model.resolutions import contradicted, kept
from domain.model.shares import SHARING_SINCE, shared_out, taken_at_once
from domain.model.statuses import Status
from domain.refusals import InvariantViolation

_RPM, _RC, _RA, _P, _RCAP, _S, _X = (
    Status.REQUIRES_PAYMENT_METHOD, Status.REQUIRES_CONFIRMATION, Status.REQUIRES_ACTION, Status.PROCESSING,
    Status.REQUIRES_CAPTURE, Status.SUCCEEDED, Status.CANCELED,
)  # fmt: skip


def _unless_changed(state: PaymentIntent) -> PaymentIntent:
    """Drop what the buyer was asked to approve, or has approved, if it is not what they would be charged now.

    The answer to it is ignored when it comes, and the intent must be confirmed again.
    """
    action = state.next_action
    if action is not None and action.terms is not None and action.terms != terms_now(state):
        return replace(state, status=_RC, next_action=None)
    if state.approval is not None and (state.payment_method is None or state.approval.terms != terms_now(state)):
        return replace(state, approval=None)
    return state


def evolve(state: PaymentIntent, events: Iterable[Event], *, check_table: bool = True) -> PaymentIntent:
    """Apply facts, in order. `check_table` is off only where a state is tried out and thrown away.

    Whether the very cell of `TABLE` or `LATER` has such a step is checked by who knows the command (transitions.py).
    """
    after = state
    for event in events:
        after = _apply(after, event)
    if check_table:
        check_invariants(state, after)
    return after


def _apply(state: PaymentIntent, event: Event) -> PaymentIntent:
    if isinstance(event, MethodEvent):
        return _change_method(state, event)
    if isinstance(event, ActionEvent):
        return _act(state, event)
    if isinstance(event, AttemptEvent):
        return _attempt(state, event)
    if isinstance(event, HoldEvent):
        return _move_hold(state, event)
    if isinstance(event, RefundEvent):
        return replace(state, charge=given_back(held_charge(state), event))
    if isinstance(event, OutcomeEvent):
        return _wait(state, event)
    if isinstance(event, ModificationEvent):
        return modify(state, event)
    match event:
        case AttributesChanged(changes):
            return _unless_changed(_change(state, changes))
        case IntentCanceled(reason, at):
            return replace(state, status=_X, canceled_at=at, cancellation_reason=reason, next_action=None)
        case MandateEnded():
            return replace(state, mandate=None, mandate_data=None)
        case MandateAccepted(mandate):
            return replace(state, mandate=mandate.id)
        case DuplicateNoticed(first):
            return replace(state, duplicate_of=first)
        case RouteChosen(route, routing):
            return replace(state, route=route, routing=routing, moving=None)
        case _ as never:
            assert_never(never)


def _change_method(state: PaymentIntent, event: MethodEvent) -> PaymentIntent:
    match event:
        case PaymentMethodSelected(method):
            chosen = replace(state, payment_method=method, status=_RC, next_action=None, last_payment_error=None)
            return _unless_changed(chosen)
        case PaymentMethodSaved(customer):
            return replace(state, payment_method=replace(method_in_use(state), customer=customer))
        case PaymentMethodConsumed():
            return replace(state, payment_method=replace(method_in_use(state), consumed=True))
        case _ as never:
            assert_never(never)


def _act(state: PaymentIntent, event: ActionEvent) -> PaymentIntent:
    match event:
        case ActionRequired(authentication, return_url, use_stripe_sdk, at):
            action = NextAction(
                type=_way_out(state, return_url, use_stripe_sdk),
                authentication=authentication.authentication,
                url=authentication.url,
                return_url=return_url,
                terms=terms_to_approve(state),
                gateway=at.gateway,
                patience=at.patience,
            )
            return replace(_await_buyer(state, action), return_url=return_url, approval=None)
        case Authenticated(authentication):
            begun = hop_to(state.next_action) if state.next_action else AT_FIRST
            approval = Approval(
                authentication=authentication, terms=terms_now(state), gateway=begun.gateway, patience=begun.patience
            )
            return replace(state, status=_RC, next_action=None, approval=approval)
        case VerificationRequested(verification, expires_at, at):
            action = NextAction(
                type=VERIFY,
                authentication=verification.verification,
                url=verification.url,
                microdeposit_type=verification.microdeposit_type,
                arrival_date=verification.arrival_date,
                expires_at=expires_at,
                terms=terms_to_approve(state),
                gateway=at.gateway,
                patience=at.patience,
            )
            return _await_buyer(state, action)
        case MicrodepositsMismatched():
            if state.next_action is None:
                raise InvariantViolation("microdeposits did not match, and none were asked for")
            return replace(state, next_action=replace(state.next_action, tries=state.next_action.tries + 1))
        case PaymentInstructed() | InstructionsWithdrawn() | InstructionsRestored() | FundsApplied():
            return _instruct(state, event)
        case _ as never:
            assert_never(never)


def _await_buyer(state: PaymentIntent, action: NextAction) -> PaymentIntent:
    """The buyer has something to do: one attempt more."""
    return replace(
        state, status=_RA, next_action=action, attempts=state.attempts + 1, last_payment_error=None,
        authentication=action.authentication, moving=None,
    )  # fmt: skip


def _instruct(
    state: PaymentIntent, event: PaymentInstructed | InstructionsWithdrawn | InstructionsRestored | FundsApplied
) -> PaymentIntent:
    match event:
        case PaymentInstructed(awaited, type_, capture, check_at, at):
            action = NextAction(
                type=type_,
                authentication=awaited.reference,
                url=awaited.url,
                expires_at=awaited.expires_at,
                outstanding=True,
                details=awaited.details,
                check_at=check_at or awaited.expires_at,
                capture=capture,
                terms=terms_to_approve(state),
                gateway=at.gateway,
                patience=at.patience,
            )
            return _await_buyer(state, action)
        case InstructionsWithdrawn():
            return replace(state, next_action=None, funded=0)
        case FundsApplied(total):
            return replace(state, funded=total)
        case InstructionsRestored(outstanding, at):
            action = replace(outstanding.action, check_at=at)
            return replace(state, status=_RA, next_action=action, payment_method=outstanding.payment_method)
        case _ as never:
            assert_never(never)


def _attempt(state: PaymentIntent, event: AttemptEvent) -> PaymentIntent:
    match event:
        case ChargeSucceeded(charge):
            return replace(
                state, status=_S if charge.captured else _RCAP, charge=_with_shares(state, charge),
                attempts=_attempt_count(state, charge), next_action=None, last_payment_error=None, approval=None,
                moving=None,
            )  # fmt: skip
        case ChargeFailed(failed, error):
            return replace(
                state, status=_RPM, charge=failed or state.charge, attempts=_attempt_count(state, failed),
                payment_method=None, next_action=None, last_payment_error=error, approval=None,
                mandate=None, mandate_data=None, moving=None,
            )  # fmt: skip
        case ChargePending(charge):
            return replace(
                state, status=_P, charge=charge, attempts=state.attempts + 1, next_action=None, last_payment_error=None,
                pending=None, approval=None, moving=None,
            )  # fmt: skip
        case ChargeWithdrawn(charge):
            return replace(state, charge=charge)
        case AttemptMoved(failed, command):
            return replace(
                state, status=_RC, charge=failed, attempts=_attempt_count(state, failed), route=state.route[1:],
                moving=command, next_action=None, last_payment_error=None, approval=None,
            )  # fmt: skip
        case SettlementAwaited(until):
            return _await_settlement(state, until)
        case _ as never:
            assert_never(never)


def _with_shares(state: PaymentIntent, charge: Charge) -> Charge:
    """With what others get of what it has taken at once; by the rules of before, nobody got anything."""
    return taken_at_once(charge) if state.rules >= SHARING_SINCE else charge


def _attempt_count(state: PaymentIntent, charge: Charge | None) -> int:
    """Attempts, with this one; a charge that was pending has been counted, and so has what the buyer was shown."""
    if outstanding(state):
        return state.attempts
    known = charge is not None and state.charge is not None and state.charge.id == charge.id
    return state.attempts if known else state.attempts + 1


def _await_settlement(state: PaymentIntent, until: int) -> PaymentIntent:
    charge, action = pending_charge(state), state.next_action
    if charge is not None:
        asked = replace(charge, settles_at=until, settlement_checks=charge.settlement_checks + 1)
        return replace(state, charge=asked)
    if action is None or not action.outstanding:
        raise InvariantViolation("a settlement was asked for, and nothing is to be settled")
    return replace(state, next_action=replace(action, check_at=until, tries=action.tries + 1))


def _way_out(state: PaymentIntent, return_url: str | None, use_stripe_sdk: bool) -> str:
    """How the buyer gets to their bank: by Stripe.js for cards, if it asks; other methods always send them away."""
    type_ = method_in_use(state).type
    if type_ == "card":
        return "redirect_to_url" if return_url and not use_stripe_sdk else "use_stripe_sdk"
    return "alipay_handle_redirect" if type_ == "alipay" else "redirect_to_url"


def _wait(state: PaymentIntent, event: OutcomeEvent) -> PaymentIntent:
    """An unknown outcome makes the intent `processing`; that of a refund only the refund, a question's nothing."""
    match event:
        case OutcomeResolved(resolution):
            return replace(state, resolutions=kept(state.resolutions, resolution))
        case ResolutionContradicted(key):
            return replace(state, resolutions=contradicted(state.resolutions, key))
        case OutcomeUnknown(effect, at):
            return replace(_doubt(state, effect), asked_at=at)
        case OutcomeKnown() if quiet(state.pending):
            return replace(state, pending=None, asked_at=None)
        case OutcomeKnown():
            return replace(state, status=before_unknown(state), pending=None, asked_at=None, promised="")
        case _ as never:
            assert_never(never)


def _doubt(state: PaymentIntent, effect: Effect) -> PaymentIntent:
    if quiet(effect):
        return replace(state, pending=effect)
    # Whether the buyer can still pay: if so, they are shown it again.
    recalls = isinstance(effect, Void | MoveFunds) and outstanding(state) is not None
    # Whether what the buyer said is right: if not, they are asked again.
    verifies = isinstance(effect, Authorize) and effect.verification is not None
    action = state.next_action if recalls or verifies else None
    return replace(state, status=_P, pending=effect, next_action=action)


def _move_hold(state: PaymentIntent, event: HoldEvent) -> PaymentIntent:
    charge = held_charge(state)
    match event:
        case CaptureDeclined():
            return replace(state, declined_captures=state.declined_captures + 1)
        case CaptureFailed(amount, reference, code, message):
            gone = replace(
                charge, capture_failed=charge.capture_failed + amount, failure_code=code, failure_message=message,
                capture_failure=reference, modifications={**charge.modifications, reference: 0},
            )  # fmt: skip
            return replace(state, charge=gone)
        case ChargeDisputed(dispute) | DisputeMoved(dispute):
            marked = replace(charge, dispute=dispute.id, charged_back=dispute.withdrawn)
            return replace(state, charge=marked, dispute=dispute if dispute.reference or state.rules >= 2 else None)
        case IncrementDeclined():
            return replace(state, increments=state.increments + 1)
        case ChargeCaptured(amount, final, shares):
            taken = replace(
                charge, amount_captured=charge.amount_captured + amount, captures=charge.captures + bool(amount),
                captured=final, shares=charge.shares or shares,
            )  # fmt: skip
            if state.rules >= SHARING_SINCE:
                taken = shared_out(taken, amount, state.application_fee_amount, state.transfer_data, shares)
            return replace(state, charge=taken, status=_S if final else _RCAP)
        case AuthorizationIncremented(amount):
            over = charge.overcapture_maximum
            most = overcapture_maximum(amount) if over is not None else None
            raised = replace(charge, amount=amount, overcapture_maximum=most)
            return replace(state, charge=raised, amount=amount, increments=state.increments + 1)
        case ReleaseDeclined(again_at):
            kept = replace(charge, release_at=again_at or charge.release_at)
            return replace(state, charge=kept, declined_releases=state.declined_releases + 1)
        case AuthorizationReleased():
            return replace(state, charge=replace(charge, voided=True))
        case _ as never:
            assert_never(never)


def _change(state: PaymentIntent, changes: Changes) -> PaymentIntent:
    rows = {name: row for name, row in ATTRIBUTES.items() if name in changes}
    values: dict[str, Any] = {name: row.merge(getattr(state, name), changes[name]) for name, row in rows.items()}
    return with_automatic_types(replace(state, **values | no_longer_ours(state, values)))


def next_version(state: PaymentIntent, entry: LedgerEntry | None) -> PaymentIntent:
    """The next version, with the command remembered."""
    ledger = with_entry(state.ledger, entry) if entry and entry.command_id else state.ledger
    return replace(state, version=state.version + 1, ledger=ledger)
