"""Until when a command may be begun: a caller who has been told that there is no answer is not charged minutes later.

A command says so itself (`not_after`), and whoever would begin it looks at the clock: the workflow when a worker has
come to it, the record store when it is claimed. What was begun by then is finished, and may still be answered: that is
what the rest of a caller's patience is for.
"""

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from domain.copies import replace
from domain.model.commands import Command
from observability import metrics

R = TypeVar("R")

BEGUN_WITHIN = 2 / 3
"""Of the time that a caller waits. The last third, 5 of 15 seconds, is what a gateway that hangs takes."""

Send = Callable[[Command, str | None], Awaitable[R]]
"""Sends a command as the update of this id."""


class CommandLate(Exception):
    """It was not begun in time, and is dropped."""


class Deadlines:
    """Sends commands with the time until which they may be begun."""

    def __init__(
        self, clock: Callable[[], int], answer_seconds: float, elapsing: Callable[[], float] = time.monotonic
    ) -> None:
        """By `clock` (Unix seconds), for callers who wait `answer_seconds`; `elapsing` is seconds since any moment."""
        self._clock, self._elapsing = clock, elapsing
        self._seconds = max(1, round(answer_seconds * BEGUN_WITHIN))

    async def keep(self, command: Command, send: Send[R]) -> R:
        """Send a command that is dropped if nobody begins it in time.

        Raises:
            CommandLate: it was.
        """
        began, named = self._elapsing(), command.command_id or None
        limited = replace(command, not_after=self._clock() + self._seconds)
        try:
            return await send(limited, named)
        except CommandLate:
            # Half of it: clocks that differ by more are of no use here.
            if self._elapsing() - began > self._seconds / 2:
                metrics.LATE.labels("dropped").inc()
                raise
        # It cannot be too late yet. Our clock is behind, or this payment's was moved ahead, or an earlier sending of
        # the command was too late, which the server remembers under its id.
        metrics.LATE.labels("sent_again").inc()
        return await send(command, named and f"{named}/{limited.not_after}")
