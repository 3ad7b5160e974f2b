"""What is looked for inside of `data`, spelled as the indexes have it (tables.py): spelled otherwise, none is used.

Each is for a query of its own table alone, where `data` is that table's.
"""

from sqlalchemy import BigInteger, Text, literal_column

LAST4 = "COALESCE(data #>> '{payment_method,card,last4}', data #>> '{payment_method,details,last4}')"
EMAIL = "lower(COALESCE(data #>> '{payment_method,billing_details,email}', data ->> 'receipt_email'))"
METHOD = "COALESCE(data #>> '{payment_method,card,brand}', data #>> '{payment_method,type}', 'card')"
GATEWAY = "(data ->> 'gateway')"
LAPSES = "((data #>> '{charge,capture_before}')::bigint)"

CHARGES_LAST4 = literal_column(LAST4, Text)
"""The last digits of the card, or account, that a charge was paid with."""

CHARGES_EMAIL = literal_column(EMAIL, Text)
"""The buyer's e-mail address, in small letters."""

CHARGES_METHOD = literal_column(METHOD, Text)
"""A card's brand, and of everything else its type."""

CHARGES_GATEWAY = literal_column(GATEWAY, Text)
"""Whom a charge was asked of; null for the first that there ever was."""

INTENTS_LAPSE = literal_column(LAPSES, BigInteger)
"""When (Unix seconds) the hold of a payment lapses."""
