"""Which payment method types an intent takes when the merchant leaves that to us (automatic_payment_methods).

docs.stripe.com/payments/payment-methods/dynamic-payment-methods: by currency, amount, customer, capture, later use, and
whether the buyer may be sent away.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from domain.methods.families import OPENS_AN_APP, REUSABLE, TYPES, Family, MethodType
from domain.model.payment_intent import PaymentIntent


def eligible_types(
    *,
    currency: str,
    amount: int,
    customer: str | None,
    manual_capture: bool,
    reusable: bool,
    redirects: bool,
    options: Mapping[str, Any],
    excluded: tuple[str, ...] = (),
) -> tuple[str, ...]:
    """The types, cards first. `amount` is minor units; `reusable` says that the method is to be kept for later."""

    def fits(name: str, type_: MethodType) -> bool:
        if type_.currencies and currency not in type_.currencies:
            return False
        if amount < type_.least or (type_.most is not None and amount > type_.most):
            return False
        if (manual_capture and not type_.manual_capture) or (reusable and name not in REUSABLE):
            return False
        if not redirects and (type_.family is Family.REDIRECT or name in OPENS_AN_APP):
            return False
        if type_.family is Family.TRANSFER:
            # Where the money is to go is the merchant's to say.
            return customer is not None and bool(options.get(name))
        return True

    return tuple(name for name, type_ in TYPES.items() if name not in excluded and fits(name, type_))


def with_automatic_types(state: PaymentIntent) -> PaymentIntent:
    """The intent with the types that fit it now, where the merchant leaves them to us."""
    automatic = state.automatic_payment_methods or {}
    if not automatic.get("enabled"):
        return state
    types = eligible_types(
        currency=state.currency,
        amount=state.amount,
        customer=state.customer,
        manual_capture=state.capture_method == "manual",
        reusable=state.setup_future_usage == "off_session",
        redirects=automatic.get("allow_redirects", "always") == "always",
        options=state.payment_method_options or {},
        excluded=state.excluded_payment_method_types or (),
    )
    return replace(state, payment_method_types=types)
