"""What is asked of Adyen for each effect: path and body, as Checkout v72 publishes them. Pure.

Every request that a test sends is held to Adyen's own OpenAPI (tests/gateways/adyen). What is not said here is not
sent: no metadata, no address, no name of a buyer.
"""

from dataclasses import dataclass, field
from urllib.parse import quote

from domain.methods.card_numbers import CardInput
from domain.model.hashes import JsonObject
from domain.model.outcomes import Authorize, CaptureHold, Increment, Refund, SetUp, Void, intent_of
from gateways.adyen.account import AdyenAccount
from gateways.adyen.amounts import to_adyen
from gateways.adyen.keys import reference
from gateways.adyen.tokens import stored
from gateways.base import GatewayRejected

EMAIL_CHARACTERS_MAX = 256
RETURN_PATH = "/gateways/{name}/return"
"""Where buyers come back to; Adyen adds `redirectResult` to it."""

REFUND_REASONS = {
    "duplicate": "DUPLICATE",
    "fraudulent": "FRAUD",
    "requested_by_customer": "CUSTOMER REQUEST",
}
"""Stripe's reasons of a refund as Adyen's."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request: `path` below the account's address. A card number may be in the body of one that tokenizes."""

    path: str
    body: JsonObject = field(repr=False)


def authorize(account: AdyenAccount, effect: Authorize, authentication: str) -> Call:
    """Hold or take an amount on a stored card. The buyer would come back with `authentication`.

    Raises:
        Unconvertible: Adyen has no such amount.
        GatewayRejected: it is nothing that this adapter can ask for.
    """
    _refuse_what_cannot_be_said(effect)
    amount = to_adyen(effect.amount, effect.currency)
    timing: JsonObject = {"captureDelayHours": 0}
    if not effect.capture:
        kind = "PreAuth" if account.increments else "FinalAuth"
        timing = {"additionalData": {"manualCapture": "true", "authorisationType": kind}}
    body = _payment(account, effect, amount, authentication) | timing
    if effect.email and len(effect.email) <= EMAIL_CHARACTERS_MAX:
        body["shopperEmail"] = effect.email
    return Call("/payments", body)


def set_up(account: AdyenAccount, effect: SetUp, authentication: str) -> Call:
    """Verify a card with a payment of nothing: no money moves.

    Raises:
        GatewayRejected: it is nothing that this adapter can ask for.
    """
    _refuse_what_cannot_be_said(effect)
    return Call("/payments", _payment(account, effect, to_adyen(0, account.verifies_in), authentication))


def _refuse_what_cannot_be_said(effect: Authorize | SetUp) -> None:
    if effect.method_type != "card":
        raise GatewayRejected(f"only cards are paid with at Adyen from here, and not {effect.method_type}")
    if effect.authenticated_elsewhere:
        raise GatewayRejected("that the buyer was authenticated elsewhere has to be proven, and the proof is not here")


def _payment(
    account: AdyenAccount, effect: Authorize | SetUp, amount: dict[str, int | str], authentication: str
) -> JsonObject:
    method = stored(effect.token)
    back = f"{account.returns}{RETURN_PATH.format(name=account.name)}"
    body: JsonObject = {
        "merchantAccount": account.merchant,
        "reference": reference(effect.key),
        "merchantOrderReference": intent_of(effect),
        "amount": amount,
        "paymentMethod": {"type": "scheme", "storedPaymentMethodId": method.id},
        "shopperReference": method.shopper,
        "channel": "Web",
        "returnUrl": f"{back}?payment_intent={quote(intent_of(effect))}&authentication={quote(authentication)}",
        "redirectToIssuerMethod": "GET",
        "redirectFromIssuerMethod": "GET",
        **_agreement(effect),
    }
    if not (effect.moto or _buyer_is_away(effect)):
        body["authenticationData"] = _authentication(effect)
    return body


def _buyer_is_away(effect: Authorize | SetUp) -> bool:
    """A setup's `off_session` is about the payments to come; its buyer is there."""
    return isinstance(effect, Authorize) and effect.off_session


def _agreement(effect: Authorize | SetUp) -> dict[str, str]:
    """Who is there, and what was agreed about later payments: what the networks call the stored credential."""
    if _buyer_is_away(effect):
        return {"shopperInteraction": "ContAuth", "recurringProcessingModel": "UnscheduledCardOnFile"}
    later = effect.saving if isinstance(effect, Authorize) else effect.off_session
    return {
        "shopperInteraction": "Moto" if effect.moto else "Ecommerce",
        "recurringProcessingModel": "UnscheduledCardOnFile" if later else "CardOnFile",
    }


def _authentication(effect: Authorize | SetUp) -> JsonObject:
    """By redirect: the other way needs a component of Adyen's in the buyer's browser. When, Adyen's rules decide."""
    data: JsonObject = {"threeDSRequestData": {"nativeThreeDS": "disabled"}}
    if effect.three_d_secure in ("any", "challenge"):
        data["attemptAuthentication"] = "always"
    return data


def details(redirect_result: str) -> Call:
    """Go on with a payment whose buyer has come back from their bank."""
    return Call("/payments/details", {"details": {"redirectResult": redirect_result}})


def capture(account: AdyenAccount, effect: CaptureHold) -> Call:
    """Take an amount of what is held. Without `multicapture` at Adyen, the rest is released whatever we say.

    Raises:
        GatewayRejected: Adyen would do something else than is asked.
    """
    if effect.over:
        raise GatewayRejected("Adyen takes no more than was authorized")
    if not effect.final and not account.multicapture:
        raise GatewayRejected("several captures of one hold are not agreed on with Adyen")
    amount = to_adyen(effect.amount, effect.currency)
    return Call(_of(effect.authorization, "captures"), _modification(account, effect.key) | {"amount": amount})


def void(account: AdyenAccount, effect: Void) -> Call:
    """Release what is held, by Adyen's own reference."""
    return Call(_of(effect.authorization, "cancels"), _modification(account, effect.key))


def cancel_by_reference(account: AdyenAccount, key: str, payment: str) -> Call:
    """Release what may be held by a payment that nobody has told us the reference of: `payment` is its effect's key."""
    return Call("/cancels", _modification(account, key) | {"paymentReference": reference(payment)})


def refund(account: AdyenAccount, effect: Refund) -> Call:
    """Give back.

    Raises:
        GatewayRejected: it is to go another way than back to the card.
    """
    if effect.by_email or effect.to_balance:
        raise GatewayRejected("Adyen gives back to the card that was paid with")
    body = _modification(account, effect.key) | {"amount": to_adyen(effect.amount, effect.currency)}
    reason = REFUND_REASONS.get(effect.reason or "")
    return Call(_of(effect.authorization, "refunds"), body | ({"merchantRefundReason": reason} if reason else {}))


def increment(account: AdyenAccount, effect: Increment) -> Call:
    """Raise what is held to a new total.

    Raises:
        GatewayRejected: holds are not pre-authorizations in this account.
    """
    if not account.increments:
        raise GatewayRejected("adjusting authorizations is not agreed on with Adyen")
    amount = to_adyen(effect.amount, effect.currency)
    return Call(_of(effect.authorization, "amountUpdates"), _modification(account, effect.key) | {"amount": amount})


def store(account: AdyenAccount, shopper: str, card: CardInput) -> Call:
    """Exchange a card number for a stored method. The only request with a number in it.

    Raises:
        GatewayRejected: the operator has not said that numbers may go there.
    """
    if not account.raw_cards:
        raise GatewayRejected("raw_cards=yes is not set: card numbers do not go to Adyen from here (docs/GATEWAYS.md)")
    method = {
        "type": "scheme",
        "number": card.number,
        "expiryMonth": f"{card.exp_month:02}",
        "expiryYear": str(card.exp_year),
    }
    return Call("/storedPaymentMethods", _store(account, shopper, method | ({"cvc": card.cvc} if card.cvc else {})))


def store_encrypted(account: AdyenAccount, shopper: str, fields: dict[str, str]) -> Call:
    """The same, of what Adyen's fields in the buyer's browser have encrypted: nobody between can read it."""
    return Call("/storedPaymentMethods", _store(account, shopper, {"type": "scheme", **fields}))


def _store(account: AdyenAccount, shopper: str, method: dict[str, str]) -> JsonObject:
    return {
        "merchantAccount": account.merchant,
        "paymentMethod": method,
        "recurringProcessingModel": "CardOnFile",
        "shopperReference": shopper,
    }


def _modification(account: AdyenAccount, key: str) -> JsonObject:
    return {"merchantAccount": account.merchant, "reference": reference(key)}


def _of(authorization: str, what: str) -> str:
    return f"/payments/{quote(authorization, safe='')}/{what}"
