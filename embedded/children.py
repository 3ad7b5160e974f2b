"""Child processes: started, watched, restarted, and gone when we are gone, even if we are killed with -9."""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

PR_SET_PDEATHSIG = 1
START_TIMEOUT_SECONDS = 180
STOP_TIMEOUT_SECONDS = 12
RESTART_PAUSE_SECONDS = 0.2
RESTART_PAUSE_MAX_SECONDS = 5.0
STEADY_SECONDS = 10.0
"""A child that lived this long was healthy: its next restart is immediate again."""

LOG_TAIL_BYTES = 2_000


class StartError(Exception):
    """Something cannot start. The message is one line for people: what is wrong, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """How to run one child, and how to tell that it is ready."""

    name: str
    command: list[str]
    environment: dict[str, str]
    ready: Callable[[], Awaitable[bool]]
    stop_signal: signal.Signals = signal.SIGTERM
    user: str | None = None


def follow_parent(number: signal.Signals) -> None:
    """Ask Linux to send us `number` when our parent dies, however it dies.

    Elsewhere there is no such call; children then outlive a parent killed with -9, and the next start says which port
    they hold.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)


def tie_to_us(number: signal.Signals) -> Callable[[], None]:
    """What a child runs before exec: its own process group (Ctrl-C is for us), and our death is its death."""
    parent = os.getpid()

    def tie() -> None:
        os.setpgrp()
        follow_parent(number)
        if os.getppid() != parent:
            os._exit(1)

    return tie


@dataclass(slots=True)
class Child:
    """One running child. `on_restart` gets a line for people whenever it had to be started again."""

    spec: Spec
    log: Path
    say: Callable[[str], None]
    _process: asyncio.subprocess.Process | None = None
    _watcher: asyncio.Task[None] | None = None
    _stopping: bool = False
    _started: float = field(default=0.0)

    async def start(self) -> None:
        """Start it, wait until it is ready, and watch it from then on.

        Raises:
            StartError: it ended instead, or did not get ready.
        """
        await self._spawn()
        await self._await_ready()
        self._watcher = asyncio.create_task(self._watch())

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid if self._process else 0

    async def _spawn(self) -> None:
        spec = self.spec
        with self._opened_log() as log:
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *spec.command,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=spec.environment,
                    user=spec.user,
                    group=spec.user,
                    preexec_fn=tie_to_us(spec.stop_signal),
                )
            except OSError as error:
                raise StartError(f"{spec.name} cannot be started: {error}") from error
        self._started = time.monotonic()

    def _opened_log(self) -> BinaryIO:
        """Where it writes; if that cannot be had (a full disk), it is started all the same."""
        try:
            return self.log.open("ab")
        except OSError as error:
            self.say(f"{self.spec.name} has no log: {error}")
            return Path(os.devnull).open("ab")

    async def _await_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            if self._process is not None and self._process.returncode is not None:
                code = self._process.returncode
                raise StartError(f"{self.spec.name} ended with code {code} at once. {self._why()}")
            if await self.spec.ready():
                return
            await asyncio.sleep(0.05)
        raise StartError(f"{self.spec.name} was not ready after {START_TIMEOUT_SECONDS} s. {self._why()}")

    def _why(self) -> str:
        try:
            with self.log.open("rb") as log:
                log.seek(0, os.SEEK_END)
                log.seek(max(0, log.tell() - LOG_TAIL_BYTES))
                lines = log.read().decode(errors="replace").strip().splitlines()
        except OSError:
            lines = []
        last = lines[-1] if lines else "It said nothing."
        return f"Its last words: {last} (more in {self.log})"

    async def _watch(self) -> None:
        pause = RESTART_PAUSE_SECONDS
        while self._process is not None:
            code = await self._process.wait()
            if self._stopping:
                return
            steady = time.monotonic() - self._started > STEADY_SECONDS
            pause = RESTART_PAUSE_SECONDS if steady else min(pause * 2, RESTART_PAUSE_MAX_SECONDS)
            self.say(f"{self.spec.name} died ({_death(code)}); starting it again")
            await asyncio.sleep(pause)
            try:
                await self._spawn()
                await self._await_ready()
            except StartError as error:
                self.say(str(error))
            else:
                self.say(f"{self.spec.name} is back")

    async def stop(self) -> None:
        """Ask it to end, and end it if it does not."""
        self._stopping = True
        process = self._process
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(self.spec.stop_signal)
            try:
                await asyncio.wait_for(process.wait(), STOP_TIMEOUT_SECONDS)
            except TimeoutError:
                self.say(f"{self.spec.name} did not stop in {STOP_TIMEOUT_SECONDS} s; killing it")
                process.kill()
                await process.wait()
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher


def _death(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
