"""PaymentMethod, Customer-facing: Stripe's `payment_method` object. Every nullable key is there, as null."""

from dataclasses import asdict
from typing import Any

from domain.payment_methods import Card, PaymentMethod

ADDRESS_FIELDS = ("city", "country", "line1", "line2", "postal_code", "state")


def address(value: dict[str, Any] | None) -> dict[str, Any]:
    """An address with all six lines."""
    return {name: (value or {}).get(name) for name in ADDRESS_FIELDS}


def billing_details(method: PaymentMethod) -> dict[str, Any]:
    """Who pays."""
    details = method.billing_details
    return {
        "address": asdict(details.address),
        "email": details.email,
        "name": details.name,
        "phone": details.phone,
        "tax_id": details.tax_id,
    }


def card_checks(card: Card, checks: dict[str, str | None]) -> dict[str, str | None]:
    """What the bank made of the address and the security code; null before it was asked."""
    return {
        "address_line1_check": checks.get("address_line1_check", card.address_line1_check),
        "address_postal_code_check": checks.get("address_postal_code_check", card.address_postal_code_check),
        "cvc_check": checks.get("cvc_check", card.cvc_check),
    }


def _card(card: Card, checks: dict[str, str | None]) -> dict[str, Any]:
    return {
        "brand": card.brand,
        "checks": card_checks(card, checks),
        "country": card.country,
        "display_brand": card.brand,
        "exp_month": card.exp_month,
        "exp_year": card.exp_year,
        "fingerprint": card.fingerprint,
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": list(card.networks), "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": card.three_d_secure_supported},
        "wallet": None,
    }


def render(method: PaymentMethod, checks: dict[str, str | None] | None = None) -> dict[str, Any]:
    """The object; `checks` are those of a charge made with it, if it is shown because of one."""
    return {
        "id": method.id,
        "object": "payment_method",
        "allow_redisplay": method.allow_redisplay,
        "billing_details": billing_details(method),
        "card": _card(method.card, checks or {}),
        "created": method.created,
        "customer": method.customer,
        "customer_account": None,
        "livemode": method.livemode,
        "metadata": method.metadata,
        "type": method.type,
    }
