"""How facts change a SetupIntent. `evolve` is the only way a state comes about; it checks the invariants."""

from collections.abc import Iterable

from domain.copies import replace
from domain.methods.families import OPENS_AN_APP, REUSABLE, TYPES, Family
from domain.methods.offered import USUAL, in_order
from domain.model.events import (
    AttributesChanged,
    IntentCanceled,
    MandateAccepted,
    MicrodepositsMismatched,
    OutcomeKnown,
    OutcomeResolved,
    PaymentMethodSaved,
    PaymentMethodSelected,
    VerificationRequested,
)
from domain.model.hashes import Changes
from domain.model.next_actions import VERIFY, NextAction
from domain.model.payment_methods import PaymentMethod
from domain.model.resolutions import kept
from domain.model.setup_attributes import SETUP_ATTRIBUTES
from domain.model.setup_events import (
    DebitKept,
    PaymentMethodUnset,
    SetupActionRequired,
    SetupBegun,
    SetupEvent,
    SetupFailed,
    SetupSucceeded,
    SetupUnknown,
)
from domain.model.setup_intent import (
    ABANDONED,
    ACTING,
    DONE,
    OPEN_ATTEMPT,
    WORKING,
    SetupAttempt,
    SetupIntent,
    method_to_set_up,
    open_attempt,
)
from domain.model.statuses import TERMINAL, Status
from domain.refusals import InvariantViolation, check

_RPM, _RC, _RA, _P, _S, _X = (
    Status.REQUIRES_PAYMENT_METHOD, Status.REQUIRES_CONFIRMATION, Status.REQUIRES_ACTION, Status.PROCESSING,
    Status.SUCCEEDED, Status.CANCELED,
)  # fmt: skip

LEFT_TO_US = ("allowed_payment_method_types", "automatic_payment_methods", "configuration_parent", "offered_types",
              "payment_method_configuration")  # fmt: skip
"""What says of an intent, each in its way, that we find the types that fit."""


def evolve(state: SetupIntent, events: Iterable[SetupEvent], *, check_table: bool = True) -> SetupIntent:
    """Apply facts, in order. `check_table` is off only where a state is tried out and thrown away."""
    after = state
    for event in events:
        after = _apply(after, event)
    if check_table:
        _check_invariants(state, after)
    return after


def _apply(state: SetupIntent, event: SetupEvent) -> SetupIntent:
    match event:
        case AttributesChanged(changes):
            return with_automatic_types(_change(state, changes))
        case PaymentMethodSelected(method):
            chosen = replace(state, payment_method=method, status=_RC, next_action=None, last_setup_error=None)
            return _without_waiting(chosen)
        case PaymentMethodUnset():
            return _without_waiting(replace(state, payment_method=None, status=_RPM, next_action=None))
        case PaymentMethodSaved(customer):
            return replace(state, payment_method=replace(method_to_set_up(state), customer=customer))
        case MandateAccepted(mandate):
            return _consented(state, mandate.id, single=mandate.amount is not None)
        case IntentCanceled(reason, _):
            return _without_waiting(replace(state, status=_X, cancellation_reason=reason, next_action=None))
        case SetupUnknown(effect):
            # Whether what the buyer said was deposited is right: if not, they are asked again.
            action = state.next_action if effect.verification else None
            return replace(state, status=_P, pending=effect, next_action=action)
        case OutcomeResolved(resolution):
            return replace(state, resolutions=kept(state.resolutions, resolution))
        case OutcomeKnown():
            return replace(state, status=_RA if state.next_action else _RC, pending=None)
        case SetupActionRequired() | VerificationRequested() | MicrodepositsMismatched():
            return _act(state, event)
        case SetupBegun() | SetupSucceeded() | SetupFailed() | DebitKept():
            return _attempt(state, event)


def _attempt(state: SetupIntent, event: SetupBegun | SetupSucceeded | SetupFailed | DebitKept) -> SetupIntent:
    match event:
        case SetupBegun(attempt):
            return replace(state, attempt=attempt, attempts=state.attempts + 1, last_setup_error=None)
        case DebitKept(kept):
            return replace(state, attempt=replace(open_attempt(state), generated=kept.id))
        case SetupSucceeded(checks, three_d_secure):
            method = checked(method_to_set_up(state), checks)
            done = replace(
                open_attempt(state), status=DONE, payment_method=method, checks=checks, three_d_secure=three_d_secure
            )
            return replace(
                state, status=_S, payment_method=method, attempt=done, next_action=None, last_setup_error=None
            )
        case SetupFailed(error, status, checks):
            ended = replace(open_attempt(state), status=status, error=error, checks=checks)
            return replace(
                state, status=_RPM, payment_method=None, attempt=ended, next_action=None, last_setup_error=error,
                mandate_data=None,
            )  # fmt: skip


def _act(
    state: SetupIntent, event: SetupActionRequired | VerificationRequested | MicrodepositsMismatched
) -> SetupIntent:
    match event:
        case SetupActionRequired(authentication, return_url, use_stripe_sdk, expires_at, at):
            action = NextAction(
                type=way_out(method_to_set_up(state).type, return_url, use_stripe_sdk),
                authentication=authentication.authentication,
                url=authentication.url,
                return_url=return_url,
                expires_at=expires_at,
                gateway=at.gateway,
                patience=at.patience,
            )
            return _acting(replace(state, return_url=return_url), action)
        case VerificationRequested(verification, expires_at, at):
            action = NextAction(
                type=VERIFY,
                authentication=verification.verification,
                url=verification.url,
                microdeposit_type=verification.microdeposit_type,
                arrival_date=verification.arrival_date,
                expires_at=expires_at,
                gateway=at.gateway,
                patience=at.patience,
            )
            return _acting(state, action)
        case MicrodepositsMismatched():
            if state.next_action is None:
                raise InvariantViolation("microdeposits did not match, and none were asked for")
            again = replace(state.next_action, tries=state.next_action.tries + 1)
            return _acting(state, again)


def _acting(state: SetupIntent, action: NextAction) -> SetupIntent:
    waits = replace(open_attempt(state), status=ACTING)
    return replace(
        state, status=_RA, next_action=action, attempt=waits, authentication=action.authentication,
        last_setup_error=None,
    )  # fmt: skip


def _without_waiting(state: SetupIntent) -> SetupIntent:
    """What waited for its buyer does so no longer."""
    if state.attempt is None or state.attempt.status not in OPEN_ATTEMPT:
        return state
    return replace(state, attempt=replace(state.attempt, status=ABANDONED))


def _consented(state: SetupIntent, mandate: str, *, single: bool) -> SetupIntent:
    attempt = state.attempt
    if attempt is not None and attempt.generated is not None:
        attempt = replace(attempt, generated_mandate=mandate)
    if single:
        return replace(state, attempt=attempt, single_use_mandate=mandate)
    return replace(state, attempt=attempt, mandate=mandate)


def way_out(type_: str, return_url: str | None, use_stripe_sdk: bool) -> str:
    """How the buyer gets to their bank: by Stripe.js for cards, if it asks; other methods always send them away."""
    if type_ == "card":
        return "redirect_to_url" if return_url and not use_stripe_sdk else "use_stripe_sdk"
    return TYPES[type_].next_action if type_ in ("cashapp", "blik") else "redirect_to_url"


def checked(method: PaymentMethod, checks: dict[str, str | None]) -> PaymentMethod:
    """The method with what its bank has made of what there was to check."""
    card = method.card
    if card is None:
        return method

    def after(name: str, before: str | None) -> str | None:
        return checks.get(name) or before if before == "unchecked" else before

    known = replace(
        card,
        cvc_check=after("cvc_check", card.cvc_check),
        address_line1_check=after("address_line1_check", card.address_line1_check),
        address_postal_code_check=after("address_postal_code_check", card.address_postal_code_check),
    )
    return replace(method, card=known)


def _change(state: SetupIntent, changes: Changes) -> SetupIntent:
    merged = {
        name: SETUP_ATTRIBUTES[name].merge(getattr(state, name), value)
        for name, value in changes.items()
        if name in SETUP_ATTRIBUTES
    }
    return replace(state, **merged | _no_longer_ours(changes))


def _no_longer_ours(changes: Changes) -> dict[str, None]:
    """What ends where the merchant names the types himself: that they are left to us, and what he allowed before."""
    allows = changes.get("allowed_payment_method_types") is not None
    return {} if allows or changes.get("payment_method_types") is None else dict.fromkeys(LEFT_TO_US)


def with_automatic_types(state: SetupIntent) -> SetupIntent:
    """The intent with the types that can be kept, where they are left to us, or the merchant says which may be taken.

    No currency plays a part.
    """
    automatic, allowed = state.automatic_payment_methods or {}, state.allowed_payment_method_types
    if allowed is None and not automatic.get("enabled"):
        return state
    away = automatic.get("allow_redirects", "always") == "always"
    excluded = state.excluded_payment_method_types or ()
    usual = USUAL if state.payment_method_configuration else in_order(TYPES)
    offered = next(types for types in (allowed, state.offered_types, usual) if types is not None)

    def fits(name: str) -> bool:
        goes_away = TYPES[name].family is Family.REDIRECT or name in OPENS_AN_APP
        return name in REUSABLE and name not in excluded and (away or not goes_away)

    return replace(state, payment_method_types=tuple(name for name in offered if name in TYPES and fits(name)))


def _check_invariants(before: SetupIntent, after: SetupIntent) -> None:
    check(before.status not in TERMINAL or after.status == before.status, "a terminal status is terminal")
    check((after.pending is not None) == (after.status == _P), "processing means that an outcome is unknown")
    check(after.status != _RA or after.next_action is not None, "requires_action means that there is an action")
    check(after.status != _S or after.payment_method is not None, "succeeded means that a method was set up")
    check(after.status != _S or _ended(after.attempt) == DONE, "succeeded means that the latest attempt did")
    working = after.attempt is not None and after.attempt.status == WORKING
    check(not working or after.status == _P, "an attempt is under way only while its outcome is unknown")


def _ended(attempt: SetupAttempt | None) -> str | None:
    return attempt.status if attempt else None
