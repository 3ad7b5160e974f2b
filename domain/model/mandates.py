"""Mandates: the buyer's consent to be charged, once or for good. Made when a payment with that consent succeeds."""

from dataclasses import dataclass, field

from domain.model.hashes import Hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """One consent. `acceptance` is Stripe's `customer_acceptance` as it was given; empty when the account vouches.

    `amount` and `currency` are set for a mandate that is good for one payment only.
    """

    id: str
    account: str
    livemode: bool
    created: int
    payment_method: str
    method_type: str
    acceptance: Hash = field(default_factory=dict)
    status: str = "active"
    amount: int | None = None
    currency: str | None = None
    on_behalf_of: str | None = None
