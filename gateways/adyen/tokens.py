"""Stored payment methods as the engine's tokens. One is worth nothing without the shopper it was stored for."""

from dataclasses import dataclass
from urllib.parse import quote, unquote

from gateways.base import GatewayRejected

PREFIX = "adyen"


@dataclass(frozen=True, slots=True)
class Stored:
    """`shopper` is our `shopperReference`, `id` Adyen's `storedPaymentMethodId`."""

    shopper: str
    id: str

    @property
    def token(self) -> str:
        """How the engine keeps it."""
        return ":".join((PREFIX, quote(self.shopper, safe=""), quote(self.id, safe="")))


def stored(token: str) -> Stored:
    """The stored method behind a token.

    Raises:
        GatewayRejected: it is none of Adyen's.
    """
    prefix, _, rest = token.partition(":")
    shopper, _, id_ = rest.partition(":")
    if prefix != PREFIX or not shopper or not id_:
        raise GatewayRejected("the payment method was not stored at Adyen")
    return Stored(unquote(shopper), unquote(id_))
