"""A breaker: when a gateway counts as silent, and what its health is, by what was heard of it and what operators say.

A decline is an answer, and so is a no to nonsense; what counts as a fault is a call that left us without one. The
numbers are those of common breakers, chosen so that a single lost answer never opens one and a dead gateway costs a
handful of payments.
"""

from collections import deque
from enum import StrEnum

from domain.routing.candidates import Health

FAULTS_IN_A_ROW_MAX = 5
"""So many calls without any answer, one after another, and it is silent."""

WINDOW_SECONDS = 30.0
CALLS_LEAST = 20
FAULTS_SHARE = 0.5
"""Or half of at least so many calls within the window: one that answers now and then is as good as dead."""

CALLS_KEPT_MAX = 1_000


class Mode(StrEnum):
    """What operators want of a gateway."""

    OPEN = ""
    DRAINING = "draining"
    PAUSED = "paused"


def health(mode: Mode, *, silent: bool, trying: bool = False) -> Health:
    """What routing and workers go by. What an operator pauses stays paused, whether it answers or not."""
    if mode is Mode.PAUSED:
        return Health.PAUSED
    if silent:
        return Health.HALF_OPEN if trying else Health.OPEN
    return Health.DRAINING if mode is Mode.DRAINING else Health.CLOSED


class Tally:
    """What one process hears of one gateway. Costs a healthy payment an append."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._in_a_row = 0
        self._calls: deque[tuple[float, bool]] = deque(maxlen=CALLS_KEPT_MAX)

    def heard(self, now: float) -> None:
        """It has answered, whatever; `now` is seconds since any moment."""
        self._in_a_row = 0
        self._calls.append((now, True))

    def unheard(self, now: float) -> bool:
        """It has not; whether it counts as silent from now on. Then counting begins anew."""
        self._in_a_row += 1
        self._calls.append((now, False))
        recent = [heard for at, heard in self._calls if at > now - WINDOW_SECONDS]
        half = len(recent) >= CALLS_LEAST and recent.count(False) >= FAULTS_SHARE * len(recent)
        if self._in_a_row < FAULTS_IN_A_ROW_MAX and not half:
            return False
        self._in_a_row = 0
        self._calls.clear()
        return True
