"""The engine's port: what the API's routes may ask of one kind of intent. On a Temporal service, it is engine.py."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from contracts.messages import CommandResult
from contracts.setup_messages import SetupResult
from domain.machine.intents import S
from domain.model.commands import Command
from domain.model.payment_intent import PaymentIntent
from domain.model.setup_intent import SetupIntent

R_co = TypeVar("R_co", covariant=True)

Reload = Callable[[], Awaitable[S]]

Latest = Callable[[str], Awaitable[S | None]]
"""The record of an intent by its id, whichever account's; None if there is none. May raise RecordsUnavailable."""


class IntentEngine(Protocol[S, R_co]):
    """What the routes need of one kind of intent. R_co is the answer to a command."""

    async def start(self, intent: S) -> None:
        """Start a intent; starting it again does nothing."""
        ...

    async def start_with(self, intent: S, command: Command) -> R_co:
        """Start it, or find it started, and carry out its first command, in one call."""
        ...

    async def send(self, intent: S, command: Command, reload: Reload[S]) -> R_co:
        """Carry out a command. `intent` is the last record; `reload` reads it again, should its run have ended."""
        ...

    async def notify(self, id_: str, command: Command) -> bool:
        """Hand a command over without waiting for what comes of it. False if no such intent is open.

        An open intent whose workflow is gone is revived for it from its record.
        """
        ...

    async def time_of(self, id_: str, now: int) -> int:
        """What time it is for this payment (Unix seconds): `now`, unless its clock was moved.

        Raises:
            ClockFixed: it has ended.
        """
        ...

    async def fast_forward(self, id_: str, seconds: int) -> None:
        """Move the payment's clock; every timer that comes due fires, in order.

        Raises:
            ClockFixed: it cannot be moved.
        """
        ...

    async def retrieve(self, id_: str) -> S | None:
        """The intent as its workflow has it, or had it at its end; None when nobody says so in time."""
        ...


class Engine(IntentEngine[PaymentIntent, CommandResult], Protocol):
    """That of PaymentIntents."""


class SetupEngine(IntentEngine[SetupIntent, SetupResult], Protocol):
    """That of SetupIntents."""
