"""A payment as a line of the console's list: what is told apart at a glance, and nothing secret."""

from domain.model.hashes import JsonObject
from domain.model.payment_intent import PaymentIntent, deadline, due_command
from domain.model.payment_methods import PaymentMethod


def line(intent: PaymentIntent, *, email: str | None, unknown_since: int | None) -> JsonObject:
    """`email` is the customer's, for want of another; `unknown_since` is when the gateway began to owe an answer."""
    charge = intent.charge
    method = intent.payment_method or (charge.payment_method if charge else None)
    due, command = deadline(intent), due_command(intent)
    own = (method.billing_details.email if method else None) or intent.receipt_email
    error = intent.last_payment_error
    return {
        "id": intent.id,
        "object": "dashboard_payment",
        "amount": intent.amount,
        "amount_capturable": intent.amount_capturable,
        "amount_received": intent.amount_received,
        "amount_refunded": charge.amount_refunded if charge else 0,
        "created": intent.created,
        "currency": intent.currency,
        "customer": intent.customer,
        "description": intent.description,
        "disputed": bool(charge and charge.dispute),
        "due": {"at": due, "what": command.name if command else "check_settlement"} if due else None,
        "email": own or email,
        "failure": (error.decline_code or error.code) if error else None,
        "method": _method(method) if method else None,
        "status": intent.status,
        "unknown_since": unknown_since,
    }


def _method(method: PaymentMethod) -> JsonObject:
    last4 = method.card.last4 if method.card else method.details.get("last4")
    return {"type": method.type, "brand": method.card.brand if method.card else None, "last4": last4}
