"""What Adyen's answers come to, as the engine's outcomes. Pure; what contradicts what was asked is not believed.

`resultCode` decides about a payment, `status` about a modification: that one is only `received`, and a notification
tells what became of it. Of a value that nobody has described nothing is concluded but that there is an answer to come.
"""

import re
from collections.abc import Mapping
from typing import Any

from domain.model.outcomes import (
    Accepted,
    Approved,
    AuthenticationRequired,
    Authorize,
    CaptureHold,
    Declined,
    Increment,
    Outcome,
    Refund,
    SetUp,
    Void,
)
from domain.model.payment_methods import Card
from gateways.adyen import additional
from gateways.adyen.amounts import Unconvertible, from_adyen
from gateways.adyen.keys import reference
from gateways.adyen.refusals import UNAUTHENTICATED, declined
from gateways.adyen.tokens import Stored
from gateways.base import GatewayMismatch, GatewayUnavailable, TokenizedCard

FINAL_NO = frozenset({"Refused", "Cancelled", "Error"})
IN_THE_BROWSER = frozenset({"IdentifyShopper", "ChallengeShopper"})
"""Authentication that needs a component of Adyen's where the buyer is. We ask for the redirect, which needs none."""

NEVER_ASKED_FOR = frozenset({"PartiallyAuthorised", "AuthenticationFinished", "AuthenticationNotRequired"})
"""What only comes of something that this adapter does not send."""

PSP_REFERENCE = re.compile(r"[A-Za-z0-9]{1,64}")
Answer = Mapping[str, Any]
Payment = Authorize | SetUp
Modification = CaptureHold | Void | Increment | Refund


def psp_reference(body: Answer) -> str:
    """Adyen's own reference; empty where there is none, or none that can be one."""
    said = body.get("pspReference")
    return said if isinstance(said, str) and PSP_REFERENCE.fullmatch(said) else ""


def payment(effect: Payment, body: Answer, authentication: str) -> Outcome:
    """The outcome of a payment.

    Raises:
        GatewayMismatch: it is about another payment, or of a kind that was not asked for.
        GatewayUnavailable: it makes no sense, so nothing is known.
    """
    _about_the_payment(effect, body)
    return outcome_of(effect, body, authentication)


def outcome_of(effect: Payment, body: Answer, authentication: str) -> Outcome:
    """The outcome that the body of an answer says, whatever it is about.

    Raises:
        GatewayMismatch: it is of a kind that was not asked for.
        GatewayUnavailable: it makes no sense.
    """
    result, psp = body.get("resultCode"), psp_reference(body)
    if not isinstance(result, str):
        raise GatewayUnavailable("an answer of Adyen's without a resultCode")
    if result == "Authorised":
        return _approved(effect, body, psp)
    if result in FINAL_NO:
        return _declined(effect, result, body)
    if result == "RedirectShopper":
        return AuthenticationRequired(authentication=authentication, url=_page(body))
    if result in IN_THE_BROWSER:
        return Declined(decline_code=UNAUTHENTICATED)
    if result in NEVER_ASKED_FOR:
        raise GatewayMismatch(f"{effect.operation} {effect.key}: {result} was not asked for")
    if isinstance(effect, SetUp):
        raise GatewayUnavailable("a verification that takes its time")
    return Accepted(reference=psp or reference(effect.key))


def _about_the_payment(effect: Payment, body: Answer) -> None:
    """Adyen repeats our reference, and the amount, where it says anything."""
    said = body.get("merchantReference")
    # After an authentication the reference is that of the attempt that it was begun with, of the same intent.
    ours = reference(effect.key)
    if said is not None and said != ours and not (effect.authentication and _same_intent(said, ours)):
        raise GatewayMismatch(f"{effect.operation} {effect.key}: answered about another reference")
    if isinstance(effect, Authorize) and (amount := body.get("amount")) is not None:
        _same_amount(effect.operation, effect.key, amount, effect.amount, effect.currency)


def _same_intent(one: object, other: str) -> bool:
    return isinstance(one, str) and one.partition("/")[0] == other.partition("/")[0]


def _same_amount(operation: str, key: str, said: Any, amount: int, currency: str) -> None:
    try:
        value, code = said["value"], said["currency"]
        told = from_adyen(value, code) if isinstance(value, int) and isinstance(code, str) else None
    except (KeyError, TypeError, Unconvertible):
        told = None
    if told != (amount, currency):
        raise GatewayMismatch(f"{operation} {key}: asked about {amount} {currency}, answered about another amount")


def _approved(effect: Payment, body: Answer, psp: str) -> Approved:
    if not psp:
        raise GatewayUnavailable("an authorization of Adyen's without its reference")
    data = additional.additional(body)
    level, score = additional.risk(data, body)
    return Approved(
        authorization=effect.attempt if isinstance(effect, SetUp) else psp,
        authorization_code=data.get("authCode"),
        network_transaction_id=additional.network_transaction(data),
        risk_level=level,
        risk_score=score,
        checks=_checks(effect, data),
        three_d_secure=additional.three_d_secure(data),
    )


def _declined(effect: Payment, result: str, body: Answer) -> Declined:
    data = additional.additional(body)
    level, score = additional.risk(data, body)
    no = declined(result, body, data)
    return Declined(
        decline_code=no.decline_code,
        blocked=no.blocked,
        risk_level=level,
        risk_score=score,
        network_decline_code=no.network_decline_code,
        network_advice_code=no.network_advice_code,
        checks=_checks(effect, data),
    )


def _checks(effect: Payment, data: Mapping[str, str]) -> dict[str, str | None]:
    return additional.checks(data, line1=effect.line1_given, postal_code=effect.postal_code_given)


def _page(body: Answer) -> str:
    action = body.get("action")
    url = action.get("url") if isinstance(action, Mapping) and action.get("type") == "redirect" else None
    if not isinstance(url, str) or not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise GatewayUnavailable("Adyen sends the buyer on, and does not say where")
    return url


def modification(effect: Modification, body: Answer, merchant: str) -> Outcome:
    """What became of a modification so far: mostly that it was taken on, under a reference of its own.

    Raises:
        GatewayMismatch: it is about another payment or amount.
        GatewayUnavailable: it makes no sense.
    """
    _about_the_modification(effect, body, merchant)
    psp, status = psp_reference(body), body.get("status")
    if isinstance(effect, Increment) and status == "authorised":
        return Approved(authorization=effect.authorization)
    if isinstance(effect, Increment) and status == "refused":
        return Declined(decline_code="generic_decline")
    if not psp or not isinstance(status, str):
        raise GatewayUnavailable("a modification of Adyen's without its reference")
    return Accepted(reference=psp)


def _about_the_modification(effect: Modification, body: Answer, merchant: str) -> None:
    asked = {
        "paymentPspReference": effect.authorization,
        "reference": reference(effect.key),
        "merchantAccount": merchant,
    }
    for name, value in asked.items():
        if body.get(name, value) != value:
            raise GatewayMismatch(f"{effect.operation} {effect.key}: answered about another {name}")
    if not isinstance(effect, Void) and (amount := body.get("amount")) is not None:
        _same_amount(effect.operation, effect.key, amount, effect.amount, effect.currency)


def stored_card(body: Answer, shopper: str, fingerprint: str, shown: Card | None = None) -> TokenizedCard:
    """The token of a stored card and what it shows; `shown` is what is known of its number already.

    Raises:
        GatewayUnavailable: it makes no sense.
    """
    try:
        stored = Stored(shopper, str(body["id"]))
        last4, month, year = str(body["lastFour"]), int(body["expiryMonth"]), int(body["expiryYear"])
    except (KeyError, TypeError, ValueError) as error:
        raise GatewayUnavailable("Adyen's answer is no stored card") from error
    if not stored.id or body.get("shopperReference", shopper) != shopper:
        raise GatewayMismatch("Adyen has stored a card of another shopper")
    if shown is not None:
        return TokenizedCard(token=stored.token, card=shown)
    said = str(body.get("brand") or "")
    return TokenizedCard(
        token=stored.token,
        card=Card(
            brand=additional.brand(said) if said else "unknown",
            last4=last4,
            exp_month=month,
            exp_year=year,
            funding="unknown",
            country="",
            fingerprint=fingerprint,
            networks=(additional.brand(said),) if said else (),
        ),
    )
