"""What an operator says of their Stripe account. Nothing is read from the environment here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from gateways.base import AccountError

URL = "https://api.stripe.com"
VERSION = "2026-10-28.endive"
"""The version of Stripe's API that requests and answers are written in; webhooks have to be told in it, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeAccount:
    """One account: `api_key` is its secret key, `webhook_secrets` sign what it tells, `returns` is this engine."""

    name: str
    url: str
    api_key: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    returns: str = ""

    @classmethod
    def read(cls, name: str, url: str, options: Mapping[str, str], secrets: Mapping[str, str]) -> Self:
        """From an entry of PERDURE_GATEWAYS and its secrets, `api_key` and `hmac`.

        Raises:
            AccountError: something is missing.
        """
        if not secrets.get("api_key"):
            raise AccountError("the secret key is missing: PERDURE_GATEWAY_…_SECRET")
        if not options.get("returns"):
            raise AccountError("returns= is missing: where buyers reach this engine")
        return cls(
            name=name,
            url=url or URL,
            api_key=secrets["api_key"],
            webhook_secrets=tuple(secrets.get("hmac", "").replace(",", " ").split()),
            returns=options["returns"].rstrip("/"),
        )
