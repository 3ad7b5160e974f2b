"""The gateways that there are, by name: whom an effect is asked of. What they are made of is adapters.py."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from domain.model.gateways import FIRST, AtGateway, GatewayProfile
from gateways.base import Gateway, GatewayUnavailable


class Gateways:
    """One of each name, in the order of the settings; the first is the default."""

    def __init__(self, gateways: Mapping[str, Gateway]) -> None:
        """At least one. What is declared goes by the name that it has here."""
        self._gateways = dict(gateways)
        self._profiles = {name: replace(gateway.profile, name=name) for name, gateway in gateways.items()}

    def named(self, name: str) -> Gateway:
        """The gateway of this name; the empty one is the first that there ever was.

        Raises:
            GatewayUnavailable: there is none here. Nothing is concluded: it may be in the settings of another process,
                or again in ours.
        """
        found = self._gateways.get(name or FIRST)
        if found is None:
            raise GatewayUnavailable(f"no gateway here is called {name or FIRST}")
        return found

    def of(self, asked: AtGateway) -> Gateway:
        """The gateway that an effect is asked of, or that holds a charge.

        Raises:
            GatewayUnavailable: as above.
        """
        return self.named(asked.gateway)

    def profile(self, name: str) -> GatewayProfile | None:
        """What the gateway of this name declares; None if there is none here."""
        return self._profiles.get(name or FIRST)

    @property
    def profiles(self) -> tuple[GatewayProfile, ...]:
        """What they declare, in order."""
        return tuple(self._profiles.values())

    @property
    def by_name(self) -> Mapping[str, Gateway]:
        """All of them, in order."""
        return self._gateways

    @property
    def of_transfers(self) -> Gateway:
        """Who takes bank transfers: the first that there ever was, or else the default."""
        return self._gateways.get(FIRST) or next(iter(self._gateways.values()))

    async def check(self) -> None:
        """Reach each of them.

        Raises:
            GatewayUnavailable: one does not answer; the message says which.
        """
        ready = await asyncio.gather(*(gateway.ready() for gateway in self._gateways.values()))
        silent = [name for name, answers in zip(self._gateways, ready, strict=True) if not answers]
        if silent:
            raise GatewayUnavailable(f"no answer from {' and '.join(silent)}")

    async def close(self) -> None:
        """Let go of their connections."""
        for gateway in self._gateways.values():
            await gateway.close()


def only(gateway: Gateway | Gateways) -> Gateways:
    """One gateway, as all that there are."""
    return gateway if isinstance(gateway, Gateways) else Gateways({FIRST: gateway})
