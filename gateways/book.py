"""The simulator's own book, for reconciliation: all of it, or what it has of some charges.

A gateway that only has settlement files gets a reader of its own, which gives the same `GatewayBook`.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

import aiohttp
import orjson

from domain.reconciliation.books import Entry, GatewayBook, Transfer
from gateways.base import GatewayUnavailable

PAGE = 2_000
"""Entries read at once: to make sense of them keeps a worker busy for 10 ms, and payments wait for no longer."""
TIMEOUT_SECONDS = 60.0
CONNECTIONS_MAX = 8

_TRANSFERS = ""
"""What the book has in place of a charge where money came in by bank transfer."""


class SimulatorBook:
    """Reads `GET /_ledger`."""

    def __init__(self, base_url: str) -> None:
        """Of the simulator at `base_url`."""
        self._url = f"{base_url.rstrip('/')}/_ledger"
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _http(self) -> aiohttp.ClientSession:
        """The pool of connections, made on first use: it belongs to the loop that runs then."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=CONNECTIONS_MAX)
            timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
            self._session = aiohttp.ClientSession(connector=connector, timeout=timeout)
        return self._session

    async def whole(self) -> GatewayBook:
        """All of it.

        Raises:
            GatewayUnavailable: it could not be read.
        """
        book = GatewayBook()
        await self._read(book, None)
        return book

    async def of(self, charges: Iterable[str]) -> GatewayBook:
        """What it has of these charges.

        Raises:
            GatewayUnavailable: it could not be read.
        """
        book = GatewayBook()
        await asyncio.gather(*(self._read(book, charge) for charge in set(charges)))
        return book

    async def transfers(self) -> dict[str, Transfer]:
        """Every bank transfer.

        Raises:
            GatewayUnavailable: it could not be read.
        """
        book = GatewayBook()
        await self._read(book, _TRANSFERS)
        return book.transfers

    async def _read(self, book: GatewayBook, charge: str | None) -> None:
        last, more = 0, True
        while more:
            query: dict[str, Any] = {"after": last, "limit": PAGE, "totals": "false"} | (
                {} if charge is None else {"charge": charge}
            )
            entries = await self._page(query)
            book.add(_entry(entry) for entry in entries)
            more = len(entries) == PAGE
            last = entries[-1]["id"] if more else last

    async def _page(self, query: dict[str, Any]) -> list[dict[str, Any]]:
        try:
            async with self._http().get(self._url, params=query) as answer:
                answer.raise_for_status()
                body: dict[str, Any] = orjson.loads(await answer.read())
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise GatewayUnavailable(f"the gateway's book: {str(error) or type(error).__name__}") from error
        return list(body["entries"])


def _entry(entry: dict[str, Any]) -> Entry:
    names = ("operation", "authorization", "charge", "amount", "currency", "key")
    return Entry(**{name: entry[name] for name in names})
