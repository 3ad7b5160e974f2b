"""What is asked of Stripe for each effect: method, path and parameters, by the names of Stripe's API. Pure.

Every parameter that a test sends is held to the types of Stripe's own Python library (tests/gateways/stripe).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from domain.methods.card_numbers import CardInput
from domain.model.hashes import JsonObject
from domain.model.outcomes import Authorize, CaptureHold, Increment, Refund, SetUp, Void, intent_of
from gateways.base import GatewayRejected
from gateways.stripe.account import StripeAccount

PREFIX = "stripe"
RETURN_PATH = "/gateways/{name}/return"
"""Where buyers come back to; Stripe adds its own names of the payment."""

EXPANDED = {"expand": ["latest_charge"]}
REFUND_REASONS = frozenset({"duplicate", "fraudulent", "requested_by_customer"})


@dataclass(frozen=True, slots=True)
class Call:
    """One request. A card number may be among the parameters of one that tokenizes."""

    method: str
    path: str
    parameters: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Kept:
    """A card at Stripe: without its customer it could be charged once, and no more."""

    customer: str
    method: str

    @property
    def token(self) -> str:
        """How the engine keeps it."""
        return f"{PREFIX}:{self.customer}:{self.method}"


def kept(token: str) -> Kept:
    """The card behind a token.

    Raises:
        GatewayRejected: it is none of Stripe's.
    """
    parts = token.split(":")
    if len(parts) != 3 or parts[0] != PREFIX or not all(parts):
        raise GatewayRejected("the payment method was not kept at Stripe")
    return Kept(parts[1], parts[2])


def pairs(parameters: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Parameters as Stripe's forms have them: `a[b]`, `a[]`, and booleans as words."""
    for name, value in parameters.items():
        key = f"{prefix}[{name}]" if prefix else name
        if isinstance(value, Mapping):
            yield from pairs(value, key)
        elif isinstance(value, list):
            yield from ((f"{key}[]", str(each)) for each in value)
        else:
            yield key, str(value).lower() if isinstance(value, bool) else str(value)


def collect(card: CardInput) -> Call:
    """Exchange a card number for a payment method."""
    number: JsonObject = {"number": card.number, "exp_month": card.exp_month, "exp_year": card.exp_year}
    return Call(
        "POST", "/v1/payment_methods", {"type": "card", "card": number | ({"cvc": card.cvc} if card.cvc else {})}
    )


def keep(method: str) -> Call:
    """Keep a payment method with a customer of its own, who has no name."""
    return Call("POST", "/v1/customers", {"payment_method": method})


def authorize(account: StripeAccount, effect: Authorize) -> Call:
    """Hold or take an amount; one whose buyer has come back is only looked at.

    Raises:
        GatewayRejected: it is nothing that this adapter can ask for.
    """
    if effect.authentication is not None:
        return look(effect.authentication)
    _refuse_what_cannot_be_said(effect)
    card: JsonObject = {} if effect.three_d_secure == "automatic" else {"request_three_d_secure": effect.three_d_secure}
    if effect.moto:
        card["moto"] = True
    if not effect.capture:
        card |= {"request_multicapture": "if_available", "request_incremental_authorization": "if_available"}
    parameters: JsonObject = {
        "amount": effect.amount,
        "currency": effect.currency,
        "capture_method": "automatic" if effect.capture else "manual",
        **_confirmed(effect),
        **EXPANDED,
    }
    if effect.saving:
        parameters["setup_future_usage"] = "off_session"
    if effect.off_session:
        parameters["off_session"] = True
    else:
        parameters["return_url"] = account.returns + RETURN_PATH.format(name=account.name)
    return Call(
        "POST", "/v1/payment_intents", parameters | ({"payment_method_options": {"card": card}} if card else {})
    )


def set_up(account: StripeAccount, effect: SetUp) -> Call:
    """Make a card good for payments to come.

    Raises:
        GatewayRejected: as above.
    """
    if effect.authentication is not None:
        return Call("GET", f"/v1/setup_intents/{quote(effect.authentication, safe='')}")
    _refuse_what_cannot_be_said(effect)
    usage = {"usage": "off_session" if effect.off_session else "on_session"}
    back = {"return_url": account.returns + RETURN_PATH.format(name=account.name)}
    return Call("POST", "/v1/setup_intents", {**_confirmed(effect), **usage, **back})


def _refuse_what_cannot_be_said(effect: Authorize | SetUp) -> None:
    if effect.method_type != "card":
        raise GatewayRejected(f"only cards are paid with at Stripe from here, and not {effect.method_type}")
    if effect.authenticated_elsewhere:
        raise GatewayRejected("that the buyer was authenticated elsewhere has to be proven, and the proof is not here")


def _confirmed(effect: Authorize | SetUp) -> JsonObject:
    card, intent = kept(effect.token), intent_of(effect)
    about = {"perdure_intent": intent, "perdure_key": effect.key}
    return {
        "customer": card.customer,
        "payment_method": card.method,
        "allowed_payment_method_types": ["card"],
        "confirm": True,
        "metadata": about | ({"perdure_charge": effect.charge} if isinstance(effect, Authorize) else {}),
    }


def look(payment: str) -> Call:
    """A payment as it stands."""
    return Call("GET", _of(payment), EXPANDED)


def capture(effect: CaptureHold) -> Call:
    """Take an amount of what is held.

    Raises:
        GatewayRejected: it is more than was held.
    """
    if effect.over:
        raise GatewayRejected("no overcapture was asked for when it was held")
    parameters: JsonObject = {"amount_to_capture": effect.amount, **EXPANDED}
    return Call(
        "POST", f"{_of(effect.authorization)}/capture", parameters | ({} if effect.final else {"final_capture": False})
    )


def void(effect: Void) -> Call:
    """Release what is held."""
    return Call("POST", f"{_of(effect.authorization)}/cancel", EXPANDED)


def increment(effect: Increment) -> Call:
    """Raise what is held to a new total."""
    return Call("POST", f"{_of(effect.authorization)}/increment_authorization", {"amount": effect.amount, **EXPANDED})


def refund(effect: Refund) -> Call:
    """Give back.

    Raises:
        GatewayRejected: it is to go another way than back to the card.
    """
    if effect.by_email or effect.to_balance:
        raise GatewayRejected("Stripe gives back to the card that was paid with")
    about = {"perdure_intent": intent_of(effect), "perdure_refund": effect.refund}
    parameters: JsonObject = {"payment_intent": effect.authorization, "amount": effect.amount, "metadata": about}
    return Call(
        "POST", "/v1/refunds", parameters | ({"reason": effect.reason} if effect.reason in REFUND_REASONS else {})
    )


def _of(payment: str) -> str:
    return f"/v1/payment_intents/{quote(payment, safe='')}"
