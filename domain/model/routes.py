"""Routes: which gateways a payment may be asked of, in which order, and why. Values that travel with the payment.

How one comes about is domain/routing/choosing.py. It is made once for each confirmation and written into it, so that a
repetition, a replay and a support agent all read the same.
"""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a gateway is where it is in a route, or why it is not in it."""

    RULE = "rule"
    SHARE = "share"
    OTHERWISE = "otherwise"
    DEFAULT = "default"
    RETRY = "retry"
    """Asked: first by a rule's order, by a rule's shares, as no rule fits, as there are no rules; or next in turn."""

    BEYOND = "beyond"
    NOT_NAMED = "not_named"
    CANNOT = "cannot"
    TOKEN = "token"  # noqa: S105
    OPEN = "open"
    DRAINING = "draining"
    PAUSED = "paused"
    """Not asked: enough others come first, nobody names it, it cannot, it has no token of the method, or it may not."""


FIRST = frozenset({Reason.RULE, Reason.SHARE, Reason.OTHERWISE, Reason.DEFAULT})
"""Why a gateway is the first that is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was found about one gateway; `detail` is what it lacks, or that it does not answer."""

    gateway: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """`gateways` in the order in which they may be asked; the second and later ones only after a no that permits it.

    `rule` is the name of the rule that chose them (empty: none did) of the account's `version` of its rules (0: it has
    none). `verdicts` has each gateway that there is.
    """

    gateways: tuple[str, ...]
    rule: str = ""
    version: int = 0
    verdicts: tuple[Verdict, ...] = ()
