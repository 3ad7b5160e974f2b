"""Parameters of customer sessions, and of what the browser library asks with one."""

from typing import Annotated, Any

from domain.model.hashes import JsonObject
from parameters.common import AllowedTypes
from parameters.fields import AllowRedisplay, Boolean, Bounded, CaptureMethod, FutureUsage, Id, Integer, OneOf, Text
from parameters.hashes import Hash, Parameters, Shaped, hash_of, integer, list_of, one_of, required

SHOWN_MAX = 10
"""So many methods a payment element shows at most. docs.stripe.com/api/customer_sessions."""

SWITCH = one_of("disabled", "enabled")
SHOWN = list_of(AllowRedisplay)

SHEET: JsonObject = {"payment_method_allow_redisplay_filters": SHOWN, "payment_method_remove": SWITCH}
ELEMENT: JsonObject = {**SHEET, "payment_method_redisplay": SWITCH, "payment_method_save": SWITCH}
WEB: JsonObject = {
    **ELEMENT, "payment_method_redisplay_limit": integer(1, SHOWN_MAX), "payment_method_save_usage": FutureUsage,
}  # fmt: skip
MOBILE: JsonObject = {**ELEMENT, "payment_method_save_allow_redisplay_override": AllowRedisplay}


def _component(name: str, features: JsonObject | None = None) -> Any:
    more = {} if features is None else {"features": hash_of(f"{name}_features", **features)}
    return hash_of(name, enabled=required(Boolean), **more)


Components = Annotated[
    JsonObject,
    Shaped(
        "components",
        active_entitlements=_component("active_entitlements"),
        buy_button=_component("buy_button"),
        customer_portal=_component("customer_portal"),
        customer_sheet=_component("customer_sheet", SHEET),
        mobile_payment_element=_component("mobile_payment_element", MOBILE),
        payment_element=_component("payment_element", WEB),
        pricing_table=_component("pricing_table"),
    ),
]


class CustomerSessionCreateParameters(Parameters):
    """Let a page show a customer what is theirs."""

    components: Components
    customer: Id | None = None
    customer_account: Id | None = None


class DeferredIntentHash(Hash):
    """What an intent will be, of which there is none yet. `amount` is minor units."""

    mode: Annotated[str, OneOf("payment", "setup", "subscription")]
    amount: Annotated[Integer, Bounded(0)] | None = None
    currency: Text | None = None
    capture_method: CaptureMethod | None = None
    setup_future_usage: FutureUsage | None = None
    on_behalf_of: Id | None = None
    excluded_payment_method_types: AllowedTypes | None = None
    payment_method_configuration: Id | None = None


class ElementsSessionParameters(Parameters):
    """What elements on a page may offer: for an intent that there is, or for one that there will be."""

    client_secret: Id | None = None
    customer_session_client_secret: Id | None = None
    deferred_intent: DeferredIntentHash | None = None


class MethodRemoveParameters(Parameters):
    """Remove a method that the customer session shows."""

    customer_session_client_secret: Id
