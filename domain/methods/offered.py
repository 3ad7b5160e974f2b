"""What an account offers its buyers: a payment method configuration says which types are on.

Whoever names no types takes those of a configuration that fit the payment (eligibility.py). Each account has one to
begin with, in which the usual ones are on; it is known by its id before anybody has written it down.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.identifiers import digest62
from domain.methods.families import TYPES

USUAL = (
    "card", "bancontact", "eps", "ideal", "klarna", "link", "affirm", "cashapp", "amazon_pay", "blik", "boleto",
    "fpx", "grabpay", "kakao_pay", "konbini", "mobilepay", "oxxo", "p24", "paynow", "pix", "promptpay", "swish",
    "twint", "upi",
)  # fmt: skip
"""Types that are on where nobody has said otherwise, in the order they are offered in.

Answers of new accounts, published in 2025 and 2026, list card, klarna, link, affirm, cashapp and amazon_pay for
dollars; that the other currencies' most common ones are on as well is ours to say.
"""

WALLETS = frozenset({"apple_pay", "google_pay", "cartes_bancaires", "jcb"})
"""Ways to use a card. They are turned on and off like types, and are none: on, where nobody has said otherwise."""

CONFIGURABLE = (*sorted({*TYPES, *WALLETS}),)
"""Everything that a configuration has a switch for."""

NAME = "Default"
"""What an account's own configuration is called until it is renamed."""

ON, OFF, NONE = "on", "off", "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Which types are on. `preferences` are what was said, by type: on, off, or none, which is as if nothing was.

    `parent` is the id of the configuration that has the last word on what was not said here, and `inherited` are its
    preferences.
    """

    id: str
    account: str
    livemode: bool
    created: int
    name: str = NAME
    active: bool = True
    is_default: bool = False
    parent: str | None = None
    preferences: dict[str, str] = field(default_factory=dict)
    inherited: Mapping[str, str] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """Whether a type is on or off in the end."""
        for said in (self.preferences.get(name), self.inherited.get(name)):
            if said in (ON, OFF):
                return said
        return ON if name in USUAL or name in WALLETS else OFF

    @property
    def offered(self) -> tuple[str, ...] | None:
        """The types that are on, in order; None where those are the usual ones."""
        types = tuple(name for name in in_order(TYPES) if self.value(name) == ON)
        return None if types == USUAL else types


def in_order(types: Mapping[str, object]) -> list[str]:
    """As they are offered: the usual ones as they come, then the others by name."""
    return [name for name in USUAL if name in types] + sorted(name for name in types if name not in USUAL)


def default_id(account: str, livemode: bool) -> str:
    """Id of the configuration that an account has to begin with."""
    return "pmc_1" + digest62("payment methods", account, livemode, length=23)


def default_of(account: str, livemode: bool, created: int) -> Configuration:
    """What an account has to begin with."""
    return Configuration(
        id=default_id(account, livemode), account=account, livemode=livemode, created=created, is_default=True
    )
