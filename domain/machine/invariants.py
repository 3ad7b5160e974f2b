"""What always holds of a PaymentIntent, checked after every batch of facts."""

from domain.model.outcomes import AnswerDispute, AskSettlement, Effect, MoveFunds, Refund
from domain.model.payment_intent import PaymentIntent, terms_now
from domain.model.statuses import TERMINAL, Status
from domain.refusals import check

_P, _RCAP, _S, _X = Status.PROCESSING, Status.REQUIRES_CAPTURE, Status.SUCCEEDED, Status.CANCELED


def quiet(effect: Effect | None) -> bool:
    """Whether not knowing its outcome leaves the intent as it is: a refund's, a dispute's, or that of a question."""
    if isinstance(effect, MoveFunds):
        return effect.operation != "release_funds"
    return isinstance(effect, Refund | AskSettlement | AnswerDispute)


def check_invariants(before: PaymentIntent, after: PaymentIntent) -> None:
    """Stop where a step leads to what cannot be.

    Raises:
        InvariantViolation: which one.
    """
    check(before.status not in TERMINAL or after.status == before.status, "a terminal status is terminal")
    check(after.status != _S or after.amount_received > 0, "succeeded means money was captured")
    check(after.status != _RCAP or after.amount_capturable > 0, "requires_capture means money is held")
    check((after.status == _X) == (after.canceled_at is not None), "canceled, and when, go together")
    known = after.pending is None or quiet(after.pending)
    check(known or after.status == _P, "an unknown outcome means processing, unless the intent stays as it is")
    check(after.accepted is None or after.status == _P, "what the gateway has taken on is processing")
    check(after.accepted is None or after.pending is None, "what it has taken on is not unknown")
    check(0 <= after.funded <= after.amount, "set aside at most what is to be paid")
    action = after.next_action
    terms = action.terms if action else after.approval.terms if after.approval else None
    check(terms is None or terms == terms_now(after), "what the buyer approves is what they are charged")
