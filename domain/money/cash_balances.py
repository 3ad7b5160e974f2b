"""Cash balances: money a customer has sent, and which of their open payments it pays.

docs.stripe.com/payments/customer-balance/reconciliation: automatically, by reference, then by amount (of one
payment, or of a few together), then by age; or only when asked.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

TOGETHER_MAX = 5
"""A transfer that names no payment, and is exactly what up to so many of them wait for together, is meant for these."""

CONSIDERED_MAX = 20
"""So many of the oldest payments are looked at for that."""

AUTOMATIC, MANUAL = "automatic", "manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An open payment that waits for `remaining` minor units; `reference` is what its buyer may write."""

    intent: str
    remaining: int
    reference: str


@dataclass(frozen=True, slots=True)
class Allocation:
    """`amount` goes to a payment."""

    intent: str
    amount: int


def reconcile(available: int, claims: Iterable[Claim], *, received: int, reference: str | None) -> list[Allocation]:
    """What becomes of `available`, of which `received` has just come. `claims` are the open ones, oldest first."""
    ordered = _ordered(list(claims), received, reference)
    allocations: list[Allocation] = []
    for claim in ordered:
        amount = min(available, claim.remaining)
        if amount <= 0:
            break
        allocations.append(Allocation(claim.intent, amount))
        available -= amount
    return allocations


def _ordered(claims: list[Claim], received: int, reference: str | None) -> list[Claim]:
    """Those that the transfer is meant for, then the others by age."""
    meant = [claim for claim in claims if reference and claim.reference == reference]
    if not meant:
        # One alone, however many are open; then a few together, of the oldest.
        meant = [claim for claim in claims if claim.remaining == received][:1]
    if not meant:
        meant = _together(claims[:CONSIDERED_MAX], received)
    return meant + [claim for claim in claims if claim not in meant]


def _together(claims: list[Claim], received: int) -> list[Claim]:
    for count in range(2, TOGETHER_MAX + 1):
        for some in combinations(claims, count):
            if sum(claim.remaining for claim in some) == received:
                return list(some)
    return []
