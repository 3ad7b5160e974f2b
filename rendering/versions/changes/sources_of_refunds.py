"""What a refund, or a dispute, has moved in the balance came from its charge."""

from rendering.versions.base import Change

CHANGE = Change(
    since="2015-08-19",
    title="The `source` of the BalanceTransaction of a refund, or of a dispute, is that; before, the charge",
    source="https://docs.stripe.com/changelog/2015-08-19/balance-transactions-refunds-disputes-specify-source",
    known_from="changelog",
)
"""The charge is looked up by including.py, before `expand` opens it."""
