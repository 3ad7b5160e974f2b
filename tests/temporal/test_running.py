"""The workers of a process end together and in time; and a worker says that it lives only while Temporal answers it."""

import asyncio

import pytest
from temporalio.client import Client

from records.base import RecordsUnavailable
from temporal.client import connect
from temporal.presence import Presence
from temporal.running import beside, running
from tests.support.frozen import frozen


class Worker:
    """One that drains at once, or never, or breaks."""

    def __init__(self, *, drains: bool = True, fault: Exception | None = None) -> None:
        self.drains, self.fault, self.stopping = drains, fault, asyncio.Event()

    async def run(self) -> None:
        if self.fault is not None:
            raise self.fault
        await self.stopping.wait()
        if not self.drains:
            await asyncio.Event().wait()

    async def shutdown(self) -> None:
        self.stopping.set()
        if not self.drains:
            await asyncio.Event().wait()


class Told:
    """What was called."""

    def __init__(self) -> None:
        self.ended, self.late = asyncio.Event(), asyncio.Event()


async def test_all_drain_at_once() -> None:
    told, workers = Told(), [Worker(), Worker()]
    async with running(workers, 60, told.ended.set, told.late.set):
        assert not told.ended.is_set()
    assert all(worker.stopping.is_set() for worker in workers)
    assert not told.late.is_set()


async def test_a_worker_that_does_not_drain_ends_the_process_all_the_same() -> None:
    """As with a Temporal that is frozen: the SDK waits for its answer for 40 s, and longer with each worker more."""
    told, workers = Told(), [Worker(drains=False), Worker(drains=False), Worker()]
    async with running(workers, 0.01, told.ended.set, told.late.set):
        pass
    assert told.late.is_set()
    assert all(worker.stopping.is_set() for worker in workers), "not one after the other"


async def test_what_runs_beside_them_is_cancelled_at_the_end() -> None:
    told, cancelled = Told(), asyncio.Event()

    async def watch() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async with beside([watch], told.ended.set):
        await asyncio.sleep(0)
        assert not told.ended.is_set()
    assert cancelled.is_set()


async def test_one_beside_them_that_breaks_ends_the_process_with_its_fault() -> None:
    told, other = Told(), asyncio.Event()

    async def breaks() -> None:
        raise RuntimeError("fatal")

    async def watch() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            other.set()

    with pytest.raises(RuntimeError, match="fatal"):
        async with beside([watch, breaks], told.ended.set):
            await told.ended.wait()
    assert other.is_set(), "the others are cancelled all the same"


async def test_one_that_breaks_ends_the_others_and_the_process_with_its_fault() -> None:
    told, other = Told(), Worker()
    with pytest.raises(RuntimeError, match="fatal"):
        async with running([Worker(fault=RuntimeError("fatal")), other], 60, told.ended.set, told.late.set):
            await told.ended.wait()
    assert other.stopping.is_set()


class Workers:
    """Where beats are written down."""

    def __init__(self, failures: int = 0) -> None:
        self.beats, self.ends, self.failures = list[tuple[str, str]](), list[str](), failures
        self.beaten = asyncio.Event()

    async def beat(self, id_: str, build: str) -> None:
        if self.failures:
            self.failures -= 1
            raise RecordsUnavailable("away")
        self.beats.append((id_, build))
        self.beaten.set()

    async def end(self, id_: str) -> None:
        self.ends.append(id_)
        raise RecordsUnavailable("away")


async def test_a_worker_says_that_it_lives_as_soon_as_it_can(client: Client) -> None:
    workers = Workers(failures=2)
    presence = Presence(client, workers, "b", beat_seconds=0)
    task = asyncio.create_task(presence.run())
    async with asyncio.timeout(60):
        await workers.beaten.wait()
    task.cancel()
    assert workers.beats[0] == (client.identity, "b")
    await presence.end()
    assert workers.ends == [client.identity]


async def test_it_does_not_while_temporal_does_not_answer() -> None:
    async with frozen() as server:
        workers, client = Workers(), await connect(server.address, "default", lazy=True)
        task = asyncio.create_task(Presence(client, workers, "", beat_seconds=0).run())
        async with asyncio.timeout(60):
            await server.came.wait()
        assert (workers.beats, task.done()) == ([], False)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
