"""PaymentMethod: Stripe's `payment_method` object, of every type. Every nullable key is there, as null."""

from dataclasses import asdict

from domain.model.hashes import JsonObject
from domain.model.payment_methods import Card, PaymentMethod

ADDRESS_FIELDS = ("city", "country", "line1", "line2", "postal_code", "state")

SHOWN: dict[str, JsonObject] = {
    "acss_debit": dict.fromkeys(("bank_name", "fingerprint", "institution_number", "last4", "transit_number")),
    "au_becs_debit": dict.fromkeys(("bsb_number", "fingerprint", "last4")),
    "bacs_debit": dict.fromkeys(("fingerprint", "last4", "sort_code")),
    "boleto": {"tax_id": ""},
    "cashapp": dict.fromkeys(("buyer_id", "cashtag")),
    "eps": {"bank": None},
    "fpx": dict.fromkeys(("account_holder_type", "bank")),
    "ideal": dict.fromkeys(("bank", "bic")),
    "klarna": {"dob": None},
    "kr_card": dict.fromkeys(("brand", "last4")),
    "link": {"email": None},
    "naver_pay": {"buyer_id": None, "funding": "card"},
    "nz_bank_account": {
        "account_holder_name": None, "bank_code": "", "bank_name": "", "branch_code": "", "last4": "", "suffix": None
    },
    "p24": {"bank": None},
    "paypal": dict.fromkeys(("country", "payer_email", "payer_id")),
    "payto": dict.fromkeys(("bsb_number", "last4", "pay_id")),
    "sepa_debit": dict.fromkeys(("bank_code", "branch_code", "country", "fingerprint", "generated_from", "last4")),
    "sofort": {"country": None},
    "upi": {"vpa": None},
    "us_bank_account": dict.fromkeys(
        ("account_holder_type", "account_type", "bank_name", "financial_connections_account", "fingerprint", "last4",
         "networks", "routing_number", "status_details")
    ),
}  # fmt: skip
"""By type: what its own hash shows, and what a key says while nothing is known. Types not listed show nothing."""


def address(value: JsonObject | None) -> JsonObject:
    """An address with all six lines."""
    return {name: (value or {}).get(name) for name in ADDRESS_FIELDS}


def billing_details(method: PaymentMethod) -> JsonObject:
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


def _card(card: Card, checks: dict[str, str | None]) -> JsonObject:
    return {
        "brand": card.brand,
        "checks": card_checks(card, checks),
        "country": card.country,
        "display_brand": card.preferred_network or card.brand,
        "exp_month": card.exp_month,
        "exp_year": card.exp_year,
        "fingerprint": card.fingerprint,
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": list(card.networks), "preferred": card.preferred_network},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": card.three_d_secure_supported},
        "wallet": None,
    }


def details(method: PaymentMethod, checks: dict[str, str | None] | None = None) -> JsonObject:
    """The hash of the method's own type."""
    if method.card is not None:
        return _card(method.card, checks or {})
    shown = SHOWN.get(method.type, {})
    return {name: method.details.get(name, unknown) for name, unknown in shown.items()}


def preview(method: PaymentMethod) -> JsonObject:
    """What a confirmation token shows of the method it will be."""
    return {
        "allow_redisplay": method.allow_redisplay,
        "billing_details": billing_details(method),
        "customer": method.customer,
        "customer_account": None,
        "type": method.type,
        method.type: details(method),
    }


def render(method: PaymentMethod, checks: dict[str, str | None] | None = None) -> JsonObject:
    """The object; `checks` are those of a charge made with it, if it is shown because of one."""
    rendered = {
        "id": method.id,
        "object": "payment_method",
        "allow_redisplay": method.allow_redisplay,
        "billing_details": billing_details(method),
        "created": method.created,
        "customer": method.customer,
        "customer_account": None,
        "livemode": method.livemode,
        "metadata": method.metadata,
        "shared_payment_granted_token": None,
        "type": method.type,
        method.type: details(method, checks),
    }
    if method.radar_session is not None:
        rendered["radar_options"] = {"session": method.radar_session}
    return rendered
