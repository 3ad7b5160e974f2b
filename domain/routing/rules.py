"""Rules of routing: data of an account. Conditions in order, the first that holds decides; who is asked then, and next.

Read from what an operator writes by reading.py; a set is never changed, a new version takes its place.
"""

import hashlib
from dataclasses import dataclass

PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a route depends on, and nothing else: the payment as it is when it is confirmed. `amount` is minor units.

    `intent` is its id, by which volume is split. `capture` is `automatic` or `manual`. `brand`, `country` and `funding`
    are a card's.
    """

    intent: str
    amount: int
    currency: str
    type: str
    capture: str
    brand: str = ""
    country: str = ""
    funding: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """All of them have to hold; an empty one always does. Amounts from `least` to `most`, both included."""

    currencies: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    brands: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    fundings: frozenset[str] = frozenset()
    capture: str = ""
    least: int | None = None
    most: int | None = None

    def hold(self, facts: Facts) -> bool:
        """Whether a payment is meant."""
        named = (
            (self.currencies, facts.currency),
            (self.types, facts.type),
            (self.brands, facts.brand),
            (self.countries, facts.country),
            (self.fundings, facts.funding),
        )
        if not all(not values or value in values for values, value in named):
            return False
        if self.capture not in ("", facts.capture):
            return False
        return (self.least is None or facts.amount >= self.least) and (self.most is None or facts.amount <= self.most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Who is asked: `gateways` in this order; with `shares` (per cent, 100 in all), the first of them by lot.

    Without shares, `gateways` is the order. With them it is what comes after those that have one.
    """

    gateways: tuple[str, ...] = ()
    shares: tuple[tuple[str, int], ...] = ()

    def order(self, salt: str, intent: str) -> tuple[str, ...]:
        """The order for one payment. The lot is a hash of its id: the same payment always draws the same.

        `salt` is the rule's name, so that two rules split independently of each other. Whoever else has a share comes
        next, the greatest first.
        """
        if not self.shares:
            return self.gateways
        drawn = lot(salt, intent)
        first = self.shares[-1][0]
        for gateway, share in self.shares:
            drawn -= share * LOTS // PERCENT
            if drawn < 0:
                first = gateway
                break
        others = sorted((one for one in self.shares if one[0] != first), key=lambda one: -one[1])
        named = (first, *(gateway for gateway, _ in others))
        return (*named, *(gateway for gateway in self.gateways if gateway not in named))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule, under a name of its own."""

    name: str
    when: Conditions
    choice: Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """What an account has said, once: `otherwise` is who is asked where no rule fits; empty, whoever can.

    `tries` is how many gateways one confirmation may ask, one after another.
    """

    version: int
    rules: tuple[Rule, ...] = ()
    otherwise: Choice = Choice()
    tries: int = 2

    @property
    def named(self) -> frozenset[str]:
        """Every gateway that it speaks of."""
        choices = (self.otherwise, *(rule.choice for rule in self.rules))
        return frozenset(name for one in choices for name in (*one.gateways, *(share[0] for share in one.shares)))


LOTS = 10_000
"""So many lots there are: a hundredth of a per cent each."""


def lot(salt: str, intent: str) -> int:
    """Which lot a payment draws, 0 to LOTS - 1."""
    digest = hashlib.sha256(f"route\x1f{salt}\x1f{intent}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % LOTS
