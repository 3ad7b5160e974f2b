"""CustomerSession: Stripe's `customer_session` object, and what a page gets that has its secret."""

from domain.model.customer_sessions import CustomerSession
from domain.model.hashes import JsonObject
from rendering.schema_words import (
    BOOLEAN,
    HASH,
    INTEGER,
    STRING,
    STRINGS,
    TEXT,
    expandable,
    hash_with,
    nullable,
    object_without_id,
)

OFF = "disabled"

_SHEET: JsonObject = {"payment_method_allow_redisplay_filters": ["always"], "payment_method_remove": OFF}
_ELEMENT: JsonObject = {**_SHEET, "payment_method_redisplay": OFF, "payment_method_save": OFF}

FEATURES: dict[str, JsonObject] = {
    "customer_sheet": _SHEET,
    "mobile_payment_element": {**_ELEMENT, "payment_method_save_allow_redisplay_override": None},
    "payment_element": {**_ELEMENT, "payment_method_redisplay_limit": 3, "payment_method_save_usage": None},
}
"""What components may do where nobody has said otherwise. docs.stripe.com/api/customer_sessions."""

COMPONENTS = (
    "active_entitlements", "buy_button", "customer_portal", "customer_sheet", "mobile_payment_element",
    "payment_element", "pricing_table",
)  # fmt: skip


def _described(name: str) -> JsonObject:
    return hash_with(enabled=BOOLEAN, features=nullable(HASH)) if name in FEATURES else hash_with(enabled=BOOLEAN)


CUSTOMER_SESSION = object_without_id(
    "customer_session",
    client_secret=STRING,
    components=hash_with(**{name: _described(name) for name in COMPONENTS}),
    created=INTEGER,
    customer=expandable("customer"),
    customer_account=TEXT,
    expires_at=INTEGER,
    livemode=BOOLEAN,
)

ELEMENTS_SESSION = object_without_id(
    "elements_session",
    customer=nullable(
        hash_with(
            customer_session=hash_with(components=HASH, expires_at=INTEGER),
            default_payment_method=TEXT,
            payment_methods={"type": "array", "items": {"$ref": "#/components/schemas/payment_method"}},
        )
    ),
    livemode=BOOLEAN,
    payment_method_preference=hash_with(ordered_payment_method_types=STRINGS),
    session_id=STRING,
)
"""What Stripe.js asks before it shows anything; as far as the library here needs it."""


def components(session: CustomerSession) -> JsonObject:
    """Every component there is, on or off."""
    return {name: _component(session, name) for name in COMPONENTS}


def _component(session: CustomerSession, name: str) -> JsonObject:
    shown: JsonObject = {"enabled": name in session.components}
    return {**shown, "features": session.components.get(name)} if name in FEATURES else shown


def render(session: CustomerSession, secret: str) -> JsonObject:
    """The object."""
    return {
        "object": "customer_session",
        "client_secret": secret,
        "components": components(session),
        "created": session.created,
        "customer": session.customer,
        "customer_account": None,
        "expires_at": session.expires,
        "livemode": session.livemode,
    }
