"""What is a charge, and what is a payment of another kind."""

from rendering.versions.base import Change

CHANGE = Change(
    since="2015-09-23",
    title="GET /v1/charges lists what was paid in any way; before, what was paid by card",
    source="https://docs.stripe.com/changelog/2015-09-23/listing-charges-includes-payments-funding-sources",
    known_from="changelog",
)
