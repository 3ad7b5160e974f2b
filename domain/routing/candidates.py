"""Gateways as routing sees them: what each lacks for a payment, and whether it may be asked now; never how to ask."""

from dataclasses import dataclass
from enum import StrEnum

from domain.model.routes import Reason


class Health(StrEnum):
    """Whether a gateway takes new payments.

    `open`: it does not answer; `half_open`: whether it is back is being tried; `draining`: an operator lets it finish
    what it has; `paused`: an operator lets nothing be asked of it.
    """

    CLOSED = "closed"
    HALF_OPEN = "half_open"
    OPEN = "open"
    DRAINING = "draining"
    PAUSED = "paused"


HELD_BACK = {Health.DRAINING: Reason.DRAINING, Health.PAUSED: Reason.PAUSED}
SILENT = frozenset({Health.OPEN, Health.HALF_OPEN})
"""Half open, it is asked by who waits for it already: no new payment is the one to try whether it is back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One gateway, for one payment. `lacks` is what it cannot do of it, in a few words; empty if it can.

    `tokenized` says whether the method can be charged there: it was made a token there when it was collected.
    """

    name: str
    lacks: str = ""
    health: Health = Health.CLOSED
    tokenized: bool = True


def obstacle(candidate: Candidate) -> tuple[Reason, str] | None:
    """Why a gateway cannot take the payment at all, and what that is about; None if it can.

    What it can comes before what it may: a gateway that lacks a currency lacks it on every day.
    """
    if candidate.lacks:
        return Reason.CANNOT, candidate.lacks
    if not candidate.tokenized:
        return Reason.TOKEN, ""
    held_back = HELD_BACK.get(candidate.health)
    return (held_back, "") if held_back else None
