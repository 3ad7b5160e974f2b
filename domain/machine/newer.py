"""What today's rules refuse, in a legal cell, that the rules of before took (`PaymentIntent.rules`).

A run that an older release has started is replayed with the rules that it was started by: what it has carried out
cannot be refused afterwards. What does not go together at all is suitability.py.
"""

from domain.machine import confirmation
from domain.machine.table import TABLE
from domain.model import refunds
from domain.model.commands import Command, Confirm, RefundCharge, RefundResult, Update
from domain.model.payment_intent import PaymentIntent, held
from domain.refusals import Refusal


def refusal(state: PaymentIntent, command: Command) -> Refusal | None:
    """Refuse another customer, a method kept for what it may not be, and a refund of what a bank has taken back.

    Or of what was paid in a way that has no way back, or one that nobody can be asked for, or by the id of another one;
    and a notification of a refund that is somebody else's.
    """
    if not TABLE[state.status][command.name]:
        return None
    if isinstance(command, Update | Confirm) and (other := confirmation.customer_refusal(state, command.changes)):
        return other
    if isinstance(command, Confirm):
        return confirmation.usage_refusal(state, command)
    if isinstance(command, RefundCharge):
        charge = held(state)
        if command.refund in charge.refunds_given:
            return refunds.taken(command.refund)
        known = refunds.disputed(charge) or refunds.never(charge)
        return known or refunds.receiver_unknown(charge, command.instructions_email)
    if isinstance(command, RefundResult) and command.refund is not None:
        told, charge = command.refund, held(state)
        mine = (charge.id, state.id, charge.currency) == (told.charge, told.payment_intent, told.currency)
        return None if mine else refunds.unknown_refund()
    return None
