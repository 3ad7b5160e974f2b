"""SetupIntents, in the same looks as payments (reconciler.py): records, workflows and the gateway's book, compared."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Protocol

from activities.reconciler import BATCH, Look, Workflows, batches
from domain.reconciliation import engine, records, setups
from domain.reconciliation.books import GatewayBook, MethodSetUp
from domain.reconciliation.engine import Patience
from domain.reconciliation.setup_book import SetupPage


class SetupRecords(Protocol):
    """What is recorded of a SetupIntent, and what hangs on it. See records/setup_reconciliation.py."""

    def pages(self) -> AsyncIterator[SetupPage]:
        """Every SetupIntent, a page at a time."""
        ...

    async def of(self, ids: Sequence[str]) -> SetupPage:
        """These SetupIntents, as far as they are there."""
        ...


class SetupsBook(Protocol):
    """The gateway's own book of what it has set up. See gateways/book.py."""

    async def setups(self, intents: Iterable[str]) -> dict[str, list[MethodSetUp]]:
        """What it has set up for these SetupIntents."""
        ...


class SetupReconciler:
    """Compares the books it is given."""

    def __init__(
        self,
        recorded: SetupRecords,
        book: SetupsBook,
        workflows: Workflows | None,
        clock: Callable[[], int],
        patience: Patience = Patience(),  # noqa: B008
    ) -> None:
        """Inject the ports, as of the Reconciler."""
        self._records, self._book, self._workflows = recorded, book, workflows
        self._clock, self._patience = clock, patience
        self._whole = True  # as the first look finds: whether the books of all gateways are read

    async def everything(self, look: Look, theirs: GatewayBook, progress: Callable[[int], None]) -> None:
        """Look at all of them. What is left of the gateway's book is of none that is here."""
        running = await self._workflows.running() if self._workflows is not None else set()
        self._whole = not theirs.unread
        async for page in self._records.pages():
            await self._compare(look, page, theirs.setups, running)
            running -= page.ids
            progress(look.report.intents + look.report.setup_intents)
        await self._compare_the_rest(look, theirs.setups, running)

    async def again(self, look: Look, ids: Sequence[str]) -> None:
        """Look once more at these, as all books have them now."""
        for some in batches(ids, BATCH):
            page, theirs = await self._records.of(some), await self._book.setups(some)
            await self._compare(look, page, theirs, set(some))
            await self._compare_the_rest(look, theirs, set(some) - page.ids)

    async def _compare(
        self, look: Look, page: SetupPage, theirs: dict[str, list[MethodSetUp]], running: set[str]
    ) -> None:
        """Compare those of a page, and take them out of the gateway's book."""
        now, report = self._clock(), look.report
        report.differences += records.compare_readable(page.unreadable)
        for one in page.unreadable:
            theirs.pop(one.id, None)
        for book in page.books:
            report.differences += setups.compare(book)
            report.differences += setups.compare_with_gateway(book, theirs.pop(book.id, []), whole=self._whole)
            report.differences += engine.compare_with_time(book, now, self._patience)
            if book.under_way:
                report.under_way.append(book.id)
        report.setup_intents += len(page.ids)
        await look.ask(page.books, running, self._workflows)

    async def _compare_the_rest(self, look: Look, theirs: dict[str, list[MethodSetUp]], running: set[str]) -> None:
        for intent in sorted(theirs):
            look.found.extend(setups.unknown(intent, theirs[intent]))
        await look.ask_without_record(running, self._workflows)
