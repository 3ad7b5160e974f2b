"""PaymentMethods as a PaymentIntent carries them: a gateway token and the facts a charge shows. Never a card number."""

from dataclasses import dataclass, field

from domain.model.gateways import FIRST
from domain.model.hashes import Hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address; every line is optional, as Stripe has it."""

    city: str | None = None
    country: str | None = None
    line1: str | None = None
    line2: str | None = None
    postal_code: str | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingDetails:
    """Who pays, as given by the buyer."""

    address: Address = Address()
    email: str | None = None
    name: str | None = None
    phone: str | None = None
    tax_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What may be known of a card outside the gateway: `fingerprint` is equal for equal numbers."""

    brand: str
    last4: str
    exp_month: int
    exp_year: int
    funding: str
    country: str
    fingerprint: str
    networks: tuple[str, ...] = ()
    cvc_check: str | None = None
    address_line1_check: str | None = None
    address_postal_code_check: str | None = None
    three_d_secure_supported: bool = True
    preferred_network: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethod:
    """One way to pay. `token` is the gateway's; once `consumed` (used unattached, or detached) it is of no use.

    `tokens` are those of other gateways than the first, by name, where there are any. A card has `card`; every other
    type has `details`, what its own hash shows: names and last digits, never a number.
    """

    id: str
    account: str
    livemode: bool
    created: int
    token: str
    card: Card | None = None
    details: Hash = field(default_factory=dict)
    type: str = "card"
    customer: str | None = None
    consumed: bool = False
    billing_details: BillingDetails = BillingDetails()
    allow_redisplay: str = "unspecified"
    metadata: dict[str, str] = field(default_factory=dict)
    radar_session: str | None = None
    tokens: dict[str, str] | None = None

    def token_at(self, gateway: str) -> str | None:
        """What the gateway of this name knows it by; None if that was never told of it."""
        if gateway in ("", FIRST):
            return self.token or None
        return (self.tokens or {}).get(gateway)

    @property
    def title(self) -> str:
        """How people call it: `visa …4242`, or its type."""
        return f"{self.card.brand} …{self.card.last4}" if self.card else self.type


def merged_options(before: Hash | None, given: Hash | None) -> Hash | None:
    """Options by type after a change: within a type, what was given replaces, None clears, the rest stays."""
    if given is None:
        return None
    after = dict(before or {})
    for type_, options in given.items():
        merged = {**(after.get(type_) or {}), **options} if options is not None else {}
        after[type_] = {name: value for name, value in merged.items() if value is not None}
        if options is None:
            del after[type_]
    return after or None
