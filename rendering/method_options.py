"""`payment_method_options` as a PaymentIntent shows them: by type, with the defaults Stripe spells out."""

from domain.model.hashes import JsonObject
from domain.model.payment_intent import PaymentIntent
from rendering.payment_method import address

NEVER_SHOWN = frozenset({"cvc_token", "moto", "three_d_secure", "networks", "code", "tos_shown_and_accepted",
                         "risk_correlation_id", "on_demand", "subscriptions"})  # fmt: skip
"""Options that are for the gateway only; Stripe never shows them either. What they did, the charge shows."""

SHOWN_AS_NULL: dict[str, JsonObject] = {
    "afterpay_clearpay": {"reference": None},
    "bancontact": {"preferred_language": "en"},
    "blik": {},
    "boleto": {"expires_after_days": 3},
    "card": {"installments": None, "mandate_options": None, "network": None, "request_three_d_secure": "automatic"},
    "card_present": {"request_extended_authorization": None, "request_incremental_authorization_support": None},
    "customer_balance": {"funding_type": None},
    "klarna": {"preferred_locale": None},
    "konbini": {
        "confirmation_number": None, "expires_after_days": None, "expires_at": None, "product_description": None
    },
    "link": {"persistent_token": None},
    "oxxo": {"expires_after_days": 3},
    "paypal": {"preferred_locale": None, "reference": None},
    "pix": {"expires_after_seconds": None, "expires_at": None},
    "sofort": {"preferred_language": None},
    "swish": {"reference": None},
    "wechat_pay": {"app_id": None, "client": None},
}  # fmt: skip
"""By type: options that are always shown, and what they are when nobody said anything."""

HASHES_SHOWN_WHOLE: dict[tuple[str, str], tuple[str, ...]] = {
    ("acss_debit", "mandate_options"): ("interval_description", "payment_schedule", "transaction_type"),
    ("billie", "company_details"): ("registered_name", "registration_number", "vat"),
    ("card", "mandate_options"): ("description", "end_date", "interval_count", "supported_types"),
    ("card_present", "routing"): ("requested_priority",),
    ("payto", "mandate_options"): (
        "amount", "amount_type", "end_date", "payment_schedule", "payments_per_period", "purpose"
    ),
    ("us_bank_account", "financial_connections"): ("prefetch",),
}  # fmt: skip
"""Hashes within options whose keys are all shown once there is any: those that nobody set, as null."""


def options(intent: PaymentIntent) -> JsonObject | None:
    """Options by type: those of every type the intent takes, and those that were given."""
    given = intent.payment_method_options
    if not given:
        return {type_: {**SHOWN_AS_NULL.get(type_, {})} for type_ in sorted(intent.payment_method_types)} or None
    types = [*given, *(type_ for type_ in intent.payment_method_types if type_ not in given)]
    return {type_: shown_options(type_, given.get(type_) or {}, SHOWN_AS_NULL) for type_ in sorted(types)} or None


def shown_options(type_: str, given: JsonObject, always: dict[str, JsonObject]) -> JsonObject:
    """The options of one type; `always` are those that are shown whatever was given."""
    shown = {name: value for name, value in given.items() if value is not None and name not in NEVER_SHOWN}
    for name, value in shown.items():
        if isinstance(value, dict):
            shown[name] = _shown_hash(type_, name, value)
    if type_ == "upi":
        shown = {"setup_future_usage": given["setup_future_usage"]} if _reusable(given) else {}
    return dict(sorted((always.get(type_, {}) | shown).items()))


def _reusable(given: JsonObject) -> bool:
    """Whether the method may be used again; for UPI, not to be is not a thing that is shown."""
    return given.get("setup_future_usage") not in (None, "none")


def _shown_hash(type_: str, name: str, value: JsonObject) -> JsonObject:
    given = {key: inner for key, inner in value.items() if inner is not None}
    whole = dict.fromkeys(HASHES_SHOWN_WHOLE.get((type_, name), ()))
    if (type_, name) == ("card", "installments"):
        plan = installment_plan(given.get("plan"))
        return {"available_plans": None, "enabled": given.get("enabled", False), "plan": plan}
    if (type_, name) == ("billie", "company_details") and "registered_address" in given:
        given["registered_address"] = address(given["registered_address"])
    if (type_, name) == ("blik", "mandate_options"):
        whole = {"expires_at": None, "type": "off_session"}
    return dict(sorted((whole | given).items()))


def installment_plan(plan: JsonObject | None) -> JsonObject | None:
    """How the buyer pays in parts."""
    return {"count": plan.get("count"), "interval": plan.get("interval"), "type": plan["type"]} if plan else None
