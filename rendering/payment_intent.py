"""PaymentIntent: Stripe's `payment_intent` object, whole for secret keys and in part for publishable ones."""

from domain.identifiers import application
from domain.model.events import PaymentError
from domain.model.hashes import JsonObject
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from rendering import amount_details, charge, next_action, payment_method
from rendering.method_options import options
from rendering.printing import in_order

RA = Status.REQUIRES_ACTION
DOC_URL = "https://stripe.com/docs/error-codes/"

PUBLISHABLE_KEYS = (
    "id", "object", "amount", "amount_details", "automatic_payment_methods", "canceled_at", "cancellation_reason",
    "capture_method", "client_secret", "confirmation_method", "created", "currency", "description",
    "last_payment_error", "livemode", "next_action", "payment_method", "payment_method_configuration_details",
    "payment_method_types", "processing", "receipt_email", "setup_future_usage", "shipping", "source", "status",
)  # fmt: skip
"""What a buyer's browser may see: nothing of the customer, the account's money or its notes."""


def error(failure: PaymentError, checks: dict[str, str | None] | None = None) -> JsonObject:
    """`last_payment_error`, and the body of a 402. Keys that do not apply are absent, not null."""
    fields = {
        "advice_code": failure.advice_code,
        "charge": failure.charge,
        "code": failure.code,
        "decline_code": failure.decline_code,
        "doc_url": DOC_URL + failure.code.replace("_", "-"),
        "message": failure.message,
        "network_advice_code": failure.network_advice_code,
        "network_decline_code": failure.network_decline_code,
        "param": failure.param,
        "type": failure.type,
    }
    shown: JsonObject = {key: value for key, value in fields.items() if value is not None}
    if failure.payment_method is not None:
        shown["payment_method"] = payment_method.render(failure.payment_method, checks)
    return shown


def last_error(intent: PaymentIntent) -> JsonObject | None:
    """The error of the last attempt, its method shown with the checks of its charge, and its type beside it."""
    failure = intent.last_payment_error
    if failure is None:
        return None
    charged = intent.charge if intent.charge and intent.charge.id == failure.charge else None
    shown = error(failure, charged.checks if charged else None)
    return shown | ({"payment_method_type": failure.payment_method.type} if failure.payment_method else {})


def _transfer_data(value: JsonObject | None) -> JsonObject | None:
    """Whom a connected payment is for; only what was given. Without a destination there is no transfer."""
    if not value or not value.get("destination"):
        return None
    return {key: item for key, item in value.items() if item is not None}


def _optional(intent: PaymentIntent) -> JsonObject:
    """Hashes that Stripe leaves out, instead of showing null, until they are set."""
    shown: JsonObject = {}
    calculation = (((intent.hooks or {}).get("inputs") or {}).get("tax") or {}).get("calculation")
    if calculation:
        shown["hooks"] = {"inputs": {"tax": {"calculation": calculation}}}
    if intent.payment_details:
        names = ("customer_reference", "order_reference")
        shown["payment_details"] = {name: intent.payment_details.get(name) for name in names}
    return shown


def _list(value: tuple[str, ...] | None) -> list[str] | None:
    return list(value) if value is not None else None


def _platform(intent: PaymentIntent) -> JsonObject:
    """What a platform has said of it, and whom it is for."""
    return {
        "application": application(intent.platform),
        "application_fee_amount": intent.application_fee_amount,
        "on_behalf_of": intent.on_behalf_of,
        "transfer_data": _transfer_data(intent.transfer_data),
        "transfer_group": intent.transfer_group,
    }


def _payment_methods(intent: PaymentIntent) -> JsonObject:
    """What it may be paid with, and what it is to be paid with."""
    return {
        "allowed_payment_method_types": _list(intent.allowed_payment_method_types),
        "automatic_payment_methods": intent.automatic_payment_methods,
        "excluded_payment_method_types": _list(intent.excluded_payment_method_types),
        "payment_method": intent.payment_method.id if intent.payment_method else None,
        "payment_method_configuration_details": _configuration(intent),
        "payment_method_options": options(intent),
        "payment_method_types": list(intent.payment_method_types),
    }


def render(intent: PaymentIntent) -> JsonObject:
    """The object, as the secret key sees it."""
    rendered = {
        "id": intent.id,
        "object": "payment_intent",
        "amount": intent.amount,
        "amount_capturable": intent.amount_capturable,
        "amount_details": amount_details.render(intent),
        "amount_received": intent.amount_received,
        "canceled_at": intent.canceled_at,
        "cancellation_reason": intent.cancellation_reason,
        "capture_method": intent.capture_method,
        "client_secret": intent.client_secret,
        "confirmation_method": intent.confirmation_method,
        "created": intent.created,
        "currency": intent.currency,
        "customer": intent.customer,
        "customer_account": intent.customer_account,
        "description": intent.description,
        "last_payment_error": last_error(intent),
        "latest_charge": intent.charge.id if intent.charge else None,
        "livemode": intent.livemode,
        "managed_payments": {"enabled": False},
        "metadata": intent.metadata,
        "next_action": next_action.render(intent),
        "payment_record": None,
        "processing": None,
        "receipt_email": intent.receipt_email,
        "review": None,
        "setup_future_usage": intent.setup_future_usage,
        "shared_payment_granted_token": None,
        "shipping": charge.shipping(intent.shipping),
        "source": None,
        "statement_descriptor": intent.statement_descriptor,
        "statement_descriptor_suffix": intent.statement_descriptor_suffix,
        "status": str(intent.status),
    }
    return in_order(rendered, _payment_methods(intent), _platform(intent), _optional(intent))


def _configuration(intent: PaymentIntent) -> JsonObject | None:
    """Which configuration of payment methods was named."""
    id_ = intent.payment_method_configuration
    return {"id": id_, "parent": intent.configuration_parent} if id_ else None


def for_publishable(rendered: JsonObject) -> JsonObject:
    """The part of it that a publishable key may see."""
    return {key: rendered[key] for key in PUBLISHABLE_KEYS}
