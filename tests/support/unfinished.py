"""What housekeeping reads, over a projection in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from contracts.housekeeping import Place
from domain.model.statuses import TERMINAL
from records.base import RecordsUnavailable, Unfinished
from tests.support.fakes import MemoryProjection, MemorySetups


@dataclass
class MemoryUnfinished:
    """Every record changed at `changed`, unless it is said when; commands are under way since they were claimed."""

    projection: MemoryProjection | MemorySetups
    time: int
    changed: dict[str, int] = field(default_factory=dict)
    sweeps: dict[str, int] = field(default_factory=dict)
    away: bool = False
    said_lineage: str = "1/1"
    unreadable: set[str] = field(default_factory=set)

    async def now(self) -> int:
        self._reach()
        return self.time

    async def page(self, kind: str, after: Place, until: int, most: int) -> list[Unfinished]:
        self._reach()
        chosen = []
        for id_ in self.projection.records:
            each = await self.load(id_)
            assert each is not None
            intent = self.projection.records[id_].intent
            ended, claimed = intent.status in TERMINAL, each.claimed_at is not None
            kinds = {
                "open": not ended,
                "claimed": not ended and claimed and (each.claimed_at or 0) <= until,
                "owed": intent.pending is not None or (ended and claimed),
            }
            if kinds[kind] and (after.changed, after.id) < (each.changed, id_) and each.changed <= until:
                chosen.append(each)
        return sorted(chosen, key=lambda each: (each.changed, each.id))[:most]

    async def load(self, id_: str) -> Unfinished | None:
        recorded = self.projection.records.get(id_)
        if recorded is None:
            return None
        claimed_at = recorded.under_way.now if recorded.under_way else None
        changed = self.changed.get(id_, 1)
        intent = None if id_ in self.unreadable else recorded.intent
        return Unfinished(id=id_, intent=intent, changed=changed, claimed_at=claimed_at)

    async def finished(self, ids: Sequence[str]) -> dict[str, bool]:
        known = {id_: self.projection.records[id_] for id_ in ids if id_ in self.projection.records}
        return {
            id_: each.intent.status in TERMINAL and each.intent.pending is None and each.under_way is None
            for id_, each in known.items()
        }

    async def lineage(self) -> str:
        self._reach()
        return self.said_lineage

    async def last_sweep(self, schedule: str) -> int:
        return self.sweeps.get(schedule, 0)

    async def swept(self, schedule: str, number: int) -> None:
        self._reach()
        self.sweeps[schedule] = number

    def _reach(self) -> None:
        if self.away:
            raise RecordsUnavailable("the record store is away")
