"""Dispute: Stripe's `dispute` object. No evidence is taken here, so there is none."""

from typing import Any

from domain.model.balance import withdrawn
from domain.model.disputes import Dispute
from rendering import balance_transaction

EVIDENCE = (
    "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure",
    "cancellation_rebuttal", "customer_communication", "customer_email_address", "customer_name",
    "customer_purchase_ip", "customer_signature", "duplicate_charge_documentation", "duplicate_charge_explanation",
    "duplicate_charge_id", "product_description", "receipt", "refund_policy", "refund_policy_disclosure",
    "refund_refusal_explanation", "service_date", "service_documentation", "shipping_address", "shipping_carrier",
    "shipping_date", "shipping_documentation", "shipping_tracking_number", "uncategorized_file", "uncategorized_text",
)  # fmt: skip


REASON_CODES = {
    ("visa", "chargeback", "fraudulent"): "10.4", ("visa", "chargeback", "product_not_received"): "13.1",
    ("visa", "inquiry", "fraudulent"): "10",
}  # fmt: skip
"""Why, as the network says, by its name, the kind of case and Stripe's word. As live Stripe shows its test cards'."""


def _moved(dispute: Dispute) -> list[dict[str, Any]]:
    """The withdrawal. It is available at once: whoever looks, and whenever, is shown the same."""
    taken = [withdrawn(dispute)] if dispute.withdrawn else []
    return [balance_transaction.render(one, one.available_on) for one in taken]


def render(dispute: Dispute) -> dict[str, Any]:
    """The object, with what it has taken of the balance, whole."""
    shown: dict[str, Any] = {
        "id": dispute.id,
        "object": "dispute",
        "amount": dispute.amount,
        "balance_transactions": _moved(dispute),
        "charge": dispute.charge,
        "created": dispute.created,
        "currency": dispute.currency,
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": dispute.due_by,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "intended_submission_method": None,
        "is_charge_refundable": not dispute.withdrawn,
        "livemode": dispute.livemode,
        "metadata": {},
        "payment_intent": dispute.payment_intent,
        "reason": dispute.reason,
        "status": dispute.status,
    }
    if dispute.brand is not None:
        kind = "chargeback" if dispute.withdrawn else "inquiry"
        code = REASON_CODES.get((dispute.brand, kind, dispute.reason))
        card = {"brand": dispute.brand, "case_type": kind, "network": dispute.brand, "network_reason_code": code}
        shown["payment_method_details"] = {"card": card, "type": "card"}
    return shown
