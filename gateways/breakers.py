"""A gateway behind its breaker: while that is open, nothing is asked of it, and whoever wants to is told so at once.

What is heard of it is counted here, in the process that asks; a gateway that falls silent is reported, once, to whoever
keeps its health (workflows/gateway.py), and not asked by this process meanwhile. When one is silent is
domain/routing/breaker.py.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

from domain.model.gateways import GatewayProfile, default_route
from domain.model.hashes import JsonObject
from domain.model.outcomes import GatewayEffect, Outcome
from domain.routing.breaker import Tally
from domain.routing.candidates import Health
from gateways.base import (
    BankTransfer,
    FundingInstructions,
    Gateway,
    GatewayHeldBack,
    GatewayRateLimited,
    GatewayUnavailable,
    GatewayUndecided,
    Standing,
)
from gateways.registry import Gateways
from observability import metrics

HELD_BACK = frozenset({Health.OPEN, Health.HALF_OPEN, Health.PAUSED})

OWN_SECONDS = 2.5
"""For so long a process goes by what it has found itself. By then the health that all go by says so, or does not: it is
read every second. And it is less than a breaker takes to close again, so that nobody who is released is sent away."""

_T = TypeVar("_T")


class GuardedGateway:
    """One gateway, asked only while it is well."""

    def __init__(
        self,
        gateway: Gateway,
        name: str,
        health: Callable[[], Health],
        report: Callable[[str, str], None],
        elapsing: Callable[[], float] = time.monotonic,
    ) -> None:
        """`health` is what all processes go by, `report(name, why)` tells that it is silent."""
        self._gateway, self._name, self._health, self._report, self._elapsing = gateway, name, health, report, elapsing
        self._tally = Tally()
        self._silent_until = 0.0

    @property
    def profile(self) -> GatewayProfile:
        return self._gateway.profile

    async def perform(self, effect: GatewayEffect) -> Outcome:
        return await self._asked(lambda: self._gateway.perform(effect))

    async def retrieve(self, effect: GatewayEffect) -> Outcome | None:
        if not self.profile.answers_by_key:
            # Nobody is asked: what is known here, by its news, is known whether it is well or not.
            return await self._gateway.retrieve(effect)
        return await self._asked(lambda: self._gateway.retrieve(effect))

    async def standing(self, authorization: str) -> Standing | None:
        return await self._asked(lambda: self._gateway.standing(authorization))

    async def instructions(self, owner: str, transfer: JsonObject) -> FundingInstructions:
        return await self._asked(lambda: self._gateway.instructions(owner, transfer))

    async def simulate_transfer(
        self, key: str, owner: str, amount: int, currency: str, reference: str | None
    ) -> BankTransfer:
        return await self._gateway.simulate_transfer(key, owner, amount, currency, reference)

    async def end_refund(self, refund: str, status: str) -> bool:
        return await self._asked(lambda: self._gateway.end_refund(refund, status))

    async def ready(self) -> bool:
        """Whether it answers; asked whatever its breaker says, as that is how it is found to be back."""
        return await self._gateway.ready()

    async def close(self) -> None:
        await self._gateway.close()

    async def _asked(self, ask: Callable[[], Awaitable[_T]]) -> _T:
        if self._health() in HELD_BACK or self._elapsing() < self._silent_until:
            metrics.GATEWAY_HELD_BACK.labels(self._name).inc()
            raise GatewayHeldBack(f"{self._name} is not asked now")
        try:
            answer = await ask()
        except GatewayUndecided:
            self._tally.heard(self._elapsing())
            raise
        except (GatewayUnavailable, GatewayRateLimited) as error:
            self._unheard(error)
            raise
        except Exception:
            self._tally.heard(self._elapsing())
            raise
        self._tally.heard(self._elapsing())
        return answer

    def _unheard(self, error: Exception) -> None:
        if self._tally.unheard(self._elapsing()):
            self._silent_until = self._elapsing() + OWN_SECONDS
            metrics.GATEWAY_TRIPS.labels(self._name).inc()
            self._report(self._name, str(error) or type(error).__name__)


def needs_breakers(profiles: Sequence[GatewayProfile]) -> bool:
    """Whether there are breakers: not where there is the first gateway alone, prompt, and nowhere else to go."""
    return len(profiles) > 1 or default_route(profiles) != ()


def with_breakers(gateways: Gateways, health: Callable[[str], Health], report: Callable[[str, str], None]) -> Gateways:
    """The same gateways, each behind its breaker."""
    return Gateways(
        {
            name: GuardedGateway(gateway, name, partial(health, name), report)
            for name, gateway in gateways.by_name.items()
        }
    )
