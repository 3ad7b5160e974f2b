"""How often those who listen are looked after: however many there are, payments do not wait for them."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

LOOK_SECONDS = 0.25
LOOKS_A_SECOND_MAX = 100
"""In one process, for all of them together. A look is a statement of a millisecond."""

AT_ONCE = 4
"""Statements for them under way at once; PostgreSQL's connections are for payments."""


@dataclass(slots=True)
class Pace:
    """Of one process."""

    listening: int = 0
    turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    """Taken around what asks the records for somebody who listens."""

    @property
    def seconds(self) -> float:
        """Between two looks for one of them."""
        return max(LOOK_SECONDS, self.listening / LOOKS_A_SECOND_MAX)

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """For as long as somebody listens."""
        self.listening += 1
        try:
            yield
        finally:
            self.listening -= 1
