"""Notifications to the engine: written down with what they tell, sent until they are taken, signed each time anew.

`Gateway-Signature: t=<unix>,v1=<hex>`, the HMAC-SHA256 of `t.body` under the secret that both sides were given.
"""

import asyncio
import contextlib
import hashlib
import hmac
import time
from collections.abc import Callable

import httpx

from simulator import payouts
from simulator.faults import FaultPlan
from simulator.ledger import Ledger

PATH = "/gateways/{name}/notifications"
"""Where a gateway of this name tells the engine."""
PAUSE_SECONDS_MIN = 0.2
PAUSE_SECONDS_MAX = 30.0
TIMEOUT_SECONDS = 5.0
LATE_SECONDS = 2.0
"""How late news are, where they are to be late (`_faults`)."""

LOST_SECONDS = 5.0
"""After how long news are told again whose first telling was lost (`_faults`)."""


def signature(secret: str, body: bytes, now: int) -> str:
    """The header for this body at this time."""
    digest = hmac.new(secret.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={now},v1={digest}"


class Notifier:
    """Empties the outbox, oldest first, for as long as it runs; what fails is tried again, later and later."""

    def __init__(
        self,
        ledger: Ledger,
        engine_url: str,
        secret: str,
        transport: httpx.AsyncBaseTransport | None,
        plan: FaultPlan | None = None,
        name: str = "simulator",
        work: Callable[[], None] = lambda: None,
    ) -> None:
        """Send what `ledger` holds to the engine at `engine_url`, as `plan` spoils it; tests hand in a transport."""
        self._path, self._work = PATH.format(name=name), work
        self._plan = plan or FaultPlan()
        self._ledger = ledger
        self._secret = secret
        self._waiting = asyncio.Event()
        self._told_early: set[int] = set()
        self._lost: set[int] = set()
        self._http = httpx.AsyncClient(
            base_url=engine_url, timeout=TIMEOUT_SECONDS, transport=transport, trust_env=False
        )

    def wake(self) -> None:
        """There is something new."""
        self._waiting.set()

    async def deliver(self) -> bool:
        """Try to send everything once; true when nothing is left."""
        payouts.lapse(self._ledger)
        self._work()
        spoiled = self._plan.faults.news
        if "early" in spoiled and not await self._tell_early():
            return False
        waiting = self._ledger.undelivered(self._lateness())
        if "lost" in spoiled:
            waiting = [news for news in waiting if not self._lose(news[0])]
        if "shuffled" in spoiled:
            self._plan.shuffle(waiting)
        everything = True
        for number, body in waiting:
            answers = [await self._send(body.encode()) for _ in range(2 if "twice" in spoiled else 1)]
            if None in answers:
                return False
            if all(answers):
                self._ledger.delivered(number)
            everything = everything and all(answers)
        return everything

    async def _tell_early(self) -> bool:
        """Tell once, before it is due, what will be told again then; false if the engine is not there."""
        for number, body in self._ledger.ahead():
            if number not in self._told_early and await self._send(body.encode()) is None:
                return False
            self._told_early.add(number)
        return True

    def _lose(self, number: int) -> bool:
        """Whether this is the first telling, which is lost; the next one is due in seconds."""
        if number in self._lost:
            return False
        self._lost.add(number)
        self._ledger.postpone(number, LOST_SECONDS)
        return True

    def _lateness(self) -> float:
        return LATE_SECONDS if "late" in self._plan.faults.news else 0.0

    async def run(self) -> None:
        """Deliver until cancelled."""
        pause = PAUSE_SECONDS_MIN
        try:
            while True:
                self._waiting.clear()
                if await self.deliver():
                    pause = PAUSE_SECONDS_MIN
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._waiting.wait(), self._ledger.due_in(self._lateness()))
                else:
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, PAUSE_SECONDS_MAX)
        finally:
            await self._http.aclose()

    async def _send(self, body: bytes) -> bool | None:
        """Whether the engine took it; None if it is not there, so that nothing else need be tried now."""
        signed = signature(self._secret, body, int(time.time()))  # noqa: TID251
        headers = {"Content-Type": "application/json", "Gateway-Signature": signed}
        try:
            return (await self._http.post(self._path, content=body, headers=headers)).is_success
        except httpx.HTTPError:
            return None
