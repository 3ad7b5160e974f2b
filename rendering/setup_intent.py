"""SetupIntent: Stripe's `setup_intent` object, whole for secret keys and in part for publishable ones; its schema."""

from domain.identifiers import application
from domain.model.hashes import JsonObject
from domain.model.setup_intent import SetupIntent
from domain.model.statuses import Status
from rendering import next_action
from rendering.method_options import shown_options
from rendering.payment_intent import error
from rendering.schema_words import (
    BOOLEAN,
    HASH,
    INTEGER,
    METADATA,
    STRING,
    STRINGS,
    TEXT,
    expandable,
    hash_with,
    nullable,
    object_of,
    words,
)

PUBLISHABLE_KEYS = (
    "id", "object", "automatic_payment_methods", "cancellation_reason", "client_secret", "created", "description",
    "last_setup_error", "livemode", "next_action", "payment_method", "payment_method_configuration_details",
    "payment_method_types", "status", "usage",
)  # fmt: skip
"""What a buyer's browser may see: nothing of the customer, or of the account's notes."""

SHOWN_AS_NULL: dict[str, JsonObject] = {
    "acss_debit": {"currency": None},
    "card": {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"},
    "klarna": {"currency": None, "preferred_locale": None},
    "link": {"persistent_token": None},
    "paypal": {"billing_agreement_id": None},
}
"""By type: options that are always shown, and what they are when nobody said anything."""

WITH_OPTIONS = frozenset(
    "acss_debit amazon_pay bacs_debit bizum blik card card_present paypal payto sepa_debit upi us_bank_account".split()
)
"""Types whose options are shown even if nobody gave any; live Stripe's recordings have none of klarna, link and pix."""

SETUP_INTENT = object_of(
    "setup_intent",
    "attach_to_self",
    allowed_payment_method_types=nullable(STRINGS),
    application=expandable(),
    attach_to_self=BOOLEAN,
    automatic_payment_methods=nullable(hash_with(allow_redirects=words("always", "never"), enabled=BOOLEAN)),
    cancellation_reason=TEXT,
    client_secret=STRING,
    created=INTEGER,
    customer=expandable("customer"),
    customer_account=TEXT,
    description=TEXT,
    excluded_payment_method_types=nullable(STRINGS),
    flow_directions=nullable(STRINGS),
    last_setup_error=nullable({"$ref": "#/components/schemas/error_details"}),
    latest_attempt=expandable("setup_attempt"),
    livemode=BOOLEAN,
    managed_payments=nullable(hash_with(enabled=BOOLEAN)),
    mandate=expandable("mandate"),
    metadata=METADATA,
    next_action=nullable({"type": "object", "properties": {"type": STRING}, "required": ["type"]}),
    on_behalf_of=expandable(),
    payment_method=expandable("payment_method"),
    payment_method_configuration_details=nullable(hash_with(id=STRING, parent=TEXT)),
    payment_method_options=nullable({"type": "object", "additionalProperties": HASH}),
    payment_method_types=STRINGS,
    single_use_mandate=expandable("mandate"),
    status=words(
        "canceled", "processing", "requires_action", "requires_confirmation", "requires_payment_method", "succeeded"
    ),
    usage=STRING,
)


def render(intent: SetupIntent) -> JsonObject:
    """The object, as the secret key sees it."""
    method = intent.payment_method
    acting = intent.status == Status.REQUIRES_ACTION and intent.next_action is not None
    rendered = {
        "id": intent.id,
        "object": "setup_intent",
        "allowed_payment_method_types": _list(intent.allowed_payment_method_types),
        "application": application(intent.platform),
        "automatic_payment_methods": intent.automatic_payment_methods,
        "cancellation_reason": intent.cancellation_reason,
        "client_secret": intent.client_secret,
        "created": intent.created,
        "customer": intent.customer,
        "customer_account": intent.customer_account,
        "description": intent.description,
        "excluded_payment_method_types": _list(intent.excluded_payment_method_types),
        "flow_directions": _list(intent.flow_directions),
        "last_setup_error": error(intent.last_setup_error) if intent.last_setup_error else None,
        "latest_attempt": intent.attempt.id if intent.attempt else None,
        "livemode": intent.livemode,
        "managed_payments": {"enabled": False},
        "mandate": intent.mandate,
        "metadata": intent.metadata,
        "next_action": next_action.shape(intent.next_action) if acting and intent.next_action else None,
        "on_behalf_of": intent.on_behalf_of,
        "payment_method": method.id if method else None,
        "payment_method_configuration_details": _configuration(intent),
        "payment_method_options": _options(intent),
        "payment_method_types": list(intent.payment_method_types),
        "single_use_mandate": intent.single_use_mandate,
        "status": str(intent.status),
        "usage": intent.usage,
    }
    return rendered | ({"attach_to_self": intent.attach_to_self} if intent.attach_to_self is not None else {})


def for_publishable(rendered: JsonObject) -> JsonObject:
    """The part of it that a publishable key may see."""
    return {key: rendered[key] for key in PUBLISHABLE_KEYS}


def _options(intent: SetupIntent) -> JsonObject | None:
    given = intent.payment_method_options or {}
    types = sorted({*given, *(type_ for type_ in intent.payment_method_types if type_ in WITH_OPTIONS)})
    return {type_: shown_options(type_, given.get(type_) or {}, SHOWN_AS_NULL) for type_ in types} or None


def _configuration(intent: SetupIntent) -> JsonObject | None:
    id_ = intent.payment_method_configuration
    return {"id": id_, "parent": intent.configuration_parent} if id_ else None


def _list(value: tuple[str, ...] | None) -> list[str] | None:
    return list(value) if value is not None else None
