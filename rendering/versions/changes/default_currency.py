"""A customer has one currency."""

from rendering.versions.base import Change, Shown, with_keys


def _with_default(customer: Shown) -> Shown:
    return with_keys(customer, default_currency=customer["currency"])


CHANGE = Change(
    since="2022-08-01",
    title="`default_currency` is gone from Customer; before, it is there beside `currency`",
    source="https://docs.stripe.com/changelog/2022-08-01/removes-default-currency-customer-object",
    known_from="changelog, types",
    shows={"customer": _with_default},
)
