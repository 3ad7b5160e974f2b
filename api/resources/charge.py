"""Charge: Stripe's `charge` object, one attempt to move money. Every nullable key is there, as null."""

from typing import Any

from api.resources.payment_method import address, billing_details, card_checks
from domain.charges import Charge

DESCRIPTOR_PREFIX = "PERDURE"
"""What a buyer's statement starts with."""

DESCRIPTOR_MAX = 22


def shipping(value: dict[str, Any] | None) -> dict[str, Any] | None:
    """Where the goods go, with every key."""
    if value is None:
        return None
    names = ("carrier", "name", "phone", "tracking_number")
    return {"address": address(value.get("address")), **{name: value.get(name) for name in names}}


def transfer_data(value: dict[str, Any] | None) -> dict[str, Any] | None:
    """Whom a connected payment is for; only what was given."""
    return {key: item for key, item in value.items() if item is not None} if value else None


def _outcome(charge: Charge) -> dict[str, Any]:
    result = charge.result
    return {
        "advice_code": result.advice_code,
        "network_advice_code": None,
        "network_decline_code": result.network_decline_code,
        "network_status": result.network_status,
        "reason": result.reason,
        "risk_level": result.risk_level,
        "risk_score": result.risk_score,
        "seller_message": result.seller_message,
        "type": result.type,
    }


def _availability(available: bool) -> dict[str, str]:
    return {"status": "available" if available else "unavailable"}


def _card(charge: Charge) -> dict[str, Any]:
    card, held = charge.payment_method.card, charge.status == "succeeded"
    details = {
        "amount_authorized": charge.amount if held else None,
        "authorization_code": charge.authorization_code,
        "brand": card.brand,
        "checks": card_checks(card, charge.checks),
        "country": card.country,
        "exp_month": card.exp_month,
        "exp_year": card.exp_year,
        "extended_authorization": {"status": "disabled"},
        "fingerprint": card.fingerprint,
        "funding": card.funding,
        "incremental_authorization": _availability(charge.incremental),
        "installments": None,
        "last4": card.last4,
        "mandate": None,
        "multicapture": _availability(charge.multicapture),
        "network": card.networks[-1] if card.networks else card.brand,
        "network_token": {"used": False},
        "network_transaction_id": charge.network_transaction_id,
        "overcapture": {"maximum_amount_capturable": charge.amount, "status": "unavailable"},
        "regulated_status": "unregulated",
        "three_d_secure": None,
        "transaction_link_id": None,
        "wallet": None,
    }
    if held and not charge.captured and charge.capture_before:
        details["capture_before"] = charge.capture_before
    return dict(sorted(details.items()))


def _amount_refunded(charge: Charge) -> int:
    """A released hold reads as refunded, whole or in part, though no money had moved."""
    if charge.voided:
        return charge.amount
    released = charge.amount - charge.amount_captured if charge.captured and charge.captures == 1 else 0
    return charge.amount_refunded + released


def _descriptor(charge: Charge) -> str:
    suffix = charge.statement_descriptor_suffix
    return f"{DESCRIPTOR_PREFIX}* {suffix}"[:DESCRIPTOR_MAX] if suffix else DESCRIPTOR_PREFIX


def render(charge: Charge) -> dict[str, Any]:
    """The object."""
    succeeded, refunded = charge.status == "succeeded", _amount_refunded(charge)
    return {
        "id": charge.id,
        "object": "charge",
        "amount": charge.amount,
        "amount_captured": charge.amount_captured,
        "amount_refunded": refunded,
        "application": None,
        "application_fee": None,
        "application_fee_amount": charge.application_fee_amount,
        "balance_transaction": None,
        "billing_details": billing_details(charge.payment_method),
        "calculated_statement_descriptor": _descriptor(charge),
        "captured": charge.captured,
        "created": charge.created,
        "currency": charge.currency,
        "customer": charge.customer,
        "description": charge.description,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": charge.failure_code,
        "failure_message": charge.failure_message,
        "fraud_details": {},
        "livemode": charge.livemode,
        "metadata": charge.metadata,
        "on_behalf_of": charge.on_behalf_of,
        "outcome": _outcome(charge),
        "paid": succeeded,
        "payment_intent": charge.payment_intent,
        "payment_method": charge.payment_method.id,
        "payment_method_details": {"card": _card(charge), "type": "card"},
        "radar_options": {},
        "receipt_email": charge.receipt_email,
        "receipt_number": None,
        "receipt_url": None,
        "refunded": refunded == charge.amount,
        "review": None,
        "shipping": shipping(charge.shipping),
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": charge.statement_descriptor_suffix,
        "status": charge.status,
        "transfer_data": transfer_data(charge.transfer_data),
        "transfer_group": charge.transfer_group,
    }
