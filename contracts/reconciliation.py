"""What travels through Temporal for reconciliation (workflows/reconciliation.py). Its rules: messages.py."""

from dataclasses import dataclass, field

DIFFERENCES_KEPT_MAX = 200
"""About 40 KiB of history. All are counted; the table `reconciliations` has the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationStart:
    """Start input: everything is compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceFound:
    """One difference: its kind, what it is about, its intent, and what the two books say (`ours`, `theirs`)."""

    kind: str
    id: str
    payment_intent: str
    what: str
    ours: str
    theirs: str
    setup_intent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationResult:
    """How a reconciliation ended: how much was compared, how many are under way, and what differs, counted by kind.

    `ended` is Unix seconds; `differences` are the first DIFFERENCES_KEPT_MAX.
    """

    ended: int
    intents: int = 0
    charges: int = 0
    workflows: int = 0
    transfers: int = 0
    setup_intents: int = 0
    under_way: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    differences: tuple[DifferenceFound, ...] = ()
