"""The objects we answer with, described: for the OpenAPI document, and for which properties `expand` can replace.

One table per object, key by key; tests hold every answer to Stripe's own types and to these.
"""

from rendering.account import ACCOUNT
from rendering.application_fee import APPLICATION_FEE, FEE_REFUND
from rendering.balance_transaction import BALANCE_TRANSACTION
from rendering.card_token import TOKEN
from rendering.cash_balance_schemas import CASH_BALANCE, CASH_BALANCE_TRANSACTION, FUNDING_INSTRUCTIONS
from rendering.customer_session import CUSTOMER_SESSION, ELEMENTS_SESSION
from rendering.dashboard_schemas import OBJECTS as DASHBOARD_OBJECTS
from rendering.dispute import DISPUTE
from rendering.ephemeral_key import EPHEMERAL_KEY
from rendering.file import FILE
from rendering.method_domain import METHOD_DOMAIN
from rendering.payment_method_configuration import SCHEMA as PAYMENT_METHOD_CONFIGURATION
from rendering.request_log import REQUEST_LOG
from rendering.schema_words import (
    BOOLEAN,
    HASH,
    INTEGER,
    METADATA,
    NUMBER,
    STRING,
    STRINGS,
    TEXT,
    Schema,
    expandable,
    hash_with,
    included,
    nullable,
    object_of,
    object_without_id,
    words,
)
from rendering.setup_attempt import SETUP_ATTEMPT
from rendering.setup_intent import SETUP_INTENT
from rendering.stripe_cli import CLI_SESSION
from rendering.test_account import TEST_ACCOUNT
from rendering.transfer import TRANSFER, TRANSFER_REVERSAL
from rendering.webhook_schemas import EVENT, LISTENER, WEBHOOK_DELIVERY, WEBHOOK_ENDPOINT

ADDRESS = hash_with(city=TEXT, country=TEXT, line1=TEXT, line2=TEXT, postal_code=TEXT, state=TEXT)
BILLING_DETAILS = hash_with(address=ADDRESS, email=TEXT, name=TEXT, phone=TEXT, tax_id=TEXT)
SHIPPING = nullable(hash_with(address=ADDRESS, carrier=TEXT, name=TEXT, phone=TEXT, tracking_number=TEXT))

AMOUNT_DETAILS: Schema = {
    "type": "object",
    "properties": {
        "discount_amount": INTEGER,
        "error": hash_with(code=STRING, message=STRING),
        "line_items": included("payment_intent_amount_details_line_item"),
        "shipping": hash_with(amount=NUMBER, from_postal_code=TEXT, to_postal_code=TEXT),
        "tax": hash_with(total_tax_amount=INTEGER),
        "tip": HASH,
    },
    "required": ["tip"],
}

TRANSFER_DATA = nullable(
    {"type": "object", "properties": {"destination": expandable(), "amount": NUMBER}, "required": ["destination"]}
)

PAYMENT_INTENT = object_of(
    "payment_intent",
    "hooks",
    "payment_details",
    allowed_payment_method_types=nullable(STRINGS),
    amount=INTEGER,
    amount_capturable=INTEGER,
    amount_details=AMOUNT_DETAILS,
    amount_received=INTEGER,
    application=expandable(),
    application_fee_amount=NUMBER,
    automatic_payment_methods=nullable(hash_with(allow_redirects=words("always", "never"), enabled=BOOLEAN)),
    canceled_at=NUMBER,
    cancellation_reason=TEXT,
    capture_method=words("automatic", "automatic_async", "manual"),
    client_secret=STRING,
    confirmation_method=words("automatic", "manual"),
    created=INTEGER,
    currency=STRING,
    customer=expandable("customer"),
    customer_account=TEXT,
    description=TEXT,
    excluded_payment_method_types=nullable(STRINGS),
    hooks=HASH,
    last_payment_error=nullable({"$ref": "#/components/schemas/error_details"}),
    latest_charge=expandable("charge"),
    livemode=BOOLEAN,
    managed_payments=hash_with(enabled=BOOLEAN),
    metadata=METADATA,
    next_action=nullable({"type": "object", "properties": {"type": STRING}, "required": ["type"]}),
    on_behalf_of=expandable(),
    payment_details=hash_with(customer_reference=TEXT, order_reference=TEXT),
    payment_method=expandable("payment_method"),
    payment_method_configuration_details=nullable(hash_with(id=STRING, parent=TEXT)),
    payment_method_options=nullable({"type": "object", "additionalProperties": HASH}),
    payment_method_types=STRINGS,
    payment_record=expandable(),
    processing=nullable(HASH),
    receipt_email=TEXT,
    review=expandable(),
    setup_future_usage=TEXT,
    shared_payment_granted_token=TEXT,
    shipping=SHIPPING,
    source=expandable(),
    statement_descriptor=TEXT,
    statement_descriptor_suffix=TEXT,
    status=words(
        "canceled",
        "processing",
        "requires_action",
        "requires_capture",
        "requires_confirmation",
        "requires_payment_method",
        "succeeded",
    ),
    transfer_data=TRANSFER_DATA,
    transfer_group=TEXT,
)

LINE_ITEM = object_of(
    "payment_intent_amount_details_line_item",
    discount_amount=NUMBER,
    payment_method_options=nullable(HASH),
    product_code=TEXT,
    product_name=STRING,
    quantity=INTEGER,
    tax=nullable(hash_with(total_tax_amount=INTEGER)),
    unit_cost=INTEGER,
    unit_of_measure=TEXT,
)

CHARGE = object_of(
    "charge",
    "transfer",
    amount=INTEGER,
    amount_captured=INTEGER,
    amount_refunded=INTEGER,
    application=expandable(),
    application_fee=expandable("application_fee"),
    application_fee_amount=NUMBER,
    balance_transaction=expandable("balance_transaction"),
    billing_details=BILLING_DETAILS,
    calculated_statement_descriptor=TEXT,
    captured=BOOLEAN,
    created=INTEGER,
    currency=STRING,
    customer=expandable("customer"),
    description=TEXT,
    destination=expandable(),
    dispute=expandable("dispute"),
    disputed=BOOLEAN,
    failure_balance_transaction=expandable("balance_transaction"),
    failure_code=TEXT,
    failure_message=TEXT,
    fraud_details=HASH,
    livemode=BOOLEAN,
    metadata=METADATA,
    on_behalf_of=expandable(),
    order=expandable(),
    outcome=nullable(HASH),
    paid=BOOLEAN,
    payment_intent=expandable("payment_intent"),
    payment_method=STRING,
    payment_method_details={
        "type": "object",
        "properties": {
            "card": {"type": "object", "properties": {"mandate": expandable("mandate")}},
            "type": STRING,
        },
        "required": ["type"],
    },
    radar_options=HASH,
    receipt_email=TEXT,
    receipt_number=TEXT,
    receipt_url=TEXT,
    refunded=BOOLEAN,
    refunds=included("refund"),
    review=expandable(),
    shipping=SHIPPING,
    source={"type": "null"},
    source_transfer=expandable(),
    statement_descriptor=TEXT,
    statement_descriptor_suffix=TEXT,
    status=words("failed", "pending", "succeeded"),
    transfer=expandable("transfer"),
    transfer_data=TRANSFER_DATA,
    transfer_group=TEXT,
)

PAYMENT_METHOD: Schema = {
    **object_of(
        "payment_method",
        "radar_options",
        allow_redisplay=words("always", "limited", "unspecified"),
        billing_details=BILLING_DETAILS,
        created=INTEGER,
        customer=expandable("customer"),
        customer_account=TEXT,
        livemode=BOOLEAN,
        metadata=METADATA,
        radar_options=HASH,
        shared_payment_granted_token=TEXT,
        type=STRING,
    ),
    "additionalProperties": {"type": "object", "description": "The hash of the method's own type."},
}

CUSTOMER = object_of(
    "customer",
    "business_name",
    "individual_name",
    address=nullable(ADDRESS),
    balance=INTEGER,
    business_name=STRING,
    cash_balance=included("cash_balance"),
    created=INTEGER,
    currency=TEXT,
    customer_account=TEXT,
    default_source=expandable(),
    delinquent=BOOLEAN,
    description=TEXT,
    discount={"type": "null"},
    email=TEXT,
    individual_name=STRING,
    invoice_prefix=STRING,
    invoice_settings=hash_with(
        custom_fields=nullable({"type": "array", "items": hash_with(name=STRING, value=STRING)}),
        default_payment_method=expandable("payment_method"),
        footer=TEXT,
        rendering_options=nullable(HASH),
    ),
    livemode=BOOLEAN,
    metadata=METADATA,
    name=TEXT,
    next_invoice_sequence=INTEGER,
    phone=TEXT,
    preferred_locales=STRINGS,
    shipping=SHIPPING,
    sources=included(),
    subscriptions=included(),
    tax_exempt=words("exempt", "none", "reverse"),
    tax_ids=included(),
    test_clock=expandable(),
)

DELETED_ACCOUNT = object_of("account", deleted={"const": True})
DELETED_CUSTOMER = object_of("customer", deleted={"const": True})

MANDATE = object_of(
    "mandate",
    "multi_use",
    "on_behalf_of",
    "single_use",
    customer_acceptance={"type": "object", "properties": {"accepted_at": NUMBER, "type": STRING}, "required": ["type"]},
    livemode=BOOLEAN,
    multi_use=HASH,
    on_behalf_of=STRING,
    payment_method={**expandable("payment_method")},
    payment_method_details={"type": "object", "properties": {"type": STRING}, "required": ["type"]},
    single_use=hash_with(amount=INTEGER, currency=STRING),
    status=words("active", "inactive", "pending"),
    type=words("multi_use", "single_use"),
)

CONFIRMATION_TOKEN = object_of(
    "confirmation_token",
    created=INTEGER,
    expires_at=NUMBER,
    livemode=BOOLEAN,
    mandate_data=nullable(HASH),
    metadata=METADATA,
    payment_intent=TEXT,
    payment_method=TEXT,
    payment_method_options=nullable(HASH),
    payment_method_preview=hash_with(billing_details=BILLING_DETAILS, type=STRING),
    return_url=TEXT,
    setup_future_usage=TEXT,
    setup_intent=TEXT,
    shipping=nullable(hash_with(address=ADDRESS, name=TEXT, phone=TEXT)),
    use_stripe_sdk=BOOLEAN,
)

REFUND = object_of(
    "refund",
    "failure_balance_transaction",
    "failure_reason",
    "instructions_email",
    "next_action",
    "pending_reason",
    amount=INTEGER,
    balance_transaction=expandable("balance_transaction"),
    charge=expandable("charge"),
    created=INTEGER,
    currency=STRING,
    customer=expandable("customer"),
    customer_account=TEXT,
    destination_details=HASH,
    failure_balance_transaction=expandable("balance_transaction"),
    failure_reason=STRING,
    instructions_email=STRING,
    metadata=METADATA,
    next_action=HASH,
    payment_intent=expandable("payment_intent"),
    payment_method=expandable("payment_method"),
    pending_reason=STRING,
    reason=TEXT,
    receipt_number=TEXT,
    source_transfer_reversal=expandable(),
    status=words("canceled", "failed", "pending", "requires_action", "succeeded"),
    transfer_reversal=expandable("transfer_reversal"),
)

_FUNDS = {"type": "array", "items": hash_with(amount=INTEGER, currency=STRING)}

BALANCE = object_without_id(
    "balance",
    available=_FUNDS,
    livemode=BOOLEAN,
    pending=_FUNDS,
    refund_and_dispute_prefunding=hash_with(available=_FUNDS, pending=_FUNDS),
)

OBJECTS: dict[str, Schema] = {
    "setup_intent": SETUP_INTENT,
    "setup_attempt": SETUP_ATTEMPT,
    "test_account": TEST_ACCOUNT,
    "cash_balance": CASH_BALANCE,
    "customer_cash_balance_transaction": CASH_BALANCE_TRANSACTION,
    "funding_instructions": FUNDING_INSTRUCTIONS,
    "account": ACCOUNT,
    "event": EVENT,
    "webhook_endpoint": WEBHOOK_ENDPOINT,
    "webhook_delivery": WEBHOOK_DELIVERY,
    "listener": LISTENER,
    "stripecli_session": CLI_SESSION,
    **DASHBOARD_OBJECTS,
    "balance": BALANCE,
    "application_fee": APPLICATION_FEE,
    "balance_transaction": BALANCE_TRANSACTION,
    "fee_refund": FEE_REFUND,
    "refund": REFUND,
    "transfer": TRANSFER,
    "transfer_reversal": TRANSFER_REVERSAL,
    "request_log": REQUEST_LOG,
    "charge": CHARGE,
    "dispute": DISPUTE,
    "ephemeral_key": EPHEMERAL_KEY,
    "customer_session": CUSTOMER_SESSION,
    "elements_session": ELEMENTS_SESSION,
    "file": FILE,
    "confirmation_token": CONFIRMATION_TOKEN,
    "customer": CUSTOMER,
    "mandate": MANDATE,
    "payment_intent": PAYMENT_INTENT,
    "payment_intent_amount_details_line_item": LINE_ITEM,
    "payment_method": PAYMENT_METHOD,
    "payment_method_configuration": PAYMENT_METHOD_CONFIGURATION,
    "payment_method_domain": METHOD_DOMAIN,
    "token": TOKEN,
}

ERROR_DETAILS: Schema = {
    "type": "object",
    "properties": {
        "advice_code": STRING,
        "charge": STRING,
        "code": STRING,
        "decline_code": STRING,
        "doc_url": STRING,
        "message": STRING,
        "network_advice_code": STRING,
        "network_decline_code": STRING,
        "param": STRING,
        "payment_intent": {"$ref": "#/components/schemas/payment_intent_for_browsers"},
        "payment_method": {"$ref": "#/components/schemas/payment_method"},
        "payment_method_type": STRING,
        "setup_intent": {"$ref": "#/components/schemas/setup_intent_for_browsers"},
        "request_log_url": STRING,
        "type": words("api_error", "card_error", "idempotency_error", "invalid_request_error"),
    },
    "required": ["type"],
    "additionalProperties": False,
}

ERROR = {**hash_with(error={"$ref": "#/components/schemas/error_details"}), "additionalProperties": False}
