"""SetupIntents in the reconciler's looks, on books of our own: what stays is named, what was on its way is not."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field, replace

from activities.reconciler import Reconciler
from activities.setup_reconciler import SetupReconciler
from domain.model.setup_intent import SetupIntent
from domain.reconciliation.books import Closed, GatewayBook, MethodSetUp, Running, Unreadable, WorkflowAnswer
from domain.reconciliation.kinds import Kind
from domain.reconciliation.report import Report
from domain.reconciliation.setup_book import SetupBook, SetupPage
from tests.activities.test_reconciler import PAID, Books, Gateway
from tests.domain.reconciliation.books import book_of, gateway_of
from tests.domain.reconciliation.test_setups import succeeded, unknown, waiting
from tests.support.builders import NOW


@dataclass
class Setups:
    """The records and workflows of SetupIntents, and what the gateway has set up; `later` is how all that is next."""

    looks: list[list[SetupBook]]
    theirs: dict[str, list[MethodSetUp]] = field(default_factory=dict)
    later: dict[str, list[MethodSetUp]] | None = None
    answers: dict[str, WorkflowAnswer] = field(default_factory=dict)
    unreadable: list[Unreadable] = field(default_factory=list)
    look: int = -1
    asked: list[str] = field(default_factory=list)

    def _now(self) -> list[SetupBook]:
        self.look += 1
        return self.looks[min(self.look, len(self.looks) - 1)]

    async def pages(self) -> AsyncIterator[SetupPage]:
        for book in self._now():
            yield SetupPage([book])
        yield SetupPage([], self.unreadable)

    async def of(self, ids: Sequence[str]) -> SetupPage:
        self.asked += ids
        return SetupPage([book for book in self._now() if book.id in ids], self.unreadable)

    async def setups(self, intents: Iterable[str]) -> dict[str, list[MethodSetUp]]:
        wanted, now = set(intents), self.theirs if self.later is None else self.later
        return {id_: found for id_, found in now.items() if id_ in wanted}

    async def running(self) -> set[str]:
        return set(self.answers)

    async def state(self, id_: str) -> WorkflowAnswer:
        return self.answers.get(id_, Closed("none"))


async def reconciled(setups: Setups, *, workflows: bool = True) -> Report:
    async def pause(seconds: float) -> None:
        assert seconds > 0

    payments = Books([book_of(PAID)])
    theirs = gateway_of(PAID)
    theirs.setups = {id_: list(found) for id_, found in setups.theirs.items()}
    beside = SetupReconciler(setups, setups, setups if workflows else None, lambda: NOW)
    gateway = Gateway(theirs)
    return await Reconciler(
        payments, gateway, payments if workflows else None, lambda: NOW, setups=beside, pause=pause
    ).reconcile()


def named(report: Report) -> list[tuple[Kind, str]]:
    return [(one.kind, one.setup_intent) for one in report.differences]


def running(state: SetupIntent) -> dict[str, WorkflowAnswer]:
    return {state.id: Running(state)}


async def test_all_is_well() -> None:
    (done, theirs), open_ = succeeded(), waiting()
    setups = Setups([[done, open_]], {done.id: theirs}, answers=running(open_.state))
    report = await reconciled(setups)
    assert (report.clean, report.intents, report.setup_intents, report.workflows) == (True, 1, 2, 1)
    assert report.shown()["setup_intents"] == 2
    assert setups.look == 0, "one look will do"


async def test_what_stays_is_named_once_and_only_it_is_looked_at_again() -> None:
    (done, theirs), wrong = succeeded(), waiting()
    wrong.row = replace(wrong.row, customer=None)
    setups = Setups([[done, wrong]], {done.id: theirs}, answers=running(wrong.state))
    report = await reconciled(setups)
    assert named(report) == [(Kind.RECORD_CONTRADICTS_ITSELF, wrong.id)]
    assert report.differences[0].shown()["setup_intent"] == wrong.id
    assert setups.asked == [wrong.id]


async def test_what_the_gateway_did_while_its_book_was_read_is_no_difference() -> None:
    done, theirs = succeeded()
    setups = Setups([[done]], {}, later={done.id: theirs})
    assert named(await reconciled(setups)) == []
    setups = Setups([[], [done]], {done.id: theirs})
    assert named(await reconciled(setups)) == [], "nor what was recorded a moment later"


async def test_what_the_gateway_has_set_up_for_nobody() -> None:
    setups = Setups([[]], {"seti_gone": [MethodSetUp(attempt="setatt_1", token="tok")]})
    report = await reconciled(setups)
    assert [(one.kind, one.id, one.setup_intent) for one in report.differences] == [
        (Kind.SETUP_UNKNOWN_TO_US, "setatt_1", "seti_gone")
    ]


async def test_one_whose_outcome_is_not_known_is_under_way() -> None:
    owing = unknown()
    setups = Setups([[owing]], {owing.id: [MethodSetUp(attempt="setatt_1", token="tok")]}, answers=running(owing.state))
    report = await reconciled(setups)
    assert (report.clean, report.under_way) == (True, [owing.id])


async def test_its_workflow_is_gone_or_of_nobody() -> None:
    open_ = waiting()
    assert named(await reconciled(Setups([[open_]]))) == [(Kind.OPEN_WITHOUT_WORKFLOW, open_.id)]
    assert named(await reconciled(Setups([[open_]]), workflows=False)) == []
    lost = Setups([[]], answers=running(open_.state))
    assert named(await reconciled(lost)) == [(Kind.WORKFLOW_WITHOUT_RECORD, open_.id)]


async def test_one_that_cannot_be_read_is_named_and_not_for_what_its_bank_said() -> None:
    strange = Unreadable("seti_strange", "Field required")
    said = {"seti_strange": [MethodSetUp(attempt="setatt_1", token="tok")]}
    report = await reconciled(Setups([[]], said, unreadable=[strange]))
    assert named(report) == [(Kind.RECORD_UNREADABLE, "seti_strange")]
    assert report.setup_intents == 1


async def test_without_them_payments_alone_are_compared() -> None:
    books = Books([book_of(PAID)])
    theirs = GatewayBook(charges=gateway_of(PAID).charges, setups={"seti_1": [MethodSetUp(attempt="a", token="t")]})
    report = await Reconciler(books, Gateway(theirs), None, lambda: NOW).reconcile()
    assert (report.clean, report.setup_intents) == (True, 0)
