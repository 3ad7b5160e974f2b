"""Updates of one workflow that wait for their answers, which may all go out at once, in one call to the server."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from domain.model.commands import Command


class Waiting:
    """Those under way. Counted as they begin, so that a replay, which asks no validator, does the same."""

    def __init__(self) -> None:
        """Nobody waits yet."""
        self._commands: list[Command] = []

    @property
    def commands(self) -> Sequence[Command]:
        """Those that wait now."""
        return self._commands

    @contextmanager
    def counted(self, command: Command) -> Iterator[None]:
        """It waits for as long as this lasts."""
        self._commands.append(command)
        try:
            yield
        finally:
            self._commands.remove(command)
