"""What Stripe's objects and errors come to, as the engine's outcomes. Pure; what contradicts is not believed."""

from collections.abc import Mapping
from typing import Any, NoReturn

from domain.model.outcomes import (
    Accepted,
    Approved,
    AskSettlement,
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
from gateways.base import (
    GatewayError,
    GatewayMismatch,
    GatewayNotAsked,
    GatewayRateLimited,
    GatewayRejected,
    GatewayUnavailable,
    Standing,
)

Object = Mapping[str, Any]
Moving = CaptureHold | Void | Increment | Refund

TOO_LATE = frozenset(
    {"payment_intent_unexpected_state", "charge_already_captured", "charge_already_refunded", "amount_too_large",
     "charge_expired_for_capture", "charge_disputed", "capture_charge_authorization_expired"}
)  # fmt: skip
"""Codes of a no to what moves money: nothing was done, as there was nothing to do it with."""

CHECKS = ("cvc_check", "address_line1_check", "address_postal_code_check")


def error(status: int, body: Any, headers: Mapping[str, str]) -> GatewayError:
    """What an error leaves us knowing, where it is no decline.

    A 5xx is an answer that is kept under the key; something may have been done. A 409 says that the first request is
    still under way. Sources: docs.stripe.com/error-handling, docs.stripe.com/api/idempotent_requests.
    """
    said = body.get("error") if isinstance(body, dict) else None
    said = said if isinstance(said, dict) else {}
    text = ascii(f"{status} {said.get('type') or ''} {said.get('code') or ''}")[1:-1]
    if said.get("type") == "idempotency_error":
        return (
            GatewayMismatch(f"the key was used for something else: {text}")
            if status == 400
            else GatewayUnavailable(text)
        )
    if status in (401, 403):
        return GatewayNotAsked(text)
    if status == 429:
        return GatewayRateLimited(text, float(headers.get("retry-after") or 1.0))
    if status in (400, 402, 404) and said:
        return GatewayRejected(text)
    return GatewayUnavailable(text)


def declined(status: int, body: Any) -> Declined | None:
    """The decline that an error is; None if it is another error."""
    said = body.get("error") if isinstance(body, dict) else None
    if not isinstance(said, dict) or said.get("type") != "card_error" or status != 402:
        return None
    return _declined(said)


def _declined(said: Object) -> Declined:
    return Declined(
        decline_code=str(said.get("decline_code") or said.get("code") or "generic_decline"),
        network_decline_code=_text(said.get("network_decline_code")),
        network_advice_code=_text(said.get("network_advice_code")),
    )


def refused(body: Any) -> Declined | None:
    """A no to a capture, a cancel, a raise or a refund; None if it is another error."""
    said = body.get("error") if isinstance(body, dict) else None
    code = said.get("code") if isinstance(said, dict) else None
    return Declined(decline_code="processing_error") if code in TOO_LATE else None


def payment(effect: Authorize | SetUp, body: Object) -> Outcome:
    """The outcome of a payment, or a setup, as it stands.

    Raises:
        GatewayMismatch: it is about another one.
        GatewayUnavailable: it makes no sense.
    """
    _about(effect, body)
    match body.get("status"):
        case "succeeded" | "requires_capture":
            return _approved(effect, body)
        case "requires_action":
            return _sent_on(effect, body)
        case "processing" if isinstance(effect, Authorize):
            return Accepted(reference=_id(body))
        case "requires_payment_method" | "canceled":
            failed = body.get("last_payment_error") or body.get("last_setup_error") or {}
            return _declined(failed)
        case status:
            raise GatewayUnavailable(f"{effect.operation}: Stripe says {ascii(status)[:40]}")


def _about(effect: Authorize | SetUp, body: Object) -> None:
    metadata = body.get("metadata") or {}
    same = metadata.get("perdure_intent") == effect.intent
    if effect.authentication is None:
        same = same and metadata.get("perdure_key") == effect.key
    if isinstance(effect, Authorize):
        same = same and (body.get("amount"), body.get("currency")) == (effect.amount, effect.currency)
    if not same:
        raise GatewayMismatch(f"{effect.operation} {effect.key}: answered about another payment")


def _sent_on(effect: Authorize | SetUp, body: Object) -> Outcome:
    if effect.authentication is not None:
        # They were there, and came back without an answer.
        return Declined(decline_code="authentication_required")
    action = body.get("next_action") or {}
    url = (action.get("redirect_to_url") or {}).get("url")
    if not isinstance(url, str):
        return Declined(decline_code="authentication_required")
    return AuthenticationRequired(authentication=_id(body), url=url)


def _approved(effect: Authorize | SetUp, body: Object) -> Approved:
    if isinstance(effect, SetUp):
        return Approved(authorization=effect.attempt)
    charge = body.get("latest_charge")
    charge = charge if isinstance(charge, dict) else {}
    card = (charge.get("payment_method_details") or {}).get("card") or {}
    outcome = charge.get("outcome") or {}
    three = card.get("three_d_secure")
    return Approved(
        authorization=_id(body),
        authorization_code=_text(card.get("authorization_code")),
        network_transaction_id=_text(card.get("network_transaction_id")),
        risk_level=str(outcome.get("risk_level") or "normal"),
        risk_score=outcome.get("risk_score") or 0,
        checks={name: (card.get("checks") or {}).get(name) for name in CHECKS},
        three_d_secure={name: value for name, value in three.items() if value is not None} if three else None,
    )


def moved(effect: Moving, body: Object) -> Outcome:
    """What a capture, a cancel, a raise or a refund has come to.

    Raises:
        GatewayMismatch: it is about another payment, or amount.
        GatewayUnavailable: it makes no sense.
    """
    if isinstance(effect, Refund):
        return _refunded(effect, body)
    if _id(body) != effect.authorization:
        _mismatch(effect, "payment")
    status = body.get("status")
    if isinstance(effect, Void):
        return (
            Approved(authorization=effect.authorization) if status in ("canceled", "succeeded") else _senseless(effect)
        )
    if isinstance(effect, Increment) and body.get("amount") != effect.amount:
        _mismatch(effect, "amount")
    if isinstance(effect, CaptureHold) and int(body.get("amount_received") or 0) < effect.amount:
        _mismatch(effect, "amount")
    return Approved(authorization=effect.authorization)


def _refunded(effect: Refund, body: Object) -> Outcome:
    if (body.get("payment_intent"), body.get("amount")) != (effect.authorization, effect.amount):
        _mismatch(effect, "payment or amount")
    match body.get("status"):
        case "succeeded":
            return Approved(authorization=effect.authorization)
        case "pending" | "requires_action":
            return Accepted(reference=_id(body))
        case "failed" | "canceled":
            return Declined(decline_code="processing_error")
        case _:
            return _senseless(effect)


def settled(effect: AskSettlement, body: Object) -> Outcome:
    """How a payment has ended that takes its time."""
    match body.get("status"):
        case "succeeded" | "requires_capture":
            return Approved(authorization=_id(body))
        case "processing":
            return Accepted(reference=effect.authorization)
        case _:
            return _declined(body.get("last_payment_error") or {})


def standing(body: Object) -> Standing:
    """What Stripe holds, has taken and given back of a payment."""
    charge = body.get("latest_charge")
    refunded = int(charge.get("amount_refunded") or 0) if isinstance(charge, dict) else 0
    held, captured = int(body.get("amount_capturable") or 0), int(body.get("amount_received") or 0)
    authorized = int(charge["amount"]) if isinstance(charge, dict) and charge.get("status") == "succeeded" else 0
    released = max(0, authorized - held - captured)
    return Standing(
        authorization=_id(body), charge=str((body.get("metadata") or {}).get("perdure_charge") or ""),
        currency=str(body.get("currency")), authorized=authorized, held=held, captured=captured, refunded=refunded,
        released=released, awaited=int(body.get("amount") or 0) if body.get("status") == "processing" else 0,
    )  # fmt: skip


def card_of(body: Object) -> Card:
    """What a payment method shows of its card.

    Raises:
        GatewayUnavailable: it is no card.
    """
    try:
        card = body["card"]
        networks = tuple((card.get("networks") or {}).get("available") or ())
        return Card(
            brand=str(card["brand"]), last4=str(card["last4"]), exp_month=int(card["exp_month"]),
            exp_year=int(card["exp_year"]), funding=str(card.get("funding") or "unknown"),
            country=str(card.get("country") or ""), fingerprint=str(card.get("fingerprint") or ""), networks=networks,
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as wrong:
        raise GatewayUnavailable("Stripe's answer is no card") from wrong


def _id(body: Object) -> str:
    id_ = body.get("id")
    if not isinstance(id_, str) or not id_:
        raise GatewayUnavailable("an object of Stripe's without an id")
    return id_


def _text(said: object) -> str | None:
    return said if isinstance(said, str) else None


def _mismatch(effect: Moving, what: str) -> NoReturn:
    raise GatewayMismatch(f"{effect.operation} {effect.key}: answered about another {what}")


def _senseless(effect: Moving) -> NoReturn:
    raise GatewayUnavailable(f"{effect.operation}: an answer of Stripe's that makes no sense")
