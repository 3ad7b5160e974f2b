"""What happens to a refund, past tense, and what the charge is then."""

from dataclasses import dataclass

from domain.copies import replace
from domain.model.charges import Charge
from domain.model.refunds import ChargeRefund
from domain.model.shares import ShareReturn, asked_back, not_asked_back
from domain.model.shares import given_back as share_given_back

FRAUDULENT = "fraudulent"
"""The reason of a refund that is also a report."""


@dataclass(frozen=True, slots=True)
class RefundRequested:
    """Somebody is to get money back; until the gateway says otherwise, it counts as given back."""

    refund: ChargeRefund


@dataclass(frozen=True, slots=True)
class RefundSucceeded:
    """The gateway gave the money back; `late` when it took its time to say so."""

    refund: ChargeRefund
    late: bool


@dataclass(frozen=True, slots=True)
class RefundProgressed:
    """Its receiver has said where the money is to go, and it is on its way."""

    refund: ChargeRefund


@dataclass(frozen=True, slots=True)
class RefundFailed:
    """The gateway could not give the money back, or was told not to; we still have it."""

    refund: ChargeRefund


@dataclass(frozen=True, slots=True)
class RefundReturned:
    """One that has failed had succeeded before, as is heard late: its money went, and has come back."""

    refund: ChargeRefund


@dataclass(frozen=True, slots=True)
class HoldRefunded:
    """What was released of a hold is told of as a refund, which moves nothing (docs/VERSIONS.md, 2025-03-31.basil)."""

    refund: ChargeRefund


@dataclass(frozen=True, slots=True)
class ShareReturned:
    """What another account had got of the payment has come back, in part or in whole.

    `in_proportion` to what has gone of the charge's money, by a refund or a capture that failed; otherwise by hand.
    """

    back: ShareReturn
    in_proportion: bool = False


RefundEvent = (
    RefundRequested | RefundSucceeded | RefundProgressed | RefundFailed | RefundReturned | HoldRefunded | ShareReturned
)


def given_back(charge: Charge, event: RefundEvent) -> Charge:
    """The charge after it: what was given back of it, by which refunds, and who has still to say where to."""
    if isinstance(event, ShareReturned):
        return share_given_back(charge, event.back, in_proportion=event.in_proportion)
    refund = event.refund
    asked = tuple(id_ for id_ in charge.refunds_asked if id_ != refund.id)
    under_way = {id_: amount for id_, amount in charge.refunds_under_way.items() if id_ != refund.id}
    match event:
        case RefundRequested():
            if refund.status == "requires_action":
                asked = (*asked, refund.id)
            standing = {**charge.refunds_given, refund.id: refund.amount}
            given = charge.amount_refunded + refund.amount
            return replace(
                charge,
                amount_refunded=given,
                refunds=charge.refunds + 1,
                refunds_given=standing,
                refunds_asked=asked,
                refunds_under_way={**under_way, refund.id: refund.amount},
                reported_fraudulent=charge.reported_fraudulent or refund.reason == FRAUDULENT,
            )
        case RefundFailed():
            standing = {id_: amount for id_, amount in charge.refunds_given.items() if id_ != refund.id}
            left = replace(not_asked_back(charge, refund), amount_refunded=charge.amount_refunded - refund.amount)
            return replace(left, refunds_given=standing, refunds_asked=asked, refunds_under_way=under_way)
        case RefundSucceeded():
            return replace(asked_back(charge, refund), refunds_asked=asked, refunds_under_way=under_way)
        case RefundProgressed():
            return replace(charge, refunds_asked=asked)
        case RefundReturned():
            # It has not counted as given back since it failed.
            return charge
        case HoldRefunded():
            return replace(charge, released_as_refund=refund.amount)
