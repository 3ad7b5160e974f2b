"""Customer: Stripe's `customer` object, from the attributes as they were given."""

import hashlib

from domain.model.hashes import JsonObject
from rendering.charge import shipping
from rendering.payment_method import address

EMPTY_INVOICE_SETTINGS = {
    "custom_fields": None,
    "default_payment_method": None,
    "footer": None,
    "rendering_options": None,
}


def render(customer: JsonObject) -> JsonObject:
    """The object; a deleted customer is three keys."""
    if customer["deleted"]:
        return {"id": customer["id"], "object": "customer", "deleted": True}
    invoice_settings = customer.get("invoice_settings") or {}
    return {
        "id": customer["id"],
        "object": "customer",
        "address": address(customer["address"]) if customer.get("address") else None,
        "balance": customer.get("balance") or 0,
        "created": customer["created"],
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": customer.get("description"),
        "discount": None,
        "email": customer.get("email"),
        "invoice_prefix": hashlib.sha256(customer["id"].encode()).hexdigest()[:8].upper(),
        "invoice_settings": {**EMPTY_INVOICE_SETTINGS, **invoice_settings},
        "livemode": customer["livemode"],
        "metadata": customer.get("metadata") or {},
        "name": customer.get("name"),
        "next_invoice_sequence": 1,
        "phone": customer.get("phone"),
        "preferred_locales": customer.get("preferred_locales") or [],
        "shipping": shipping(customer.get("shipping")),
        "tax_exempt": customer.get("tax_exempt") or "none",
        "test_clock": None,
    }
