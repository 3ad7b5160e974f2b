"""Changing what the buyer was shown and can still pay with: it is withdrawn first, and then shown anew by a confirm.

docs.stripe.com/payments/customer-balance, …/konbini: an update of the amount gives back what was set aside, or voids
the voucher. If it turns out to be paid, nothing changes, and the caller is told.
"""

from domain.copies import replace
from domain.methods import vouchers
from domain.methods.registry import family_in_use
from domain.model import wording
from domain.model.attributes import ALWAYS_UPDATABLE
from domain.model.commands import Update
from domain.model.events import AttributesChanged, Event, InstructionsWithdrawn, PaymentError, PaymentMethodSelected
from domain.model.outcomes import Amendment, Approved, FundsKnown, MoveFunds, Outcome, Void
from domain.model.payment_intent import PaymentIntent, method_in_use, outstanding
from domain.refusals import Refusal


def withdrawal(state: PaymentIntent, command: Update) -> Void | MoveFunds | Refusal | None:
    """What the change takes before it can be made; None if the buyer can go on paying with what they have."""
    settled = [name for name in command.changes if name not in ALWAYS_UPDATABLE]
    if outstanding(state) is None or not (settled or command.payment_method):
        return None
    if not state.rules:
        return wording.can_still_be_paid(settled[0] if settled else "payment_method")
    if state.pending:
        return wording.busy()
    amends = Amendment(changes=command.changes, payment_method=command.payment_method)
    withdrawal = family_in_use(state).withdraw(state, None)
    return replace(withdrawal, amends=amends) if withdrawal else None


def amended(
    state: PaymentIntent, amends: Amendment, outcome: Outcome, now: int
) -> tuple[tuple[Event, ...], PaymentError | None]:
    """Withdrawn and changed, to be confirmed again; or paid before it could be, which is found out at once."""
    given_back = isinstance(outcome, FundsKnown) and outcome.applied == 0
    if not (given_back or isinstance(outcome, Approved)):
        return vouchers.paid_first(state, now)
    method = amends.payment_method or method_in_use(state)
    changed = (AttributesChanged(amends.changes),) if amends.changes else ()
    return (InstructionsWithdrawn(), *changed, PaymentMethodSelected(method)), None
