"""Updates of one workflow that wait for their answers, which may all go out at once, in one call to the server."""

from collections.abc import Iterator
from contextlib import contextmanager

from domain.machine.limits import too_many_open
from domain.model.commands import Command
from domain.model.payment_intent import PaymentIntent
from domain.model.wording import busy
from workflows.refusals import refused


class Waiting:
    """Those under way. Counted as they begin, so that a replay, which asks no validator, does the same."""

    def __init__(self) -> None:
        """Nobody waits yet."""
        self._commands: list[Command] = []

    def check(self, intent: PaymentIntent, command: Command) -> None:
        """Send a command away that had better come again.

        Raises:
            ApplicationError: with those that wait, the answers would be more than the server takes.
        """
        if too_many_open(intent, self._commands, command):
            raise refused(busy(), intent)

    @contextmanager
    def counted(self, command: Command) -> Iterator[None]:
        """It waits for as long as this lasts."""
        self._commands.append(command)
        try:
            yield
        finally:
            self._commands.remove(command)
