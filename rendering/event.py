"""Event: Stripe's `event` object, around the object it tells of, as that was then."""

from collections.abc import Callable
from typing import Any

from records.base import StoredEvent
from records.codec import load_charge, load_dispute, load_intent, load_mandate, load_method, load_refund
from rendering import cash_balance, charge, customer, dispute, mandate, payment_intent, payment_method, refund
from rendering.printing import to_json

Snapshot = dict[str, Any]

RENDERERS: dict[str, Callable[[Snapshot], Snapshot]] = {
    "payment_intent": lambda data: payment_intent.render(load_intent(data)),
    "charge": lambda data: charge.render(load_charge(data)),
    "payment_method": lambda data: payment_method.render(load_method(data)),
    "refund": lambda data: refund.render(load_refund(data)),
    "customer": customer.render,
    "cash_balance": cash_balance.of_snapshot,
    "customer_cash_balance_transaction": cash_balance.transaction,
    "dispute": lambda data: dispute.render(load_dispute(data)),
    "mandate": lambda data: mandate.render(load_mandate(data)),
}
"""By subject: from what was written to Stripe's object."""

SHOWN_CHANGES = {
    "payment_intent.amount_capturable_updated": ("amount", "amount_capturable", "amount_received"),
}
"""Events whose `previous_attributes` are about these keys only."""


def render(event: StoredEvent, api_version: str | None = None) -> dict[str, Any]:
    """The object. `api_version` is the receiving endpoint's own, if it has one."""
    shown = RENDERERS[event.subject]
    snapshot = shown(event.data["object"])
    data: dict[str, Any] = {"object": snapshot}
    before = event.data.get("before")
    if before is not None:
        was = {name: value for name, value in {**event.data["object"], **before}.items() if value is not None}
        changed = differences(shown(was), snapshot)
        names = SHOWN_CHANGES.get(event.type)
        data["previous_attributes"] = changed if names is None else {n: changed[n] for n in names if n in changed}
    elif event.data.get("previous_attributes"):
        # As events were written before webhooks came.
        data["previous_attributes"] = event.data["previous_attributes"]
    return {
        "id": event.id,
        "object": "event",
        "api_version": api_version or event.api_version,
        "created": event.created,
        "data": data,
        "livemode": event.livemode,
        "pending_webhooks": event.pending,
        "request": {"id": event.request_id, "idempotency_key": event.idempotency_key},
        "type": event.type,
    }


def body(event: StoredEvent, api_version: str | None = None) -> bytes:
    """The bytes that are signed and sent."""
    return to_json(render(event, api_version))


def differences(before: Any, after: Any) -> dict[str, Any]:
    """The keys of `before` that are not as in `after`, nested; a key that was not there is null."""
    changed: dict[str, Any] = {}
    for key in sorted(before.keys() | after.keys()):
        was, now = before.get(key), after.get(key)
        if was == now:
            continue
        nested = isinstance(was, dict) and isinstance(now, dict)
        changed[key] = differences(was, now) if nested else was
    return changed
