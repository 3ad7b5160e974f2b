"""Mandate: Stripe's `mandate` object, the buyer's consent to be charged."""

from domain.model.hashes import JsonObject
from domain.model.mandates import Mandate

DETAILS: dict[str, JsonObject] = {
    "acss_debit": {"interval_description": None, "payment_schedule": "sporadic", "transaction_type": "personal"},
    "au_becs_debit": {"url": ""},
    "bacs_debit": {
        "display_name": None, "network_status": "accepted", "reference": "", "revocation_reason": None,
        "service_user_number": None, "url": "",
    },
    "blik": {"expires_at": None, "type": "off_session"},
    "paypal": {"billing_agreement_id": None, "payer_id": None},
    "payto": {
        "amount": None, "amount_type": "maximum", "end_date": None, "payment_schedule": "adhoc",
        "payments_per_period": None, "purpose": None, "start_date": None,
    },
    "sepa_debit": {"reference": "", "url": ""},
    "upi": {"amount": None, "amount_type": None, "description": None, "end_date": None},
}  # fmt: skip
"""By type: what a mandate of it shows. Types not listed show nothing."""


def render(mandate: Mandate) -> JsonObject:
    """The object."""
    kind = "single_use" if mandate.amount is not None else "multi_use"
    use = {"amount": mandate.amount, "currency": mandate.currency} if mandate.amount is not None else {}
    rendered = {
        "id": mandate.id,
        "object": "mandate",
        "customer_acceptance": customer_acceptance(mandate),
        "livemode": mandate.livemode,
        kind: use,
        "payment_method": mandate.payment_method,
        "payment_method_details": {
            mandate.method_type: DETAILS.get(mandate.method_type, {}),
            "type": mandate.method_type,
        },
        # As Stripe's reference has it: inactive is what was "previously used, and may not be used" again.
        "status": "inactive" if mandate.used_by else mandate.status,
        "type": kind,
    }
    return rendered | ({"on_behalf_of": mandate.on_behalf_of} if mandate.on_behalf_of else {})


def customer_acceptance(mandate: Mandate) -> JsonObject:
    """How the buyer consented. Where nobody said, the account has it on paper."""
    acceptance = mandate.acceptance
    accepted_at = acceptance.get("accepted_at") or mandate.created
    if acceptance.get("type") == "online":
        online = acceptance.get("online") or {}
        shown = {name: online.get(name) for name in ("ip_address", "user_agent")}
        return {"accepted_at": accepted_at, "online": shown, "type": "online"}
    return {"accepted_at": accepted_at, "offline": {}, "type": "offline"}
