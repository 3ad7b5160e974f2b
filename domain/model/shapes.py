"""Shapes of the hashes in a PaymentIntent: what those who read them, and those who show them, rely on.

The last line: requests, and what is typed by hand, have been checked far more closely (parameters). What comes past
that all the same must be refused here, as a state that cannot be shown would take every list that it is in with it.
"""

from typing import Any

from domain.money import amounts

Shape = type | tuple["Shape"] | dict[str, "Shape"]
"""A type; a list of such; or the names in a hash that are read, with what is there. None is as good as absent."""

ADDRESS: Shape = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"), str)

SHIPPING: Shape = {"address": ADDRESS, "carrier": str, "name": str, "phone": str, "tracking_number": str}
TRANSFER_DATA: Shape = {"amount": int, "destination": str}
HOOKS: Shape = {"inputs": {"tax": {"calculation": str}}}
PAYMENT_DETAILS: Shape = {"customer_reference": str, "order_reference": str}
RADAR_OPTIONS: Shape = {"session": str}
MANDATE_DATA: Shape = {
    "customer_acceptance": {"type": str, "accepted_at": int, "online": {"ip_address": str, "user_agent": str}}
}
AMOUNT_DETAILS: Shape = {
    "discount_amount": int,
    "enforce_arithmetic_validation": bool,
    "shipping": {"amount": int, "from_postal_code": str, "to_postal_code": str},
    "tax": {"total_tax_amount": int},
    "line_items": ({"payment_method_options": {}, "product_code": str, "unit_of_measure": str},),
}

OPTION: Shape = {
    "bank_transfer": {"type": str, "eu_bank_transfer": {"country": str}, "requested_address_types": (str,)},
    "capture_method": str,
    "client": str,
    "company_details": {"registered_address": ADDRESS},
    "expires_after_days": int,
    "expires_after_seconds": int,
    "expires_at": int,
    "funding_type": str,
    "installments": {"enabled": bool, "plan": {"count": int, "interval": str, "type": str}},
    "mandate_options": {},
    "moto": bool,
    "network": str,
    "request_three_d_secure": str,
    "setup_future_usage": str,
    "three_d_secure": {
        "ares_trans_status": str, "electronic_commerce_indicator": str, "exemption_indicator": str,
        "transaction_id": str, "version": str,
    },
    "verification_method": str,
}  # fmt: skip
"""`payment_method_options` of any one type."""


def has(value: Any, shape: Shape) -> bool:
    """Whether what is read of the value is of this shape."""
    if value is None:
        return True
    if isinstance(shape, dict):
        return isinstance(value, dict) and all(has(value.get(name), inner) for name, inner in shape.items())
    if isinstance(shape, tuple):
        return isinstance(value, list | tuple) and all(has(inner, shape[0]) for inner in value)
    return isinstance(value, shape) and (shape is bool or not isinstance(value, bool))


def are_options(value: dict[str, Any]) -> bool:
    """Whether these are `payment_method_options`, by type."""
    return all(has(options, OPTION) and _planned(options or {}) for options in value.values())


def are_amount_details(value: dict[str, Any]) -> bool:
    """Whether these are `amount_details` that can be shown."""
    return has(value, AMOUNT_DETAILS) and amounts.showable(value)


def _planned(options: dict[str, Any]) -> bool:
    plan = (options.get("installments") or {}).get("plan")
    return not plan or isinstance(plan.get("type"), str)
