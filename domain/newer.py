"""What today's rules refuse, in a legal cell, that the rules of before took (`PaymentIntent.rules`).

A run that an older release has started is replayed with the rules that it was started by: what it has carried out
cannot be refused afterwards. What does not go together at all is suitability.py.
"""

from domain import confirmation, refunds
from domain.commands import Command, Confirm, RefundCharge, Update
from domain.payment_intent import TABLE, PaymentIntent, held
from domain.refusals import Refusal


def refusal(state: PaymentIntent, command: Command) -> Refusal | None:
    """Refuse another customer, a method kept for what it may not be, and a refund of what a bank has taken back.

    Or of what was paid in a way that has no way back, or one that nobody can be asked for.
    """
    if not TABLE[state.status][command.name]:
        return None
    if isinstance(command, Update | Confirm) and (other := confirmation.customer_refusal(state, command.changes)):
        return other
    if isinstance(command, Confirm):
        return confirmation.usage_refusal(state, command)
    if isinstance(command, RefundCharge):
        charge = held(state)
        known = refunds.disputed(charge) or refunds.never(charge)
        return known or refunds.receiver_unknown(charge, command.instructions_email)
    return None
