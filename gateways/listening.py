"""Gateways that tell in a dialect of their own, and send buyers back with something that has to be kept.

What is told is kept before it is acknowledged; what it means is said afterwards, as a fact in the words of our own
notifications (api/routes/notifications.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from domain.model.gateway_dealings import Notice
from domain.model.hashes import JsonObject

Fact = JsonObject
"""What has become known, as api/routes/notifications.py takes it."""


@dataclass(frozen=True, slots=True)
class Returned:
    """A buyer who has come back: whose payment it is, and which authentication."""

    intent: str
    authentication: str


class Listener(Protocol):
    """The ear of one gateway."""

    async def hear(self, headers: Mapping[str, str], body: bytes) -> int:
        """Keep what was told, if it is genuine; the HTTP status to answer with.

        Raises:
            RecordsUnavailable: it is not kept.
        """
        ...

    async def come_back(self, query: Mapping[str, str]) -> Returned | None:
        """Keep what a buyer brings in the address that they come back to; None if it is nothing of ours.

        Raises:
            RecordsUnavailable: it is not kept.
            GatewayError: whose it is could not be looked up.
        """
        ...

    async def waiting(self, most: int) -> list[Notice]:
        """What the engine has not been told of yet, oldest first."""
        ...

    async def fact(self, told: Notice) -> Fact | None:
        """What it means; None if there is nothing in it for the engine.

        Raises:
            GatewayError: something has to be done at the gateway first, and could not be.
        """
        ...

    async def handled(self, told: Notice) -> None:
        """The engine has it, or has no use for it."""
        ...
