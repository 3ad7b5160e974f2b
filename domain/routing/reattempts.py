"""Reattempts: how often, and when again, a declined card may be tried. The networks fine whoever does not keep to it.

Networks count by card and amount, at all acquirers together: so it is counted here by the card's fingerprint, and never
by gateway. `told` is asked before a gateway is; `declined` keeps the books. Times are Unix seconds.

Sources: Visa's excessive reattempts, 20 in 30 days since 25 May 2025 (docs.cielo.com.br, developers.tabapay.com);
Mastercard's excessive attempts, 10 declines in a day or 35 in 30 days (developers.tabapay.com, Braintree's network
updates); merchant advice codes and their times (developer.paypal.com/braintree, docs.solidgate.com for 02).
"""

from dataclasses import dataclass

from domain.model.outcomes import Declined
from domain.model.reattempts import Limit
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


def told(history: History, brand: str, now: int, *, off_session: bool) -> Limit | None:
    """Why the card is not to be tried at `now`; None if it may be."""
    if brand not in LIMITED:
        return None
    code = history.never or (history.never_away if off_session else "")
    if code:
        advice = brand == "mastercard"
        return Limit(
            why=f"the card's network has said {code}, which means never again",
            advice="do_not_try_again",
            network_advice_code=code if advice else None,
            network_decline_code=None if advice else code,
        )
    until = max(history.not_before, _full_until(history, brand, now))
    if until <= now:
        return None
    asked = history.not_before == until
    why = "the card's network has asked for time" if asked else "it was declined as often as its network allows"
    return Limit(why=why, advice="try_again_later", until=until)


def left(history: History, brand: str, now: int) -> int:
    """How many tries at `now` cost nothing, if each is declined. Another gateway is another try of the same card."""
    if brand not in LIMITED:
        return DECLINES_KEPT_MAX
    return min(most - _recent(history, now, seconds) for seconds, most in _windows(brand))


def declined(before: History, no: Declined, brand: str, now: int) -> History:
    """The history with one decline more. A no that never reached the network counts for nothing."""
    if no.blocked or brand not in LIMITED:
        return before
    one = _of(no, brand, now)
    return History(
        declined=(*before.declined, now)[-DECLINES_KEPT_MAX:],
        not_before=max(before.not_before, one.not_before),
        never=one.never or before.never,
        never_away=one.never_away or before.never_away,
    )


def _of(no: Declined, brand: str, now: int) -> History:
    """What one decline alone says."""
    advice, code = no.network_advice_code or "", no.network_decline_code or ""
    said = advice if brand == "mastercard" and advice in MASTERCARD_NEVER else ""
    said = said or (code if brand == "visa" and code in VISA_NEVER else "")
    wait = WAITS.get(advice, 0) if brand == "mastercard" and not said else 0
    return History(
        declined=(now,),
        not_before=now + wait if wait else 0,
        never="" if said in WITHOUT_BUYER_ONLY else said,
        never_away=said if said in WITHOUT_BUYER_ONLY else "",
    )


def _full_until(history: History, brand: str, now: int) -> int:
    """When the next try is within the network's count again; 0 if it is."""
    until = 0
    for seconds, most in _windows(brand):
        if _recent(history, now, seconds) >= most:
            until = max(until, history.declined[-most] + seconds)
    return until


def _windows(brand: str) -> tuple[tuple[int, int], ...]:
    """Within how many seconds how many declines are free."""
    if brand == "visa":
        return ((WINDOW_SECONDS, VISA_REATTEMPTS_MAX + 1),)
    return ((DAY_SECONDS, MASTERCARD_DECLINES_A_DAY_MAX), (WINDOW_SECONDS, MASTERCARD_DECLINES_MAX))


def _recent(history: History, now: int, seconds: int) -> int:
    return sum(at > now - seconds for at in history.declined)
