"""What goes together: types, currency, amount, capture and later use; and a debit with its payer's consent.

`decide` asks here last of all.
"""

from domain.machine.changes import command_changes
from domain.machine.evolution import evolve
from domain.methods import refusing
from domain.methods.eligibility import types_left_to_us
from domain.methods.families import CONSENTED, CONSENTED_IF_KEPT, REUSABLE, TYPES, MethodType
from domain.model import wording
from domain.model.commands import Confirm, Update
from domain.model.payment_intent import PaymentIntent, future_usage
from domain.money.currencies import CURRENCIES
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
    changed, moved = command.changes.keys() & DECIDING, "amount" in command.changes
    if not confirmed and not changed and not moved:
        return None
    after = evolve(state, command_changes(state, command), check_table=False)
    refused = types_refusal(after) if changed else _amount_refusal(after, _listed(after)) if moved else None
    return refused or (_confirmed_refusal(after) if confirmed else None)


def types_refusal(state: PaymentIntent) -> Refusal | None:
    """Refuse types that the intent lists and could never be paid with as it is. Types left to us were chosen to fit.

    But there must be one.
    """
    chosen = types_left_to_us(state)
    if chosen is not None:
        return refusing.no_type_fits() if state.rules and not chosen else None
    listed = _listed(state)
    foreign = [name for name, type_ in listed.items() if type_.currencies and state.currency not in type_.currencies]
    if foreign:
        return wording.currency_not_of_types(foreign, state.currency)
    at_once = [name for name, type_ in listed.items() if not type_.manual_capture]
    if at_once and state.capture_method == "manual":
        return wording.manual_capture_not_of_types(at_once)
    single = [name for name in listed if name not in REUSABLE and kept(state, name)]
    return wording.types_not_kept(single) if single else _amount_refusal(state, listed)


def _listed(state: PaymentIntent) -> dict[str, MethodType]:
    if types_left_to_us(state) is not None:
        return {}
    excluded = state.excluded_payment_method_types or ()
    return {name: TYPES[name] for name in state.payment_method_types if name in TYPES and name not in excluded}


def _amount_refusal(state: PaymentIntent, types: dict[str, MethodType]) -> Refusal | None:
    """Refuse an amount that is less or more than one of the types can be paid with."""
    money = CURRENCIES[state.currency]
    for type_ in types.values():
        if state.amount < type_.least:
            text = f"Amount must be at least {money.format(type_.least)} {money.code}"
            return Refusal(code="amount_too_small", message=text, param="amount")
        if type_.most is not None and state.amount > type_.most:
            text = f"Amount must be no more than {money.format(type_.most)} {money.code}"
            return Refusal(code="amount_too_large", message=text, param="amount")
    return None


def kept(state: PaymentIntent, type_: str) -> bool:
    """Whether a method of this type is to be kept for later: what is said of the type wins."""
    return future_usage(state, type_) in ("on_session", "off_session")


def needs_consent(state: PaymentIntent, type_: str) -> bool:
    """Whether the intent can only be confirmed with a method of this type under a mandate."""
    return type_ in CONSENTED or (type_ in CONSENTED_IF_KEPT and kept(state, type_))


def _confirmed_refusal(state: PaymentIntent) -> Refusal | None:
    method = state.payment_method
    if method is None:
        return None
    refused = _amount_refusal(state, {method.type: TYPES[method.type]}) if method.type in TYPES else None
    if refused or state.mandate or state.mandate_data or not needs_consent(state, method.type):
        return refused
    return wording.consent_needed()
