"""Charge: Stripe's `charge` object, one attempt to move money. Every nullable key is there, as null."""

from typing import TypeGuard

from domain.identifiers import application
from domain.model.balance import of_charge, of_late_failure
from domain.model.charges import Charge
from domain.model.hashes import JsonObject
from domain.model.payment_methods import Card
from domain.model.shares import fee_id, transfer_id
from rendering import charged_methods
from rendering.method_options import installment_plan
from rendering.payment_method import address, billing_details, card_checks
from rendering.printing import in_order

DESCRIPTOR_PREFIX = "PERDURE"
"""What a buyer's statement starts with."""

DESCRIPTOR_MAX = 22

UNAUTHENTICATED = "07"
"""What Visa calls a payment on the web whose buyer nobody has authenticated."""

SAID = ("capture_before", "moto", "setup_credential_usage", "stored_credential_usage")
"""What is shown of a card's charge only where there is something to say."""

NOTHING_SAID = (None,) * len(SAID)

RESULT_OF_STATUS = {"A": "attempt_acknowledged", "I": "exempted", "N": "failed", "R": "failed", "U": "not_supported"}
"""EMV 3-D Secure's transStatus, as Stripe words it; Y and C mean that the buyer was authenticated."""


def shipping(value: JsonObject | None) -> JsonObject | None:
    """Where the goods go, with every key."""
    if value is None:
        return None
    names = ("carrier", "name", "phone", "tracking_number")
    return {"address": address(value.get("address")), **{name: value.get(name) for name in names}}


def _transfer_data(value: JsonObject | None) -> JsonObject | None:
    """Whom a connected payment is for. A transfer without a destination is none."""
    return {"amount": value.get("amount"), "destination": value["destination"]} if _has_destination(value) else None


def _has_destination(value: JsonObject | None) -> TypeGuard[JsonObject]:
    return bool(value and value.get("destination"))


def _outcome(charge: Charge) -> JsonObject:
    result = charge.result
    # Risk is only assessed of cards, and of what was kept from its network because of it.
    assessed = charge.payment_method.card is not None or result.type == "blocked"
    shown = {
        "advice_code": result.advice_code,
        "network_advice_code": result.network_advice_code,
        "network_decline_code": result.network_decline_code,
        "network_status": result.network_status,
        "reason": result.reason,
        "risk_level": result.risk_level if assessed else "not_assessed",
        "seller_message": result.seller_message,
        "type": result.type,
    }
    return shown | ({"risk_score": result.risk_score} if charge.payment_method.card is not None else {})


def _availability(available: bool) -> dict[str, str]:
    return {"status": "available" if available else "unavailable"}


def _three_d_secure(told: JsonObject | None) -> JsonObject | None:
    """How the buyer was authenticated: by our gateway, or elsewhere. A cryptogram is nobody's business."""
    if told is None:
        return None
    return {
        "authentication_flow": told.get("authentication_flow"),
        "electronic_commerce_indicator": told.get("electronic_commerce_indicator"),
        "exemption_indicator": told.get("exemption_indicator"),
        "result": told.get("result") or RESULT_OF_STATUS.get(told.get("ares_trans_status", "Y"), "authenticated"),
        "result_reason": told.get("result_reason"),
        "transaction_id": told.get("transaction_id"),
        "version": told.get("version"),
    }


def _indicator(charge: Charge, card: Card) -> str | None:
    """How sure its network is of the buyer: what the authentication said; of a Visa card without one, not at all."""
    told: str | None = (charge.three_d_secure or {}).get("electronic_commerce_indicator")
    asked = card.brand == "visa" and charge.result.network_status in ("approved_by_network", "declined_by_network")
    return UNAUTHENTICATED if asked and charge.three_d_secure is None and not charge.moto else told


def _card(charge: Charge, card: Card) -> JsonObject:
    held = charge.status == "succeeded"
    details = {
        "amount_authorized": charge.amount if held else None,
        "authorization_code": charge.authorization_code,
        "brand": card.brand,
        "checks": card_checks(card, charge.checks),
        "country": card.country,
        "electronic_commerce_indicator": _indicator(charge, card),
        "exp_month": card.exp_month,
        "exp_year": card.exp_year,
        "extended_authorization": {"status": "enabled" if charge.extended else "disabled"},
        "fingerprint": card.fingerprint,
        "funding": card.funding,
        "incremental_authorization": _availability(charge.incremental),
        "installments": {"plan": installment_plan(charge.installments)} if charge.installments else None,
        "last4": card.last4,
        "mandate": charge.mandate,
        "multicapture": _availability(charge.multicapture),
        "network": charge.network or (card.networks[-1] if card.networks else card.brand),
        "network_token": {"used": False},
        "network_transaction_id": charge.network_transaction_id,
        "overcapture": _overcapture(charge),
        "regulated_status": "unregulated",
        "three_d_secure": _three_d_secure(charge.three_d_secure),
        "transaction_link_id": None,
        "wallet": None,
    }
    before = charge.capture_before if held and not charge.captured else None
    said = (before, charge.moto, charge.setup_credential_usage, charge.stored_credential_usage)
    if said == NOTHING_SAID:
        return details
    more = {name: value for name, value in zip(SAID, said, strict=True) if value is not None}
    return dict(sorted({**details, **more}.items()))


def _overcapture(charge: Charge) -> JsonObject:
    most = charge.overcapture_maximum
    return {
        "maximum_amount_capturable": most or charge.amount,
        "status": "unavailable" if most is None else "available",
    }


def _method_details(charge: Charge) -> JsonObject:
    method = charge.payment_method
    shown = charged_methods.details(charge) if method.card is None else _card(charge, method.card)
    return {method.type: shown, "type": method.type}


def _fraud_details(charge: Charge) -> JsonObject:
    """What the merchant thinks of it, told in so many words or by the reason of a refund."""
    said = charge.user_report
    report = "fraudulent" if said is None and charge.reported_fraudulent else said
    return {"user_report": report} if report else {}


def _descriptor(charge: Charge) -> str:
    suffix = charge.statement_descriptor_suffix
    return f"{DESCRIPTOR_PREFIX}* {suffix}".upper()[:DESCRIPTOR_MAX] if suffix else DESCRIPTOR_PREFIX


def _platform(charge: Charge) -> JsonObject:
    """What a platform has said of it, and whom it is for."""
    return {
        "application": application(charge.platform),
        "application_fee": fee_id(charge.id) if charge.fee_taken else None,
        "application_fee_amount": charge.application_fee_amount,
        "destination": charge.transfer_data["destination"] if _has_destination(charge.transfer_data) else None,
        "on_behalf_of": charge.on_behalf_of,
        "source_transfer": None,
        **({"transfer": transfer_id(charge)} if charge.transferred else {}),
        "transfer_data": _transfer_data(charge.transfer_data),
        "transfer_group": charge.transfer_group,
    }


def _standing(charge: Charge) -> JsonObject:
    """What has become of it, and of its money."""
    # What a capture, a cancel or time has released of a hold is no refund (since 2025-03-31.basil).
    # But what a refund tells of, because an older version has released it, counts as one.
    refunded = charge.amount_refunded + charge.released_as_refund
    whole = charge.amount_captured + charge.released_as_refund
    status = "failed" if charge.capture_failed and charge.capture_failed == charge.amount_captured else charge.status
    return {
        "amount_captured": charge.amount_captured,
        "amount_refunded": refunded,
        "balance_transaction": of_charge(charge),
        "captured": charge.captured,
        "dispute": charge.dispute,
        "disputed": charge.dispute is not None,
        "failure_balance_transaction": of_late_failure(charge),
        "failure_code": charge.failure_code,
        "failure_message": charge.failure_message,
        "outcome": _outcome(charge),
        "paid": status == "succeeded",
        "refunded": (charge.captured or charge.voided) and 0 < whole <= refunded,
        "status": status,
    }


def render(charge: Charge) -> JsonObject:
    """The object."""
    rendered = {
        "id": charge.id,
        "object": "charge",
        "amount": charge.amount,
        "billing_details": billing_details(charge.payment_method),
        "calculated_statement_descriptor": _descriptor(charge),
        "created": charge.created,
        "currency": charge.currency,
        "customer": charge.customer,
        "description": charge.description,
        "fraud_details": _fraud_details(charge),
        "livemode": charge.livemode,
        "metadata": charge.metadata,
        "order": None,
        "payment_intent": charge.payment_intent,
        "payment_method": charge.payment_method.id,
        "payment_method_details": _method_details(charge),
        "radar_options": {"session": charge.radar_session} if charge.radar_session else {},
        "receipt_email": charge.receipt_email,
        "receipt_number": None,
        "receipt_url": charge.receipt_url if charge.status == "succeeded" else None,
        "review": None,
        "shipping": shipping(charge.shipping),
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": charge.statement_descriptor_suffix,
    }
    return in_order(rendered, _platform(charge), _standing(charge))
