"""Parameters of payment method configurations: a switch for each type."""

from typing import Annotated

from domain.methods.offered import CONFIGURABLE, NONE, OFF, ON
from domain.model.hashes import JsonObject
from parameters.fields import Boolean, Clear, Id, Limited
from parameters.hashes import ListParameters, Parameters, hash_of, model_of, one_of

NAME_MAX = 100

NOT_HERE = ("apple_pay_later", "fr_meal_voucher_conecs")
"""Stripe's parameters have a switch for these, and its object has none: they are taken, and change nothing."""

_SWITCH = hash_of("method_switch", display_preference=hash_of("display_preference", preference=one_of(NONE, OFF, ON)))
_SWITCHES: JsonObject = dict.fromkeys((*CONFIGURABLE, *NOT_HERE), _SWITCH)

Name = Annotated[str, Limited(NAME_MAX)]


class _Create(Parameters):
    name: Name | None = None
    parent: Id | None = None


class _Update(Parameters):
    active: Boolean | None = None
    name: Name | None = None


ConfigurationCreateParameters = model_of("payment_method_configuration_create", _Create, **_SWITCHES)
"""Create a payment method configuration."""

ConfigurationUpdateParameters = model_of("payment_method_configuration_update", _Update, **_SWITCHES)
"""Update one."""


class ConfigurationsListParameters(ListParameters):
    """List payment method configurations."""

    active: Boolean | None = None
    application: Annotated[Id | None, Clear] = None


def preferences(given: Parameters) -> dict[str, str]:
    """What was said, by type."""
    said = given.given(*CONFIGURABLE)
    found = {name: ((switch or {}).get("display_preference") or {}).get("preference") for name, switch in said.items()}
    return {name: preference for name, preference in found.items() if preference is not None}
