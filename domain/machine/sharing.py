"""Shares of a payment that come back: with a refund, or by hand. Pure; what they are is model/shares.py."""

from domain.copies import replace
from domain.model import shares
from domain.model.charges import Charge
from domain.model.payment_intent import PaymentIntent, held_charge
from domain.model.refund_events import RefundSucceeded, ShareReturned
from domain.model.refunds import ChargeRefund
from domain.model.shares import FEE, TRANSFER, Kind, ReturnShare, ShareReturn
from domain.money.currencies import CURRENCIES
from domain.refusals import Refusal

Facts = tuple[ShareReturned, ...]


def by_refund(charge: Charge, succeeded: RefundSucceeded) -> tuple[RefundSucceeded | ShareReturned, ...]:
    """A refund that has succeeded, and what comes back with it: as much of each share as is given back of the charge.

    Never more comes back than is left, and everything once everything was given back by refunds that ask for it. What
    one has brought back that fails late is not brought again by the next. A refund of which that is told again brings
    nothing more.
    """
    refund = succeeded.refund
    if refund.id in charge.shared_refunds:
        return (succeeded,)
    back: list[ShareReturn] = []
    if TRANSFER in refund.shares and (amount := _part(charge, TRANSFER, refund)):
        reversal = replace(
            shares.transfer_back(charge, shares.reversal_id(refund.id), amount),
            refund=refund.id,
            metadata=refund.metadata,
        )
        back.append(reversal)
        refund = replace(refund, transfer_reversal=reversal.id)
    if FEE in refund.shares and (amount := _part(charge, FEE, refund)):
        back.append(replace(shares.fee_back(charge, shares.fee_return_id(refund.id), amount), refund=refund.id))
    return (replace(succeeded, refund=refund), *(ShareReturned(one) for one in back))


def _part(charge: Charge, kind: Kind, refund: ChargeRefund) -> int:
    """What belongs to all refunds that have asked for it and stand, with this one, less what refunds have brought."""
    asked, brought = shares.by_refunds(charge, kind)
    whole = charge.amount_captured - charge.capture_failed
    due = shares.in_proportion(_all(charge, kind), 0, asked + refund.amount, whole) - brought
    return max(0, min(due, _left(charge, kind)))


def _all(charge: Charge, kind: Kind) -> int:
    return charge.fee_taken if kind == FEE else charge.transferred


def _left(charge: Charge, kind: Kind) -> int:
    """What has not come back of a share."""
    return charge.fee_taken - charge.fee_returned if kind == FEE else charge.transferred - charge.transfer_returned


def is_returnable(charge: Charge | None) -> bool:
    """Whether anything of a share is left to come back."""
    return charge is not None and bool(_left(charge, FEE) or _left(charge, TRANSFER))


def returned(state: PaymentIntent, command: ReturnShare) -> Facts | Refusal:
    """Give back what another account has got of the payment."""
    charge = held_charge(state)
    kind = next((kind for kind in (FEE, TRANSFER) if kind == command.share), None)
    if kind is None:
        return Refusal(message="Invalid share: must be one of fee, transfer.", param="share")
    amount = _left(charge, kind) if command.amount is None else command.amount
    if (refusal := _refusal(charge, kind, amount)) is not None:
        return refusal
    make = shares.fee_back if kind == FEE else shares.transfer_back
    id_ = command.returned or _unnamed(charge, kind)
    back = replace(make(charge, id_, amount), description=command.description, metadata=command.metadata)
    if kind == FEE or not command.refund_application_fee:
        return (ShareReturned(back),)
    return ShareReturned(back), *_fee_with(charge, back)


def _unnamed(charge: Charge, kind: Kind) -> str:
    """The id of what was typed by hand, without one: no two have left the same behind them."""
    so_far = f"{charge.id}/{charge.fee_returned}/{charge.transfer_returned}"
    return shares.fee_return_id(so_far) if kind == FEE else shares.reversal_id(so_far)


def _fee_with(charge: Charge, reversal: ShareReturn) -> Facts:
    """As much of the fee as comes back of the transfer."""
    before = charge.transfer_returned
    part = shares.in_proportion(charge.fee_taken, before, before + reversal.amount, charge.transferred)
    amount = min(part, _left(charge, FEE))
    return (ShareReturned(shares.fee_back(charge, shares.fee_return_id(reversal.id), amount)),) if amount else ()


def _refusal(charge: Charge, kind: Kind, amount: int) -> Refusal | None:
    """Refuse to give back nothing, twice, or more than another account has got."""
    left, whole = _left(charge, kind), _all(charge, kind)
    if not whole:
        return no_share(kind)
    if not left:
        text = (
            f"Application fee {shares.fee_id(charge.id)} has already been refunded."
            if kind == FEE
            else f"Transfer {shares.transfer_id(charge)} has already been fully reversed."
        )
        return Refusal(message=text)
    if amount <= 0:
        text = "This value must be greater than or equal to 1."
        return Refusal(code="parameter_invalid_integer", param="amount", message=text)
    if amount > left:
        money = CURRENCIES[charge.currency]
        of = "fee" if kind == FEE else "transfer"
        most = f"{of} amount" if left == whole else f"{'unrefunded' if kind == FEE else 'unreversed'} amount on {of}"
        what = "Refund" if kind == FEE else "Reversal"
        text = f"{what} amount ({money.format(amount)}) is greater than {most} ({money.format(left)})"
        return Refusal(param="amount", message=text)
    return None


def no_share(kind: Kind) -> Refusal:
    """Nobody else has got anything of the payment, of this kind."""
    if kind == FEE:
        return Refusal(message="This charge has no application fee to refund.", param="refund_application_fee")
    return Refusal(message="This charge has no associated transfer to reverse.", param="reverse_transfer")
