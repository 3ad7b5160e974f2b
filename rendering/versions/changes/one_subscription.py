"""A customer may have several subscriptions. There are none here."""

from rendering.versions.base import Change, Shown, with_keys


def _none(customer: Shown) -> Shown:
    shown = {name: value for name, value in customer.items() if name != "subscriptions"}
    return with_keys(shown, subscription=None)


CHANGE = Change(
    since="2014-01-31",
    title="A customer has `subscriptions`; before, one `subscription`, null here",
    source="https://docs.stripe.com/changelog/2014-01-31/customers-support-multiple-subscriptions",
    known_from="changelog",
    shows={"customer": _none},
)
