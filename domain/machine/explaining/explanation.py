"""An explanation of a payment, as it is shown: a small shape for people and for whoever shows it to them."""

from dataclasses import dataclass
from typing import Any

from domain.model.gateways import FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """What will happen by itself: `at` (Unix seconds), or None for as soon as it is known; and what then."""

    what: str
    at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One attempt, newest last: its charge, when, how it stands, and why."""

    charge: str
    created: int
    status: str
    why: str
    gateway: str = FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """`why`, in sentences, what comes `by_itself`, all `attempts`, and the `commands` that its merchant may send now.

    `waits_for` is the merchant, the buyer, the gateway, the bank, or nobody. `route` says where the last
    confirmation was to be tried, and `gateways` why there, and why not at the others; empty where there was no choice.
    """

    payment_intent: str
    status: str
    waits_for: str
    why: tuple[str, ...]
    by_itself: tuple[Coming, ...] = ()
    attempts: tuple[Tried, ...] = ()
    commands: tuple[str, ...] = ()
    route: str = ""
    gateways: tuple[tuple[str, str], ...] = ()

    def shown(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "object": "explanation",
            "payment_intent": self.payment_intent,
            "status": self.status,
            "waits_for": self.waits_for,
            "why": list(self.why),
            "by_itself": [{"at": one.at, "what": one.what} for one in self.by_itself],
            "attempts": [
                {
                    "charge": one.charge,
                    "created": one.created,
                    "status": one.status,
                    "why": one.why,
                    "gateway": one.gateway,
                }
                for one in self.attempts
            ],
            "commands": list(self.commands),
            "route": self.route or None,
            "gateways": [{"gateway": name, "why": why} for name, why in self.gateways],
        }
