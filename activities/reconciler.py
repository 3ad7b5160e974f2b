"""Reconciliation: read the four books, compare them (domain/reconciliation/), look again, and name what differs.

Here are payments; SetupIntents are compared beside them (setup_reconciler.py). Reads only. `perdure reconcile` runs it,
and every night the workflow does (workflows/reconciliation.py).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from domain.reconciliation import balance, engine, facts, gateway, records
from domain.reconciliation.books import (
    Balance,
    Closed,
    GatewayBook,
    MethodUse,
    Misbooked,
    Page,
    Running,
    Silent,
    Step,
    Transfer,
    Undelivered,
    WorkflowAnswer,
)
from domain.reconciliation.engine import Patience
from domain.reconciliation.kinds import Kind
from domain.reconciliation.report import Difference, Report, seen_twice

T = TypeVar("T")

LOOKS_MAX = 5
"""What still changes from look to look is a payment on its way; the next run will see where it got to."""

PAUSE_SECONDS = 2.0
"""Between two looks: a command is asked, recorded and taken up in less, unless something has just died."""

BATCH = 200
"""Payments looked at again at once."""

ASKED_AT_ONCE_MAX = 32
"""Workflows asked at the same time: as many as a worker takes on."""


class Records(Protocol):
    """Books two and three: what is recorded of a PaymentIntent, and what hangs on it. See records/reconciliation.py."""

    def pages(self) -> AsyncIterator[Page]:
        """Every PaymentIntent, a page at a time."""
        ...

    async def of(self, ids: Sequence[str]) -> Page:
        """These PaymentIntents, as far as they are there."""
        ...

    async def balances(self) -> tuple[list[Balance], list[Step]]:
        """Cash balances and transactions that do not fit together."""
        ...

    async def transfers(self) -> dict[str, Transfer]:
        """Bank transfers that are in a cash balance, by id."""
        ...

    async def returns(self) -> dict[str, int | None]:
        """Refunds of cash balances by id, and what of each is out; None where the gateway was not heard yet."""
        ...

    async def methods(self) -> list[MethodUse]:
        """Payment methods that nobody had saved and that have paid too often, or still could."""
        ...

    async def ledger(self) -> list[Misbooked]:
        """Balance transactions and entries that do not fit together."""
        ...

    async def undelivered(self) -> list[Undelivered]:
        """Events that nobody is to send to an endpoint that wants them."""
        ...


class Book(Protocol):
    """Book four: the gateway's own. See gateways/book.py."""

    async def whole(self) -> GatewayBook: ...

    async def of(self, charges: Iterable[str]) -> GatewayBook:
        """What it has of these charges."""
        ...

    async def transfers(self) -> dict[str, Transfer]:
        """Every bank transfer."""
        ...


class Workflows(Protocol):
    """Book one: what the workflows say. See temporal/inspection.py."""

    async def running(self) -> set[str]:
        """The ids of all that run."""
        ...

    async def state(self, id_: str) -> WorkflowAnswer:
        """What one of them says."""
        ...


class Beside(Protocol):
    """Intents of another kind, which are compared in the same looks. See setup_reconciler.py."""

    async def everything(self, look: "Look", theirs: GatewayBook, progress: Callable[[int], None]) -> None:
        """Look at all of them; what `theirs` has of them is taken out of it."""
        ...

    async def again(self, look: "Look", ids: Sequence[str]) -> None:
        """Look once more at these."""
        ...


class NobodyAnswers(Exception):
    """Workflows run, and none of them says how it stands: no worker is there to ask."""


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """So many at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))


@dataclass(slots=True)
class Look:
    """What one look has found, and over how much."""

    report: Report = field(default_factory=Report)
    seen: set[str] = field(default_factory=set)
    unreadable: set[str] = field(default_factory=set)

    @property
    def undecided(self) -> set[str]:
        """Payments whose charges are not all known."""
        return self.unreadable.union(self.report.under_way)

    @property
    def found(self) -> list[Difference]:
        return self.report.differences

    async def ask(self, books: Iterable[engine.Book], running: Collection[str], workflows: Workflows | None) -> None:
        """Compare those with their workflows that run, or should."""
        if workflows is None:
            return
        asked = [book for book in books if book.id in running or engine.is_open(book)]
        for some in batches(asked, ASKED_AT_ONCE_MAX):
            answers = await _answers(workflows, [book.id for book in some])
            self.report.workflows += sum(not isinstance(answer, Closed) for answer in answers)
            for book, answer in zip(some, answers, strict=True):
                self.found.extend(engine.compare(book, answer))

    async def ask_without_record(self, ids: Iterable[str], workflows: Workflows | None) -> None:
        """Compare workflows whose intents are not here."""
        if workflows is None:
            return
        for some in batches(sorted(ids), ASKED_AT_ONCE_MAX):
            for id_, answer in zip(some, await _answers(workflows, some), strict=True):
                if isinstance(answer, Running):
                    self.found.append(engine.without_record(id_, answer.state))
                elif isinstance(answer, Silent):
                    self.found.append(engine.silent(id_, answer.why))


async def _answers(workflows: Workflows, ids: Sequence[str]) -> list[WorkflowAnswer]:
    answers = await asyncio.gather(*(workflows.state(id_) for id_ in ids))
    if len(ids) == ASKED_AT_ONCE_MAX and all(isinstance(answer, Silent) for answer in answers):
        raise NobodyAnswers("no worker answers for the workflows")
    return answers


class Reconciler:
    """Compares the books it is given."""

    def __init__(
        self,
        recorded: Records,
        book: Book,
        workflows: Workflows | None,
        clock: Callable[[], int],
        *,
        setups: Beside | None = None,
        patience: Patience = Patience(),  # noqa: B008
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Inject the ports; without workflows three books are compared, without `setups` payments alone.

        `clock` gives Unix seconds.
        """
        self._records, self._book, self._workflows, self._setups = recorded, book, workflows, setups
        self._clock, self._patience, self._pause = clock, patience, pause

    async def reconcile(self, progress: Callable[[int], None] = lambda _: None) -> Report:
        """Look at everything, and then as often as it takes at what did not agree. `progress` is told how many by then.

        Raises:
            RecordsUnavailable, GatewayUnavailable, RPCError, NobodyAnswers: a book could not be read.
        """
        look = await self._everything(progress)
        report, suspicions = look.report, list(dict.fromkeys(look.found))
        named: list[Difference] = []
        for _ in range(1, LOOKS_MAX):
            if not suspicions:
                break
            await self._pause(PAUSE_SECONDS)
            stands, moved = seen_twice(suspicions, await self._again(suspicions))
            named += stands
            suspicions = moved
            progress(report.intents)
        moving = {one.intent for one in suspicions if one.intent}
        report.under_way = sorted(moving.union(report.under_way))
        report.differences = sorted(set(named), key=lambda one: (one.intent, one.kind, one.id, one.detail))
        return report

    async def _everything(self, progress: Callable[[int], None]) -> Look:
        running = await self._workflows.running() if self._workflows is not None else set()
        theirs, look = await self._book.whole(), Look()
        async for page in self._records.pages():
            await self._compare(look, page, theirs, running)
            running -= page.ids
            progress(look.report.intents)
        self._compare_returns(look, await self._records.returns(), theirs)
        look.found.extend(gateway.unknown(theirs, look.seen, look.undecided))
        await look.ask_without_record(running, self._workflows)
        await self._compare_together(look, theirs.transfers)
        if self._setups is not None:
            await self._setups.everything(look, theirs, progress)
        return look

    async def _again(self, suspicions: list[Difference]) -> list[Difference]:
        """Look once more at the intents that something was found about, and at what concerns many at once."""
        look = Look()
        ids = sorted({one.payment_intent for one in suspicions if one.payment_intent})
        lost = {one.id for one in suspicions if one.kind in (Kind.UNKNOWN_TO_US, Kind.CHARGE_ID_DIFFERS)}
        lost |= {one.id for one in suspicions if not one.payment_intent and one.kind is Kind.REFUNDED_DIFFERS}
        lost |= {str(one.theirs) for one in suspicions if one.kind is Kind.CHARGE_ID_DIFFERS}
        theirs = await self._book.of(lost)
        for some in batches(ids, BATCH):
            page = await self._records.of(some)
            wanted = {id_ for book in page.books for id_ in gateway.charges_of(book)}
            more = await self._book.of(wanted - theirs.charges.keys())
            theirs.charges |= more.charges
            theirs.charge_of |= more.charge_of
            await self._compare(look, page, theirs, set(some))
            await look.ask_without_record(set(some) - page.ids, self._workflows)
        ours = await self._records.returns()
        self._compare_returns(look, {id_: ours[id_] for id_ in lost & ours.keys()}, theirs)
        look.found.extend(gateway.unknown(theirs, look.seen, look.undecided))
        await self._compare_together(look, await self._book.transfers())
        if self._setups is not None:
            await self._setups.again(look, sorted({one.setup_intent for one in suspicions if one.setup_intent}))
        return look.found

    async def _compare(self, look: Look, page: Page, theirs: GatewayBook, running: set[str]) -> None:
        now, report, books = self._clock(), look.report, page.books
        report.differences += records.compare_readable(page.unreadable)
        look.unreadable.update(one.id for one in page.unreadable)
        for book in books:
            of_record = records.compare(book)
            # A record that contradicts its rows is named for that, and not once more for what the ledger has.
            of_record += [] if of_record else balance.compare(book)
            report.differences += of_record + facts.compare(book)
            found, seen = gateway.compare(book, theirs, now)
            report.differences += found + engine.compare_with_time(book, now, self._patience)
            look.seen |= seen
            if book.under_way:
                report.under_way.append(book.id)
        report.intents += len(page.ids)
        report.charges += sum(len(book.charges) for book in books)
        await look.ask(books, running, self._workflows)

    def _compare_returns(self, look: Look, ours: dict[str, int | None], theirs: GatewayBook) -> None:
        found, seen = gateway.compare_returns(ours, theirs)
        look.found.extend(found)
        look.seen |= seen

    async def _compare_together(self, look: Look, transfers: dict[str, Transfer]) -> None:
        """What is about many payments at once."""
        ours = await self._records.transfers()
        look.report.transfers = len(ours)
        look.found.extend(gateway.compare_transfers(ours, transfers))
        look.found.extend(records.compare_balances(*await self._records.balances()))
        look.found.extend(balance.compare_ledger(await self._records.ledger()))
        look.found.extend(records.compare_methods(await self._records.methods()))
        look.found.extend(records.compare_deliveries(await self._records.undelivered()))
