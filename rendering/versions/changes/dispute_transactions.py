"""A dispute moves money there and back."""

from rendering.versions.base import Change, Shown, in_order


def _the_first(dispute: Shown) -> Shown:
    moves = dispute.pop("balance_transactions")
    return in_order(dispute | {"balance_transaction": moves[0] if moves else None})


CHANGE = Change(
    since="2014-08-20",
    title="A dispute has `balance_transactions`; before, one `balance_transaction`",
    source="https://docs.stripe.com/changelog/2014-08-20/disputes-include-multiple-balance-transactions",
    known_from="changelog",
    shows={"dispute": _the_first},
)
