"""What payments cost an account, and how long its money waits: data of the account, which a PaymentIntent takes over.

An engine of one's own asks no fee; these stand for the gateway's until its settlement file says better, so that net
amounts are no surprise. An operator sets them, or none (`perdure accounts pricing`).
"""

from dataclasses import dataclass

BASIS_POINTS_MAX = 10_000
FIXED_MAX = 1_000_000
DAYS_MAX = 90
"""The whole amount; and sums and times that nobody means (minor units of whatever currency, days)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricing:
    """Of a payment: hundredths of a per cent, and so many minor units. Of a dispute: minor units. And calendar days.

    As Stripe asks in the United States, where nothing else is said: 2.9 % and 30 cents, 15 dollars, two days.
    """

    basis_points: int = 290
    fixed: int = 30
    dispute: int = 1_500
    days: int = 2

    def fee(self, amount: int, *, first: bool = True) -> int:
        """What is kept of `amount` (minor units), rounded half up, and never more than all of it."""
        share = (amount * self.basis_points + 5_000) // 10_000
        return min(amount, share + (self.fixed if first else 0))


DEFAULT = Pricing()
NONE = Pricing(basis_points=0, fixed=0, dispute=0)
