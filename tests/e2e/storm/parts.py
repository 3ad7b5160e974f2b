"""The parts of a running engine, and how they break: killed with -9, one or several at once, or frozen and let go."""

import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import psutil

from tests.e2e.conftest import Running

PARTS = ("worker", "api", "simulator", "temporal", "postgres")
RESTART_SECONDS_MAX = 240


@dataclass(frozen=True, slots=True)
class Breakage:
    """What was done to which part, and when (`time.monotonic`)."""

    how: str
    part: str
    began: float
    ended: float


@dataclass
class Parts:
    """Breaks them, waits until they are back, and remembers what it did."""

    running: Running
    broken: list[Breakage] = field(default_factory=list)
    names: Sequence[str] = PARTS
    """What there is to break."""
    patience: float = RESTART_SECONDS_MAX
    """How long what was ended may take to be back (seconds)."""

    def kill(self, *victims: str) -> None:
        """Kill -9, all at the same moment; one that is not there at this moment is killed already."""
        children = self.running.children()
        found = {part: children[part] for part in victims if part in children}
        began = time.monotonic()
        for process in found.values():
            process.suspend()
        for process in found.values():
            self._end(process)
        self.broken += [Breakage("kill", part, began, time.monotonic()) for part in found]
        self._await({part: process.pid for part, process in found.items()})

    def _end(self, process: psutil.Process) -> None:
        process.kill()

    @contextlib.contextmanager
    def frozen(self, part: str) -> Iterator[None]:
        """SIGSTOP for as long as the block lasts, then SIGCONT; every process, where a part has several."""
        began = time.monotonic()
        stopped = self._stop(part)
        try:
            yield
        finally:
            for process in reversed(stopped):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.resume()
            if stopped:
                self.broken.append(Breakage("freeze", part, began, time.monotonic()))

    def freeze(self, part: str, seconds: float) -> None:
        """Freeze it for so long: the time is what is tried, so there is nothing else to wait for."""
        with self.frozen(part):
            time.sleep(seconds)

    def _stop(self, part: str) -> list[psutil.Process]:
        """Parents first, so that none is born meanwhile; a child born before its parent stopped is found as well."""
        parent = self.running.children().get(part)
        if parent is None:
            return []
        stopped: list[psutil.Process] = []
        with contextlib.suppress(psutil.NoSuchProcess):
            for process in (parent, *self._descendants(parent)):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.suspend()
                    stopped.append(process)
        return stopped

    def _descendants(self, parent: psutil.Process) -> Iterator[psutil.Process]:
        seen: set[int] = set()
        while True:
            new = [child for child in parent.children(recursive=True) if child.pid not in seen]
            if not new:
                return
            for child in new:
                seen.add(child.pid)
                yield child

    def _await(self, pids: dict[str, int]) -> None:
        """Until each has a successor."""

        def back() -> bool:
            children = self.running.children()
            return all(part in children and children[part].pid != pid for part, pid in pids.items())

        self.running.wait_for(back, self.patience)

    def count(self, how: str) -> dict[str, int]:
        """How often, by part."""
        return {part: sum(b.how == how and b.part == part for b in self.broken) for part in self.names}

    def doubles(self) -> int:
        """How often two or more were killed at the same moment."""
        moments = [breakage.began for breakage in self.broken if breakage.how == "kill"]
        return sum(moments.count(moment) > 1 for moment in set(moments))
