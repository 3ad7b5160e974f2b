"""After a restore: the records of SetupIntents are rebuilt from the workflows that know more.

What was announced, the attempt, and whose the method is that was set up are written with them. What no workflow knows
of either is left to people: a set-up moves no money, and is made again.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

from domain.machine.announcements import Announcement
from domain.machine.fence import Recorded
from domain.machine.housekeeping import Known, Standing
from domain.model.setup_intent import SetupIntent
from domain.rebuilding.completing import untold_of_setup
from domain.reconciliation.setup_book import SetupPage
from records.base import RecordsRefused


class SetupRecords(Protocol):
    """What is written; records/setups.py."""

    async def recorded(self, id_: str) -> Recorded[SetupIntent] | None:
        """The record of a SetupIntent."""
        ...

    async def restore(self, intent: SetupIntent) -> None:
        """Write the state of a workflow that knows more."""
        ...

    async def complete(self, intent: SetupIntent, told: Sequence[Announcement], now: int) -> bool:
        """Write what was lost beside a state."""
        ...


class SetupRows(Protocol):
    """What the records have of SetupIntents; records/setup_reconciliation.py."""

    async def of(self, ids: Sequence[str]) -> SetupPage:
        """Of these."""
        ...


class SetupRuns(Protocol):
    """Their workflows; temporal/intent_runs.py."""

    def known(self) -> AsyncIterator[str]:
        """The ids of all that Temporal still has, open or not."""
        ...

    async def standing(self, id_: str) -> Standing:
        """What one of them says, or its last run did."""
        ...

    async def wake(self, intent: Known) -> None:
        """Let it level itself with its record."""
        ...


class SetupRebuilder:
    """Rebuilds what it is given; safe to repeat."""

    def __init__(self, records: SetupRecords, rows: SetupRows, runs: SetupRuns, clock: Callable[[], int]) -> None:
        """Inject the ports; `clock` gives Unix seconds."""
        self._records, self._rows, self._runs, self._clock = records, rows, runs, clock

    async def rebuild(self) -> Counter[str]:
        """Do it; what was done, and how often.

        Raises:
            RecordsUnavailable, RPCError: somebody is away.
        """
        done = Counter[str]()
        async for id_ in self._runs.known():
            known = await self._known(id_)
            recorded = await self._records.recorded(id_)
            if known is None or (recorded is not None and recorded.intent.version >= known.version):
                continue
            try:
                await self._records.restore(known)
            except RecordsRefused:
                # Its account, say, is not there any more. The comparison will name it.
                done["records that could not be written"] += 1
                continue
            done["records of SetupIntents written from workflows"] += 1
            # At once: who is stopped now and begins again sees a record that is level, and leaves it alone.
            await self._complete(done, id_)
        return done

    async def wake(self, id_: str) -> bool:
        """Let one level itself with its record; whether anybody knows of it."""
        recorded = await self._records.recorded(id_)
        known = recorded.intent if recorded else await self._known(id_)
        if known is not None:
            await self._runs.wake(known)
        return known is not None

    async def _complete(self, done: Counter[str], id_: str) -> None:
        for book in (await self._rows.of([id_])).books:
            told = untold_of_setup(book)
            await self._records.complete(book.state, told, self._clock())
            done["events of SetupIntents written"] += len(told)

    async def _known(self, id_: str) -> SetupIntent | None:
        known = (await self._runs.standing(id_)).intent
        return known if isinstance(known, SetupIntent) else None
