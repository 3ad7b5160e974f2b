"""The seven statuses of a PaymentIntent, and which of them end it. What moves between them is payment_intent.py."""

from enum import StrEnum


class Status(StrEnum):
    """Stripe's values; each names what is owed next. docs.stripe.com/payments/paymentintents/lifecycle."""

    REQUIRES_PAYMENT_METHOD = "requires_payment_method"
    REQUIRES_CONFIRMATION = "requires_confirmation"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    REQUIRES_CAPTURE = "requires_capture"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"


TERMINAL = frozenset({Status.SUCCEEDED, Status.CANCELED})
"""A terminal status is terminal: no command leaves it."""
