"""What a command to a SetupIntent takes (`decide`). Pure. What is legal at all is table.py; here are the rules within.

What the gateway's answer means is conclusions.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from domain.copies import replace
from domain.machine.limits import command_refusal, unreadable
from domain.machine.setups import confirming, resolving, wording
from domain.machine.setups.conclusions import expired
from domain.machine.setups.evolution import LEFT_TO_US, evolve
from domain.machine.setups.limits import too_much_said
from domain.machine.setups.table import TABLE
from domain.methods import microdeposits
from domain.model.commands import (
    ApplyCustomerBalance,
    AuthenticationResult,
    Cancel,
    Capture,
    CheckSettlement,
    CloseDispute,
    Command,
    Confirm,
    ExpireAction,
    ExpireAuthorization,
    ExpireDispute,
    IncrementAuthorization,
    ModificationResult,
    RefundCharge,
    RefundResult,
    ReportDispute,
    Update,
    UpdateDispute,
    VerifyMicrodeposits,
)
from domain.model.events import AttributesChanged, IntentCanceled, PaymentError, PaymentMethodSelected
from domain.model.gateways import hop_to
from domain.model.hashes import Changes
from domain.model.next_actions import VERIFY
from domain.model.outcomes import SetUp
from domain.model.payment_methods import PaymentMethod
from domain.model.resolutions import Resolve
from domain.model.setup_attributes import SETUP_ATTRIBUTES, UNSET, setup_attribute_refusal
from domain.model.setup_events import PaymentMethodUnset, SetupBegun, SetupEvent, SetupFailed
from domain.model.setup_intent import SetupIntent, method_to_set_up
from domain.model.shares import ReturnShare
from domain.model.statuses import TERMINAL, Status
from domain.model.wording import busy, too_much_metadata
from domain.refusals import InvariantViolation, Refusal

METADATA_KEYS_MAX = 50
"""Keys an intent has in all. docs.stripe.com/metadata."""

ATTEMPTS_MAX = 100
"""Confirmations that reached the gateway, as of a PaymentIntent."""

DECIDING = frozenset({"payment_method_types", *LEFT_TO_US, "excluded_payment_method_types"})
"""Attributes that decide which types there are to choose from."""

REFUSED: dict[str, Callable[[SetupIntent], Refusal]] = {
    "cancel": wording.cannot_cancel,
    "verify_microdeposits": wording.cannot_verify,
    "authentication_result": wording.cannot_authenticate,
    "expire_action": wording.cannot_authenticate,
    "resolve": lambda _: wording.nothing_unknown(),
}
"""How an empty cell is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupDecision:
    """Yes: `events` hold at once, then `effect` is asked of the gateway; without one, `error` is told, if any."""

    events: tuple[SetupEvent, ...] = ()
    effect: SetUp | None = None
    error: PaymentError | None = None


def decide(state: SetupIntent, command: Command, now: int) -> SetupDecision | Refusal:
    """Say whether `command` is legal now and what it takes. Never changes anything."""
    refusal = unreadable(command) or command_refusal(command)
    decision = refusal or _decide(state, command, now)
    if isinstance(decision, Refusal) or not isinstance(command, Update | Confirm):
        return decision
    after = evolve(state, decision.events, check_table=False)
    return too_much_said(state, after, decision.effect) or decision


def _decide(state: SetupIntent, command: Command, now: int) -> SetupDecision | Refusal:
    cells = TABLE[state.status]
    if command.name not in cells:
        return Refusal(code="parameter_unknown", message=f"A SetupIntent has no command {command.name}.")
    if state.pending and not isinstance(command, Update | Resolve):
        return busy()
    if isinstance(command, Confirm):
        return _decide_confirm(state, command, now)
    if not cells[command.name]:
        return REFUSED[command.name](state)
    match command:
        case Update():
            return _decide_update(state, command)
        case Cancel():
            return SetupDecision(events=(IntentCanceled(command.cancellation_reason, now),))
        case AuthenticationResult():
            return _decide_authentication(state, command)
        case VerifyMicrodeposits():
            return _decide_verification(state, command)
        case ExpireAction():
            return _decide_expiry(state, now)
        case Resolve():
            return _decide_word(state, command, now)
        case (
            Capture() | IncrementAuthorization() | ApplyCustomerBalance() | RefundCharge() | RefundResult()
            | ReportDispute() | UpdateDispute() | CloseDispute() | ExpireDispute() | ExpireAuthorization()
            | CheckSettlement() | ModificationResult() | ReturnShare()
        ):  # fmt: skip
            raise InvariantViolation(f"{command.name} is about money, and a setup moves none")
        case _ as never:
            assert_never(never)


def _decide_word(state: SetupIntent, command: Resolve, now: int) -> SetupDecision | Refusal:
    said = resolving.resolve(state, command, now)
    return said if isinstance(said, Refusal) else SetupDecision(events=said)


def _decide_update(state: SetupIntent, command: Update) -> SetupDecision | Refusal:
    refusal = _changes_refusal(state, command.changes, command.payment_method)
    return refusal or SetupDecision(events=_change_events(state, command.changes, command.payment_method))


def _decide_confirm(state: SetupIntent, command: Confirm, now: int) -> SetupDecision | Refusal:
    """Parameters first, then whose the method is, that there is one, and only then the status: as live Stripe does."""
    said, method = command.changes, command.payment_method
    events = _change_events(state, said, method) if state.status not in TERMINAL else ()
    refusal = _attributes_refusal(said)
    if refusal:
        return refusal
    after = evolve(state, events, check_table=False)
    if refusal := confirming.method_refusal(after):
        return refusal
    if (after.payment_method or method) is None:
        return wording.missing_payment_method()
    if not TABLE[state.status][command.name]:
        return wording.cannot_confirm(state)
    if state.attempts >= ATTEMPTS_MAX:
        return wording.too_many_attempts(ATTEMPTS_MAX)
    refusal = _changes_refusal(state, said, method) or confirming.refusal(after, command)
    if refusal:
        return refusal
    begun = SetupBegun(confirming.attempt(after, now))
    return SetupDecision(events=(*events, begun), effect=confirming.setup(after, state.attempts + 1, command))


def _changes_refusal(state: SetupIntent, changes: Changes, method: PaymentMethod | None) -> Refusal | None:
    settled = [name for name in changes if name not in SETUP_ATTRIBUTES or not SETUP_ATTRIBUTES[name].always]
    if state.status in (*TERMINAL, Status.PROCESSING) and (method or settled):
        return wording.cannot_update(state)
    if refusal := _attributes_refusal(changes):
        return refusal
    after = evolve(state, _change_events(state, changes, method), check_table=False)
    if len(after.metadata) > METADATA_KEYS_MAX:
        return too_much_metadata(METADATA_KEYS_MAX)
    if DECIDING & changes.keys() and (refusal := confirming.types_refusal(after)):
        return refusal
    choosing = method is not None or any(one.chooses for name, one in SETUP_ATTRIBUTES.items() if name in changes)
    return confirming.method_refusal(after) if choosing and state.status not in TERMINAL else None


def _attributes_refusal(changes: Changes) -> Refusal | None:
    return next((found for name, value in changes.items() if (found := setup_attribute_refusal(name, value))), None)


def _change_events(state: SetupIntent, changes: Changes, method: PaymentMethod | None) -> tuple[SetupEvent, ...]:
    attributes = {name: value for name, value in changes.items() if name != UNSET}
    attributes |= _consent_ends(state, changes, method)
    events: list[SetupEvent] = [AttributesChanged(attributes)] if attributes else []
    if method is not None:
        events.append(PaymentMethodSelected(method))
    elif UNSET in changes and state.payment_method is not None:
        events.append(PaymentMethodUnset())
    return tuple(events)


def _consent_ends(state: SetupIntent, changes: Changes, method: PaymentMethod | None) -> Changes:
    """What is no longer consented to, if it is another account: its owner is asked anew. As with payments."""
    known = state.payment_method
    if state.rules < 2 or known is None or not state.mandate_data or "mandate_data" in changes:
        return {}
    other = method.id != known.id if method is not None else UNSET in changes
    return {"mandate_data": None} if other else {}


def _decide_authentication(state: SetupIntent, command: AuthenticationResult) -> SetupDecision | Refusal:
    action = state.next_action
    if action is None or action.type == VERIFY or action.authentication != command.authentication:
        return wording.cannot_authenticate(state)
    if not command.authenticated:
        return SetupDecision(events=(SetupFailed(wording.not_authenticated(method_to_set_up(state))),))
    sdk = action.type == "use_stripe_sdk"
    again = Confirm(return_url=action.return_url, use_stripe_sdk=sdk, route=(hop_to(action),))
    return SetupDecision(effect=confirming.setup(state, state.attempts, again, authentication=action.authentication))


def _decide_verification(state: SetupIntent, command: VerifyMicrodeposits) -> SetupDecision | Refusal:
    action = state.next_action
    if action is None or action.type != VERIFY:
        return wording.cannot_verify(state)
    refusal = microdeposits.said_refusal(action, command, "SetupIntent")
    if refusal:
        return refusal
    code = command.descriptor_code
    effect = confirming.setup(state, state.attempts, Confirm(route=(hop_to(action),)))
    return SetupDecision(
        effect=replace(
            effect,
            key=f"{effect.key}/verify/{action.tries + 1}",
            verification=action.authentication,
            amounts=command.amounts,
            descriptor_code=code.upper() if code else None,
        )
    )


def _decide_expiry(state: SetupIntent, now: int) -> SetupDecision | Refusal:
    action = state.next_action
    if action is None or action.expires_at is None or now < action.expires_at:
        return wording.cannot_authenticate(state)
    return SetupDecision(events=(expired(state),))
