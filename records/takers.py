"""Who has what is good for one payment: the commands that have taken it for their intent, and were not refused.

A process may die between that and writing its intent, or sending its command. So each command says until when it may be
about to do so; after that, another intent may have what nothing has come of. That is for its table to find out.
"""

from domain.model.hashes import JsonObject

LAPSE_SECONDS = 300
"""How long a command may be about to be begun: twice what the most patient of senders waits (ANSWER_SECONDS_MAX)."""

TAKERS = "takers"
"""Where the data of a row has them."""

_NEVER = 1 << 53

Takers = dict[str, int]
"""Commands, each with the moment at which it lapses (Unix seconds)."""


def takers_of(data: JsonObject, holder: str | None, last: str | None) -> Takers:
    """Those of a row that is `holder`'s, whose command `last` was the last to take it; none if it is nobody's.

    What an older release took, which did not say until when, never lapses.
    """
    if holder is None:
        return {}
    takers: Takers | None = data.get(TAKERS)
    if takers is None or (last is not None and last not in takers):
        return {**(takers or {}), last or "": _NEVER}
    return takers


def joined(takers: Takers, command: str, now: int) -> Takers:
    """With one more, or once more."""
    return {**takers, command: now + LAPSE_SECONDS}


def without(takers: Takers, command: str) -> Takers:
    """Without one."""
    return {other: until for other, until in takers.items() if other != command}


def all_lapsed(takers: Takers, now: int) -> bool:
    """Whether none may be about to be begun."""
    return all(until <= now for until in takers.values())
