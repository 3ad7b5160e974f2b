"""BalanceTransaction: Stripe's `balance_transaction` object, what a charge or a refund did to the account's balance.

Nothing is stored: it follows from the charge or the refund, and so does its id (`ch_3…` has `txn_3…`, `re_3…` has
`txn_1…`).
"""

from typing import Any

from domain.machine.balance_refunds import is_one as is_of_balance
from domain.model.charges import DAY_SECONDS, Charge
from domain.model.refunds import ChargeRefund

FEE_PER_THOUSAND = 29
FEE_FIXED = 30
"""What Stripe asks of a card payment in the United States: 2.9 % and 30 cents. An engine of one's own asks no fee; the
gateway's would come with its settlement file, and these stand for it."""

AVAILABLE_AFTER_DAYS = 2
"""Counted from the day of the charge or the refund, as Stripe counts in the United States; at midnight, UTC."""

CHARGE, REFUND = "txn_3", "txn_1"


def of_charge(charge: Charge) -> str | None:
    """Its id; null until money was taken."""
    return CHARGE + charge.id[len("ch_3") :] if charge.amount_captured and charge.captured else None


def of_refund(refund: ChargeRefund) -> str | None:
    """Its id; null while, and if, no money went back, and where it was the customer's own, from their cash balance."""
    ours = refund.status == "succeeded" and not is_of_balance(refund) and refund.of_hold != "whole"
    return REFUND + refund.id.removeprefix("re_3") if ours else None


def source_of(id_: str) -> str | None:
    """The charge or refund that a balance transaction belongs to, by its id; None for what cannot be one."""
    for prefix, source in ((CHARGE, "ch_3"), (REFUND, "re_3")):
        if id_.startswith(prefix):
            return source + id_.removeprefix(prefix)
    return None


def render_charge(charge: Charge) -> dict[str, Any]:
    """What a charge brought: what was captured, less the fee."""
    # All that was held, where a refund tells of what was not taken of it.
    amount = charge.amount_captured + charge.released_as_refund
    fee = min(charge.amount_captured, (charge.amount_captured * FEE_PER_THOUSAND + 500) // 1_000 + FEE_FIXED)
    detail = {
        "amount": fee,
        "application": None,
        "currency": charge.currency,
        "description": "Stripe processing fees",
        "type": "stripe_fee",
    }
    kind = ("charge" if charge.payment_method.card else "payment", "charge")
    return _render(of_charge(charge), charge, amount, fee, [detail], kind, charge.description)


def render_refund(refund: ChargeRefund, described: str | None = None) -> dict[str, Any]:
    """What a refund took, of a charge that is `described` so. Fees are not given back."""
    by_card = refund.method_type == "card"
    text = "REFUND FOR CHARGE" if by_card else "REFUND FOR PAYMENT"
    kind = ("refund" if by_card else "payment_refund", "refund")
    return _render(
        of_refund(refund), refund, -refund.amount, 0, [], kind, f"{text} ({described})" if described else text
    )


def _render(
    id_: str | None,
    source: Charge | ChargeRefund,
    amount: int,
    fee: int,
    fee_details: list[dict[str, Any]],
    kind: tuple[str, str],
    description: str | None,
) -> dict[str, Any]:
    type_, category = kind
    return {
        "id": id_,
        "object": "balance_transaction",
        "amount": amount,
        "available_on": (source.created // DAY_SECONDS + AVAILABLE_AFTER_DAYS) * DAY_SECONDS,
        "balance_type": "payments",
        "created": source.created,
        "currency": source.currency,
        "description": description,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": fee_details,
        "net": amount - fee,
        "reporting_category": category,
        "source": source.id,
        "status": "pending",
        "type": type_,
    }
