"""Transfers are found by what they were made from."""

from rendering.versions.base import Change, Shown, with_keys


def _none(transaction: Shown) -> Shown:
    source = transaction["source"]
    url = f"/v1/transfers?source_transaction={source['id'] if isinstance(source, dict) else source}"
    empty = {"object": "list", "data": [], "has_more": False, "total_count": 0, "url": url}
    return with_keys(transaction, sourced_transfers=empty)


CHANGE = Change(
    since="2017-01-27",
    title="`sourced_transfers` is gone from BalanceTransaction; before, it is there, and an empty list here",
    source="https://docs.stripe.com/changelog/2017-01-27/balance-transactions-no-longer-include-sourced-transfers",
    known_from="changelog",
    shows={"balance_transaction": _none},
)
