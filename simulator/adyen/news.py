"""News for the merchant: signed, item by item, and sent until they are taken; one endpoint, oldest first."""

import asyncio
import base64
import contextlib
import hmac
import time

import httpx

from simulator.adyen.acquirer import Acquirer
from simulator.adyen.book import Book, now
from simulator.adyen.faults import Mischief
from simulator.objects import JsonObject

PAUSE_SECONDS_MIN, PAUSE_SECONDS_MAX = 0.2, 5.0
TIMEOUT_SECONDS = 10.0
LATE_SECONDS, LOST_SECONDS = 2.0, 5.0
"""How late news are that are to be late, and when they are told again whose first telling was lost."""


def signature(item: JsonObject, key: str) -> str:
    """Adyen's signature of an item: HMAC-SHA256 of eight fields under the endpoint's key (hex), in base64."""
    fields = [
        item.get("pspReference", ""), item.get("originalReference", ""), item.get("merchantAccountCode", ""),
        item.get("merchantReference", ""), str(item["amount"]["value"]), item["amount"]["currency"],
        item["eventCode"], item["success"],
    ]  # fmt: skip
    return base64.b64encode(hmac.digest(bytes.fromhex(key), ":".join(fields).encode(), "sha256")).decode()


def notification(item: JsonObject, key: str) -> JsonObject:
    """The notification that tells one item, signed."""
    dated = item | {"eventDate": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(now()))}
    signed = {**(item.get("additionalData") or {}), "hmacSignature": signature(item, key)}
    return {"live": "false", "notificationItems": [{"NotificationRequestItem": dated | {"additionalData": signed}}]}


class Newsboy:
    """Empties the outbox for as long as it runs."""

    def __init__(
        self, book: Book, acquirer: Acquirer, mischief: Mischief, url: str, key: str, basic: str,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:  # fmt: skip
        """Send to `url`, signed with `key` (hex), admitted by `basic` (user:password)."""
        self._book, self._acquirer, self._mischief = book, acquirer, mischief
        self._url, self._key, self._waiting = url, key, asyncio.Event()
        self._lost: set[int] = set()
        user, _, password = basic.partition(":")
        self._http = httpx.AsyncClient(
            timeout=TIMEOUT_SECONDS, transport=transport, trust_env=False, auth=(user, password)
        )

    def wake(self) -> None:
        """There is something new."""
        self._waiting.set()

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    async def deliver(self) -> bool:
        """Tell what is due, once; false if somebody did not take it."""
        spoiled = self._mischief.faults.news
        due = self._book.waiting(now() - (LATE_SECONDS if "late" in spoiled else 0.0))
        if "shuffled" in spoiled:
            self._mischief.shuffle(due)
        for number, item in due:
            if "lost" in spoiled and number not in self._lost:
                self._lost.add(number)
                self._book.write("UPDATE news SET due = ? WHERE id = ?", now() + LOST_SECONDS, number)
                continue
            if item["eventCode"] == "AUTHORISATION" and item["success"] == "true":
                self._acquirer.settle(item["pspReference"])
            taken = [await self._send(item) for _ in range(2 if "twice" in spoiled else 1)]
            if not all(taken):
                return False
            self._book.write("UPDATE news SET taken = 1 WHERE id = ?", number)
        return True

    async def run(self) -> None:
        """Deliver until cancelled; what is refused is told again, a little later, and holds up all others."""
        pause = PAUSE_SECONDS_MIN
        try:
            while True:
                self._waiting.clear()
                if await self.deliver():
                    pause, due = PAUSE_SECONDS_MIN, self._book.due_in()
                    late = LATE_SECONDS if "late" in self._mischief.faults.news else 0.0
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._waiting.wait(), None if due is None else due + late)
                else:
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, PAUSE_SECONDS_MAX)
        finally:
            await self.close()

    async def _send(self, item: JsonObject) -> bool:
        try:
            return (await self._http.post(self._url, json=notification(item, self._key))).is_success
        except httpx.HTTPError:
            return False
