"""What an adapter has to remember of a gateway that cannot be asked: what was asked, what was told, who came back.

A gateway without a look-up by key has to be asked again with the same bytes under the same key, at the same address,
and not for longer than it remembers keys; and what it tells by notification has to be there when somebody asks. Who
keeps it is records/gateway_memory.py.
"""

from typing import Protocol

from domain.model.gateway_dealings import Notice, Request


class Memory(Protocol):
    """Durable: what was written is there after a crash. Every method may raise RecordsUnavailable."""

    async def begin(self, request: Request) -> Request:
        """Write down what is about to be asked; what was asked under the key before is left, and given back."""
        ...

    async def request(self, gateway: str, key: str) -> Request | None:
        """What was asked under a key."""
        ...

    async def request_by_reference(self, gateway: str, reference: str) -> Request | None:
        """What the gateway calls by this reference of its own: of a payment that has gone on, what was asked last."""
        ...

    async def learn(self, request: Request) -> None:
        """Write down `reference`, `outcome` and `silent`; what is known already is not taken away."""
        ...

    async def notice(self, notice: Notice) -> bool:
        """Keep what was told; False if it was before: the same event about the same reference, with the same result."""
        ...

    async def notices(self, gateway: str, about: str) -> list[Notice]:
        """What was told about a reference: the gateway's own, of a payment or a modification, or ours. Oldest first."""
        ...

    async def waiting(self, gateway: str, most: int) -> list[Notice]:
        """What nobody has been told of yet, oldest first."""
        ...

    async def handled(self, notice: Notice) -> None:
        """The engine has it, or has no use for it."""
        ...

    async def keep_return(self, authentication: str, result: str) -> None:
        """What a buyer came back with. The first counts."""
        ...

    async def returned(self, authentication: str) -> str | None:
        """What the buyer came back with; None if they did not."""
        ...
