"""What a buyer is asked to do next: authenticate somewhere, say what was deposited, or pay with what they are shown."""

from dataclasses import dataclass, field

from domain.model.hashes import Hash
from domain.model.payment_methods import PaymentMethod

VERIFY = "verify_with_microdeposits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a buyer is asked to approve: `amount` minor units of `currency` by this method, taken now or only held."""

    amount: int
    currency: str
    capture: bool
    payment_method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The buyer has approved these terms, under the reference `authentication` of `gateway`."""

    authentication: str
    terms: Terms
    gateway: str = ""
    patience: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NextAction:
    """What the buyer must do: authenticate at `url`, and come back to `return_url`.

    From `microdeposit_type` on: or say there what was deposited, which arrives at `arrival_date`, until `expires_at`.
    From `outstanding` on: or pay with what they are shown (`details`), a voucher, a code or an account; `check_at` is
    when the gateway is asked whether they have, and `capture` whether that takes the money or holds it. `terms` is what
    they approve by doing it; None in what was begun before terms were kept. `gateway` is who asks it of them.
    """

    type: str
    authentication: str
    url: str
    return_url: str | None = None
    microdeposit_type: str | None = None
    arrival_date: int | None = None
    expires_at: int | None = None
    tries: int = 0
    outstanding: bool = False
    details: Hash = field(default_factory=dict)
    check_at: int | None = None
    capture: bool = True
    terms: Terms | None = None
    gateway: str = ""
    patience: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outstanding:
    """A payment that the buyer can still make, and how; what comes after it must not let them pay twice."""

    action: NextAction
    payment_method: PaymentMethod
