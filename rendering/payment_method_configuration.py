"""PaymentMethodConfiguration: Stripe's `payment_method_configuration` object."""

from domain.methods.offered import CONFIGURABLE, ON, Configuration
from domain.model.hashes import JsonObject
from rendering.printing import in_order
from rendering.schema_words import BOOLEAN, STRING, TEXT, hash_with, nullable, object_of, words

_SWITCH = hash_with(
    available=BOOLEAN,
    display_preference=hash_with(
        overridable=nullable(BOOLEAN), preference=words("none", "off", "on"), value=words("off", "on")
    ),
)

SCHEMA = object_of(
    "payment_method_configuration",
    active=BOOLEAN,
    application=TEXT,
    is_default=BOOLEAN,
    livemode=BOOLEAN,
    name=STRING,
    parent=TEXT,
    **dict.fromkeys(CONFIGURABLE, _SWITCH),
)


def render(configuration: Configuration) -> JsonObject:
    """The object, with a hash for everything that can be turned on."""
    rendered = {
        "id": configuration.id,
        "object": "payment_method_configuration",
        "active": configuration.active,
        "application": None,
        "is_default": configuration.is_default,
        "livemode": configuration.livemode,
        "name": configuration.name,
        "parent": configuration.parent,
    }
    switches = {name: _shown(configuration, name) for name in CONFIGURABLE}
    return in_order(rendered, switches)


def _shown(configuration: Configuration, name: str) -> JsonObject:
    """One type: every capability is active here, so what is on is available."""
    value = configuration.value(name)
    return {
        "available": value == ON,
        "display_preference": {
            "overridable": True if configuration.parent else None,
            "preference": configuration.preferences.get(name, value),
            "value": value,
        },
    }
