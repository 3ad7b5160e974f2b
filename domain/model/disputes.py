"""Disputes: the buyer's bank takes back what was captured, or asks about it. Told by the gateway, once per charge."""

from dataclasses import dataclass

INQUIRY, LOST = "warning_needs_response", "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """One dispute. `amount` (minor units) was withdrawn, unless it is an inquiry; `due_by` is when to answer.

    `fee` (minor units) is what the withdrawal has cost.
    """

    id: str
    charge: str
    payment_intent: str
    created: int
    amount: int
    currency: str
    reason: str
    status: str
    account: str = ""
    livemode: bool = False
    due_by: int | None = None
    method_type: str = "card"
    brand: str | None = None
    fee: int = 0

    @property
    def withdrawn(self) -> bool:
        """Whether the money is gone until the dispute is won."""
        return self.status != INQUIRY
