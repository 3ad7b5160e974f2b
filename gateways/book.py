"""The simulator's own book, for reconciliation: all of it, or what it has of some charges.

A gateway that only has settlement files gets a reader of its own, which gives the same `GatewayBook`.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from http import HTTPStatus

import aiohttp
import orjson

from domain.model.hashes import JsonObject
from domain.rebuilding.movements import Movement
from domain.reconciliation.books import Entry, GatewayBook, MethodSetUp, Transfer
from gateways.base import GatewayUnavailable

PAGE = 2_000
"""Entries read at once: to make sense of them keeps a worker busy for 10 ms, and payments wait for no longer."""
TIMEOUT_SECONDS = 60.0
CONNECTIONS_MAX = 8

MOVEMENT = ("operation", "charge", "amount", "currency", "key", "created")

_TRANSFERS = ""
"""What the book has in place of a charge where money came in by bank transfer."""


class SimulatorBook:
    """Reads `GET /_ledger`, and what was set up beside it."""

    def __init__(self, base_url: str) -> None:
        """Of the simulator at `base_url`."""
        self._base_url = base_url.rstrip("/")
        self._url = f"{self._base_url}/_ledger"
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
        await self._read_setups(book, None)
        return book

    async def of(self, charges: Iterable[str]) -> GatewayBook:
        """What it has of these charges.

        Raises:
            GatewayUnavailable: it could not be read.
        """
        book = GatewayBook()
        await asyncio.gather(*(self._read(book, charge) for charge in set(charges)))
        return book

    async def setups(self, intents: Iterable[str]) -> dict[str, list[MethodSetUp]]:
        """What it has set up for these SetupIntents.

        Raises:
            GatewayUnavailable: it could not be read.
        """
        book = GatewayBook()
        await asyncio.gather(*(self._read_setups(book, intent) for intent in set(intents)))
        return book.setups

    async def transfers(self) -> dict[str, Transfer]:
        """Every bank transfer.

        Raises:
            GatewayUnavailable: it could not be read.
        """
        book = GatewayBook()
        await self._read(book, _TRANSFERS)
        return book.transfers

    async def movements(self) -> AsyncIterator[Movement]:
        """Every line, oldest first.

        Raises:
            GatewayUnavailable: it could not be read.
        """
        async for entries in self._pages({}):
            for entry in entries:
                yield Movement(**{name: entry[name] for name in MOVEMENT})

    async def asked(self, key: str) -> JsonObject | None:
        """What was asked by this key, as the gateway wrote it down; None if nothing was.

        Raises:
            GatewayUnavailable: it could not be read.
        """
        found = await self._get(f"{self._base_url}/operations", {"key": key})
        return None if found is None else dict(found["asked"])

    async def _read(self, book: GatewayBook, charge: str | None) -> None:
        async for entries in self._pages({} if charge is None else {"charge": charge}):
            book.add(_entry(entry) for entry in entries)

    async def _read_setups(self, book: GatewayBook, intent: str | None) -> None:
        asked = {} if intent is None else {"setup_intent": intent}
        async for found in self._pages(asked, "setups"):
            for one in found:
                of = book.setups.setdefault(one["key"].partition("/")[0], [])
                of.append(MethodSetUp(attempt=one["attempt"], token=one["token"]))

    async def _pages(self, asked: dict[str, str], book: str = "entries") -> AsyncIterator[list[JsonObject]]:
        """What is asked for, oldest first: of the movements, or of another `book` beside them."""
        url = self._url if book == "entries" else f"{self._url}/{book}"
        last, more = 0, True
        while more:
            query: JsonObject = {"after": last, "limit": PAGE, **asked}
            answer = await self._get(url, query | ({"totals": "false"} if book == "entries" else {}))
            if answer is None:
                raise GatewayUnavailable("the gateway's book: it has none")
            entries = list(answer[book])
            yield entries
            more = len(entries) == PAGE
            last = entries[-1]["id"] if more else last

    async def _get(self, url: str, query: JsonObject) -> JsonObject | None:
        """The answer; None for not found."""
        try:
            async with self._http().get(url, params=query) as answer:
                if answer.status == HTTPStatus.NOT_FOUND:
                    return None
                answer.raise_for_status()
                body: JsonObject = orjson.loads(await answer.read())
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise GatewayUnavailable(f"the gateway's book: {str(error) or type(error).__name__}") from error
        return body


def _entry(entry: JsonObject) -> Entry:
    names = ("operation", "authorization", "charge", "amount", "currency", "key")
    return Entry(**{name: entry[name] for name in names})
