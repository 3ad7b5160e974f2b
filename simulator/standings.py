"""What the book has about an authorization or a payment still to be made, and what an operation was asked to do.

Every answer says what it was asked (`asked`), as it was when it was asked first; so whoever asks can see whether it is
their question that is answered.
"""

from simulator.bank import Refused
from simulator.ledger import Ledger
from simulator.objects import JsonObject

Said = JsonObject

SAID_OF = {
    "authorize": ("charge", "amount", "currency", "capture", "token"),
    "capture": ("amount", "final"),
    "increment": ("amount",),
    "refund": ("amount", "refund"),
    "set_up": ("attempt", "token"),
    "bank_transfer": ("owner", "amount", "currency", "reference"),
}
"""What of a request is said again, by operation; `settlement` says what is to be paid, as the book has it."""


def asked(operation: str, key: str, request: Said, about: Said | None = None) -> Said:
    """What was asked; `about` is the standing of what it was asked about, where there was something before."""
    said = {"key": key, "operation": operation, **{name: request[name] for name in SAID_OF.get(operation, ())}}
    if about is None:
        return said
    of = {name: about[name] for name in ("authorization", "charge", "currency")}
    return {**said, **of, "amount": about["authorized"]} if operation == "settlement" else {**said, **of}


def standing(ledger: Ledger, id_: str) -> Said:
    """What is held, was taken, given back and released, and what may still be paid; in minor units."""
    hold = ledger.authorization(id_)
    row = hold or ledger.settlement(id_) or ledger.voucher(id_)
    if row is None:
        raise Refused(404, "no such authorization")
    nothing = dict.fromkeys(("held", "captured", "refunded", "released", "awaited"), 0)
    of = {"authorization": id_, "charge": row["charge"], "currency": row["currency"], "authorized": row["amount"]}
    if hold is None:
        return {**of, **nothing, "awaited": row["amount"] if row["state"] == "pending" else 0}
    left = max(0, hold["amount"] - hold["captured"])
    moved = {"captured": hold["captured"], "refunded": hold["refunded"]}
    return {**of, **nothing, **moved, "held" if hold["open"] else "released": left}
