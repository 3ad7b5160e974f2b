"""Mandates: the buyer's consent to be charged, once or for good. Made when a payment with that consent succeeds."""

from dataclasses import dataclass, field

from domain.model.hashes import Hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """One consent. `acceptance` is Stripe's `customer_acceptance` as it was given; empty when the account vouches.

    `amount` (minor units) and `currency` are set for a mandate that is good for one payment only. One that came about
    with its payment has had it; one `by_setup` waits for it, and is `used_by` the PaymentIntent that named it first,
    by `used_command` the last time.
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
    by_setup: bool = False
    used_by: str | None = None
    used_command: str | None = None

    def pays(self, amount: int, currency: str) -> bool:
        """Whether the buyer has consented to such a payment (`amount` in minor units). Whose it is, its row says."""
        if self.status != "active" or self.amount is None:
            return self.status == "active"
        return self.by_setup and amount <= self.amount and currency == self.currency
