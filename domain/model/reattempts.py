"""Why a declined card is not tried again now: the networks fine whoever does. What they allow is domain/routing."""

from dataclasses import dataclass

PREVIOUSLY_DECLINED = "previously_declined_do_not_retry"
"""Stripe's word for it, as a charge's outcome and as a decline code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """`why`, in words; `advice` is Stripe's word for what to do; `until` (Unix seconds) it is not tried, None for ever.

    `network_advice_code` and `network_decline_code` are what the network had said, where it was for that.
    """

    why: str
    advice: str
    until: int | None = None
    network_advice_code: str | None = None
    network_decline_code: str | None = None
