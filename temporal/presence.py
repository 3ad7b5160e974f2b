"""A worker says every few seconds that it lives and that Temporal answers it: health is told by that."""

import asyncio
import contextlib
from datetime import timedelta
from typing import Protocol

from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client
from temporalio.service import RPCError

from records.base import RecordsUnavailable

BEAT_SECONDS = 3.0
"""records/workers.py takes a worker for dead after four of them."""

TEMPORAL_TIMEOUT = timedelta(seconds=2)


class Workers(Protocol):
    """Where it is written down (records/workers.py)."""

    async def beat(self, id_: str, build: str) -> None: ...

    async def end(self, id_: str) -> None: ...


class Presence:
    """One worker's."""

    def __init__(self, client: Client, workers: Workers, build: str, beat_seconds: float = BEAT_SECONDS) -> None:
        """Under the name that Temporal knows its client by."""
        self._client, self._workers, self._build, self._beat_seconds = client, workers, build, beat_seconds

    async def run(self) -> None:
        """Until cancelled. What cannot be said is missed by whoever listens, which is what it is for."""
        while True:
            with contextlib.suppress(RPCError, RecordsUnavailable):
                await self._client.workflow_service.get_system_info(GetSystemInfoRequest(), timeout=TEMPORAL_TIMEOUT)
                await self._workers.beat(self._client.identity, self._build)
            await asyncio.sleep(self._beat_seconds)

    async def end(self) -> None:
        with contextlib.suppress(RecordsUnavailable):
            await self._workers.end(self._client.identity)
