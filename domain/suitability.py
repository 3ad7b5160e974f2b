"""What goes together: types, currency, capture and later use; and a debit with its payer's consent.

`decide` asks here last of all.
"""

from domain import wording
from domain.commands import Confirm, Update
from domain.events import AttributesChanged, Event, PaymentMethodSelected
from domain.families import CONSENTED, CONSENTED_IF_KEPT, REUSABLE, TYPES
from domain.payment_intent import PaymentIntent, evolve, saved_for
from domain.refusals import Refusal

DECIDING = frozenset(
    {"allowed_payment_method_types", "capture_method", "currency", "excluded_payment_method_types",
     "payment_method_options", "payment_method_types", "setup_future_usage"}
)  # fmt: skip
"""Attributes that decide whether the types go with the rest."""


def refusal(state: PaymentIntent, command: Update | Confirm) -> Refusal | None:
    """Refuse a change after which something does not go together, or a confirmation that lacks consent."""
    method = command.payment_method or state.payment_method
    confirmed = isinstance(command, Confirm) and method is not None and method.type != "card"
    changed = command.changes.keys() & DECIDING
    if not confirmed and not changed:
        return None
    events: list[Event] = [AttributesChanged(command.changes)] if command.changes else []
    if command.payment_method:
        events.append(PaymentMethodSelected(command.payment_method))
    after = evolve(state, events, check_table=False)
    refused = types_refusal(after) if changed else None
    return refused or (_consent_refusal(after) if confirmed else None)


def types_refusal(state: PaymentIntent) -> Refusal | None:
    """Refuse types that the intent lists and could never be paid with as it is. Types left to us were chosen to fit."""
    if (state.automatic_payment_methods or {}).get("enabled"):
        return None
    listed = {
        name: TYPES[name]
        for name in state.payment_method_types
        if name in TYPES and name not in (state.excluded_payment_method_types or ())
    }
    foreign = [name for name, type_ in listed.items() if type_.currencies and state.currency not in type_.currencies]
    if foreign:
        return wording.currency_not_of_types(foreign, state.currency)
    at_once = [name for name, type_ in listed.items() if not type_.manual_capture]
    if at_once and state.capture_method == "manual":
        return wording.manual_capture_not_of_types(at_once)
    single = [name for name in listed if name not in REUSABLE and kept(state, name)]
    return wording.types_not_kept(single) if single else None


def kept(state: PaymentIntent, type_: str) -> bool:
    """Whether a method of this type is to be kept for later: what is said of the type wins."""
    return saved_for(state, type_) in ("on_session", "off_session")


def needs_consent(state: PaymentIntent, type_: str) -> bool:
    """Whether the intent can only be confirmed with a method of this type under a mandate."""
    return type_ in CONSENTED or (type_ in CONSENTED_IF_KEPT and kept(state, type_))


def _consent_refusal(state: PaymentIntent) -> Refusal | None:
    method = state.payment_method
    if method is None or state.mandate or state.mandate_data or not needs_consent(state, method.type):
        return None
    return wording.consent_needed()
