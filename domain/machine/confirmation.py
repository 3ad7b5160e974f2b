"""Confirming: whether it may be done, and what it asks of the gateway."""

from domain.machine.evolution import evolve
from domain.methods import refusing
from domain.methods.registry import family_of, type_refusal
from domain.model import wording
from domain.model.commands import Confirm
from domain.model.events import AttributesChanged, Event, PaymentMethodSelected, RouteChosen
from domain.model.gateways import first_hop
from domain.model.hashes import Changes
from domain.model.payment_intent import PaymentIntent, future_usage
from domain.model.payment_methods import PaymentMethod
from domain.refusals import Refusal


def payment_method_refusal(state: PaymentIntent) -> Refusal | None:
    """Refuse a payment method that this intent cannot use: of another customer, used up, or of a type not accepted."""
    method = state.payment_method
    if method is None:
        return None
    if method.consumed:
        return wording.payment_method_consumed()
    if method.customer and not state.customer:
        return wording.payment_method_of_another(method.id, method.customer)
    if method.customer and method.customer != state.customer:
        return wording.payment_method_not_of_customer(method.id, state.customer)
    if method.type not in state.payment_method_types or method.type in (state.excluded_payment_method_types or ()):
        return wording.payment_method_type_not_accepted(method.type, state.payment_method_types)
    return None


def refusal(state: PaymentIntent, command: Confirm, now: int) -> Refusal | None:
    """Refuse to confirm: something is missing, or the method cannot do what is asked of it."""
    if command.publishable and state.confirmation_method == "manual":
        return Refusal(
            code=wording.INVALID_PARAMETER,
            message="This PaymentIntent has confirmation_method=manual, so it can only be confirmed with a secret key.",
        )
    left_to_us = _left_to_us_refusal(state, command)
    if left_to_us and state.rules:
        # Whatever it is to be paid with, as live Stripe has it.
        return left_to_us
    if state.payment_method is None:
        return wording.missing_payment_method(state)
    if left_to_us:
        return left_to_us
    if command.amount_to_confirm not in (None, state.amount):
        return amount_differs(state)
    if state.statement_descriptor and state.payment_method.type == "card":
        return wording.descriptor_not_for_cards()
    refused = payment_method_refusal(state) or type_refusal(state) or _unknown_refusal(state, state.payment_method)
    return refused or family_of(state.payment_method.type).may_confirm(state, command, now)


def amount_differs(state: PaymentIntent) -> Refusal:
    """The caller wants another amount confirmed than it is."""
    return Refusal(
        code=wording.INVALID_PARAMETER,
        message=f"The amount_to_confirm does not match the PaymentIntent's amount of {state.amount}.",
        param="amount_to_confirm",
    )


def route_chosen(state: PaymentIntent, command: Confirm) -> tuple[Event, ...]:
    """The fact that the payment is tried elsewhere than before; a command that says nothing changes nothing."""
    if not command.route or (command.route, command.routing) == (state.route, state.routing):
        return ()
    return (RouteChosen(command.route, command.routing),)


def _unknown_refusal(state: PaymentIntent, method: PaymentMethod) -> Refusal | None:
    """Refuse a method that was never told to the gateway where the next attempt is made: it has nothing to charge."""
    gateway = first_hop(state.route).gateway
    if not gateway or state.approval is not None or method.token_at(gateway) is not None:
        return None
    text = (
        f"The PaymentMethod {method.id} is not known to the gateway {gateway}: it was collected before, or elsewhere."
    )
    return Refusal(code=wording.INVALID_PARAMETER, param="payment_method", message=text)


def _left_to_us_refusal(state: PaymentIntent, command: Confirm) -> Refusal | None:
    """Refuse what does not go with types that are left to us: a buyer who cannot come back, and no action at all.

    Nobody is sent away who is not there: since rules are counted, `off_session` needs no way back.
    """
    automatic = state.automatic_payment_methods or {}
    if not automatic.get("enabled"):
        return None
    if state.rules and command.error_on_requires_action:
        return refusing.no_errors_on_action()
    away = automatic.get("allow_redirects", "always") == "always" and not (state.rules and command.off_session)
    return refusing.return_url_required() if away and not (command.return_url or command.use_stripe_sdk) else None


def usage_refusal(state: PaymentIntent, command: Confirm) -> Refusal | None:
    """Refuse to keep a method for what may not be: while its owner is away, or for less than the merchant has said."""
    if not (command.off_session or command.publishable):
        return None
    said: list[Event] = [AttributesChanged(command.changes)] if command.changes else []
    if command.payment_method:
        said.append(PaymentMethodSelected(command.payment_method))
    return _away(evolve(state, said, check_table=False), command) or lowered_usage(state, command)


def _away(state: PaymentIntent, command: Confirm) -> Refusal | None:
    """Refuse to set a method up for later while the buyer is not there to do so."""
    if not command.off_session or future_usage(state) not in ("on_session", "off_session"):
        return None
    text = (
        "You cannot confirm with the `off_session` parameter when `setup_future_usage` is also set on the "
        "PaymentIntent because you cannot set up future usages when processing payments off-session."
    )
    return Refusal(param="off_session", message=text)


def lowered_usage(state: PaymentIntent, command: Confirm) -> Refusal | None:
    """Refuse that a browser takes back what the merchant wants to keep the method for: it may only ask for more.

    For all types, or for one: what is said of a type has the last word.
    """
    if not command.publishable:
        return None
    usage = "setup_future_usage"
    if usage in command.changes and not _raised(state.setup_future_usage, command.changes[usage]):
        return _lowered(state.setup_future_usage, usage)
    after = evolve(state, [AttributesChanged(command.changes)], check_table=False)
    for type_, options in (command.changes.get("payment_method_options") or {}).items():
        if (options is None or usage in options) and not _raised(
            future_usage(state, type_), future_usage(after, type_)
        ):
            return _lowered(future_usage(state, type_), f"payment_method_options[{type_}][{usage}]")
    return None


def _raised(before: str | None, after: str | None) -> bool:
    return before in (None, after) or (before, after) == ("on_session", "off_session")


def _lowered(before: str | None, param: str) -> Refusal:
    text = (
        f"This PaymentIntent has setup_future_usage={before}, which was set with a secret API key. With a publishable "
        "one it can only be raised."
    )
    return Refusal(code=wording.INVALID_PARAMETER, param=param, message=text)


def customer_refusal(state: PaymentIntent, changes: Changes) -> Refusal | None:
    """Refuse that somebody else pays: whose payment it is, is settled once it was said."""
    for name in ("customer", "customer_account"):
        before = getattr(state, name)
        if before is not None and name in changes and changes[name] != before:
            text = (
                f"You cannot modify `{name}` on a PaymentIntent once it already has been set. To fulfill a payment "
                "with a different Customer, cancel this PaymentIntent and create a new one."
            )
            return Refusal(code=wording.UNEXPECTED_STATE, param=name, message=text)
    return None
