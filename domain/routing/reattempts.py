"""Reattempts: how often, and when again, a declined card may be tried. The networks fine whoever does not keep to it.

Networks count by card and amount, at all acquirers together: so it is counted here by the card's fingerprint, and never
by gateway. `told` is asked before a gateway is; `declined` keeps the books. Times are Unix seconds.

Sources: Visa's excessive reattempts, 20 in 30 days since 25 May 2025 (docs.cielo.com.br, developers.tabapay.com);
Mastercard's excessive attempts, 10 declines in a day or 35 in 30 days (developers.tabapay.com, Braintree's network
updates); merchant advice codes and their times (developer.paypal.com/braintree, docs.solidgate.com for 02).
"""

from dataclasses import dataclass, replace

from domain.model.outcomes import Declined
from domain.routing.failover import MASTERCARD_NEVER, VISA_NEVER

HOUR_SECONDS = 3_600
DAY_SECONDS = 24 * HOUR_SECONDS
WINDOW_SECONDS = 30 * DAY_SECONDS

VISA_REATTEMPTS_MAX = 20
"""In 30 days, after the first decline. The 21st costs."""

MASTERCARD_DECLINES_A_DAY_MAX = 10
MASTERCARD_DECLINES_MAX = 35
"""In 24 hours, and in 30 days. What goes beyond costs."""

WAITS: dict[str, int] = {
    "02": 72 * HOUR_SECONDS, "24": HOUR_SECONDS, "25": DAY_SECONDS, "26": 2 * DAY_SECONDS, "27": 4 * DAY_SECONDS,
    "28": 6 * DAY_SECONDS, "29": 8 * DAY_SECONDS, "30": 10 * DAY_SECONDS,
}  # fmt: skip
"""How long Mastercard wants to be left alone after an advice code."""

DECLINES_KEPT_MAX = MASTERCARD_DECLINES_MAX + 1
"""Times of declines that are kept of one card and amount: with fewer every limit is still seen to be reached."""

LIMITED = frozenset({"visa", "mastercard"})
"""Networks whose limits are known; the others' cards are tried as often as anybody likes."""

WITHOUT_BUYER_ONLY = frozenset({"R0", "R1", "R3", "21"})
"""Their owner has ended what is charged without them; who is there and pays consents anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What is known of one card and amount: when it was `declined`, newest last, and what the network has asked for.

    `not_before` is when it may be tried again, 0 at once; `never` is the code by which it may not be at all, and
    `never_away` the one by which it may not be while its owner is away.
    """

    declined: tuple[int, ...] = ()
    not_before: int = 0
    never: str = ""
    never_away: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Why a card is not tried now: `advice` is Stripe's word for what to do, `until` when it may be, None for never.

    `network_advice_code` and `network_decline_code` are what the network said, where it was the network.
    """

    why: str
    advice: str
    until: int | None = None
    network_advice_code: str | None = None
    network_decline_code: str | None = None


def told(history: History, brand: str, now: int, *, off_session: bool) -> Limit | None:
    """Why the card is not to be tried at `now`; None if it may be."""
    if brand not in LIMITED:
        return None
    code = history.never or (history.never_away if off_session else "")
    if code:
        advice = brand == "mastercard"
        return Limit(
            why=f"the network has said {code}: never again",
            advice="do_not_try_again",
            network_advice_code=code if advice else None,
            network_decline_code=None if advice else code,
        )
    until = max(history.not_before, _full_until(history, brand, now))
    if until <= now:
        return None
    why = "the network has asked for time" if history.not_before == until else "it was declined too often"
    return Limit(why=why, advice="try_again_later", until=until)


def declined(before: History, no: Declined, brand: str, now: int) -> History:
    """The history with one decline more. A no that never reached the network counts for nothing."""
    if no.blocked or brand not in LIMITED:
        return before
    after = replace(before, declined=(*before.declined, now)[-DECLINES_KEPT_MAX:])
    advice, code = no.network_advice_code or "", no.network_decline_code or ""
    said = advice if brand == "mastercard" and advice in MASTERCARD_NEVER else ""
    said = said or (code if brand == "visa" and code in VISA_NEVER else "")
    if said in WITHOUT_BUYER_ONLY:
        return replace(after, never_away=said)
    if said:
        return replace(after, never=said)
    wait = WAITS.get(advice, 0) if brand == "mastercard" else 0
    return replace(after, not_before=max(after.not_before, now + wait if wait else 0))


def _full_until(history: History, brand: str, now: int) -> int:
    """When the next try is within the network's count again; 0 if it is."""
    windows = (
        [(WINDOW_SECONDS, VISA_REATTEMPTS_MAX + 1)]
        if brand == "visa"
        else [(DAY_SECONDS, MASTERCARD_DECLINES_A_DAY_MAX), (WINDOW_SECONDS, MASTERCARD_DECLINES_MAX)]
    )
    until = 0
    for seconds, most in windows:
        recent = [at for at in history.declined if at > now - seconds]
        if len(recent) >= most:
            until = max(until, recent[-most] + seconds)
    return until
