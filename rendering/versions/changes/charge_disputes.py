"""How a charge names its dispute."""

from rendering.versions.base import Change

WHOLE = Change(
    since="2017-02-14",
    title="`dispute` of a charge is an id; before, it is the whole dispute",
    source="https://docs.stripe.com/changelog/2017-02-14/charges-specify-dispute-associated-transaction",
    known_from="changelog",
)
"""It is put in before the charge is led back, by including.py: a charge does not know more of its dispute than the id.

The types of Stripe's libraries dropped `dispute`, `destination` and `order` with 2023-08-16; its API shows them still.
"""
