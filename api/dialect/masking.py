"""What may be kept of a body: its shape and what it is about, without secrets and without what is personal.

Two rules: a value under one of these names is not kept, whatever it is; and of any other text, what looks like a key,
a client secret, a card number or an e-mail address is taken out, wherever somebody has put it.
"""

import re
from typing import Any

MASK = "[masked]"

SECRET = frozenset(
    "account_number client_secret cvc exchange_token fingerprint iban institution_number number secret sort_code "
    "transit_number url_secret".split()
)
PERSONAL = frozenset(
    "access_activity_log account_holder_name address_city address_line1 address_line2 address_zip bank_account_name "
    "billing_address city client_ip customer_account_id customer_device_fingerprint customer_device_id customer_email "
    "customer_email_address customer_name customer_purchase_ip dob email first_name generated_sepa_debit ip_address "
    "last_name line1 line2 name phone postal_code receipt_email sender_name shipping_address tax_id tax_ids town "
    "tracking_number uncategorized_text user_agent verified_address verified_email verified_name".split()
)
PAGES = frozenset("hosted_instructions_url hosted_verification_url hosted_voucher_url pdf receipt_url".split())
"""Addresses of pages that show a payment, or its buyer, to whoever has the address."""

MASKED = SECRET | PERSONAL | PAGES
SHORT = 8
"""Text that is shorter than this holds nothing that the second rule is about."""

_KEYS = re.compile(r"\b(?:[esr]k|pk)_(?:test|live)_\w+|\bwhsec_\w+|_secret_\w+")
_DIGITS = re.compile(r"\d(?:[ -]?\d){12,18}")
_EMAIL = re.compile(r"[^\s@\"'<>:=,;]{1,64}@[^\s@\"'<>:=,;]{1,255}")


def masked(value: Any) -> Any:
    """What may be kept of a value as JSON has it, or a decoded form."""
    if isinstance(value, str):
        return masked_text(value)
    if isinstance(value, dict):
        return {masked_text(name): _under(name, each) for name, each in value.items()}
    if isinstance(value, list):
        return [masked(each) for each in value]
    if isinstance(value, int) and abs(value) >= 10**12:
        # A form of JSON may say a card's number without quotes.
        return masked_text(str(value))
    return value


def masked_text(text: str) -> str:
    """Text without what looks like a secret or an address."""
    if len(text) < SHORT:
        return text
    if "_" in text:
        text = _KEYS.sub(MASK, text)
    if "@" in text:
        text = _EMAIL.sub(MASK, text)
    return _DIGITS.sub(MASK, text)


def _under(name: str, value: Any) -> Any:
    if name in MASKED and value not in (None, "", [], {}) and not isinstance(value, bool):
        return MASK
    return masked(value)
