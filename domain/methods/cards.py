"""Cards, and what needs nothing of the buyer: answered at once. Should a bank take its time, it is as with a debit."""

from domain.methods.debits import question, settle, start, withdraw, withdrawn
from domain.model import wording
from domain.model.commands import Confirm
from domain.model.payment_intent import PaymentIntent, method_in_use
from domain.refusals import Refusal

__all__ = ["may_confirm", "question", "settle", "start", "withdraw", "withdrawn"]


def may_confirm(state: PaymentIntent, command: Confirm, now: int) -> Refusal | None:
    """Refuse a card of which nothing is known."""
    method = method_in_use(state)
    return wording.payment_method_type_not_activated("card") if method.type == "card" and method.card is None else None
