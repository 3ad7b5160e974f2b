"""What an operator says of their Adyen account: where it is, who we are there, and what may be sent there.

Nothing is read from the environment here: registry and settings hand it in. Sources: docs.adyen.com, "Live endpoints",
and the `info` of Adyen's OpenAPI of Checkout v72.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from gateways.base import AccountError

TEST_URL = "https://checkout-test.adyen.com/v72"
LIVE_URL = "https://{prefix}-checkout-live{region}.adyenpayments.com/checkout/v72"
REGIONS = {"eu": "", "us": "-us", "au": "-au", "apse": "-apse", "in": "-in"}
"""Adyen's data centres, by how their addresses call them. One account keeps to one: idempotency keys that one
centre has seen are unknown to the others, so a repetition elsewhere would be a second payment."""

KEY_SECRET_CHARACTERS_MIN = 32
"""What idempotency keys are derived with; shorter could be guessed by who sees some keys."""

_PREFIX = re.compile(r"[0-9a-f]+-[A-Za-z0-9]+")
_HEX_KEY = re.compile(r"[0-9A-Fa-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AdyenAccount:
    """One merchant account in one data centre.

    `api_key` goes into `X-API-Key`; `key_secret` makes our idempotency keys and must not change while payments are
    unknown; `hmac_keys` (hex) sign notifications, the newest first: an old one is taken until its queue is empty;
    `basic` is `user:password` of the notification endpoint. `returns` is where buyers come back to this engine.
    `raw_cards`: card numbers may be sent to Adyen from here, which takes a full PCI DSS assessment. `multicapture` and
    `increments` are settings that Adyen's support makes. `verifies_in` is the currency of payments of nothing.
    """

    name: str
    merchant: str
    url: str
    api_key: str = field(repr=False)
    key_secret: str = field(repr=False)
    hmac_keys: tuple[str, ...] = field(default=(), repr=False)
    basic: str = field(default="", repr=False)
    returns: str = ""
    raw_cards: bool = False
    multicapture: bool = False
    increments: bool = False
    verifies_in: str = "eur"

    def __post_init__(self) -> None:
        """Refuse what could not work, before a buyer is there."""
        if not self.merchant:
            raise AccountError("merchant= is missing: the name of the Adyen merchant account")
        if not self.returns:
            raise AccountError("returns= is missing: where buyers reach this engine, such as https://pay.example.com")
        if len(self.key_secret) < KEY_SECRET_CHARACTERS_MIN:
            least = KEY_SECRET_CHARACTERS_MIN
            raise AccountError(f"PERDURE_GATEWAY_…_KEYS, which makes idempotency keys, needs {least} characters")
        for key in self.hmac_keys:
            if not _HEX_KEY.fullmatch(key):
                raise AccountError("an HMAC key of notifications is 64 hexadecimal digits, as Adyen shows it")
        if not self.api_key:
            raise AccountError("the API key is missing: PERDURE_GATEWAY_…_SECRET")

    @classmethod
    def read(cls, name: str, url: str, options: Mapping[str, str], secrets: Mapping[str, str]) -> Self:
        """From an entry of PERDURE_GATEWAYS and its secrets: `api_key`, `key_secret`, `hmac_keys`, `basic`.

        Raises:
            AccountError: something is missing or makes no sense.
        """
        return cls(
            name=name,
            merchant=options.get("merchant", ""),
            url=(url or address(options.get("prefix", ""), options.get("region", "eu"))).rstrip("/"),
            api_key=secrets.get("api_key", ""),
            key_secret=secrets.get("key_secret", ""),
            hmac_keys=tuple(key for key in secrets.get("hmac_keys", "").replace(",", " ").split() if key),
            basic=secrets.get("basic", ""),
            returns=options.get("returns", "").rstrip("/"),
            raw_cards=options.get("raw_cards", "no") == "yes",
            multicapture=options.get("multicapture", "no") == "yes",
            increments=options.get("increments", "no") == "yes",
            verifies_in=options.get("verifies_in", "eur").lower(),
        )


def address(prefix: str, region: str) -> str:
    """Where Checkout v72 is: the test system without a `prefix`, else the company's own live address.

    Raises:
        AccountError: there is no such data centre, or this is no prefix.
    """
    if region not in REGIONS:
        raise AccountError(f"there is no data centre {region!r}: say {', '.join(REGIONS)}")
    if not prefix:
        return TEST_URL
    if not _PREFIX.fullmatch(prefix):
        raise AccountError("prefix= is the company's live prefix, such as 1797a841fbb37ca7-AdyenDemo")
    return LIVE_URL.format(prefix=prefix, region=REGIONS[region])
