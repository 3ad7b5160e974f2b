"""Deciding again: what past attempts would have become under other rules. Counts, and no prophecy.

Where a payment would have gone is certain; whether it would have been approved there is not. So approvals are estimated
by what the gateway that is chosen approved of its own attempts at that time, and said to be an estimate.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from domain.model.outcomes import Declined
from domain.routing.candidates import Candidate
from domain.routing.choosing import choose
from domain.routing.failover import may_move
from domain.routing.rules import Facts, RuleSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A first attempt: its facts, where it was made, and how it ended (`no` is the decline, None an approval)."""

    facts: Facts
    gateway: str
    no: Declined | None = None
    authenticated: bool = False


@dataclass(slots=True)
class Redecided:
    """What came of it. `moves` counts payments by where they were and would be tried first; `nobody` has no gateway.

    `rules` counts them by the rule that would decide, `retried` declines after which another gateway would be asked.
    """

    attempts: int = 0
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    amounts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    approved: Counter[str] = field(default_factory=Counter)
    tried: Counter[str] = field(default_factory=Counter)
    nobody: int = 0
    retried: int = 0

    @property
    def moved(self) -> int:
        """How many would be tried elsewhere first."""
        return sum(count for (before, after), count in self.moves.items() if before != after)

    def rate(self, gateway: str) -> float | None:
        """What share of its own first attempts a gateway approved; None if it had none."""
        tried = self.tried[gateway]
        return self.approved[gateway] / tried if tried else None

    def estimate(self) -> float | None:
        """How many would be approved at first, if each gateway approves as it did; None if one was never tried."""
        total = 0.0
        for (_, after), count in self.moves.items():
            rate = self.rate(after)
            if rate is None:
                return None
            total += rate * count
        return total


def redecide(
    attempts: Iterable[Past], rules: RuleSet | None, candidates: Callable[[Facts], Sequence[Candidate]]
) -> Redecided:
    """Choose once more for each attempt, every gateway being well."""
    found = Redecided()
    for past in attempts:
        routing = choose(past.facts, rules, candidates(past.facts))
        found.attempts += 1
        found.tried[past.gateway] += 1
        found.approved[past.gateway] += past.no is None
        if not routing.gateways:
            found.nobody += 1
            continue
        first = routing.gateways[0]
        found.moves[past.gateway, first] += 1
        found.amounts[past.gateway, first, past.facts.currency] += past.facts.amount
        found.rules[routing.rule] += 1
        again = past.no is not None and may_move(past.no, past.facts.brand, authenticated=past.authenticated)
        found.retried += again and len(routing.gateways) > 1
    return found
