"""What both kinds of sessions have: somebody is told something, says something, and holds the session meanwhile."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable

import orjson

from api.services import Services
from domain.model.hashes import JsonObject
from records import cli_sessions
from records.cli_sessions import Session

Send = Callable[[str], Awaitable[None]]


class Over(Exception):
    """The session has ended, its API key has, or it was dialled for anew: nothing more is told."""


class Telling(ABC):
    """One connection."""

    def __init__(self, services: Services, session: Session, holder: str, send: Send) -> None:
        """Tell by `send`, for as long as `holder` is who holds the session."""
        self.services, self.session, self.holder, self._send = services, session, holder, send

    @abstractmethod
    async def tell(self) -> None:
        """What there is by now.

        Raises:
            Over: there will be no more.
        """

    @abstractmethod
    async def hear(self, said: JsonObject) -> None:
        """What was said, if it means anything."""

    async def renew(self) -> None:
        """Say that somebody is there.

        Raises:
            Over: it is not theirs any more.
        """
        async with self.services.pace.turn:
            now = self.services.clock()
            if not await cli_sessions.renew(self.services.database, self.session, self.holder, now):
                raise Over

    async def send(self, message: JsonObject) -> None:
        """Send it, when the one before it is on its way. Nobody else waits for that."""
        await self._send(orjson.dumps(message).decode())
