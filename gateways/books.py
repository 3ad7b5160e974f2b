"""The books of all gateways as one, for reconciliation. Charges have ids of their own wherever they were made."""

import asyncio
from collections.abc import Iterable, Sequence

from contracts.gateways import SIMULATOR, GatewaySetting
from domain.reconciliation.books import GatewayBook, MethodSetUp, Transfer
from gateways.book import SimulatorBook


class Books:
    """Reads each, and what gateways of other kinds have is compared with nothing."""

    def __init__(
        self, books: Sequence[SimulatorBook], unread: Iterable[str] = (), read: Iterable[str] | None = None
    ) -> None:
        """`unread` are the names of gateways whose books cannot be read from here, `read` those of these books.

        A gateway that is neither is here no more, though charges may name it. Without `read` these are all there are.
        """
        self._books = tuple(books)
        self._unread = frozenset(unread)
        self._read = None if read is None else frozenset(read)

    async def close(self) -> None:
        for book in self._books:
            await book.close()

    async def whole(self) -> GatewayBook:
        """All of them.

        Raises:
            GatewayUnavailable: one could not be read.
        """
        return self._together(await asyncio.gather(*(book.whole() for book in self._books)))

    async def of(self, charges: Iterable[str]) -> GatewayBook:
        """What they have of these charges.

        Raises:
            GatewayUnavailable: one could not be read.
        """
        wanted = set(charges)
        return self._together(await asyncio.gather(*(book.of(wanted) for book in self._books)))

    async def transfers(self) -> dict[str, Transfer]:
        """Every bank transfer.

        Raises:
            GatewayUnavailable: one could not be read.
        """
        found = await asyncio.gather(*(book.transfers() for book in self._books))
        return {id_: transfer for transfers in found for id_, transfer in transfers.items()}

    async def setups(self, intents: Iterable[str]) -> dict[str, list[MethodSetUp]]:
        """What they have set up for these SetupIntents.

        Raises:
            GatewayUnavailable: one could not be read.
        """
        wanted, together = set(intents), GatewayBook()
        for found in await asyncio.gather(*(book.setups(wanted) for book in self._books)):
            together.merge(GatewayBook(setups=found))
        return together.setups

    def _together(self, books: Iterable[GatewayBook]) -> GatewayBook:
        whole = GatewayBook(unread=self._unread, read=self._read)
        for book in books:
            whole.merge(book)
        return whole


def books_of(settings: Iterable[GatewaySetting]) -> Books:
    """The books of these gateways."""
    given = tuple(settings)
    read = [each for each in given if each.kind == SIMULATOR]
    unread = (each.name for each in given if each.kind != SIMULATOR)
    return Books([SimulatorBook(each.url) for each in read], unread, [each.name for each in read])
