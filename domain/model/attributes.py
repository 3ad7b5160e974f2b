"""Attributes of a PaymentIntent in commands: which there are, and what they are made of.

The API has checked them far more closely; but commands also come as signals typed by hand, and a wrong type must be
refused there instead of stopping the workflow.
"""

from typing import Any

from domain.model import shapes
from domain.model.statuses import Status
from domain.money import amounts
from domain.refusals import Refusal

OPEN_TO_CHANGE = frozenset({Status.REQUIRES_PAYMENT_METHOD, Status.REQUIRES_CONFIRMATION, Status.REQUIRES_ACTION})
"""Until money moves, everything may change."""

ALWAYS_UPDATABLE = frozenset(
    {"description", "metadata", "receipt_email", "shipping", "statement_descriptor", "statement_descriptor_suffix",
     "transfer_group", "hooks", "payment_details"}
)  # fmt: skip
"""Attributes that move no money: they may change in every status."""

UPDATABLE: dict[str, type] = {
    "amount": int, "currency": str, "customer": str, "customer_account": str, "amount_details": dict,
    "payment_details": dict, "hooks": dict, "payment_method_configuration": str, "mandate": str, "mandate_data": dict,
    "radar_options": dict, "capture_method": str, "payment_method_types": list,
    "allowed_payment_method_types": list, "excluded_payment_method_types": list, "payment_method_options": dict,
    "setup_future_usage": str, "application_fee_amount": int, "transfer_data": dict, "transfer_group": str,
    "description": str, "metadata": dict, "receipt_email": str, "shipping": dict, "statement_descriptor": str,
    "statement_descriptor_suffix": str,
}  # fmt: skip
"""Every attribute that may change, and what it is made of. The API checks values far more closely; but commands also
come as signals typed by hand, and a wrong type must be refused there instead of stopping the workflow."""

NEVER_CLEARED = frozenset({"amount", "currency", "capture_method", "payment_method_types"})

NAME_SHOWN_MAX = 100
"""How much of an unknown name a message repeats."""


def attribute_refusal(name: str, value: Any, *, rules: int) -> Refusal | None:
    """Refuse an attribute that nobody knows, that cannot be cleared, or that is not made of what it should be.

    By today's rules, what could not be shown is not, either (shapes.py).
    """
    if name not in UPDATABLE:
        return unknown_attribute(name)
    if value is None:
        text = f"{name} cannot be unset."
        return Refusal(code="parameter_invalid_empty", message=text, param=name) if name in NEVER_CLEARED else None
    kind = UPDATABLE[name]
    if isinstance(value, bool) or not isinstance(value, (list, tuple) if kind is list else kind):
        return Refusal(message=f"Invalid {name}: it must be of type {kind.__name__}.", param=name)
    if not _elements_fit(name, value) or (rules and not shapes.fits(name, value)):
        return Refusal(message=f"Invalid {name}: what it holds is not of the right type.", param=name)
    return None


def unknown_attribute(name: str) -> Refusal:
    """Nobody knows this attribute, or it cannot be changed by such a command."""
    shown = name[:NAME_SHOWN_MAX]
    return Refusal(code="parameter_unknown", message=f"Received unknown parameter: {shown}", param=shown)


def _elements_fit(name: str, value: Any) -> bool:
    match name, value:
        case "metadata", dict():
            return all(isinstance(element, str | None) for element in value.values())
        case "payment_method_options", dict():
            return all(isinstance(element, dict | None) for element in value.values())
        case "shipping", dict():
            return isinstance(value.get("address"), dict | None)
        case "mandate_data", dict():
            return isinstance(value.get("customer_acceptance"), dict | None)
        case "amount_details", dict():
            return amounts.well_formed(value)
        case _, list() | tuple():
            return all(isinstance(element, str) for element in value)
        case _:
            return True
