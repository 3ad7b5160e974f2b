"""A dispute moves money there and back."""

from rendering.versions.base import Change, Shown


def _only_the_first(dispute: Shown) -> Shown:
    return {name: value for name, value in dispute.items() if name != "balance_transactions"}


CHANGE = Change(
    since="2014-08-20",
    title="A dispute has `balance_transactions` beside its first `balance_transaction`; before, that one alone",
    source="https://docs.stripe.com/changelog/2014-08-20/disputes-include-multiple-balance-transactions",
    known_from="changelog",
    shows={"dispute": _only_the_first},
)
