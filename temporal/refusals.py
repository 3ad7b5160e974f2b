"""How the engine says no to a command that it was sent."""

from typing import Any

from domain.refusals import Refusal


class CommandRefused(Exception):
    """The domain refused; the intent, of whichever kind was asked, is as `intent` shows."""

    def __init__(self, refusal: Refusal, intent: Any) -> None:
        super().__init__(refusal.message)
        self.refusal, self.intent = refusal, intent


class CommandLate(Exception):
    """It was not begun in time, and is dropped; or nobody carries it out any more, for no fault of its own."""
