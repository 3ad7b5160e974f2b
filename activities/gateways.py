"""What a gateway's breaker does: says how the gateway is, finds out when it is back, and tells who waits for it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from temporalio import activity

from activities import telemetry
from activities.failures import retry
from contracts import names
from contracts.gateway_healths import GatewayStanding, Released
from domain.model.gateways import FIRST
from domain.model.outcomes import GatewayEffect
from gateways.base import GatewayError, GatewayMismatch
from gateways.registry import Gateways
from records.base import RecordsUnavailable

PROBE_SECONDS = 1.0
"""A gateway that is not heard is asked once a second, by nobody else."""

PROBES = 3
"""So many answers in a row, and it is back: one that only twitches would be flooded, and silent again."""

RELEASED_AT_ONCE = 25
RELEASE_SECONDS = 1.0
"""Those who waited come back at this rate: all at once they would be the next outage."""


class Standings(Protocol):
    """Where it is written down how gateways are. Every method may raise RecordsUnavailable."""

    async def keep(self, standing: GatewayStanding) -> None:
        """Let this be how it is."""
        ...

    async def waiting(self, gateway: str, after: str, most: int) -> list[str]:
        """The next intents, by id, that wait for an answer of this gateway."""
        ...

    async def owed(self, gateway: str) -> GatewayEffect | None:
        """An effect whose outcome this gateway owes; None if it owes none."""
        ...


class GatewayActivities:
    """The activities of breakers."""

    def __init__(
        self,
        gateways: Gateways,
        standings: Standings,
        release: Callable[[str], Awaitable[None]],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`release(id)` tells the workflow of an intent that its gateway may be asked again."""
        self._gateways, self._standings, self._release, self._pause = gateways, standings, release, pause

    @activity.defn(name=names.KEEP_HEALTH)
    async def keep_health(self, standing: GatewayStanding) -> None:
        """Write down how a gateway is. Safe to retry: twice is once."""
        try:
            await self._standings.keep(standing)
        except RecordsUnavailable as error:
            raise retry(error) from error
        telemetry.log_breaker(standing)

    @activity.defn(name=names.AWAIT_GATEWAY)
    async def await_gateway(self, standing: GatewayStanding) -> None:
        """Ask a gateway whether it is there, once a second, until it has said so a few times in a row.

        Safe to retry: asking changes nothing.
        """
        answers = 0
        while answers < PROBES:
            activity.heartbeat(answers)
            await self._pause(PROBE_SECONDS)
            answers = answers + 1 if await self._answers(standing.name) else 0

    async def _answers(self, name: str) -> bool:
        """Whether it answers what became of a payment that waits for it; without one, whether it is there.

        Looking up changes nothing. An answer that does not fit is one all the same, and that payment's own to judge.
        """
        try:
            gateway = self._gateways.named(name)
            owed = await self._standings.owed(_stored(name)) if gateway.profile.answers_by_key else None
            if owed is None:
                return await gateway.ready()
            await gateway.retrieve(owed)
        except GatewayMismatch:
            return True
        except (GatewayError, RecordsUnavailable):
            return False
        return True

    @activity.defn(name=names.RELEASE_PAYMENTS)
    async def release_payments(self, standing: GatewayStanding) -> Released:
        """Tell everybody who waits for a gateway that it may be asked again, a few at a time.

        Safe to retry: it goes on where it was, and who is told twice asks twice, under the same key.
        """
        found = activity.info().heartbeat_details
        done = Released(count=int(found[0]), last=str(found[1])) if len(found) == 2 else Released()
        try:
            while page := await self._standings.waiting(_stored(standing.name), done.last, RELEASED_AT_ONCE):
                for id_ in page:
                    await self._release(id_)
                done = Released(count=done.count + len(page), last=page[-1])
                activity.heartbeat(done.count, done.last)
                await self._pause(RELEASE_SECONDS)
        except RecordsUnavailable as error:
            raise retry(error) from error
        return done


def _stored(name: str) -> str:
    """A gateway's name as effects have it."""
    return "" if name == FIRST else name
