"""Ephemeral keys: an hour for one customer's own device."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class EphemeralKey:
    """One of them; the key itself is known to nobody here. Good for what is `customer`'s until `expires`."""

    id: str
    account: str
    livemode: bool
    created: int
    customer: str
    expires: int
    api_version: str
