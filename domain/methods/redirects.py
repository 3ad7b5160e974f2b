"""Redirects: the buyer is sent to their bank or wallet, and comes back.

Some banks answer days later, as with a debit.
"""

from domain.methods.debits import question, settle, start, withdraw, withdrawn
from domain.model import wording
from domain.model.commands import Confirm
from domain.model.payment_intent import PaymentIntent, method_in_use
from domain.refusals import Refusal

__all__ = ["may_confirm", "question", "settle", "start", "withdraw", "withdrawn"]


def may_confirm(state: PaymentIntent, command: Confirm, now: int) -> Refusal | None:
    """Refuse to send a buyer away who could not come back."""
    if command.return_url or command.use_stripe_sdk:
        return None
    return wording.return_url_required_by(method_in_use(state).type)
