"""What a publishable key may do and see: a buyer's browser has it, so everybody has.

It sees what is for the buyer, never what the merchant keeps for himself, however it is asked for; and it changes what
the buyer decides, unless the merchant has decided it with a secret key.
"""

from typing import Any

from api.dialect.errors import invalid_request
from api.parameters import payment_intents as parameters
from domain.payment_intent import PaymentIntent

EXPANDABLE = frozenset({"payment_method"})
"""Kinds of objects that a publishable key may see inside another one: what the buyer has brought."""

MERCHANTS: dict[str, Any] = {"customer": None, "customer_account": None, "metadata": {}}
"""What of these the merchant keeps for himself, and what stands there for a browser."""

DECIDED_ONCE = ("receipt_email", "shipping")
"""What a buyer may say if the merchant has not."""


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


def check_confirm(intent: PaymentIntent, given: parameters.ConfirmParameters) -> None:
    """Let a browser say only what the buyer decides.

    Raises:
        StripeError: it says more.
    """
    for name in sorted(given.model_fields_set - parameters.PUBLISHABLE_CONFIRM):
        text = f"The parameter `{name}` cannot be used with a publishable API key. Please use a secret API key."
        raise invalid_request(text, code="secret_key_required", param=name, status=400)
    for name in DECIDED_ONCE:
        if name in given.model_fields_set and getattr(intent, name) is not None:
            text = f"`{name}` was set with a secret API key, so it cannot be changed with a publishable one."
            raise invalid_request(text, code="payment_intent_invalid_parameter", param=name)


def without_the_merchants(shown: Any) -> Any:
    """An answer for a browser: payment methods in it, at any depth, without what is the merchant's."""
    if isinstance(shown, list):
        return [without_the_merchants(inner) for inner in shown]
    if not isinstance(shown, dict):
        return shown
    inside = {name: without_the_merchants(inner) for name, inner in shown.items()}
    if shown.get("object") != "payment_method":
        return inside
    return {name: MERCHANTS.get(name, inner) for name, inner in inside.items()}
