"""Whether the parts that a process needs are well, and if not, why. Answers in time, whatever is frozen.

The checks themselves are the adapters' (records/condition.py, temporal/condition.py); what a probe is told is
serving/probes.py.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Generic, Protocol, TypeVar

from observability import metrics

LOOK_SECONDS = 1.5
"""A part that has not answered by then is not well: whoever asks is to be answered within 2 s."""

AGAIN_SECONDS = 1.0
"""How soon a process that waits for a part looks again."""

Check = Callable[[], Awaitable[None]]
"""Returns if the part is well; raises what says why it is not."""

T = TypeVar("T")


class Say(Protocol):
    """A logger's method."""

    def __call__(self, event: str, **about: Any) -> Any:
        """Write a line."""
        ...


class OneAtATime(Generic[T]):
    """A question that is never asked twice at once: whoever asks meanwhile waits for the answer that is on its way.

    What hangs goes on hanging by itself, once, and not once for everybody who asked.
    """

    def __init__(self, ask: Callable[[], Coroutine[Any, Any, T]]) -> None:
        """Ask by `ask`, which ends by itself some time."""
        self._ask = ask
        self._asking: asyncio.Task[T] | None = None

    async def answer(self, seconds: float = LOOK_SECONDS) -> T:
        """Its answer, or what it raised.

        Raises:
            TimeoutError: there is none within `seconds`.
        """
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
            # Nobody may be there any more when it fails.
            self._asking.add_done_callback(lambda task: task.cancelled() or task.exception())
        async with asyncio.timeout(seconds):
            return await asyncio.shield(self._asking)


class Parts:
    """The parts of one process, by name."""

    def __init__(self, checks: Mapping[str, Check], say: Say, look_seconds: float = LOOK_SECONDS) -> None:
        """Check by `checks`; `say` is told once when a part falls ill, and once when it is well again."""
        self._looks = {name: OneAtATime(_as_coroutine(check)) for name, check in checks.items()}
        self._say, self._look_seconds = say, look_seconds
        self._ill: set[str] = set()

    async def look(self) -> dict[str, str | None]:
        """Each part with the reason why it is not well; None if it is."""
        found = await self.glance()
        for name, why in found.items():
            self._note(name, why)
        return found

    async def glance(self) -> dict[str, str | None]:
        """As `look`, and nothing is said: for who waits, and says so."""
        reasons = await asyncio.gather(*(self._reason(look) for look in self._looks.values()))
        found = dict(zip(self._looks, reasons, strict=True))
        for name, why in found.items():
            metrics.PART_UP.labels(name).set(why is None)
        return found

    async def wait(self, *names: str, again_seconds: float = AGAIN_SECONDS) -> None:
        """Until all of these are well. Says what it waits for, once for each reason."""
        said: dict[str, str | None] = {}
        while True:
            found = await self.glance()
            waiting = {name: found[name] for name in names if found[name] is not None}
            if not waiting:
                return
            for name, why in waiting.items():
                if said.get(name) != why:
                    self._say("waiting for a part", part=name, why=why)
            said = waiting
            await asyncio.sleep(again_seconds)

    async def _reason(self, look: OneAtATime[None]) -> str | None:
        try:
            await look.answer(self._look_seconds)
        except TimeoutError:
            return f"no answer within {self._look_seconds:g} s"
        except Exception as error:
            return str(error) or type(error).__name__
        return None

    def _note(self, name: str, why: str | None) -> None:
        if why is not None and name not in self._ill:
            self._ill.add(name)
            self._say("part not well", part=name, why=why)
        elif why is None and name in self._ill:
            self._ill.discard(name)
            self._say("part well again", part=name)


class Readiness:
    """Whether this process can answer: it can once what it needs was well, and until it is to end."""

    def __init__(self, parts: Parts, *needed: str) -> None:
        """Wait for these of `parts`."""
        self._parts, self._needed = parts, needed
        self._ready, self._ending = False, False

    async def wait(self) -> None:
        """Until what is needed is well."""
        await self._parts.wait(*self._needed)

    def begin(self) -> None:
        """From now on it can."""
        self._ready = True

    def end(self) -> None:
        """From now on it cannot."""
        self._ending = True

    async def why_not(self) -> str | None:
        """Why it cannot; None if it can. Once it could, nothing is looked at: this says nothing of the parts."""
        if self._ending:
            return "this process is to end"
        if self._ready:
            return None
        found = await self._parts.glance()
        return "; ".join(f"{name}: {found[name]}" for name in self._needed if found[name]) or "this process is starting"


def _as_coroutine(check: Check) -> Callable[[], Coroutine[Any, Any, None]]:
    async def checked() -> None:
        await check()

    return checked
