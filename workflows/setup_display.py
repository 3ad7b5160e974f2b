"""What people read about a SetupIntent in the Temporal UI, as display.py has it for PaymentIntents."""

from typing import Any

from temporalio.common import SearchAttributeUpdate

from contracts import names
from domain.model.setup_intent import SetupIntent, deadline
from workflows.display import CUSTOMER, STATUS, time


def summary(intent: SetupIntent) -> str:
    """One line: what is set up, and for whom."""
    what = intent.payment_method.title if intent.payment_method else ", ".join(intent.payment_method_types)
    return f"set up {what}"[:200] + (f" of {intent.customer}" if intent.customer else "")


def changed_attributes(before: SetupIntent, after: SetupIntent) -> list[SearchAttributeUpdate[Any]]:
    """Only what changed: writing an attribute costs the server as much as a small command."""
    changes: list[SearchAttributeUpdate[Any]] = []
    if before.status != after.status:
        changes.append(STATUS.value_set(str(after.status)))
    if before.customer != after.customer:
        changes.append(CUSTOMER.value_set(after.customer) if after.customer else CUSTOMER.value_unset())
    return changes


def waiting_for(intent: SetupIntent) -> str:
    """What the timer is for."""
    del intent
    return "the buyer's time is up"


def details(intent: SetupIntent, refusal: str | None, broken: str | None = None) -> str:
    """The card a support agent reads: where this setup is, and why. Markdown."""
    rows = [
        f"**{summary(intent)}** is **{intent.status}**\n",
        f"- Created {time(intent.created)}, account {intent.account}, for {intent.usage} payments",
        f"- Attempts: {intent.attempts}",
    ]
    if broken:
        rows.append(f"- **Stopped**: {broken}. Signal `{names.LEVEL}` tries again")
    if intent.attempt:
        rows.append(f"- Latest attempt: {intent.attempt.id}, {intent.attempt.status}")
    if intent.last_setup_error:
        rows.append(f"- Last error: {intent.last_setup_error.code}, {intent.last_setup_error.message}")
    if intent.pending:
        rows.append(f"- Waiting for the gateway to say what became of `{intent.pending.key}`")
    if intent.next_action:
        rows.append(f"- Waiting for the buyer: {intent.next_action.type}")
    due = deadline(intent)
    if due:
        rows.append(f"- The buyer has until {time(due)}")
    if intent.cancellation_reason:
        rows.append(f"- Canceled, reason: {intent.cancellation_reason}")
    if refusal:
        rows.append(f"- Last refused signal: {refusal}")
    return "\n".join(rows)
