"""Attributes of a SetupIntent that may change, one row each, as attributes.py has them for PaymentIntents."""

from typing import Any

from domain.copies import replace
from domain.model.attributes import ATTRIBUTES, Attribute, unknown_attribute
from domain.refusals import Refusal

SETUP_ATTRIBUTES: dict[str, Attribute] = {
    "allowed_payment_method_types": ATTRIBUTES["allowed_payment_method_types"],
    "attach_to_self": Attribute(kind=bool, clearable=False),
    "configuration_parent": ATTRIBUTES["configuration_parent"],
    "customer": replace(ATTRIBUTES["customer"], always=True),
    "customer_account": replace(ATTRIBUTES["customer_account"], always=True),
    "description": ATTRIBUTES["description"],
    "excluded_payment_method_types": ATTRIBUTES["excluded_payment_method_types"],
    "flow_directions": replace(ATTRIBUTES["payment_method_types"], chooses=False),
    "mandate_data": ATTRIBUTES["mandate_data"],
    "metadata": ATTRIBUTES["metadata"],
    "offered_types": ATTRIBUTES["offered_types"],
    "payment_method_configuration": ATTRIBUTES["payment_method_configuration"],
    "payment_method_options": ATTRIBUTES["payment_method_options"],
    "payment_method_types": ATTRIBUTES["payment_method_types"],
}
"""By name. What is in no row does not change. Whom a method is set up for is no part of how, so it always may."""

UNSET = "payment_method"
"""The one name in `changes` that is no attribute: null takes the payment method away."""


def setup_attribute_refusal(name: str, value: Any) -> Refusal | None:
    """Refuse an attribute that nobody knows, that cannot be cleared, or that is not made of what it should be."""
    if name == UNSET and value is None:
        return None
    if name not in SETUP_ATTRIBUTES:
        return unknown_attribute(name)
    attribute = SETUP_ATTRIBUTES[name]
    if value is None:
        text = f"{name} cannot be unset."
        return None if attribute.clearable else Refusal(code="parameter_invalid_empty", message=text, param=name)
    if not (isinstance(value, bool) if attribute.kind is bool else attribute.takes(value)):
        return Refusal(message=f"Invalid {name}: it must be of type {attribute.kind.__name__}.", param=name)
    if not attribute.readable(value) or not attribute.showable(value):
        return Refusal(message=f"Invalid {name}: what it holds is not of the right type.", param=name)
    return None
