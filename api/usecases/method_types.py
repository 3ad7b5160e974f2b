"""Which payment method types an intent takes, from a request's parameters: named, allowed, or left to us.

Three ways, and never two of them: `payment_method_types` names them; `allowed_payment_method_types` says which may be
taken, if they fit; or a payment method configuration decides, without what `excluded_payment_method_types` says.
"""

from typing import Any

from api.dialect.call import Call
from api.dialect.errors import StripeError, invalid_request, missing
from domain.methods.offered import Configuration
from domain.model.hashes import JsonObject
from records import payment_method_configurations as configurations

NAMED, ALLOWED, EXCLUDED = "payment_method_types", "allowed_payment_method_types", "excluded_payment_method_types"
CONFIGURATION, AUTOMATIC = "payment_method_configuration", "automatic_payment_methods"

EXCLUSIVE = {ALLOWED: (NAMED, EXCLUDED, AUTOMATIC, CONFIGURATION), NAMED: (AUTOMATIC, CONFIGURATION)}
"""What cannot be said together with each. For the first: docs.stripe.com/changelog/dahlia/2026-07-29/
allowed-payment-method-types-parameter."""


async def of_new(call: Call, given: Any) -> JsonObject:
    """What a new intent's types come of, as its attributes.

    Raises:
        StripeError: what was said does not go together, or not in this version, or names what is not there.
    """
    lists, automatic = named(given), given.automatic_payment_methods
    enabled = automatic is not None and automatic.enabled
    by_default = automatic is None and NAMED not in lists and ALLOWED not in lists
    attributes: JsonObject = {**lists, AUTOMATIC: automatic.model_dump() if automatic else None}
    if not (enabled or by_default or given.payment_method_configuration is not None):
        return attributes
    chosen = await configuration(call, given.payment_method_configuration)
    return {
        **attributes,
        AUTOMATIC: attributes[AUTOMATIC] if enabled else {"allow_redirects": "always", "enabled": True},
        CONFIGURATION: chosen.id,
        "offered_types": chosen.offered,
        "configuration_parent": chosen.parent,
    }


async def changes(call: Call, given: Any) -> JsonObject:
    """What a command changes of it; None clears.

    Raises:
        StripeError: as for a new one.
    """
    changed: JsonObject = {name: types and list(types) for name, types in named(given).items()}
    id_ = getattr(given, CONFIGURATION, None)
    if id_ is not None:
        chosen = await configuration(call, id_)
        offered = None if chosen.offered is None else list(chosen.offered)
        changed |= {CONFIGURATION: id_, "configuration_parent": chosen.parent, "offered_types": offered}
    return changed


def named(given: Any) -> dict[str, tuple[str, ...] | None]:
    """The lists of types that were sent. What is allowed is also taken as named, by who knows of nothing else."""
    sent = {name: getattr(given, name, None) for name in (NAMED, ALLOWED, EXCLUDED) if name in given.model_fields_set}
    _check_exclusive(given)
    types = {name: None if value is None else tuple(value) for name, value in sent.items()}
    if types.get(ALLOWED) is not None:
        types[NAMED] = types[ALLOWED]
    if types.get(NAMED) == ():
        raise invalid_request(
            "At least one payment method type is needed.", param=ALLOWED if ALLOWED in sent else NAMED
        )
    both = set(types.get(NAMED) or ()) & set(types.get(EXCLUDED) or ())
    if both:
        text = f"A payment method type cannot be both allowed and excluded: {', '.join(sorted(both))}."
        raise invalid_request(text, param=EXCLUDED)
    return types


def _check_exclusive(given: Any) -> None:
    for name, others in EXCLUSIVE.items():
        for other in others:
            if _said(given, name) and _said(given, other):
                raise _exclusive(name, other)


def _said(given: Any, name: str) -> bool:
    """Whether it was sent and says something: types that are not left to us may be named."""
    value = getattr(given, name, None)
    return value is not None and (name != AUTOMATIC or value.enabled)


def _exclusive(*names: str) -> StripeError:
    first, second = sorted(names)
    text = f"You may only specify one of these parameters: {first}, {second}."
    return invalid_request(text, code="parameters_exclusive", param=first)


async def configuration(call: Call, id_: str | None) -> Configuration:
    """The configuration that was named, or the account's own.

    Raises:
        StripeError: there is no such configuration, or it is not in use.
    """
    services = call.services
    if id_ is None:
        return await services.offers.of(services.database, call.scope, call.now)
    found = await configurations.load(services.database, call.scope, id_)
    if found is None:
        raise missing("payment_method_configuration", id_, CONFIGURATION, in_path=False)
    if not found.active:
        text = f"The payment method configuration {id_} is not active."
        raise invalid_request(text, param=CONFIGURATION)
    return found
