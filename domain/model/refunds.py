"""Refunds: giving back what was captured, in whole or in part, and never more."""

from dataclasses import dataclass, field
from enum import StrEnum

from domain.model.charges import DAY_SECONDS, Charge
from domain.money.currencies import CURRENCIES
from domain.refusals import Refusal

ANSWER_SECONDS = 45 * DAY_SECONDS
"""So long a customer has to say where their money is to go. docs.stripe.com/payments/customer-balance/refunding."""

REFUNDS_MAX = 1_000
"""Refunds of one charge that stand; the intent keeps the amount of each (machine/limits.py)."""


class WayBack(StrEnum):
    """Where the money of a refund goes, and how."""

    METHOD = "method"
    """To what it was paid with: the card, the wallet, the account that was debited."""
    BANK = "bank"
    """To a bank account of the customer's, who is asked for it by e-mail."""
    NEVER = "never"


WAYS_BACK = {
    "boleto": WayBack.NEVER, "oxxo": WayBack.NEVER,
    "customer_balance": WayBack.BANK, "konbini": WayBack.BANK, "promptpay": WayBack.BANK,
}  # fmt: skip
"""Types whose money does not go back the way it came. docs.stripe.com/payments, "Refunds" of each (boleto, oxxo: No);
docs.stripe.com/api/refunds/create, `instructions_email`; docs.stripe.com/payments/customer-balance/refunding."""


def way_back(type_: str) -> WayBack:
    """How a payment of this type is refunded."""
    return WAYS_BACK.get(type_, WayBack.METHOD)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeRefund:
    """One refund; `amount` is minor units.

    `status` is pending (the gateway has not said), succeeded or failed. With `by_email` it is requires_action first:
    its receiver is asked at `instructions_email` for a bank account; until they have answered, it can be canceled.
    `of_hold`: it only tells that what was held was released, which no gateway has refunded: `whole`, or the `rest`.
    One that failed after it had succeeded has `returned`. By `reference`, once it is known, a bank finds it.
    With it, what other accounts have got comes back of these `shares` (fee, transfer); `transfer_reversal` tells of it.
    """

    id: str
    charge: str
    payment_intent: str
    payment_method: str
    created: int
    amount: int
    currency: str
    status: str = "pending"
    reason: str | None = None
    failure_reason: str | None = None
    account: str = ""
    livemode: bool = False
    customer: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    instructions_email: str | None = None
    method_type: str = "card"
    by_email: bool = False
    of_hold: str | None = None
    returned: bool = False
    reference: str | None = None
    shares: tuple[str, ...] = ()
    transfer_reversal: str | None = None


def receiver(charge: Charge, given: str | None) -> str | None:
    """The e-mail address at which the receiver is asked: the one that was given, or that of the payment."""
    return given or charge.payment_method.billing_details.email


def receiver_unknown(charge: Charge, given: str | None) -> Refusal | None:
    """Refuse to give back to nobody knows whom."""
    type_ = charge.payment_method.type
    if way_back(type_) is not WayBack.BANK or receiver(charge, given):
        return None
    text = (
        f"Refunds of `{type_}` payments go to a bank account that the customer is asked for by e-mail, and there is no "
        "e-mail address. Pass `instructions_email`, or set the email of the customer."
    )
    return Refusal(message=text, param="instructions_email")


def never(charge: Charge) -> Refusal | None:
    """Refuse what cannot be given back at all: cash that was paid at a counter, by nobody knows whom."""
    type_ = charge.payment_method.type
    if way_back(type_) is not WayBack.NEVER:
        return None
    text = f"Charge {charge.id} was made with the payment method type `{type_}`, which does not support refunds."
    return Refusal(code="charge_not_refundable", message=text)


def disputed(charge: Charge) -> Refusal | None:
    """Refuse to give back what the buyer's bank has taken back."""
    if charge.dispute is None or charge.charged_back is False:
        return None
    text = f"Charge {charge.id} has been charged back; cannot issue a refund."
    return Refusal(code="charge_disputed", message=text)


def refusal(charge: Charge, amount: int | None) -> Refusal | None:
    """Refuse to give back nothing, twice, or more than was taken. `amount` None means all that is left."""
    if charge.amount_captured == 0:
        return not_captured(charge.payment_intent)
    left = charge.amount_kept
    if left == 0:
        text = f"Charge {charge.id} has already been refunded."
        return Refusal(code="charge_already_refunded", message=text)
    if len(charge.refunds_given) >= REFUNDS_MAX:
        return Refusal(message=f"Charge {charge.id} was refunded {REFUNDS_MAX} times, which is the most.")
    if amount is not None and amount <= 0:
        text = "This value must be greater than or equal to 1."
        return Refusal(code="parameter_invalid_integer", param="amount", message=text)
    if amount is not None and amount > left:
        money = CURRENCIES[charge.currency]
        most = "unrefunded amount on charge" if charge.amount_refunded else "charge amount"
        text = f"Refund amount ({money.format(amount)}) is greater than {most} ({money.format(left)})"
        return Refusal(param="amount", message=text)
    return None


def taken(id_: str) -> Refusal:
    """Another refund has this id."""
    return Refusal(code="resource_already_exists", param="refund", message=f"There is a refund {id_} already.")


def not_captured(payment_intent: str) -> Refusal:
    """The money is only held."""
    return Refusal(
        message=f"This uncaptured Charge was created by a PaymentIntent ({payment_intent}). You must cancel the "
        "PaymentIntent to reverse the authorization instead of refunding the Charge directly. For more information, "
        "see https://stripe.com/docs/payments/place-a-hold-on-a-payment-method"
    )


def not_successful(payment_intent: str) -> Refusal:
    """No money was taken."""
    return Refusal(message=f"This PaymentIntent ({payment_intent}) does not have a successful charge to refund.")


def unknown_refund() -> Refusal:
    """The gateway speaks of a refund that is none of this PaymentIntent's, or that has failed before."""
    return Refusal(code="payment_intent_unexpected_state", message="There is no such refund that still stands.")
