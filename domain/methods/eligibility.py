"""Which payment method types an intent takes when the merchant leaves that to us, or only says which may be taken.

docs.stripe.com/payments/payment-methods/dynamic-payment-methods: by what the account offers, currency, amount,
customer, capture, later use, and whether the buyer may be sent away.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from domain.copies import replace
from domain.methods.families import OPENS_AN_APP, REUSABLE, TYPES, Family, MethodType
from domain.methods.offered import USUAL, in_order
from domain.model.hashes import Changes
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
    offered: Iterable[str] = TYPES,
    named: bool = False,
) -> tuple[str, ...]:
    """Those of the `offered` types that fit, in their order. `amount` is minor units.

    `reusable` says that the method is to be kept for later, `named` that the merchant has named the types himself.
    """

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
            return named or (customer is not None and bool(options.get(name)))
        return True

    there = ((name, TYPES[name]) for name in offered if name in TYPES and name not in excluded)
    return tuple(name for name, type_ in there if fits(name, type_))


def types_left_to_us(state: PaymentIntent) -> tuple[str, ...] | None:
    """The types that fit it, where they are left to us, or the merchant says which may be taken; None: they are named.

    Older rules took what was allowed for what is to be taken, and offered everything.
    """
    automatic = state.automatic_payment_methods or {}
    allowed = state.allowed_payment_method_types if state.rules else None
    if allowed is None and not automatic.get("enabled"):
        return None
    usual = USUAL if state.rules and state.payment_method_configuration else in_order(TYPES)
    return eligible_types(
        currency=state.currency,
        amount=state.amount,
        customer=state.customer,
        manual_capture=state.capture_method == "manual",
        reusable=state.setup_future_usage == "off_session",
        redirects=automatic.get("allow_redirects", "always") == "always",
        options=state.payment_method_options or {},
        excluded=state.excluded_payment_method_types or (),
        offered=next(types for types in (allowed, state.offered_types, usual) if types is not None),
        named=allowed is not None,
    )


def with_automatic_types(state: PaymentIntent) -> PaymentIntent:
    """The intent with the types that fit it now, where they are left to us."""
    types = types_left_to_us(state)
    return state if types is None else replace(state, payment_method_types=types)


def no_longer_ours(state: PaymentIntent, changes: Changes) -> dict[str, None]:
    """What ends where the merchant names the types himself: that they are left to us, and what he allowed before."""
    allows = changes.get("allowed_payment_method_types") is not None
    names = changes.get("payment_method_types") is not None
    if not state.rules or not (names or allows):
        return {}
    ended = {"automatic_payment_methods", "payment_method_configuration", "offered_types", "configuration_parent"}
    return dict.fromkeys(ended if allows else {*ended, "allowed_payment_method_types"})
