"""Disputes: the buyer's bank takes back what was captured, or asks about it. Told by the gateway, once per charge."""

from dataclasses import dataclass, field

from domain.model.hashes import Hash

INQUIRY, LOST, WON = "warning_needs_response", "lost", "won"
NEEDS_RESPONSE, UNDER_REVIEW = "needs_response", "under_review"
INQUIRY_UNDER_REVIEW, INQUIRY_CLOSED = "warning_under_review", "warning_closed"

OPEN = frozenset({NEEDS_RESPONSE, UNDER_REVIEW, INQUIRY, INQUIRY_UNDER_REVIEW})
"""Something may still come of it."""

WAITING = frozenset({NEEDS_RESPONSE})
"""It is lost if the merchant says nothing until `due_by`. What a bank only asks it may ask for longer than that."""

INQUIRIES = frozenset({INQUIRY, INQUIRY_UNDER_REVIEW, INQUIRY_CLOSED})
_NOTHING_TAKEN = INQUIRIES | {WON, "prevented"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """One dispute. `amount` (minor units) was withdrawn, unless it is an inquiry; `due_by` is when to answer.

    `fee` (minor units) is what the withdrawal has cost. `reference` is the gateway's own name for it; without one, it
    takes no answers here. `withdrawn_at` is set where an inquiry became more; `reinstated_at` is when the money came
    back, to be had from `reinstated_on`.
    `answers` counts what the gateway was told of it, `submissions` what of that was evidence that it has taken.
    `prefilled` is evidence that nobody has given: what the buyer has said of themselves when they paid.
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
    reference: str = ""
    evidence: Hash = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    intended_submission_method: str | None = None
    withdrawn_at: int | None = None
    reinstated_at: int | None = None
    reinstated_on: int | None = None
    answers: int = 0
    submissions: int = 0
    prefilled: Hash = field(default_factory=dict)

    @property
    def withdrawn(self) -> bool:
        """Whether the money is gone now."""
        return self.status not in _NOTHING_TAKEN

    @property
    def inquiry(self) -> bool:
        """Whether the bank only asks, or only asked."""
        return self.status in INQUIRIES

    @property
    def answerable(self) -> bool:
        """Whether its merchant can still do something about it, here."""
        return bool(self.reference) and self.status in OPEN
