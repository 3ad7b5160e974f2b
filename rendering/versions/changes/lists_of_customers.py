"""A customer shows its sources, subscriptions and tax ids when it is asked for them. There are none here."""

from rendering.versions.base import Change

CHANGE = Change(
    since="2020-08-27",
    title="`sources`, `subscriptions` and `tax_ids` of a customer are shown with `expand` only; before, always",
    source="https://docs.stripe.com/changelog/2020-08-27/deprecates-auto-expansion-customer-sources",
    known_from="changelog",
    includes={"customer": {"sources": "", "subscriptions": "", "tax_ids": ""}},
)
