"""What an answer has to be about: for every adapter, and for whoever stands in for one.

A gateway's answer is believed only if it answers the question that was asked. What it says it was asked is held against
the effect, field by field; so an answer under a key that was used for something else is never taken for this one's.
"""

from collections.abc import Mapping
from typing import Any

from domain.machine.limits import unstorable, weight
from domain.model.hashes import JsonObject
from domain.model.outcomes import (
    Accepted,
    AnswerDispute,
    Approved,
    AskSettlement,
    AuthenticationRequired,
    Authorize,
    CaptureHold,
    Declined,
    GatewayEffect,
    Increment,
    Outcome,
    PaymentAwaited,
    Refund,
    SetUp,
    VerificationRequired,
    Void,
)
from gateways.base import GatewayMismatch, Standing

FIELDS = (
    "key", "operation", "authorization", "charge", "amount", "currency", "capture", "final", "refund", "token",
    "attempt", "dispute", "accept",
)  # fmt: skip
"""What makes an effect this one and no other, as far as it has it."""

ANSWERS: dict[type[GatewayEffect], tuple[type[Outcome], ...]] = {
    Authorize: (Approved, Declined, AuthenticationRequired, VerificationRequired, Accepted, PaymentAwaited),
    CaptureHold: (Approved, Declined, Accepted),
    Increment: (Approved, Declined, Accepted),
    Void: (Approved, Declined, Accepted),
    Refund: (Approved, Declined, Accepted),
    AskSettlement: (Approved, Declined, Accepted),
    AnswerDispute: (Approved, Declined),
    SetUp: (Approved, Declined, AuthenticationRequired, VerificationRequired),
}
"""The outcomes that each effect may have."""

OUTCOME_BYTES_MAX = 8_192
"""An answer as JSON; what a buyer is shown of a voucher takes one or two thousand.

domain/machine/limits.py counts on this."""

SHOWN_CHARACTERS_MAX = 60
"""How much of what a gateway says gets into an error, and so into the log."""


def question(effect: GatewayEffect) -> JsonObject:
    """What an answer must be about; an effect from before something could be said does not say it."""
    said = {name: getattr(effect, name, None) for name in FIELDS}
    return {name: value for name, value in said.items() if value is not None and value != ""}


def check_question(effect: GatewayEffect, said: Mapping[str, Any], *, partial: bool = False) -> None:
    """See to it that an answer is about `effect`; `said` is what the gateway says that it was asked.

    `partial`: its book goes back to before it wrote down all of it; then what it does not say is not held against it.

    Raises:
        GatewayMismatch: it is about something else, or does not say what it is about.
    """
    for name, value in question(effect).items():
        if name not in said and partial:
            continue
        other = said.get(name)
        if type(other) is not type(value) or other != value:
            raise GatewayMismatch(f"{effect.operation} {effect.key}: {_difference(name, value, other)}")


def check_answer(effect: GatewayEffect, outcome: Outcome) -> Outcome:
    """The outcome, if it is one that the effect can have, and that can be kept.

    Raises:
        GatewayMismatch: it is not.
    """
    wrong = unstorable(outcome)
    if wrong is not None or weight(outcome) > OUTCOME_BYTES_MAX:
        raise GatewayMismatch(f"{effect.operation} {effect.key}: the answer contains {wrong or 'too much'}")
    if not isinstance(outcome, ANSWERS[type(effect)]):
        raise GatewayMismatch(f"{effect.operation} {effect.key}: {outcome.type} does not answer it")
    return outcome


def check_standing(authorization: str, standing: Standing) -> Standing:
    """The standing, if it is that of `authorization`.

    Raises:
        GatewayMismatch: it is another's.
    """
    if standing.authorization != authorization:
        raise GatewayMismatch(
            f"standing of {authorization}: {_difference('authorization', authorization, standing.authorization)}"
        )
    return standing


def _difference(name: str, asked: Any, said: Any) -> str:
    if name == "token":
        return "asked with one payment method, answered about another"
    return f"asked about {name} {asked!r}, answered about {ascii(said)[:SHOWN_CHARACTERS_MAX]}"
