"""The reconciler on books of our own: what moves while it looks is not named, and what stays is."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from activities.reconciler import ASKED_AT_ONCE_MAX, LOOKS_MAX, NobodyAnswers, Reconciler
from domain.model.statuses import Status
from domain.reconciliation.books import (
    Balance,
    Closed,
    GatewayBook,
    MethodUse,
    Misbooked,
    Page,
    PaymentBook,
    Running,
    Silent,
    Step,
    Transfer,
    Undelivered,
    Unreadable,
    WorkflowAnswer,
)
from domain.reconciliation.kinds import Kind
from tests.domain.reconciliation.books import book_of, entry, gateway_of
from tests.support.builders import NOW, in_status

PAID, HELD = in_status(Status.SUCCEEDED), in_status(Status.REQUIRES_CAPTURE)
Movement = tuple[str, int]


@dataclass
class Books:
    """All four, of one payment each. `later` is what becomes of it from one look to the next; the last one stays."""

    looks: list[PaymentBook]
    gateway: GatewayBook = field(default_factory=GatewayBook)
    answers: dict[str, WorkflowAnswer] = field(default_factory=dict)
    look: int = -1
    methods_used: list[MethodUse] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    returned: dict[str, int | None] = field(default_factory=dict)

    def _now(self) -> list[PaymentBook]:
        self.look += 1
        return self.looks[min(self.look, len(self.looks) - 1) :][:1]

    async def pages(self) -> AsyncIterator[Page]:
        yield Page(self._now(), self.unreadable)

    async def of(self, ids: Sequence[str]) -> Page:
        return Page([book for book in self._now() if book.id in ids], self.unreadable)

    async def balances(self) -> tuple[list[Balance], list[Step]]:
        return [], []

    async def transfers(self) -> dict[str, Transfer]:
        return {}

    async def returns(self) -> dict[str, int | None]:
        return self.returned

    async def methods(self) -> list[MethodUse]:
        return self.methods_used

    async def ledger(self) -> list[Misbooked]:
        return []

    async def undelivered(self) -> list[Undelivered]:
        return []

    async def running(self) -> set[str]:
        return set(self.answers)

    async def state(self, id_: str) -> WorkflowAnswer:
        return self.answers.get(id_, Closed("none"))


@dataclass
class Gateway:
    """A gateway's book that does not move."""

    book: GatewayBook

    async def whole(self) -> GatewayBook:
        return self.book

    async def of(self, charges: Iterable[str]) -> GatewayBook:
        wanted = set(charges)
        known = {id_: theirs for id_, theirs in self.book.charges.items() if id_ in wanted}
        return GatewayBook(charges=known, charge_of=self.book.charge_of)

    async def transfers(self) -> dict[str, Transfer]:
        return self.book.transfers


async def test_what_is_out_of_a_balance_is_in_the_gateways_book() -> None:
    book = gateway_of(PAID)
    for id_ in ("re_right", "re_more", "re_back", "re_unheard", "re_nobodys"):
        book.add([entry(PAID, "refund", 300, authorization="cus_1", charge=id_, key=f"{id_}/payout")])
    returned = {"re_right": 300, "re_more": 400, "re_back": 0, "re_unheard": None, "re_missing": 500}
    books = Books([book_of(PAID)], book, returned=returned)
    report = await reconciler(books, workflows=False).reconcile()
    assert [(one.kind, one.id, one.ours, one.theirs) for one in report.differences] == [
        (Kind.REFUNDED_DIFFERS, "re_back", 0, 300),
        (Kind.REFUNDED_DIFFERS, "re_missing", 500, 0),
        (Kind.REFUNDED_DIFFERS, "re_more", 400, 300),
        (Kind.UNKNOWN_TO_US, "re_nobodys", "nothing", "authorized 0, captured 0, refunded 300"),
    ]


def reconciler(books: Books, *, workflows: bool = True) -> Reconciler:
    async def pause(seconds: float) -> None:
        assert seconds > 0

    return Reconciler(books, Gateway(books.gateway), books if workflows else None, lambda: NOW, pause=pause)


async def kinds(books: Books, **options: Any) -> list[Kind]:
    report = await reconciler(books, **options).reconcile()
    return [found.kind for found in report.differences]


async def test_all_is_well() -> None:
    books = Books([book_of(HELD)], gateway_of(HELD), {HELD.id: Running(HELD)})
    report = await reconciler(books).reconcile()
    assert (report.clean, report.intents, report.charges, report.workflows) == (True, 1, 1, 1)
    assert books.look == 0, "one look will do"


async def test_what_stays_is_named_once() -> None:
    books = Books([book_of(PAID)], gateway_of(PAID, ("refund", 5)))
    assert await kinds(books) == [Kind.REFUNDED_DIFFERS]
    assert books.look == 1


async def test_what_was_on_its_way_is_not() -> None:
    """First the record is behind the gateway, and then it is not."""
    assert PAID.charge is not None
    held = replace(PAID.charge, captured=False, amount_captured=0)
    before = replace(PAID, status=Status.REQUIRES_CAPTURE, charge=held)
    books = Books([book_of(before), book_of(PAID)], gateway_of(PAID))
    assert await kinds(books, workflows=False) == []


async def test_a_payment_that_never_rests_is_under_way() -> None:
    looks = [book_of(PAID) for _ in range(LOOKS_MAX)]
    for number, book in enumerate(looks):
        book.row = replace(book.row, version=number + 50)
    report = await reconciler(Books(looks, gateway_of(PAID))).reconcile()
    assert (report.differences, report.under_way) == ([], [PAID.id])


async def test_money_of_nobody() -> None:
    gateway = gateway_of(PAID)
    gateway.add([entry(PAID, "authorize", 5, charge="ch_2", key="by hand"), entry(PAID, "authorize", 6, charge="ch_3")])
    report = await reconciler(Books([book_of(PAID)], gateway)).reconcile()
    found = [(one.kind, one.id, one.payment_intent) for one in report.differences]
    assert found == [(Kind.UNKNOWN_TO_US, "ch_2", ""), (Kind.UNKNOWN_TO_US, "ch_3", PAID.id)]


async def test_a_workflow_of_nobody() -> None:
    answers: dict[str, WorkflowAnswer] = {"pi_gone": Running(HELD), "pi_ended": Closed("completed")}
    books = Books([book_of(PAID)], gateway_of(PAID), answers)
    assert await kinds(books) == [Kind.WORKFLOW_WITHOUT_RECORD]


async def test_the_workflow_is_gone() -> None:
    books = Books([book_of(HELD)], gateway_of(HELD))
    assert await kinds(books) == [Kind.OPEN_WITHOUT_WORKFLOW]
    assert await kinds(books, workflows=False) == []


async def test_what_is_about_many_is_looked_at_again_as_well() -> None:
    books = Books([book_of(PAID)], gateway_of(PAID), methods_used=[MethodUse("pm_1", 2, reusable=False)])
    assert await kinds(books) == [Kind.METHOD_USED_TWICE]


async def test_no_worker_is_there() -> None:
    answers: dict[str, WorkflowAnswer] = {f"pi_lost_{n}": Silent("no poller") for n in range(ASKED_AT_ONCE_MAX)}
    with pytest.raises(NobodyAnswers):
        await reconciler(Books([book_of(PAID)], gateway_of(PAID), answers)).reconcile()
    few = dict(list(answers.items())[:1])
    assert await kinds(Books([book_of(PAID)], gateway_of(PAID), few)) == [Kind.WORKFLOW_SILENT]


async def test_a_charge_without_a_row_is_found_at_the_gateway_at_every_look() -> None:
    books = Books([book_of(PAID, charges=[])], gateway_of(PAID))
    assert await kinds(books) == [Kind.CHARGE_MISSING]


async def test_a_record_that_cannot_be_read_is_named_and_the_rest_is_compared() -> None:
    gateway = gateway_of(PAID, ("refund", 5))
    gateway.add([entry(PAID, "authorize", 5, charge="ch_2", authorization="auth_2", key="pi_strange/1/authorize")])
    strange = Unreadable("pi_strange", "Field required")
    books = Books([book_of(PAID)], gateway, {"pi_strange": Running(HELD)}, unreadable=[strange])
    report = await reconciler(books).reconcile()
    found = [(one.kind, one.id) for one in report.differences]
    assert PAID.charge is not None
    assert found == [(Kind.REFUNDED_DIFFERS, PAID.charge.id), (Kind.RECORD_UNREADABLE, "pi_strange")]
    assert report.intents == 2
