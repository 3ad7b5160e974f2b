"""Reconciliation: what we say has happened to each charge, against what the gateway has in its book.

Pure: both sides come in as sums by charge. What is under way (an outcome not known yet, a voucher whose payment nobody
has told us of) is set apart; it is a difference only if it stays one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """One charge as the records have it; amounts in minor units. `held` is what is still held.

    `under_way`: the gateway may have done more than we know, and we are asking.
    """

    id: str
    status: str
    authorized: int = 0
    captured: int = 0
    refunded: int = 0
    held: int = 0
    under_way: bool = False


@dataclass(slots=True, kw_only=True)
class Theirs:
    """One charge as the gateway's book has it: sums, and how often it was authorized."""

    authorizations: int = 0
    authorized: int = 0
    captured: int = 0
    refunded: int = 0
    voided: int = 0

    def add(self, operation: str, amount: int) -> None:
        """One movement.

        Raises:
            ValueError: nobody knows what this operation means for money.
        """
        match operation:
            case "authorize":
                self.authorizations += 1
                self.authorized += amount
            case "debit":
                self.authorizations += 1
                self.authorized += amount
                self.captured += amount
            case "increment":
                self.authorized += amount
            case "capture":
                self.captured += amount
            case "refund":
                self.refunded += amount
            case "refund_return":
                self.refunded -= amount
            case "void":
                self.voided += amount
            case _:
                raise ValueError(f"an entry of the gateway's book is about {operation!r}")


@dataclass(frozen=True, slots=True)
class Difference:
    """What one side says and the other does not."""

    id: str
    what: str
    ours: int | str
    theirs: int | str


@dataclass(slots=True)
class Report:
    """What was compared, what differs, and what is not settled yet."""

    charges: int = 0
    under_way: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether both sides agree about everything."""
        return not self.differences


def compare(ours: Iterable[Ours], theirs: Mapping[str, Theirs]) -> Report:
    """Hold every charge of either side against the other."""
    report, unseen = Report(), dict(theirs)
    for charge in ours:
        report.charges += 1
        book = unseen.pop(charge.id, Theirs())
        if charge.under_way:
            report.under_way.append(charge.id)
        else:
            report.differences += _differences(charge, book)
    report.differences += [
        Difference(id_, "unknown to us", "nothing", f"authorized {book.authorized}, captured {book.captured}")
        for id_, book in sorted(unseen.items())
    ]
    return report


def _differences(charge: Ours, book: Theirs) -> list[Difference]:
    found = []
    if book.authorizations > 1:
        found.append(Difference(charge.id, "authorized more than once", 1, book.authorizations))
    pairs = [("captured", charge.captured, book.captured), ("refunded", charge.refunded, book.refunded)]
    if charge.status == "succeeded":
        pairs.append(("authorized", charge.authorized, book.authorized))
    if charge.held:
        pairs.append(("held", charge.held, book.authorized - book.captured - book.voided))
    if charge.status != "succeeded":
        pairs.append(("still held", 0, book.authorized - book.captured - book.voided))
    found += [Difference(charge.id, what, mine, other) for what, mine, other in pairs if mine != other]
    return found


def compare_transfers(ours: Mapping[str, int], theirs: Mapping[str, int]) -> list[Difference]:
    """Bank transfers by id: each that came in is in a cash balance, once, and nothing else is."""
    return [
        Difference(id_, "bank transfer", ours.get(id_, 0), theirs.get(id_, 0))
        for id_ in sorted(ours.keys() | theirs.keys())
        if ours.get(id_, 0) != theirs.get(id_, 0)
    ]
