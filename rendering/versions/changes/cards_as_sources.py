"""Cards are one kind of source. Nothing here is paid with either, so these are null and empty."""

from rendering.versions.base import Change, Shown, with_keys


def _card_too(charge: Shown) -> Shown:
    return with_keys(charge, card=charge["source"])


def _no_default_card(customer: Shown) -> Shown:
    return with_keys(customer, default_card=customer["default_source"])


OF_CHARGES = Change(
    since="2015-02-18",
    title="A charge has a `source`; before, it has a `card` as well, which is null where a payment method has paid",
    source="https://docs.stripe.com/changelog/2015-02-18/charges-have-source-field-accepts-source-card",
    known_from="changelog, guess",
    shows={"charge": _card_too},
)
OF_CUSTOMERS = Change(
    since="2015-02-18",
    title="A customer has `sources` and a `default_source`; before, `cards` and a `default_card` as well",
    source="https://docs.stripe.com/changelog/2015-02-18/customers-have-source-field-accepts-source-card",
    known_from="changelog",
    shows={"customer": _no_default_card},
    includes={"customer": {"cards": ""}},
)
