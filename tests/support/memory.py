"""What an adapter remembers, in this process: as records/gateway_memory.py keeps it, which the same tests hold."""

from dataclasses import replace

from domain.model.gateway_dealings import Notice, Request


class ProcessMemory:
    """Keeps it for as long as it lives."""

    def __init__(self) -> None:
        self.requests: dict[tuple[str, str], Request] = {}
        self.told: dict[tuple[str, str, str, bool], Notice] = {}
        self.done: set[tuple[str, str, str, bool]] = set()
        self.returns: dict[str, str] = {}

    async def begin(self, request: Request) -> Request:
        return self.requests.setdefault((request.gateway, request.key), request)

    async def request(self, gateway: str, key: str) -> Request | None:
        return self.requests.get((gateway, key))

    async def request_by_reference(self, gateway: str, reference: str) -> Request | None:
        named = [each for each in self.requests.values() if reference and each.reference == reference]
        ours = [each for each in named if each.gateway == gateway]
        return max(ours, key=lambda each: (each.asked_at, each.key), default=None)

    async def learn(self, request: Request) -> None:
        known = self.requests[request.gateway, request.key]
        self.requests[request.gateway, request.key] = replace(
            known,
            reference=known.reference or request.reference,
            outcome=known.outcome if request.outcome is None else request.outcome,
            silent=known.silent or request.silent,
        )

    async def notice(self, notice: Notice) -> bool:
        known = _of(notice) in self.told
        self.told.setdefault(_of(notice), notice)
        return not known

    async def notices(self, gateway: str, about: str) -> list[Notice]:
        told = [notice for notice in self.told.values() if notice.gateway == gateway]
        return [notice for notice in told if about and about in (notice.reference, notice.original, notice.ours)]

    async def waiting(self, gateway: str, most: int) -> list[Notice]:
        told = [notice for key, notice in self.told.items() if key not in self.done and notice.gateway == gateway]
        return told[:most]

    async def handled(self, notice: Notice) -> None:
        self.done.add(_of(notice))

    async def keep_return(self, authentication: str, result: str) -> None:
        self.returns.setdefault(authentication, result)

    async def returned(self, authentication: str) -> str | None:
        return self.returns.get(authentication)


def _of(notice: Notice) -> tuple[str, str, str, bool]:
    return notice.gateway, notice.event, notice.reference, notice.succeeded
