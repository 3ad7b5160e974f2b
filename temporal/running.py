"""The workers of one process: they run together, and are drained together and in time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol

Task = Callable[[], Coroutine[Any, Any, None]]
"""What runs until it is cancelled."""


class Runs(Protocol):
    """A worker, as Temporal's SDK has it."""

    async def run(self) -> None:
        """Work until it is shut down, or cannot go on."""
        ...

    async def shutdown(self) -> None:
        """Take no more, and finish what is under way."""
        ...


@asynccontextmanager
async def running(
    workers: Sequence[Runs], drain_seconds: float, ended: Callable[[], None], late: Callable[[], None]
) -> AsyncIterator[None]:
    """Run all of them. Whichever ends by itself has met a fault: `ended` is called, and the fault is raised at the end.

    Leaving drains them all at once. A server that does not answer holds them up for minutes, and what is under way is
    done again by others anyhow: after `drain_seconds`, `late` is called, which should end the process.
    """
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    for task in tasks:
        task.add_done_callback(lambda _: ended())
    try:
        yield
    finally:
        try:
            async with asyncio.timeout(drain_seconds):
                await asyncio.gather(*(worker.shutdown() for worker in workers))
        except TimeoutError:
            late()
    for task in tasks:
        if task.done():
            task.result()


@asynccontextmanager
async def beside(tasks: Sequence[Task], ended: Callable[[], None]) -> AsyncIterator[None]:
    """Run what is no worker. Whichever ends by itself has met a fault: `ended` is called, and that is raised at last.

    Leaving cancels them.
    """
    under_way = [asyncio.create_task(task()) for task in tasks]
    for task in under_way:
        task.add_done_callback(lambda _: ended())
    try:
        yield
    finally:
        for task in under_way:
            task.cancel()
        results = await asyncio.gather(*under_way, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result


async def until(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Whether `work` was done before we were told to stop."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)  # noqa: TID251
    stopping.cancel()
    if not working.done():
        working.cancel()
        return False
    working.result()
    return True
