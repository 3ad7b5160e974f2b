"""What a publishable key may do and see: a buyer's browser has it, so everybody has.

It sees what is for the buyer, never what the merchant keeps for himself, however it is asked for; and it changes what
the buyer decides, unless the merchant has decided it with a secret key.
"""

from typing import Any

from api.dialect.errors import StripeError, invalid_request
from domain.model.hashes import JsonObject
from domain.model.payment_intent import PaymentIntent
from domain.model.payment_methods import PaymentMethod
from domain.model.setup_intent import SetupIntent
from parameters import payment_intents as parameters
from parameters.method_data import MethodData

EXPANDABLE = frozenset({"payment_method"})
"""Kinds of objects that a publishable key may see inside another one: what the buyer has brought."""

MERCHANTS: JsonObject = {"customer": None, "customer_account": None, "metadata": {}}
"""What of these the merchant keeps for himself, and what stands there for a browser."""

PREVIEW = "payment_method_preview"
"""A payment method that does not say that it is one."""

DECIDED_ONCE = ("receipt_email", "shipping")
"""What a buyer may say if the merchant has not."""

BUYERS_OPTIONS = {
    "blik": {"code"},
    "card": {"cvc_token", "network"},
    "konbini": {"confirmation_number"},
    "link": {"persistent_token"},
    "p24": {"tos_shown_and_accepted"},
    "wechat_pay": {"app_id", "client"},
}
"""By type, what a buyer says at each attempt anew: what Stripe's libraries send from browsers and phones
(`payment_method_options` in @stripe/stripe-js 10.2; stripe-android's PaymentMethodOptionsParams). The usage of every
type besides, which is only raised: domain/machine/confirmation.py."""

OPTIONS_DECIDED_ONCE = {
    "affirm": {"preferred_locale"},
    "bancontact": {"preferred_language"},
    "customer_balance": {"bank_transfer", "funding_type"},
    "klarna": {"preferred_locale"},
    "paypal": {"preferred_locale"},
    "sofort": {"preferred_language"},
}
"""By type, what a buyer may say if the merchant has not. Everything else is the merchant's: whether the buyer is asked
by their bank (`moto`, `three_d_secure`), when the money is taken, how an account is verified, what a mandate allows."""

MERCHANTS_DETAILS = {"us_bank_account": frozenset({"financial_connections_account"})}
"""By type, what of a method's own hash only a server may tell: that its bank has said whose account it is."""

USAGE = "setup_future_usage"


def check_expand(path: str, kinds: set[str]) -> None:
    """Let through only what a buyer may see; `kinds` are the objects that a path opens.

    Raises:
        StripeError: it opens more.
    """
    if kinds - EXPANDABLE:
        text = (
            f"This property cannot be expanded with a publishable API key ({path[:200]}). Please use a secret API key."
        )
        raise invalid_request(text, code="secret_key_required", param="expand", status=400)


def check_confirm(given: parameters.ConfirmParameters) -> None:
    """Let a browser say only what a buyer decides.

    Raises:
        StripeError: it says more.
    """
    for name in sorted(given.model_fields_set - parameters.PUBLISHABLE_CONFIRM):
        raise for_servers(name)


def buyers(intent: PaymentIntent, changes: JsonObject) -> JsonObject:
    """What a browser changes by a confirmation, itself or by the confirmation token that it names.

    Raises:
        StripeError: it changes what the merchant decides, or has decided.
    """
    for name in DECIDED_ONCE:
        if name in changes and getattr(intent, name) is not None:
            raise _decided(name)
    if "payment_method_options" not in changes:
        return changes
    said = buyers_options(intent.payment_method_options or {}, changes["payment_method_options"] or {})
    return changes | {"payment_method_options": said}


def buyers_options(before: JsonObject, said: JsonObject) -> JsonObject:
    """What a browser says of the methods by type, where the merchant has said `before`.

    Raises:
        StripeError: it is for the merchant to say.
    """
    return {type_: _buyers_options(type_, before.get(type_) or {}, options) for type_, options in said.items()}


def _buyers_options(type_: str, before: JsonObject, said: JsonObject | None) -> JsonObject:
    where = f"payment_method_options[{type_}]"
    if said is None:
        raise for_servers(where)
    for name, value in said.items():
        if name == USAGE or name in BUYERS_OPTIONS.get(type_, ()):
            continue
        if (type_, name) == ("card", "installments"):
            said = said | {name: _plan(before.get(name), value)}
        elif name not in OPTIONS_DECIDED_ONCE.get(type_, ()):
            raise for_servers(f"{where}[{name}]")
        elif before.get(name) not in (None, value):
            raise _decided(f"{where}[{name}]")
    return said


def _plan(before: JsonObject | None, said: JsonObject) -> JsonObject:
    """In how many parts the buyer pays, where the merchant has them choose."""
    enabled = (before or {}).get("enabled")
    if said.keys() - {"plan"} or not enabled:
        raise for_servers("payment_method_options[card][installments]")
    return said | {"enabled": enabled}


def for_servers(name: str) -> StripeError:
    """A parameter that a browser may not use, or not in this way."""
    text = f"The parameter `{name}` cannot be used with a publishable API key. Please use a secret API key."
    return invalid_request(text, code="secret_key_required", param=name, status=400)


def _decided(name: str) -> StripeError:
    text = f"`{name}` was set with a secret API key, so it cannot be changed with a publishable one."
    return invalid_request(text, code="payment_intent_invalid_parameter", param=name)


def check_method(data: MethodData, param: str) -> None:
    """Let a browser describe a method, and not say what only whoever links accounts knows; `param` is where it says it.

    Raises:
        StripeError: it says more.
    """
    merchants = MERCHANTS_DETAILS.get(data.type)
    for name in sorted(merchants & (data.details() or {}).keys()) if merchants else ():
        raise for_servers(f"{param}[{data.type}][{name}]" if param else f"{data.type}[{name}]")


def check_linked(intent: PaymentIntent | SetupIntent) -> None:
    """Refuse a linked account where the merchant has its owner prove that it is theirs by deposits.

    Raises:
        StripeError: that is what the merchant has decided.
    """
    options = (intent.payment_method_options or {}).get("us_bank_account") or {}
    if options.get("verification_method") == "microdeposits":
        raise _decided("payment_method_options[us_bank_account][verification_method]")


def check_owner(intent: PaymentIntent | SetupIntent, method: PaymentMethod | None) -> None:
    """Refuse a method that is kept for somebody else, without a word of who that is.

    Raises:
        StripeError: it is.
    """
    if method is not None and method.customer is not None and method.customer != intent.customer:
        text = (
            "The payment method you provided is attached to a customer so for security purposes you must provide the "
            "customer in the request."
        )
        raise invalid_request(text, param="payment_method")


def customer_gone(title: str) -> StripeError:
    """The customer whom an intent is for was deleted; `title` is what kind of intent it is. Who it was is not told."""
    text = f"The customer of this {title} has been deleted."
    return invalid_request(text, code="resource_missing", param="customer", status=400)


def check_brought(*, new: bool) -> None:
    """Refuse to show a browser a method that it has not brought: one that was kept before, not a `new` one.

    Raises:
        StripeError: it was.
    """
    if not new:
        raise for_servers("payment_method")


def without_the_merchants(shown: Any) -> Any:
    """An answer for a browser: payment methods in it, at any depth, without what is the merchant's."""
    if isinstance(shown, list):
        return [without_the_merchants(inner) for inner in shown]
    if not isinstance(shown, dict):
        return shown
    inside = {name: without_the_merchants(inner) for name, inner in shown.items()}
    if inside.get(PREVIEW):
        inside[PREVIEW] = _without(inside[PREVIEW])
    return _without(inside) if shown.get("object") == "payment_method" else inside


def _without(method: JsonObject) -> JsonObject:
    return {name: MERCHANTS.get(name, inner) for name, inner in method.items()}
