"""Token: Stripe's `token` object, and the card or the bank account in it."""

from domain.identifiers import digest62
from domain.model.card_tokens import CardToken
from domain.model.hashes import JsonObject
from domain.model.payment_methods import Card
from rendering.schema_words import BOOLEAN, HASH, INTEGER, STRING, TEXT, object_of

TOKEN = object_of(
    "token",
    "bank_account",
    "card",
    bank_account=HASH,
    card=HASH,
    client_ip=TEXT,
    created=INTEGER,
    livemode=BOOLEAN,
    type=STRING,
    used=BOOLEAN,
)

BRANDS = {
    "amex": "American Express", "cartes_bancaires": "Cartes Bancaires", "diners": "Diners Club",
    "discover": "Discover", "eftpos_au": "Eftpos Australia", "jcb": "JCB", "mastercard": "MasterCard",
    "unionpay": "UnionPay", "visa": "Visa",
}  # fmt: skip
"""How a brand is written here: as people read it, unlike in a payment method."""


def render(token: CardToken) -> JsonObject:
    """The object."""
    inside = _card(token, token.card) if token.card else _bank_account(token)
    return {
        "id": token.id,
        "object": "token",
        token.type: inside,
        "client_ip": token.client_ip,
        "created": token.created,
        "livemode": token.livemode,
        "type": token.type,
        "used": token.used,
    }


def _card(token: CardToken, card: Card) -> JsonObject:
    address = token.owner.address
    return {
        "id": f"card_1{digest62('card', token.id, length=23)}",
        "object": "card",
        "address_city": address.city,
        "address_country": address.country,
        "address_line1": address.line1,
        "address_line1_check": card.address_line1_check,
        "address_line2": address.line2,
        "address_state": address.state,
        "address_zip": address.postal_code,
        "address_zip_check": card.address_postal_code_check,
        "brand": BRANDS.get(card.brand, "Unknown"),
        "country": card.country,
        "currency": token.currency,
        "cvc_check": card.cvc_check,
        "dynamic_last4": None,
        "exp_month": card.exp_month,
        "exp_year": card.exp_year,
        "fingerprint": card.fingerprint,
        "funding": card.funding,
        "last4": card.last4,
        "metadata": {},
        "name": token.owner.name,
        "regulated_status": None,
        "tokenization_method": None,
    }


def _bank_account(token: CardToken) -> JsonObject:
    said = token.bank_account
    names = ("account_holder_name", "account_holder_type", "account_type", "bank_name", "fingerprint", "routing_number")
    return {
        "id": f"ba_1{digest62('bank_account', token.id, length=23)}",
        "object": "bank_account",
        **{name: said.get(name) for name in names},
        "country": "US",
        "currency": token.currency,
        "last4": said.get("last4"),
        "status": "new",
    }
