"""How the gateways are, as one process knows it: read again and again, so that no payment has to wait for it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from domain.routing.candidates import Health
from observability import metrics

LOOK_SECONDS = 1.0
"""How late a process may be to learn that a breaker has opened, or is closed again."""

Read = Callable[[], Awaitable[Mapping[str, Health]]]


class Healths:
    """By name; one that is not named is well."""

    def __init__(self, read: Read, unread: tuple[type[Exception], ...]) -> None:
        """Read by `read`; what is known stays known while it fails with one of `unread`."""
        self._read, self._unread = read, unread
        self._known: Mapping[str, Health] = {}

    def known(self) -> Mapping[str, Health]:
        """As of the last look."""
        return self._known

    def of(self, name: str) -> Health:
        """One gateway's."""
        return self._known.get(name, Health.CLOSED)

    def among(self, names: Sequence[str]) -> Mapping[str, Health]:
        """Theirs."""
        return {name: self.of(name) for name in names}

    async def look(self) -> None:
        """Once."""
        try:
            self._known = await self._read()
        except self._unread:
            return
        for name, health in self._known.items():
            metrics.GATEWAY_CLOSED.labels(name).set(health is Health.CLOSED)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)
