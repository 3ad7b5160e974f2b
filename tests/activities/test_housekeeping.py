"""One page of a sweep, on workflows that are made up: who is asked, who is woken, and who is not."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import ActivityEnvironment

from activities.housekeeping import (
    ASKED_PER_SECOND_MAX,
    PAGE,
    PATIENT_ATTEMPTS,
    REST_SECONDS,
    HousekeepingActivities,
)
from contracts.housekeeping import (
    CHANGED,
    CLAIMED,
    FORGOTTEN,
    OPEN,
    OWED,
    RETURNS,
    RUNNING,
    STUCK,
    Place,
    Sweep,
    SweepBeginning,
    SweepResult,
)
from domain.machine.balance_refunds import Ended, Waiting
from domain.machine.fence import Recorded, UnderWay
from domain.machine.housekeeping import ATTEMPTS_MAX, Known, Standing, Trouble
from domain.model.commands import Capture
from domain.model.payment_intent import PaymentIntent
from domain.model.refunds import ChargeRefund
from domain.model.statuses import Status
from gateways.base import GatewayUnavailable
from gateways.payouts import Payouts
from tests.support.builders import NOW, in_status
from tests.support.fakes import FakeGateway, MemoryProjection
from tests.support.unfinished import MemoryUnfinished


@dataclass
class FakeRuns:
    """Says what it is told of a workflow; those it is told nothing of are gone."""

    standings: dict[str, Standing] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    woken: list[str] = field(default_factory=list)
    moves: dict[str, Recorded[PaymentIntent]] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    moved_on: set[str] = field(default_factory=set)
    back: list[str] = field(default_factory=list)
    projection: MemoryProjection = field(default_factory=MemoryProjection)
    failures: dict[str, Exception] = field(default_factory=dict)
    """What is raised, by the name of the list or the id of the payment."""

    def fail(self, *names: str) -> None:
        for name in names:
            if name in self.failures:
                raise self.failures[name]

    async def running(self, ids: Sequence[str]) -> dict[str, str]:
        self.fail("running")
        shown = {id_: standing.intent for id_, standing in self.standings.items() if standing.running and id_ in ids}
        return {id_: intent.status if intent else "" for id_, intent in shown.items()}

    async def page(self, token: str, before: int) -> tuple[list[str], str]:
        self.fail("page")
        return ([id_ for id_, standing in self.standings.items() if standing.running], "")

    async def standing(self, id_: str) -> Standing:
        self.asked.append(id_)
        self.fail(id_)
        if id_ in self.moves:
            self.projection.records[id_] = self.moves[id_]
        return self.standings.get(id_, Standing(running=False))

    async def wake(self, intent: Known) -> None:
        self.woken.append(intent.id)

    async def level(self, id_: str) -> None:
        self.fail(id_)
        self.woken.append(id_)

    async def troubled(self) -> list[Trouble]:
        self.fail("troubled")
        return self.troubles

    async def set_back(self, trouble: Trouble) -> str | None:
        self.fail(trouble.id)
        if trouble.id in self.moved_on:
            return None
        if trouble.id in self.back:
            return "failing"
        self.back.append(trouble.id)
        return "stuck"

    async def begin_anew(self, trouble: Trouble, recorded: Known) -> str | None:
        self.fail(trouble.id)
        if trouble.id in self.moved_on:
            return None
        self.woken.append(recorded.id)
        return "anew"


@dataclass
class House:
    projection: MemoryProjection
    records: MemoryUnfinished
    runs: FakeRuns
    said: list[dict[str, Any]]
    activities: HousekeepingActivities

    def holds(self, count: int) -> list[PaymentIntent]:
        intents = [in_status(Status.REQUIRES_CAPTURE) for _ in range(count)]
        self.projection.records |= {intent.id: Recorded(intent=intent) for intent in intents}
        return intents


@pytest.fixture
def house() -> House:
    projection, said = MemoryProjection(), list[dict[str, Any]]()
    records, runs = MemoryUnfinished(projection, time=NOW), FakeRuns(projection=projection)
    return House(projection, records, runs, said, HousekeepingActivities(records, runs, said.append))


def sweep(*parts: str, **more: Any) -> Sweep:
    return Sweep(schedule="sweep", number=1, now=NOW, until=NOW, parts=parts, **more)


async def test_a_page_at_a_time_and_a_rest_for_those_that_were_asked(house: House) -> None:
    for intent in house.holds(PAGE + 1):
        house.runs.standings[intent.id] = Standing(running=True, intent=intent)
    first = await house.activities.page(sweep(CHANGED))
    assert (first.parts, first.found, first.rest_seconds) == ((CHANGED,), {"seen": PAGE}, PAGE / ASKED_PER_SECOND_MAX)
    second = await house.activities.page(first)
    assert (second.parts, second.found, second.place) == ((), {"seen": PAGE + 1}, Place())
    assert (len(house.runs.asked), second.rest_seconds) == (PAGE + 1, REST_SECONDS)
    assert house.runs.woken == []


async def test_of_everything_only_the_suspicious_are_asked(house: House) -> None:
    well, gone, other = house.holds(3)
    house.runs.standings[well.id] = Standing(running=True, intent=well)
    earlier = replace(in_status(Status.REQUIRES_ACTION), id=other.id, version=other.version - 1)
    house.runs.standings[other.id] = Standing(running=True, intent=earlier)
    done = await house.activities.page(sweep(OPEN))
    assert sorted(house.runs.asked) == sorted([gone.id, other.id])
    assert done.found == {"seen": 3, "missing": 1, "behind": 1}
    everything = await house.activities.page(sweep(OPEN, compare=True))
    assert well.id in house.runs.asked, "all are, when the records were put back"
    assert everything.found["seen"] == 3


async def test_one_that_does_not_answer_is_counted_and_not_woken(house: House) -> None:
    (intent,) = house.holds(1)
    house.runs.standings[intent.id] = Standing(running=True)
    assert (await house.activities.page(sweep(CHANGED))).found == {"seen": 1, "silent": 1}
    assert house.runs.woken == []


async def test_one_that_moved_on_while_it_was_asked_is_left_to_whoever_moved_it(house: House) -> None:
    (intent,) = house.holds(1)
    house.runs.moves[intent.id] = Recorded(intent=replace(intent, version=intent.version + 1))
    assert (await house.activities.page(sweep(CHANGED))).found == {"seen": 1}
    assert house.runs.woken == []


async def test_workflows_are_held_against_the_records(house: House) -> None:
    open_, ended, lost = house.holds(3)
    for intent in (open_, ended, lost):
        house.runs.standings[intent.id] = Standing(running=True, intent=intent)
    house.projection.records[ended.id] = Recorded(intent=replace(in_status(Status.CANCELED), id=ended.id))
    del house.projection.records[lost.id]
    assert (await house.activities.page(sweep(RUNNING))).found == {"seen": 3, "ended": 1, "unrecorded": 1}
    assert house.runs.woken == [ended.id, lost.id]


async def test_where_a_sweep_begins(house: House) -> None:
    begin = house.activities.begin
    first = await begin(SweepBeginning(schedule="sweep"))
    assert (first.parts, first.since, first.compare) == ((OWED, CLAIMED, CHANGED, STUCK), Place(), False)
    house.records.sweeps["sweep"] = 7
    next_ = await begin(SweepBeginning(schedule="sweep", last=SweepResult(number=7, until=NOW - 90)))
    assert (next_.number, next_.since, next_.compare) == (8, Place(changed=NOW - 90), False)
    put_back = await begin(SweepBeginning(schedule="sweep", last=SweepResult(number=9, until=NOW - 90)))
    assert (put_back.number, put_back.since, put_back.compare) == (10, Place(), True)
    forgotten = await begin(SweepBeginning(schedule="sweep"))
    assert (forgotten.number, forgotten.since) == (8, Place())
    whole = await begin(SweepBeginning(schedule="sweep-all", whole=True, last=SweepResult(number=0, until=NOW)))
    assert (whole.parts, whole.since) == ((OWED, CLAIMED, OPEN, RUNNING, STUCK), Place())


async def test_records_that_another_server_has_are_compared(house: House) -> None:
    """It took over without the last seconds: less than a sweep, so that no sweep is missing."""
    house.records.sweeps["sweep"] = 7
    last = SweepResult(number=7, until=NOW - 90, lineage="1/1")
    assert (await house.activities.begin(SweepBeginning(schedule="sweep", last=last))).compare is False
    house.records.said_lineage = "1/2"
    begun = await house.activities.begin(SweepBeginning(schedule="sweep", last=last))
    assert (begun.number, begun.since, begun.compare, begun.lineage) == (8, Place(), True, "1/2")
    for unknown, told in (("", "1/2"), ("1/1", "")):
        house.records.said_lineage = told
        begun = await house.activities.begin(SweepBeginning(schedule="sweep", last=replace(last, lineage=unknown)))
        assert begun.compare is False, "nobody can tell"


async def test_one_line_for_a_sweep(house: House) -> None:
    await house.activities.end(sweep(found={"seen": 5}))
    quiet = {"schedule": "sweep", "number": 1, "seen": 5}
    assert (house.said, house.records.sweeps) == ([quiet], {"sweep": 1})
    await house.activities.end(sweep(found={"seen": 5, "missing": 2}))
    assert house.said == [quiet, {**quiet, "missing": 2}]


async def test_records_that_are_away_are_asked_again(house: House) -> None:
    house.records.away = True
    for act in (
        house.activities.begin(SweepBeginning(schedule="sweep")),
        house.activities.page(sweep(CHANGED)),
        house.activities.end(sweep()),
    ):
        with pytest.raises(ApplicationError) as caught:
            await act
        assert (caught.value.type, caught.value.non_retryable) == ("records_unavailable", False)
    assert house.said == []


async def test_a_record_that_cannot_be_read_is_counted_and_the_others_are_seen(house: House) -> None:
    broken, gone = house.holds(2)
    house.records.unreadable.add(broken.id)
    assert (await house.activities.page(sweep(CHANGED))).found == {"seen": 2, "unreadable": 1, "missing": 1}
    assert house.runs.woken == [gone.id]


async def test_what_does_not_get_done_is_set_back_unless_its_own_code_fails(house: House) -> None:
    stuck = Trouble("pi_stuck", "run_1", ATTEMPTS_MAX, answered=False)
    house.runs.troubles = [
        stuck,
        Trouble("pi_early", "run_2", ATTEMPTS_MAX - 1, answered=False),
        Trouble("pi_fails", "run_3", ATTEMPTS_MAX, answered=True),
        Trouble("pi_moved_on", "run_4", ATTEMPTS_MAX, answered=False),
    ]
    house.runs.moved_on = {"pi_moved_on"}
    done = await house.activities.page(sweep(STUCK))
    assert done.found == {"seen": 4, "stuck": 1, "failing": 1}
    assert house.runs.back == ["pi_stuck"]
    told = [(line["payment_intent"], line["workflow"]) for line in house.said]
    assert told == [("pi_stuck", "stuck"), ("pi_fails", "failing")]
    house.runs.troubles = [stuck]
    assert (await house.activities.page(sweep(STUCK))).found == {"seen": 1, "failing": 1}, "once, and no more"


async def test_what_cannot_be_replayed_goes_on_from_its_record_if_that_is_not_older(house: House) -> None:
    anew, older, gone = house.holds(3)
    shown = str(anew.status)

    def trouble(id_: str, shown: str = shown) -> Trouble:
        return Trouble(id_, "run_1", ATTEMPTS_MAX, answered=True, replays=False, shown=shown)

    house.runs.troubles = [
        trouble(anew.id), trouble(older.id, "canceled"), trouble(gone.id), trouble("pi_unrecorded"),
        replace(trouble(anew.id), replays=True), replace(trouble(anew.id), attempt=ATTEMPTS_MAX - 1),
    ]  # fmt: skip
    house.runs.moved_on = {gone.id}
    assert (await house.activities.page(sweep(STUCK))).found == {"seen": 6, "anew": 1, "failing": 3}
    assert house.runs.woken == [anew.id]
    told = [(line["payment_intent"], line["workflow"]) for line in house.said]
    assert told == [(anew.id, "anew"), (older.id, "failing"), ("pi_unrecorded", "failing"), (anew.id, "failing")]


@dataclass
class Returns:
    """Refunds of balances that somebody has to see to."""

    waits: list[Waiting]
    heard: list[str] = field(default_factory=list)

    async def asked(self, id_: str) -> None:
        self.heard.append(id_)

    async def end(self, refund: ChargeRefund, status: str, failure_reason: str | None = None) -> Ended:
        self.heard.append(f"{refund.id} {status}")
        return Ended(refund)

    async def waiting(self, after: tuple[int, str], now: int, most: int) -> list[Waiting]:
        return [one for one in self.waits if (one.refund.created, one.refund.id) > after][:most]


def returned(number: int) -> ChargeRefund:
    return ChargeRefund(
        id=f"re_{number}", charge="", payment_intent="", payment_method="", created=NOW + number, amount=1,
        currency="usd", status="requires_action", customer="cus_1", by_email=True,
    )  # fmt: skip


async def test_refunds_of_balances_are_asked_for_again_and_ended(house: House) -> None:
    waits = [Waiting(returned(number), unasked=number != 2) for number in range(PAGE + 1)]
    gateway, returns = FakeGateway(answers=[GatewayUnavailable("no answer")]), Returns(waits)
    housekeeping = HousekeepingActivities(house.records, house.runs, house.said.append, Payouts(gateway, returns))
    begun = await housekeeping.begin(SweepBeginning(schedule="sweep"))
    assert begun.parts[0] == RETURNS
    first = await housekeeping.page(sweep(RETURNS))
    assert (first.parts, first.found) == ((RETURNS,), {"returns": PAGE - 1, "unanswered": 1})
    assert house.said == [{"refund": "re_0", "unanswered": "no answer"}]
    second = await housekeeping.page(first)
    assert (second.parts, second.found["returns"]) == ((), PAGE)
    assert returns.heard == ["re_1", "re_2 failed", *(f"re_{number}" for number in range(3, PAGE + 1))]
    assert gateway.ended == {"re_2": "failed"}
    assert RETURNS not in (await house.activities.begin(SweepBeginning(schedule="sweep"))).parts


async def test_what_was_kept_for_long_enough_is_forgotten_every_hour(house: House) -> None:
    asked: list[int] = []

    async def forget(now: int) -> tuple[int, bool]:
        asked.append(now)
        return (5_000, True) if len(asked) == 1 else (7, False)

    forgetting = HousekeepingActivities(house.records, house.runs, house.said.append, forget=forget)
    assert FORGOTTEN not in (await forgetting.begin(SweepBeginning(schedule="sweep"))).parts
    assert (await forgetting.begin(SweepBeginning(schedule="sweep-all", whole=True))).parts[0] == FORGOTTEN
    first = await forgetting.page(sweep(FORGOTTEN))
    assert (first.parts, first.found, first.rest_seconds) == ((FORGOTTEN,), {"seen": 5_000}, REST_SECONDS)
    second = await forgetting.page(first)
    assert (second.parts, second.found, asked) == ((), {"seen": 5_007}, [NOW, NOW])
    assert FORGOTTEN not in (await house.activities.begin(SweepBeginning(schedule="sweep-all", whole=True))).parts


UNKNOWN_ATTRIBUTE = RPCError("no mapping defined for search attribute", RPCStatusCode.INVALID_ARGUMENT, b"")
AWAY = RPCError("nobody listens", RPCStatusCode.UNAVAILABLE, b"")


@pytest.mark.parametrize("error", [ValueError("{secret: 4242}"), UNKNOWN_ATTRIBUTE, AWAY])
async def test_one_payment_that_fails_stands_in_nobodys_way(house: House, error: Exception) -> None:
    broken, gone = house.holds(2)
    house.runs.failures[broken.id] = error
    assert (await house.activities.page(sweep(CHANGED))).found == {"seen": 2, "failed": 1, "missing": 1}
    assert house.runs.woken == [gone.id]
    assert [(line["payment_intent"], line["failed"]) for line in house.said] == [(broken.id, type(error).__name__)]
    assert "4242" not in str(house.said), "what failed may quote what it could not read"


@pytest.mark.parametrize(("part", "list_"), [(STUCK, "troubled"), (RUNNING, "page")])
async def test_a_list_that_temporal_does_not_have_ends_its_part_alone(house: House, part: str, list_: str) -> None:
    house.runs.failures[list_] = UNKNOWN_ATTRIBUTE
    done = await house.activities.page(sweep(part, OPEN))
    assert (done.parts, done.found) == ((OPEN,), {"failed": 1})
    assert [(line["part"], line["why"]) for line in house.said] == [(part, UNKNOWN_ATTRIBUTE.message)]


async def test_without_temporals_list_all_that_need_a_workflow_are_asked(house: House) -> None:
    well, gone = house.holds(2)
    house.runs.standings[well.id] = Standing(running=True, intent=well)
    house.runs.failures["running"] = UNKNOWN_ATTRIBUTE
    assert (await house.activities.page(sweep(OPEN))).found == {"seen": 2, "failed": 1, "missing": 1}
    assert sorted(house.runs.asked) == sorted([well.id, gone.id])


async def test_workflows_that_cannot_be_told_are_passed_over(house: House) -> None:
    broken, lost = house.holds(2)
    for intent in (broken, lost):
        house.runs.standings[intent.id] = Standing(running=True, intent=intent)
        del house.projection.records[intent.id]
    house.runs.failures[broken.id] = UNKNOWN_ATTRIBUTE
    assert (await house.activities.page(sweep(RUNNING))).found == {"seen": 2, "failed": 1, "unrecorded": 1}
    house.runs.troubles = [Trouble(each.id, "run", ATTEMPTS_MAX, answered=False) for each in (broken, lost)]
    assert (await house.activities.page(sweep(STUCK))).found == {"seen": 2, "failed": 1, "stuck": 1}


async def test_a_temporal_that_is_away_is_waited_for_and_not_for_ever(house: House) -> None:
    house.holds(1)
    house.runs.failures["running"] = AWAY
    environment = ActivityEnvironment()
    for attempt in range(1, PATIENT_ATTEMPTS):
        environment.info = replace(environment.info, attempt=attempt)
        with pytest.raises(RPCError):
            await environment.run(house.activities.page, sweep(OPEN))
    assert (house.said, house.runs.woken) == ([], [])
    environment.info = replace(environment.info, attempt=PATIENT_ATTEMPTS)
    assert (await environment.run(house.activities.page, sweep(OPEN))).found == {"seen": 1, "failed": 1, "missing": 1}


async def test_a_claim_of_one_that_runs_and_does_not_answer_is_left(house: House) -> None:
    """Signals would pile up in its history: sixty an hour."""
    (intent,) = house.holds(1)
    claim = UnderWay(command=Capture(command_id="cmd_c"), now=NOW - 61)
    house.projection.records[intent.id] = Recorded(intent=intent, under_way=claim)
    house.runs.standings[intent.id] = Standing(running=True)
    assert (await house.activities.page(sweep(CLAIMED))).found == {"seen": 1, "silent": 1}
    assert house.runs.woken == []
    house.runs.standings[intent.id] = Standing(running=True, intent=intent)
    assert (await house.activities.page(sweep(CLAIMED))).found == {"seen": 1, "claimed": 1}
    assert house.runs.woken == [intent.id]
