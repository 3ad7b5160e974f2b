"""Compares the ledger with itself, and with what merchants see of it: no money comes from nowhere, and none is lost."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.e2e.storm.books import Books
from tests.e2e.storm.faults import Fault


def check_ledger(books: Books) -> Iterator[Fault]:
    """Each transaction adds up to nothing, so does what accounts have given each other, and each balance is there."""
    entries: Counter[Any] = Counter()
    between: Counter[Any] = Counter()
    balances: Counter[Any] = Counter()
    for entry in books.ledger:
        money = (entry["livemode"], entry["currency"])
        entries[entry["transaction"], *money] += entry["amount"]
        if entry["book"] == "accounts":
            between[money] += entry["amount"]
        elif entry["book"] == "balance":
            balances[entry["account"], *money] += entry["amount"]
    for row in books.moved:
        balances[row["account"], row["livemode"], row["currency"]] -= row["net"]
    told = {row["id"] for row in books.moved if row["net"] or row["fee"] or row["amount"]}
    whole = {transaction for transaction, *_ in entries}
    for what, found in (("entries of a transaction", entries), ("what accounts gave each other", between),
                        ("a balance, less its transactions", balances)):  # fmt: skip
        for key, amount in found.items():
            if amount:
                yield Fault("", "wrong", f"{what} ({key}) come to {amount}")
    for id_ in told ^ whole:
        yield Fault("", "lost", f"{id_} is in the ledger, or among the balance transactions, and not in both")
