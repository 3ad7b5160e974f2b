"""Account: Stripe's `account` object, of connected accounts, and of an account that is nobody's but its own.

Nobody is verified here, so nothing is ever required, and everything is enabled at once.
"""

from domain.model.connected_accounts import CURRENCIES, USUAL_COUNTRY, ConnectedAccount, Controller
from domain.model.hashes import JsonObject
from rendering.schema_words import (
    BOOLEAN,
    HASH,
    INTEGER,
    METADATA,
    NUMBER,
    STRING,
    STRINGS,
    TEXT,
    hash_with,
    nullable,
    object_of,
)

REQUIREMENTS: JsonObject = {
    "alternatives": [],
    "current_deadline": None,
    "currently_due": [],
    "disabled_reason": None,
    "errors": [],
    "eventually_due": [],
    "past_due": [],
    "pending_verification": [],
}
PROFILE = {
    "annual_revenue": None,
    "estimated_worker_count": None,
    "mcc": None,
    "minority_owned_business_designation": None,
    "name": None,
    "product_description": None,
    "specified_commercial_transactions_act_url": None,
    "support_address": None,
    "support_email": None,
    "support_phone": None,
    "support_url": None,
    "url": None,
}
ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
TERMS = dict.fromkeys(("date", "ip", "user_agent"))
OWN_CAPABILITIES = ("card_payments", "transfers")
"""What an account that is nobody's is said to be able to do: it takes payments of every kind, and is asked nothing."""

_REQUIREMENTS = hash_with(
    alternatives={"type": "array", "items": HASH},
    current_deadline=NUMBER,
    currently_due=STRINGS,
    disabled_reason=TEXT,
    errors={"type": "array", "items": HASH},
    eventually_due=STRINGS,
    past_due=STRINGS,
    pending_verification=STRINGS,
)
ACCOUNT = object_of(
    "account",
    "created",
    business_profile=HASH,
    business_type=TEXT,
    capabilities=METADATA,
    charges_enabled=BOOLEAN,
    controller=HASH,
    country=STRING,
    created=INTEGER,
    default_currency=STRING,
    details_submitted=BOOLEAN,
    email=TEXT,
    external_accounts=HASH,
    future_requirements=_REQUIREMENTS,
    metadata=METADATA,
    payouts_enabled=BOOLEAN,
    requirements=_REQUIREMENTS,
    settings=nullable(HASH),
    tos_acceptance=HASH,
    type=STRING,
)


def render(account: ConnectedAccount) -> JsonObject:
    """The object, as its platform sees it, and as it sees itself; one that was deleted is three keys."""
    if account.deleted:
        return {"id": account.id, "object": "account", "deleted": True}
    profile = PROFILE | account.business_profile
    if profile["support_address"] is not None:
        profile["support_address"] = ADDRESS | profile["support_address"]
    shown = {
        "business_profile": profile,
        "business_type": account.business_type,
        "capabilities": {
            name: "active" if requested else "inactive" for name, requested in sorted(account.capabilities.items())
        },
        "controller": _controller(account.controller),
        "country": account.country,
        "created": account.created,
        "default_currency": account.default_currency,
        "email": account.email,
        "metadata": account.metadata,
        "settings": _settings(profile["name"]),
        "tos_acceptance": TERMS | account.tos_acceptance,
        "type": account.type,
    }
    return _usual(account.id) | shown


def render_own(id_: str, name: str) -> JsonObject:
    """The object of an account that no platform has made."""
    shown = {
        "business_profile": PROFILE | {"name": name},
        "business_type": None,
        "capabilities": dict.fromkeys(OWN_CAPABILITIES, "active"),
        "controller": {"type": "account"},
        "country": USUAL_COUNTRY,
        "default_currency": CURRENCIES[USUAL_COUNTRY],
        "email": None,
        "metadata": {},
        "settings": _settings(name),
        "tos_acceptance": TERMS,
        "type": "standard",
    }
    return _usual(id_) | shown


def _usual(id_: str) -> JsonObject:
    """What is the same of every account."""
    accounts = {"object": "list", "data": [], "has_more": False, "url": f"/v1/accounts/{id_}/external_accounts"}
    return {
        "id": id_,
        "object": "account",
        "charges_enabled": True,
        "details_submitted": True,
        "external_accounts": {**accounts, "total_count": 0},
        "future_requirements": REQUIREMENTS,
        "payouts_enabled": True,
        "requirements": REQUIREMENTS,
    }


def _controller(controller: Controller) -> JsonObject:
    return {
        "fees": {"payer": controller.fees},
        "is_controller": True,
        "losses": {"payments": controller.losses},
        "requirement_collection": controller.requirements,
        "stripe_dashboard": {"type": controller.dashboard},
        "type": "application",
    }


def _settings(name: str | None) -> JsonObject:
    """No setting of an account is made over the API; `./perdure accounts` has those that there are."""
    return {
        "branding": dict.fromkeys(("icon", "logo", "primary_color", "secondary_color")),
        "card_payments": {
            "decline_on": {"avs_failure": False, "cvc_failure": False},
            "statement_descriptor_prefix": None,
            "statement_descriptor_prefix_kana": None,
            "statement_descriptor_prefix_kanji": None,
        },
        "dashboard": {"display_name": name, "timezone": "Etc/UTC"},
        "payments": {
            "statement_descriptor": None,
            "statement_descriptor_kana": None,
            "statement_descriptor_kanji": None,
            "statement_descriptor_prefix_kana": None,
            "statement_descriptor_prefix_kanji": None,
        },
    }
