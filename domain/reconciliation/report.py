"""What reconciliation reports: differences, each with its kind, and what could not be compared yet."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from domain.identifiers import SETUP_PREFIX
from domain.reconciliation.kinds import READINGS, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What one book says and another does not.

    `id` is what it is about (a charge, a refund, a transfer, …), `payment_intent` the payment to look at, or
    `setup_intent` the SetupIntent; both are empty where there is none. `detail` says which part of it. `ours` and
    `theirs` are the two books of the kind, in its order.
    """

    kind: Kind
    id: str
    ours: int | str
    theirs: int | str
    payment_intent: str = ""
    detail: str = ""
    setup_intent: str = ""

    @property
    def intent(self) -> str:
        """The intent to look at, of whichever kind; empty where there is none."""
        return self.payment_intent or self.setup_intent

    @property
    def what(self) -> str:
        """For people."""
        return f"{self.kind.words}: {self.detail}" if self.detail else self.kind.words

    def shown(self) -> dict[str, Any]:
        """As JSON has it."""
        of_setup = {"setup_intent": self.setup_intent} if self.setup_intent else {}
        return {
            "kind": self.kind.value, "id": self.id, "payment_intent": self.payment_intent, **of_setup,
            "what": self.what, "ours": self.ours, "theirs": self.theirs,
        }  # fmt: skip


def whose(intent: str) -> dict[str, str]:
    """Whose a difference is, as a field of it: a payment's or a SetupIntent's, as the id begins."""
    return {"setup_intent" if intent.startswith(SETUP_PREFIX) else "payment_intent": intent}


@dataclass(slots=True, kw_only=True)
class Report:
    """How much was compared, what differs, and which intents are in the middle of something."""

    intents: int = 0
    setup_intents: int = 0
    charges: int = 0
    workflows: int = 0
    transfers: int = 0
    under_way: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether all books agree about everything."""
        return not self.differences

    def kinds(self) -> dict[Kind, int]:
        """How many there are of each kind, in the order of the list."""
        counted = Counter(found.kind for found in self.differences)
        return {kind: counted[kind] for kind in READINGS if counted[kind]}

    def shown(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "intents": self.intents, "setup_intents": self.setup_intents, "charges": self.charges,
            "workflows": self.workflows, "transfers": self.transfers, "under_way": self.under_way,
            "kinds": {kind.value: count for kind, count in self.kinds().items()},
            "differences": [found.shown() for found in self.differences],
        }  # fmt: skip


def seen_twice(before: Collection[Difference], now: Iterable[Difference]) -> tuple[list[Difference], list[Difference]]:
    """Payments move while they are looked at. What is the same at two looks is a difference; the rest has moved.

    Answers with those that stand, and those that have to be looked at once more.
    """
    known = frozenset(before)
    found = list(dict.fromkeys(now))
    return [one for one in found if one in known], [one for one in found if one not in known]
