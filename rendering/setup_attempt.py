"""SetupAttempt: Stripe's `setup_attempt` object, one try to set a payment method up. Its schema, too."""

from domain.identifiers import application
from domain.model.hashes import JsonObject
from domain.model.payment_methods import Card
from domain.model.setup_intent import SetupAttempt
from rendering.payment_intent import error
from rendering.payment_method import card_checks
from rendering.schema_words import (
    BOOLEAN,
    INTEGER,
    STRING,
    STRINGS,
    TEXT,
    Schema,
    expandable,
    nullable,
    object_of,
    words,
)

_BANK = ("bank_code", "bank_name", "bic", "iban_last4", "preferred_language")
_KEPT: Schema = {
    "type": "object",
    "properties": {
        "generated_sepa_debit": expandable("payment_method"),
        "generated_sepa_debit_mandate": expandable("mandate"),
    },
}

SHOWN: dict[str, tuple[str, ...]] = {
    "bancontact": _BANK, "ideal": ("bank", "bic", "iban_last4"), "sofort": _BANK,
}  # fmt: skip
"""Types of which the account is kept that they were paid from, and what else they show."""

EMPTY = frozenset(
    "acss_debit amazon_pay au_becs_debit bacs_debit blik boleto cashapp kakao_pay klarna kr_card link naver_pay "
    "nz_bank_account paypal payto pix revolut_pay satispay sepa_debit twint upi us_bank_account".split()
)
"""Types whose hash is there, and says nothing."""

SETUP_ATTEMPT = object_of(
    "setup_attempt",
    "attach_to_self",
    application=expandable(),
    attach_to_self=BOOLEAN,
    created=INTEGER,
    customer=expandable("customer"),
    customer_account=TEXT,
    flow_directions=nullable(STRINGS),
    livemode=BOOLEAN,
    on_behalf_of=expandable(),
    payment_method=expandable("payment_method"),
    payment_method_details={
        "type": "object",
        "properties": {"type": STRING, **dict.fromkeys(SHOWN, _KEPT)},
        "required": ["type"],
    },
    setup_error=nullable({"$ref": "#/components/schemas/error_details"}),
    setup_intent=expandable("setup_intent"),
    status=words("abandoned", "failed", "processing", "requires_action", "succeeded"),
    usage=STRING,
)


def render(attempt: SetupAttempt) -> JsonObject:
    """The object."""
    rendered = {
        "id": attempt.id,
        "object": "setup_attempt",
        "application": application(attempt.platform),
        "created": attempt.created,
        "customer": attempt.customer,
        "customer_account": attempt.customer_account,
        "flow_directions": list(attempt.flow_directions) if attempt.flow_directions is not None else None,
        "livemode": attempt.livemode,
        "on_behalf_of": attempt.on_behalf_of,
        "payment_method": attempt.payment_method.id,
        "payment_method_details": _details(attempt),
        "setup_error": error(attempt.error) if attempt.error else None,
        "setup_intent": attempt.setup_intent,
        "status": attempt.status,
        "usage": attempt.usage,
    }
    return rendered | ({"attach_to_self": attempt.attach_to_self} if attempt.attach_to_self is not None else {})


def _details(attempt: SetupAttempt) -> JsonObject:
    method = attempt.payment_method
    if method.card is not None:
        return {"type": "card", "card": _card(attempt, method.card)}
    if method.type in SHOWN:
        shown: JsonObject = {name: method.details.get(name) for name in SHOWN[method.type]}
        kept = {"generated_sepa_debit": attempt.generated, "generated_sepa_debit_mandate": attempt.generated_mandate}
        return {"type": method.type, method.type: shown | kept | {"verified_name": method.billing_details.name}}
    return {"type": method.type} | ({method.type: {}} if method.type in EMPTY else {})


def _card(attempt: SetupAttempt, card: Card) -> JsonObject:
    shown = {
        "brand": card.brand,
        "checks": card_checks(card, attempt.checks),
        "country": card.country,
        "exp_month": card.exp_month,
        "exp_year": card.exp_year,
        "fingerprint": card.fingerprint,
        "funding": card.funding,
        "last4": card.last4,
        "network": attempt.network or card.brand,
        "three_d_secure": attempt.three_d_secure,
        "wallet": None,
    }
    return shown | ({"moto": attempt.moto} if attempt.moto is not None else {})
