"""Tokens: a card or a bank account that somebody has typed, under a name that is good for one use."""

from dataclasses import dataclass, field

from domain.model.payment_methods import BillingDetails, Card


@dataclass(frozen=True, slots=True, kw_only=True)
class CardToken:
    """What a token stands for: a `card`, or the `account` whose holder, country and currency were said with it.

    `token` and `tokens` are the gateways', as a payment method has them. `used`: a payment method was made of it.
    """

    id: str
    account: str
    livemode: bool
    created: int
    token: str
    tokens: dict[str, str] | None = None
    card: Card | None = None
    bank_account: dict[str, str | None] = field(default_factory=dict)
    owner: BillingDetails = field(default_factory=BillingDetails)
    currency: str | None = None
    client_ip: str | None = None
    used: bool = False

    @property
    def type(self) -> str:
        """Stripe's word for what it stands for."""
        return "card" if self.card else "bank_account"
