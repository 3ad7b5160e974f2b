"""Changes of attributes: which of them a command may bring, and what the intent must be like afterwards.

Which attributes there are is model/attributes.py.
"""

from domain.copies import replace
from domain.machine import (
    confirmation,
    connect,
)
from domain.machine.evolution import evolve
from domain.model import wording
from domain.model.attributes import (
    ALWAYS_UPDATABLE,
    CHOOSING,
    OPEN_TO_CHANGE,
    SHARING,
    WITH_MONEY_HELD,
    attribute_refusal,
    unknown_attribute,
)
from domain.model.commands import Confirm, Update
from domain.model.events import (
    AttributesChanged,
    Event,
    PaymentMethodSelected,
)
from domain.model.hashes import Changes
from domain.model.payment_intent import PaymentIntent, future_usage
from domain.model.payment_methods import PaymentMethod
from domain.money import amounts
from domain.money.currencies import amount_refusal, currency_refusal
from domain.refusals import Refusal

METADATA_KEYS_MAX = 50
"""Keys an intent has in all, however many requests they came in. docs.stripe.com/metadata."""


def changes_refusal(state: PaymentIntent, changes: Changes, method: PaymentMethod | None) -> Refusal | None:
    """Refuse what may not change now, or would leave an intent that cannot be."""
    if state.status not in OPEN_TO_CHANGE:
        settled = [name for name in changes if name not in ALWAYS_UPDATABLE]
        if method or settled:
            return wording.cannot_update(state, settled[0] if settled else "payment_method")
    refusal: Refusal | None = None
    for name, value in changes.items():
        refusal = refusal or attribute_refusal(name, value, rules=state.rules)
    if refusal:
        return refusal
    after = evolve(state, change_events(state, changes, method), check_table=False)
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


def held_changes_refusal(state: PaymentIntent, changes: Changes, amount: int) -> Refusal | None:
    """Refuse what cannot change while money is held; `amount` is what the details must add up to."""
    for name, value in changes.items():
        known = name in WITH_MONEY_HELD
        refusal = attribute_refusal(name, value, rules=state.rules) if known else unknown_attribute(name)
        if refusal:
            return refusal
    after = evolve(state, change_events(state, changes, None), check_table=False)
    if len(after.metadata) > METADATA_KEYS_MAX:
        return wording.too_much_metadata(METADATA_KEYS_MAX)
    if state.rules and changes.keys() & SHARING and (refusal := connect.refusal(replace(after, amount=amount))):
        return refusal
    return amounts.refusal(after.amount_details, amount) if "amount_details" in changes else None


def change_events(state: PaymentIntent, changes: Changes, method: PaymentMethod | None) -> tuple[Event, ...]:
    """The facts that these changes are."""
    changes = changes | consent_ends(state, changes, method)
    events: list[Event] = [AttributesChanged(changes)] if changes else []
    return (*events, PaymentMethodSelected(method)) if method else tuple(events)


def command_changes(state: PaymentIntent, command: Update | Confirm) -> tuple[Event, ...]:
    """The facts that a command's own changes are."""
    return change_events(state, command.changes, command.payment_method)


CONSENT = ("mandate", "mandate_data")


def consent_ends(state: PaymentIntent, changes: Changes, method: PaymentMethod | None) -> Changes:
    """What is no longer consented to, if it is another amount, currency or method: the payer is asked anew.

    So they are if the method is to be charged again without them, of which nobody had told them.
    """
    if state.rules < 2 or not (state.mandate or state.mandate_data) or changes.keys() & set(CONSENT):
        return {}
    other = any(changes.get(name, getattr(state, name)) != getattr(state, name) for name in ("amount", "currency"))
    known = state.payment_method
    other = other or (method is not None and known is not None and method.id != known.id)
    other = other or (_kept_for_later(changes, known) and future_usage(state) != "off_session")
    return {name: None for name in CONSENT if getattr(state, name)} if other else {}


def _kept_for_later(changes: Changes, method: PaymentMethod | None) -> bool:
    """Whether they say that the method is to be charged again without its payer: of all types, or of its own."""
    options = changes.get("payment_method_options")
    own = options.get(method.type) if isinstance(options, dict) and method else None
    said = (changes, own if isinstance(own, dict) else {})
    return any(one.get("setup_future_usage") == "off_session" for one in said)
