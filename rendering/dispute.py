"""Dispute: Stripe's `dispute` object."""

from domain.model import balance
from domain.model.disputes import Dispute
from domain.model.hashes import Hash, JsonObject
from rendering import balance_transaction
from rendering.schema_words import (
    BOOLEAN,
    HASH,
    INTEGER,
    METADATA,
    STRING,
    STRINGS,
    TEXT,
    Schema,
    expandable,
    object_of,
)

EVIDENCE = (
    "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure",
    "cancellation_rebuttal", "customer_communication", "customer_email_address", "customer_name",
    "customer_purchase_ip", "customer_signature", "duplicate_charge_documentation", "duplicate_charge_explanation",
    "duplicate_charge_id", "product_description", "receipt", "refund_policy", "refund_policy_disclosure",
    "refund_refusal_explanation", "service_date", "service_documentation", "shipping_address", "shipping_carrier",
    "shipping_date", "shipping_documentation", "shipping_tracking_number", "uncategorized_file", "uncategorized_text",
)  # fmt: skip

FILES = frozenset(
    {
        "cancellation_policy", "customer_communication", "customer_signature", "duplicate_charge_documentation",
        "receipt", "refund_policy", "service_documentation", "shipping_documentation", "uncategorized_file",
    }
)  # fmt: skip
"""Those of them that are files: their ids."""

_EVIDENCE: Schema = {
    "type": "object",
    "properties": {
        **{name: expandable("file") if name in FILES else TEXT for name in EVIDENCE},
        "appeal": HASH,
        "enhanced_evidence": HASH,
    },
    "required": [*EVIDENCE, "enhanced_evidence"],
}

DISPUTE = object_of(
    "dispute",
    "payment_method_details",
    amount=INTEGER,
    balance_transaction=expandable("balance_transaction"),
    balance_transactions={"type": "array", "items": {"$ref": "#/components/schemas/balance_transaction"}},
    charge=expandable("charge"),
    created=INTEGER,
    currency=STRING,
    enhanced_eligibility_types=STRINGS,
    evidence=_EVIDENCE,
    evidence_details=HASH,
    intended_submission_method=TEXT,
    is_charge_refundable=BOOLEAN,
    livemode=BOOLEAN,
    metadata=METADATA,
    payment_intent=expandable("payment_intent"),
    payment_method_details=HASH,
    reason=STRING,
    status=STRING,
)

REASON_CODES = {
    ("visa", "chargeback", "fraudulent"): "10.4", ("visa", "chargeback", "product_not_received"): "13.1",
    ("visa", "inquiry", "fraudulent"): "10",
}  # fmt: skip
"""Why, as the network says, by its name, the kind of case and Stripe's word. As live Stripe shows its test cards'."""


_ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")
_WHO = (
    "customer_account_id", "customer_device_fingerprint", "customer_device_id", "customer_email_address",
    "customer_purchase_ip", "product_description",
)  # fmt: skip


def _moved(dispute: Dispute, now: int | None) -> list[JsonObject]:
    """What it has moved. Without a time, as it was when that was done: an event shows the same for ever."""
    return [balance_transaction.render(one, one.created if now is None else now) for one in balance.of_dispute(dispute)]


def _filled(given: Hash | None, *names: str) -> Hash | None:
    return None if given is None else {**dict.fromkeys(names), **given}


def _transaction(given: Hash | None, *more: str) -> Hash | None:
    """Who has bought what, with every key there is."""
    if given is None:
        return None
    address = _filled(given.get("shipping_address"), *_ADDRESS)
    return {**dict.fromkeys((*_WHO, *more)), **given, "shipping_address": address}


def _said(said: Hash) -> Hash:
    enhanced = dict(said.get("enhanced_evidence") or {})
    compelling = enhanced.get("visa_compelling_evidence_3")
    if compelling is not None:
        enhanced["visa_compelling_evidence_3"] = {
            "disputed_transaction": _transaction(compelling.get("disputed_transaction"), "merchandise_or_services"),
            "prior_undisputed_transactions": [
                _transaction(one) for one in compelling.get("prior_undisputed_transactions") or ()
            ],
        }
    return dict(sorted({**dict.fromkeys(EVIDENCE), **said, "enhanced_evidence": enhanced}.items()))


def render(dispute: Dispute, now: int | None = None) -> JsonObject:
    """The object, with what it has taken of the balance, whole; what is available of that, at `now` (Unix seconds)."""
    moved = _moved(dispute, now)
    shown: JsonObject = {
        "id": dispute.id,
        "object": "dispute",
        "amount": dispute.amount,
        "balance_transaction": moved[0]["id"] if moved else None,
        "balance_transactions": moved,
        "charge": dispute.charge,
        "created": dispute.created,
        "currency": dispute.currency,
        "enhanced_eligibility_types": [],
        "evidence": _said({**dispute.prefilled, **dispute.evidence}),
        "evidence_details": {
            "due_by": dispute.due_by,
            "enhanced_eligibility": {},
            # What is prefilled is none that the merchant has given.
            "has_evidence": bool(dispute.evidence),
            "past_due": False,
            "submission_count": dispute.submissions,
            "submission_method": "manual" if dispute.submissions else "not_submitted",
        },
        "intended_submission_method": dispute.intended_submission_method,
        "is_charge_refundable": not dispute.withdrawn,
        "livemode": dispute.livemode,
        "metadata": dispute.metadata,
        "payment_intent": dispute.payment_intent,
        "reason": dispute.reason,
        "status": dispute.status,
    }
    if dispute.brand is not None:
        kind = "inquiry" if dispute.inquiry else "chargeback"
        code = REASON_CODES.get((dispute.brand, kind, dispute.reason))
        card = {"brand": dispute.brand, "case_type": kind, "network": dispute.brand, "network_reason_code": code}
        shown["payment_method_details"] = {"card": card, "type": "card"}
    return shown
