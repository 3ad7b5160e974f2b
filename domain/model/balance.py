"""The balance: what each movement of money does to it, what it costs, and from when it is the merchant's to have. Pure.

A balance transaction follows from what has happened to a charge, a refund or a dispute, and so does its id: whoever
writes it twice writes one. `books` says between which books it moves money: what comes into one leaves others.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeGuard

from domain.copies import replace
from domain.identifiers import application, digest62
from domain.model.charges import DAY_SECONDS, Charge
from domain.model.disputes import Dispute
from domain.model.events import CaptureFailed, ChargeCaptured, ChargeDisputed, ChargeSucceeded, DisputeMoved, Event
from domain.model.refund_events import HoldRefunded, RefundFailed, RefundReturned, RefundSucceeded
from domain.model.refunds import ChargeRefund
from domain.model.shares import since
from domain.money.pricing import DEFAULT, Pricing

CHARGE, OTHER = "txn_3", "txn_1"
"""How ids begin: of what a charge has brought, and of all else."""

REST = "rest"
"""What is told of a refund of what was held and not taken, where the other part was."""

AVAILABLE_AT_ONCE = frozenset({"0077", "0278"})
"""How Stripe's test cards end whose money does not wait. docs.stripe.com/testing, "Available balance"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceTransaction:
    """`amount` (minor units) came in, or went out if it is negative; `fee` was kept of it. `source` is what moved it.

    It is the merchant's to have from `available_on` (Unix seconds). Stripe's words: `type`, `category`, `fee_for`.
    What is `reverses` undoes that transaction, and is only there if that one is. Of `fee` a platform keeps
    `application_fee`, by its `application`. What is `internal` moves between accounts here, and no gateway knows of it.
    """

    id: str
    account: str
    livemode: bool
    created: int
    available_on: int
    type: str
    category: str
    source: str
    amount: int
    currency: str
    fee: int = 0
    fee_for: str | None = None
    description: str | None = None
    reverses: str | None = None
    application_fee: int = 0
    application: str | None = None
    internal: bool = False

    @property
    def net(self) -> int:
        """What the balance has more, or less, after it."""
        return self.amount - self.fee


def books(transaction: BalanceTransaction) -> dict[str, int]:
    """What it moves, by book: the merchant's balance, our fees, what the gateway owes us, what went to other accounts.

    They add up to nothing; and so does `accounts` of all accounts together.
    """
    outside, inside = (0, transaction.amount) if transaction.internal else (transaction.amount, 0)
    return {
        "balance": transaction.net,
        "fees": transaction.fee - transaction.application_fee,
        "gateway": -outside,
        "accounts": transaction.application_fee - inside,
    }


def of_charge(charge: Charge) -> str | None:
    """The transaction a charge shows: of the last time that money was taken; null until it was."""
    return captured_id(charge, charge.captures) if charge.amount_captured else None


def captured_id(charge: Charge, times: int) -> str:
    """The id of the transaction of the `times`-th capture of a charge."""
    if times < 2:
        return CHARGE + charge.id[len("ch_3") :]
    return CHARGE + digest62("capture", charge.id, str(times), length=len(charge.id) - len("ch_3"))


def of_refund(refund: ChargeRefund) -> str | None:
    """The transaction of a refund; null while, and if, no money went back, and where it was a cash balance's."""
    gone = (refund.status == "succeeded" and refund.of_hold in (None, REST)) or refund.returned
    return refunded_id(refund) if gone and refund.payment_intent else None


def of_failure(refund: ChargeRefund) -> str | None:
    """The transaction by which a refund's money came back."""
    return returned_id(refund) if refund.returned and refund.payment_intent else None


def refunded_id(refund: ChargeRefund) -> str:
    """The id of the transaction that a refund makes."""
    return OTHER + refund.id.removeprefix("re_3")


def returned_id(refund: ChargeRefund) -> str:
    """The id of the transaction that a refund makes which comes back."""
    return OTHER + digest62("returned", refund.id, length=23)


def moved(
    before: Charge | None, after: Charge | None, events: Iterable[Event], pricing: Pricing | None, now: int
) -> list[BalanceTransaction]:
    """What these facts do to the balance; `before` and `after` are the payment's latest charge."""
    found: list[BalanceTransaction] = []
    events = tuple(events)
    rest = sum(event.refund.amount for event in events if _tells_of_rest(event))
    for event in events:
        match event:
            case ChargeSucceeded(charge) if charge.amount_captured:
                kept = _kept_by_platform(before, after)
                found.append(captured(charge, charge.amount_captured, 1, pricing, now, kept=kept))
            case ChargeCaptured(amount) if amount and after is not None:
                times = before.captures + 1 if before is not None and before.id == after.id else 1
                kept = _kept_by_platform(before, after)
                found.append(captured(after, amount + rest, times, pricing, now, taken=amount, kept=kept))
                rest = 0
            case HoldRefunded(refund) if refund.of_hold == REST and after is not None:
                found += [released(after, rest, pricing, now)] if rest else []
                found.append(refunded(refund, after, pricing, now))
            case RefundSucceeded(refund) if after is not None:
                found.append(refunded(refund, after, pricing, now))
            case RefundFailed(refund) if after is not None:
                found.append(returned(refund, after, pricing, now))
            case RefundReturned(refund) if after is not None:
                # Both at once: neither waits to be told of by the other.
                back = replace(returned(refund, after, pricing, now), reverses=None)
                found += [refunded(refund, after, pricing, now), back]
            case CaptureFailed(amount, reference) if after is not None:
                found.append(not_come(after, amount, reference, now))
            case ChargeDisputed(dispute) if dispute.withdrawn:
                found.append(withdrawn(dispute))
            case DisputeMoved(dispute, told):
                found += [make(dispute) for type_, make in _BY_DISPUTES.items() if type_ in told]
    return found


def _kept_by_platform(before: Charge | None, after: Charge | None) -> int:
    """What the platform keeps of what was taken: of a charge that it has made for a connected account."""
    return since(before, after)[0] if after is not None and after.platform is not None else 0


def _tells_of_rest(event: Event) -> TypeGuard[HoldRefunded]:
    return isinstance(event, HoldRefunded) and event.refund.of_hold == REST


def captured(
    charge: Charge,
    amount: int,
    times: int,
    pricing: Pricing | None,
    now: int,
    *,
    taken: int | None = None,
    kept: int = 0,
) -> BalanceTransaction:
    """Money was taken. What is fixed of the fee is asked for once a charge. Of all fees, `kept` is the platform's.

    Less was `taken` than `amount` where older versions tell of what was released as of a refund.
    """
    terms = pricing or DEFAULT
    card = charge.payment_method.card
    at_once = not charge.livemode and card is not None and card.last4 in AVAILABLE_AT_ONCE
    return BalanceTransaction(
        id=captured_id(charge, times),
        account=charge.account,
        livemode=charge.livemode,
        created=now,
        available_on=now if at_once else available_on(now, terms),
        type="charge" if card else "payment",
        category="charge",
        source=charge.id,
        amount=amount,
        currency=charge.currency,
        fee=terms.fee(amount if taken is None else taken, first=times < 2) + kept,
        fee_for="Stripe processing fees",
        application_fee=kept,
        application=application(charge.platform) if kept else None,
        description=charge.description,
    )


def released(charge: Charge, amount: int, pricing: Pricing | None, now: int) -> BalanceTransaction:
    """What a refund is about to tell of that was never taken: the rest of a hold, once its parts were."""
    whole = captured(charge, amount, 2, pricing, now, taken=0)
    return replace(whole, id=CHARGE + digest62("released", charge.id, length=23))


def refunded(refund: ChargeRefund, charge: Charge, pricing: Pricing | None, now: int) -> BalanceTransaction:
    """Money went back. The fee of what was taken is kept."""
    by_card = refund.method_type == "card"
    text = "REFUND FOR CHARGE" if by_card else "REFUND FOR PAYMENT"
    return BalanceTransaction(
        id=refunded_id(refund),
        account=refund.account,
        livemode=refund.livemode,
        created=now,
        available_on=available_on(now, pricing or DEFAULT),
        type="refund" if by_card else "payment_refund",
        category="refund",
        source=refund.id,
        amount=-refund.amount,
        currency=refund.currency,
        description=f"{text} ({charge.description})" if charge.description else text,
    )


def returned(refund: ChargeRefund, charge: Charge, pricing: Pricing | None, now: int) -> BalanceTransaction:
    """What had gone back has come back."""
    gone = refunded(refund, charge, pricing, now)
    by_card = refund.method_type == "card"
    text = "REFUND FAILURE" if by_card else "PAYMENT REFUND FAILURE"
    return BalanceTransaction(
        id=returned_id(refund),
        account=gone.account,
        livemode=gone.livemode,
        created=now,
        available_on=gone.available_on,
        type="refund_failure" if by_card else "payment_failure_refund",
        category="refund_failure",
        source=refund.id,
        amount=refund.amount,
        currency=refund.currency,
        description=f"{text} ({charge.description})" if charge.description else text,
        reverses=gone.id,
    )


def not_come(charge: Charge, amount: int, reference: str, now: int) -> BalanceTransaction:
    """What was captured under the gateway's reference does not come after all. The fee of it is kept."""
    text = "PAYMENT FAILURE REFUND"
    return BalanceTransaction(
        id=failed_id(charge, reference),
        account=charge.account,
        livemode=charge.livemode,
        created=now,
        available_on=now,
        type="payment_failure_refund",
        category="charge_failure",
        source=charge.id,
        amount=-amount,
        currency=charge.currency,
        description=f"{text} ({charge.description})" if charge.description else text,
    )


def of_late_failure(charge: Charge) -> str | None:
    """The transaction by which the money of a capture went again; null unless one has failed after all."""
    return None if charge.capture_failure is None else failed_id(charge, charge.capture_failure)


def failed_id(charge: Charge, reference: str) -> str:
    """The id of the transaction of a capture that has failed after all."""
    return OTHER + digest62("not_come", charge.id, reference, length=23)


def withdrawn(dispute: Dispute) -> BalanceTransaction:
    """The buyer's bank has taken it back, and has itself paid for that."""
    return BalanceTransaction(
        id=OTHER + digest62("withdrawn", dispute.id, length=23),
        account=dispute.account,
        livemode=dispute.livemode,
        created=dispute.withdrawn_at or dispute.created,
        available_on=dispute.withdrawn_at or dispute.created,
        type="adjustment",
        category="dispute",
        source=dispute.id,
        amount=-dispute.amount,
        currency=dispute.currency,
        fee=dispute.fee,
        fee_for="Dispute fee",
        description=f"Chargeback withdrawal for {dispute.charge}",
    )


def reinstated(dispute: Dispute) -> BalanceTransaction:
    """The buyer's bank has given it back. What the withdrawal has cost is not given back."""
    when = dispute.reinstated_at or dispute.created
    return replace(
        withdrawn(dispute),
        id=OTHER + digest62("reinstated", dispute.id, length=23),
        created=when,
        available_on=dispute.reinstated_on or when,
        category="dispute_reversal",
        amount=dispute.amount,
        fee=0,
        fee_for=None,
        description=f"Chargeback reversal for {dispute.charge}",
        reverses=withdrawn(dispute).id,
    )


def of_dispute(dispute: Dispute) -> list[BalanceTransaction]:
    """What it has moved, in order."""
    found = [withdrawn(dispute)] if dispute.withdrawn or dispute.reinstated_at is not None else []
    return [*found, reinstated(dispute)] if dispute.reinstated_at is not None else found


_BY_DISPUTES = {"charge.dispute.funds_withdrawn": withdrawn, "charge.dispute.funds_reinstated": reinstated}
"""What becomes of a dispute and moves money, by the event that tells of it."""


def available_on(now: int, pricing: Pricing) -> int:
    """At midnight, UTC, so many calendar days after the day of what has happened."""
    return (now // DAY_SECONDS + pricing.days) * DAY_SECONDS
