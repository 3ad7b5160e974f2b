"""Until when a command may be begun: a caller who has been told that there is no answer is not charged minutes later.

A command says so itself (`not_after`), and whoever would begin it looks at the clock: the workflow when a worker has
come to it, the record store when it is claimed. What was begun by then is finished, and may still be answered: that is
what the rest of a caller's patience is for.
"""

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from contracts import by_hand
from domain.copies import replace
from domain.model.commands import Command
from domain.model.wording import busy
from observability import metrics
from temporal.refusals import CommandLate, CommandRefused

R = TypeVar("R")

BEGUN_WITHIN = 2 / 3
"""Of the time that a caller waits. The last third, 5 of 15 seconds, is what a gateway that hangs takes."""

Send = Callable[[Command, str | None], Awaitable[R]]
"""Sends a command as the update of this id."""


BUSY = busy().code

REMEMBERED_SECONDS = 1.0
"""An answer that took longer was found out just now."""


def update_id(command: Command) -> str | None:
    """The id of the update that a command is sent as; None for one that is new each time.

    The server remembers the answer of each id for as long as the run goes on, a refusal as well. What a gateway tells
    is told again for as long as it is refused, and may make sense then; the ledger carries it out once.
    """
    return None if command.name in by_hand.FROM_GATEWAYS else command.command_id or None


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
            CommandRefused: the domain refused it.
        """
        began, named = self._elapsing(), update_id(command)
        limited = replace(command, not_after=self._clock() + self._seconds)
        again = named and f"{named}/{limited.not_after}"
        try:
            return await send(limited, named)
        except CommandLate:
            # Half of it: clocks that differ by more are of no use here.
            if self._elapsing() - began > self._seconds / 2:
                metrics.LATE.labels("dropped").inc()
                raise
        except CommandRefused as error:
            if named is None or error.refusal.code != BUSY or self._elapsing() - began > REMEMBERED_SECONDS:
                raise
            # An earlier sending of the command may have found it busy, which the server remembers under its id.
            return await send(limited, again)
        # It cannot be too late yet. Our clock is behind, or this payment's was moved ahead, or an earlier sending of
        # the command was too late, which the server remembers under its id.
        metrics.LATE.labels("sent_again").inc()
        return await send(command, again)
