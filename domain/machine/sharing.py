"""Shares of a payment that come back: with a refund, with a capture that fails after all, or by hand. Pure.

What they are is model/shares.py.
"""

from domain.copies import replace
from domain.machine.evolution import evolve
from domain.model import shares
from domain.model.charges import Charge
from domain.model.events import CaptureFailed, Event
from domain.model.payment_intent import PaymentIntent, held_charge
from domain.model.refund_events import RefundSucceeded, ShareReturned
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
    if TRANSFER in refund.shares and (amount := _due(charge, TRANSFER, refund.amount)):
        reversal = replace(
            shares.transfer_back(charge, shares.reversal_id(refund.id), amount),
            refund=refund.id,
            metadata=refund.metadata,
        )
        back.append(reversal)
        refund = replace(refund, transfer_reversal=reversal.id)
    if FEE in refund.shares and (amount := _due(charge, FEE, refund.amount)):
        back.append(replace(shares.fee_back(charge, shares.fee_return_id(refund.id), amount), refund=refund.id))
    return (replace(succeeded, refund=refund), *(ShareReturned(one, in_proportion=True) for one in back))


def by_failure(state: PaymentIntent, events: tuple[Event, ...]) -> tuple[Event, ...]:
    """What has happened; and, where money that was captured does not come after all, what others had got of it."""
    if not any(isinstance(event, CaptureFailed) for event in events):
        return events
    charge = held_charge(evolve(state, events, check_table=False))
    named = f"{charge.id}/failed/{charge.capture_failed}"
    back: list[ShareReturn] = []
    if amount := _due(charge, TRANSFER, 0):
        back.append(shares.transfer_back(charge, shares.reversal_id(named), amount))
    if amount := _due(charge, FEE, 0):
        back.append(shares.fee_back(charge, shares.fee_return_id(named), amount))
    return (*events, *(ShareReturned(one, in_proportion=True) for one in back))


def _due(charge: Charge, kind: Kind, more: int) -> int:
    """What belongs to all refunds that have asked for it and stand, to `more`, and to what has not come after all.

    Less what these have brought back.
    """
    asked, brought = shares.brought_back(charge, kind)
    gone = asked + more + charge.capture_failed
    due = shares.in_proportion(_all(charge, kind), 0, gone, charge.amount_captured) - brought
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
