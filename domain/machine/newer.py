"""What today's rules refuse, in a legal cell, that the rules of before took (`PaymentIntent.rules`); and the reverse.

A run that an older release has started is replayed with the rules that it was started by: what it has carried out
cannot be refused afterwards. What does not go together at all is suitability.py.
"""

from domain.machine import confirmation
from domain.machine.table import TABLE
from domain.model import refunds
from domain.model.commands import Capture, Command, Confirm, DisputeCommand, RefundCharge, RefundResult, Update
from domain.model.payment_intent import PaymentIntent, held_charge
from domain.model.statuses import Status
from domain.money.currencies import rounding_refusal
from domain.refusals import Refusal


def refusal(state: PaymentIntent, command: Command) -> Refusal | None:
    """Refuse another customer, a method kept for what it may not be, and a refund of what a bank has taken back.

    Or a part of what is held, or was taken, that networks would round.

    Or of what was paid in a way that has no way back, or one that nobody can be asked for, or by the id of another one;
    and a notification of a refund that is somebody else's.
    """
    if not TABLE[state.status][command.name]:
        return None
    if isinstance(command, Update | Confirm) and (other := confirmation.customer_refusal(state, command.changes)):
        return other
    if isinstance(command, Confirm):
        return confirmation.usage_refusal(state, command)
    if isinstance(command, Capture):
        return _uneven(state, command.amount_to_capture, held_charge(state).capturable, "amount_to_capture")
    if isinstance(command, RefundCharge):
        charge = held_charge(state)
        if command.refund in charge.refunds_given:
            return refunds.taken(command.refund)
        known = refunds.disputed(charge) or refunds.never(charge)
        known = known or refunds.receiver_unknown(charge, command.instructions_email)
        return known or _uneven(state, command.amount, charge.amount_kept, "amount")
    if isinstance(command, RefundResult) and command.refund is not None:
        told, charge = command.refund, held_charge(state)
        mine = (charge.id, state.id, charge.currency) == (told.charge, told.payment_intent, told.currency)
        return None if mine else refunds.unknown_refund()
    return None


def was_out_of_place(state: PaymentIntent, command: Command) -> bool:
    """Whether a cell that is legal now was empty by the rules of before the second.

    A dispute of what was taken of a hold waited until that had ended, and the money could be given back meanwhile.
    """
    return state.rules < 2 and state.status == Status.REQUIRES_CAPTURE and isinstance(command, DisputeCommand)


def _uneven(state: PaymentIntent, amount: int | None, left: int, param: str) -> Refusal | None:
    """All that is left may be as uneven as it came about. The first rules looked at no part."""
    return (
        None if state.rules < 2 or amount is None or amount == left else rounding_refusal(amount, state.currency, param)
    )
