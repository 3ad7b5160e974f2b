"""Tax ids of a customer are objects; before, hashes, and a text before that."""

from collections.abc import Callable

from rendering.versions.base import Change, Given, Shown, with_keys


def _without(*names: str) -> Callable[[Given], Given]:
    return lambda given: {name: value for name, value in given.items() if name not in names}


def _no_info(customer: Shown) -> Shown:
    return with_keys(customer, tax_info=None, tax_info_verification=None)


def _no_number(customer: Shown) -> Shown:
    shown = {name: value for name, value in customer.items() if not name.startswith("tax_info")}
    return with_keys(shown, business_vat_id=None)


INFO = Change(
    since="2019-12-03",
    title="`tax_info` and `tax_info_verification` are gone from Customer; before, they are there, and null here",
    source="https://docs.stripe.com/changelog/2019-12-03/removes-deprecated-tax-information-fields",
    known_from="changelog",
    shows={"customer": _no_info},
    takes=dict.fromkeys(("customers.create", "customers.update"), _without("tax_info")),
)
NUMBER = Change(
    since="2018-08-23",
    title="A customer has `tax_info`; before, `business_vat_id`, null here",
    source="https://docs.stripe.com/changelog/2018-08-23/customers-provide-tax-info-object",
    known_from="changelog",
    shows={"customer": _no_number},
    takes=dict.fromkeys(("customers.create", "customers.update"), _without("business_vat_id")),
)
