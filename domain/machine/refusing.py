"""How a command is refused that has no place in a status (table.py). Pure."""

from collections.abc import Callable

from domain.machine import dispute_answers, dispute_facts, refund_rules, resolving
from domain.model import wording
from domain.model.commands import Command, Confirm
from domain.model.payment_intent import PaymentIntent
from domain.refusals import Refusal

REFUSED: dict[str, Callable[[PaymentIntent], Refusal]] = {
    "capture": wording.cannot_capture,
    "cancel": wording.cannot_cancel,
    "increment_authorization": wording.cannot_increment,
    "refund": refund_rules.cannot_refund,
    "refund_result": refund_rules.cannot_refund,
    "dispute": dispute_facts.cannot_dispute,
    "update_dispute": dispute_answers.cannot_answer,
    "close_dispute": dispute_answers.cannot_answer,
    "expire_dispute": lambda _: dispute_answers.unknown(),
    "verify_microdeposits": wording.cannot_verify_microdeposits,
    "apply_customer_balance": wording.cannot_apply_customer_balance,
    "authentication_result": wording.cannot_authenticate,
    "expire_authorization": wording.cannot_expire,
    "check_settlement": wording.nothing_to_settle,
    "expire_action": wording.cannot_authenticate,
    "modification_result": lambda _: wording.unknown_modification(),
    "resolve": resolving.cannot_resolve,
    "return_share": refund_rules.cannot_refund,
}
"""How an empty cell is refused; `confirm` also depends on the command (`wording.cannot_confirm`)."""


def out_of_place(state: PaymentIntent, command: Command) -> Refusal:
    """Why not now."""
    if isinstance(command, Confirm):
        return wording.cannot_confirm(state, command.payment_method is not None)
    return REFUSED[command.name](state)
