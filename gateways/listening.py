"""Gateways that tell in a dialect of their own, and send buyers back with something that has to be kept.

What is told is kept before it is acknowledged; what it means is said afterwards, as a fact in the words of our own
notifications (api/routes/notifications.py).
"""

from typing import Any, Protocol

from domain.model.gateway_dealings import Notice


class Listener(Protocol):
    """The ear of one gateway."""

    async def hear(self, authorization: str, body: bytes) -> int:
        """Keep what was told, if it is genuine; the HTTP status to answer with.

        Raises:
            RecordsUnavailable: it is not kept.
        """
        ...

    async def come_back(self, authentication: str, result: str) -> str | None:
        """Keep what a buyer brings, and say whose payment it is; None if it is nothing of ours.

        Raises:
            RecordsUnavailable: it is not kept.
        """
        ...

    async def waiting(self, most: int) -> list[Notice]:
        """What the engine has not been told of yet, oldest first."""
        ...

    async def fact(self, told: Notice) -> dict[str, Any] | None:
        """What it means; None if there is nothing in it for the engine.

        Raises:
            GatewayError: something has to be done at the gateway first, and could not be.
        """
        ...

    async def handled(self, told: Notice) -> None:
        """The engine has it, or has no use for it."""
        ...
