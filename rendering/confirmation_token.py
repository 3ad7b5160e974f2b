"""ConfirmationToken: Stripe's `confirmation_token` object, what a buyer's page collected."""

from domain.identifiers import SETUP_PREFIX
from domain.model.hashes import JsonObject
from records.codec import load_method
from records.confirmation_tokens import Token
from rendering.payment_method import address, preview


def render(token: Token) -> JsonObject:
    """The object."""
    # The record says which intent has used it, of whichever kind.
    of_setup = (token["payment_intent"] or "").startswith(SETUP_PREFIX)
    return {
        "id": token["id"],
        "object": "confirmation_token",
        "created": token["created"],
        "expires_at": token["expires_at"],
        "livemode": token["livemode"],
        "mandate_data": _mandate_data(token.get("mandate_data")),
        "metadata": token.get("metadata") or {},
        "payment_intent": None if of_setup else token["payment_intent"],
        "payment_method": None,
        "payment_method_options": _options(token.get("payment_method_options")),
        "payment_method_preview": preview(load_method(token["payment_method"])),
        "return_url": token.get("return_url"),
        "setup_future_usage": token.get("setup_future_usage"),
        "setup_intent": token["payment_intent"] if of_setup else None,
        "shipping": _shipping(token.get("shipping")),
        "use_stripe_sdk": token.get("use_stripe_sdk", True),
    }


def _options(given: JsonObject | None) -> JsonObject | None:
    card = (given or {}).get("card")
    if not card:
        return None
    plan = (card.get("installments") or {}).get("plan")
    shown = (
        {"plan": {"count": plan.get("count"), "interval": plan.get("interval"), "type": plan["type"]}} if plan else {}
    )
    return {"card": {"cvc_token": card.get("cvc_token")} | ({"installments": shown} if shown else {})}


def _shipping(given: JsonObject | None) -> JsonObject | None:
    if not given:
        return None
    return {"address": address(given.get("address")), "name": given.get("name"), "phone": given.get("phone")}


def _mandate_data(given: JsonObject | None) -> JsonObject | None:
    if not given:
        return None
    acceptance = given["customer_acceptance"]
    online = acceptance.get("online")
    shown = {name: online.get(name) for name in ("ip_address", "user_agent")} if online else None
    return {"customer_acceptance": {"online": shown, "type": acceptance["type"]}}
