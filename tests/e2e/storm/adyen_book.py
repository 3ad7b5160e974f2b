"""The file of an Adyen of ours, read as the judge knows gateways: holds and entries by charge, and what is not told.

Adyen knows no charges. Each payment is that of the record which names it; one that no record names is an attempt of
whichever PaymentIntent its reference begins with, unless all of it was given back.
"""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

Row = dict[str, Any]
OPERATIONS = {"authorize": "authorize", "capture": "capture", "captures": "capture", "cancels": "void",
              "refunds": "refund"}  # fmt: skip
"""What its entries are called elsewhere."""

REST = re.compile(r"/rest(/\d+)?$")
"""How the reference ends of what releases the rest of a hold, where a gateway does that by itself elsewhere."""


def read_adyen(path: Path, charges: Mapping[str, str]) -> tuple[dict[str, list[Row]], dict[str, list[Row]], list[str]]:
    """Holds and entries by charge, and the news that are still to be told; `charges` are ids by Adyen's reference."""
    holds, entries = dict[str, list[Row]](), dict[str, list[Row]]()
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        for payment in db.execute("SELECT * FROM payments WHERE state = 'authorised'"):
            booked = list(db.execute("SELECT * FROM entries WHERE payment = ? ORDER BY id", (payment["psp"],)))
            charge = charges.get(payment["psp"])
            if charge is None and payment["held"] == 0 and payment["captured"] == payment["refunded"]:
                continue
            charge = charge or f"{payment['reference']}:{payment['psp']}"
            holds[charge] = [{"charge": charge, "open": payment["held"] > 0}]
            entries[charge] = list(_entries(booked))
        untold = [row["item"] for row in db.execute("SELECT item FROM news WHERE taken = 0")]
    return holds, entries, [f"Adyen: {json.loads(item)['eventCode']}" for item in untold]


def _entries(booked: list[sqlite3.Row]) -> Iterator[Row]:
    """Of one payment: an adjustment says the new amount, and here by how much it is more."""
    total = 0
    for row in booked:
        operation, amount, key = row["operation"], row["amount"], str(row["reference"])
        if REST.search(key):
            continue
        if operation == "capture":
            key += "/capture"
        if operation in ("authorize", "amountUpdates"):
            amount, total = amount - total, amount
        yield {"operation": OPERATIONS.get(operation, "increment"), "amount": amount, "key": key}
