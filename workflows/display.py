"""What people read about a PaymentIntent in the Temporal UI: search attributes, memo, and the current-details card."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

from contracts import names
from domain.machine.explaining import routes
from domain.model.charges import describe
from domain.model.commands import ExpireDispute
from domain.model.hashes import JsonObject
from domain.model.payment_intent import PaymentIntent, attempt_clock, dispute_clock, due_command, pending_charge
from domain.money.currencies import CURRENCIES

STATUS = SearchAttributeKey.for_keyword(names.SEARCH_STATUS)
AMOUNT = SearchAttributeKey.for_int(names.SEARCH_AMOUNT)
CURRENCY = SearchAttributeKey.for_keyword(names.SEARCH_CURRENCY)
CUSTOMER = SearchAttributeKey.for_keyword(names.SEARCH_CUSTOMER)
ACCOUNT = SearchAttributeKey.for_keyword(names.SEARCH_ACCOUNT)


def summary(intent: PaymentIntent) -> str:
    """One line: the money and whom it is for."""
    money = CURRENCIES[intent.currency].format(intent.amount)
    return f"{money} {intent.currency}" + (f" from {intent.customer}" if intent.customer else "")


class Described(Protocol):
    """An intent of either kind."""

    @property
    def description(self) -> str | None:
        """In the merchant's words."""
        ...

    @property
    def metadata(self) -> Mapping[str, str]:
        """The merchant's own notes."""
        ...


def memo(intent: Described) -> JsonObject:
    """What the merchant says about it, so that support can tell which order it is for. Nothing if nothing was said."""
    said = {"description": intent.description, "metadata": intent.metadata}
    return {name: value for name, value in said.items() if value}


def changed_memo(before: Described, after: Described) -> JsonObject:
    """Only what changed; None for what is not said any more."""
    old, new = memo(before), memo(after)
    return {name: new.get(name) for name in {**old, **new} if old.get(name) != new.get(name)}


def changed_attributes(before: PaymentIntent, after: PaymentIntent) -> list[SearchAttributeUpdate[Any]]:
    """Only what changed: writing an attribute costs the server as much as a small command."""
    changes: list[SearchAttributeUpdate[Any]] = []
    if before.status != after.status:
        changes.append(STATUS.value_set(str(after.status)))
    if before.amount != after.amount:
        changes.append(AMOUNT.value_set(after.amount))
    if before.currency != after.currency:
        changes.append(CURRENCY.value_set(after.currency))
    if before.customer != after.customer:
        changes.append(CUSTOMER.value_set(after.customer) if after.customer else CUSTOMER.value_unset())
    return changes


def time(second: int) -> str:
    """As people read it; a card that cannot be shown would fail every task of its workflow."""
    try:
        return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return f"{second} (in seconds since 1970)"


def waiting_for(intent: PaymentIntent) -> str:
    """What the timer is for."""
    if intent.next_action:
        return "the buyer's time is up"
    if isinstance(due_command(intent), ExpireDispute):
        return "the dispute is lost unless it is answered"
    if intent.accepted is not None:
        return "the gateway is asked how what it has taken on ended"
    return "the gateway is asked about the settlement" if pending_charge(intent) else "authorization expires"


def details(intent: PaymentIntent, refusal: str | None, broken: str | None = None) -> str:
    """The card a support agent reads: where this payment is, and why. Markdown."""
    rows = [
        f"**{summary(intent)}** is **{intent.status}**\n",
        f"- Created {time(intent.created)}, account {intent.account}",
        f"- Attempts: {intent.attempts}",
    ]
    if broken:
        rows.append(f"- **Stopped**: {broken}. Signal `{names.LEVEL}` tries again")
    if intent.duplicate_of:
        rows.append(f"- **Perhaps a duplicate** of {intent.duplicate_of}")
    if intent.charge:
        rows.append(f"- Latest charge: {intent.charge.id}, {describe(intent.charge)}")
    if intent.routing:
        rows.append(f"- Route: {routes.summary(intent.routing)}")
        rows += [f"  - {name}: {why}" for name, why in routes.told(intent.routing)]
    if intent.last_payment_error:
        rows.append(f"- Last decline: {intent.last_payment_error.code}, {intent.last_payment_error.message}")
    rows += _waits(intent)
    rows += _until(intent)
    if intent.canceled_at:
        rows.append(f"- Canceled at {time(intent.canceled_at)}, reason: {intent.cancellation_reason or 'none given'}")
    if refusal:
        rows.append(f"- Last refused signal: {refusal}")
    return "\n".join(rows)


def _waits(intent: PaymentIntent) -> list[str]:
    """Whom it waits for, and what they owe it."""
    waits = []
    if intent.pending:
        waits.append(f"- Waiting for the gateway to say what became of `{intent.pending.key}`")
    if intent.accepted:
        key = intent.accepted.effect.key
        waits.append(f"- Waiting for the gateway to tell how `{key}` ended, which it has taken on")
    if intent.next_action:
        waits.append(f"- Waiting for the buyer: {intent.next_action.type}")
    return waits


def _until(intent: PaymentIntent) -> list[str]:
    """What its clocks do, and when."""
    lost_at = dispute_clock(intent)
    lost = "" if not lost_at else f"- Its charge is disputed, which is lost unless it is answered until {time(lost_at)}"
    return [line for line in (_attempt_until(intent), lost) if line]


def _attempt_until(intent: PaymentIntent) -> str:
    due = attempt_clock(intent)
    if not due:
        return ""
    if intent.next_action:
        return f"- The buyer has until {time(due)}"
    if intent.accepted:
        return f"- The gateway will be asked about that at {time(due)} if it says nothing before"
    if pending_charge(intent):
        return f"- The bank has not answered; the gateway will be asked at {time(due)} if it says nothing before"
    return f"- The hold lapses at {time(due)}; capture before, or it is released"
