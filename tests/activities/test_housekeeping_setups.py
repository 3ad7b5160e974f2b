"""SetupIntents in a sweep: who is waited for too long, whose workflow is gone, and what the gateway owes, is woken."""

from dataclasses import replace

import pytest

from activities.housekeeping import HousekeepingActivities
from contracts.housekeeping import CLAIMED, OF_SETUPS, OPEN, OWED, RUNNING, STUCK
from domain.machine.fence import Recorded, UnderWay
from domain.machine.housekeeping import ATTEMPTS_MAX, CLAIM_SECONDS, LATE_SECONDS, Standing, Trouble
from domain.machine.setups.conclusions import AUTHENTICATION_SECONDS
from domain.machine.setups.transitions import carry_out, leave_unknown
from domain.methods.microdeposits import WINDOW_SECONDS
from domain.model.commands import Cancel, Confirm
from domain.model.outcomes import AuthenticationRequired, Outcome, VerificationRequired
from domain.model.setup_intent import SetupIntent
from tests.activities.test_housekeeping import FakeRuns, sweep
from tests.domain.machine.test_setups import CONSENTING, decided
from tests.support.builders import NOW, make_method, make_setup
from tests.support.fakes import MemoryProjection, MemorySetups
from tests.support.unfinished import MemoryUnfinished

CHALLENGE = AuthenticationRequired(authentication="authn_1", url="https://bank.example/authn_1")
DEPOSITS = VerificationRequired(
    verification="verif_1", microdeposit_type="amounts", arrival_date=NOW, url="https://pay.example"
)


class House:
    """SetupIntents, their workflows, and a sweep over them at `time`."""

    def __init__(self) -> None:
        self.records, self.runs = MemorySetups(), FakeRuns()
        self.unfinished = MemoryUnfinished(self.records, time=NOW)
        payments = MemoryUnfinished(MemoryProjection(), time=NOW)
        self.activities = HousekeepingActivities(
            payments, FakeRuns(), lambda _: None, setups=(self.unfinished, self.runs)
        )

    def holds(self, setup: SetupIntent, *, begun: int | None = None, runs: bool = True) -> SetupIntent:
        under_way = UnderWay(command=Cancel(command_id="c"), now=begun) if begun is not None else None
        self.records.records[setup.id] = Recorded(intent=setup, under_way=under_way)
        if runs:
            self.runs.standings[setup.id] = Standing(running=True, intent=setup)
        return setup

    async def swept(self, part: str, now: int) -> tuple[list[str], dict[str, int]]:
        looked = replace(sweep(f"{OF_SETUPS}{part}"), now=now, until=now)
        found = (await self.activities.page(looked)).found
        return self.runs.woken, found


@pytest.fixture
def house() -> House:
    return House()


def asked(outcome: Outcome, type_: str = "card") -> SetupIntent:
    """One that waits for its owner."""
    card = type_ == "card"
    method = make_method() if card else make_method(type=type_, card=None)
    command = Confirm(payment_method=method, changes={} if card else CONSENTING)
    first = make_setup(payment_method_types=(type_,))
    return carry_out(first, command, decided(first, command), outcome, NOW).after


@pytest.mark.parametrize(
    ("outcome", "type_", "seconds"),
    [(CHALLENGE, "card", AUTHENTICATION_SECONDS), (DEPOSITS, "us_bank_account", WINDOW_SECONDS)],
)
async def test_who_was_waited_for_too_long(house: House, outcome: Outcome, type_: str, seconds: int) -> None:
    setup = house.holds(asked(outcome, type_))
    assert await house.swept(OPEN, NOW + seconds + LATE_SECONDS) == ([], {"seen": 1}), "its own timer comes first"
    assert await house.swept(OPEN, NOW + seconds + LATE_SECONDS + 1) == ([setup.id], {"seen": 1, "overdue": 1})


async def test_whose_workflow_is_gone(house: House) -> None:
    waits = house.holds(asked(CHALLENGE), runs=False)
    house.holds(make_setup(), runs=False)
    assert await house.swept(OPEN, NOW) == ([waits.id], {"seen": 2, "missing": 1}), "one that may be parked may be gone"


async def test_whose_workflow_knows_less(house: House) -> None:
    setup = house.holds(asked(CHALLENGE))
    house.runs.standings[setup.id] = Standing(running=True, intent=replace(setup, version=1))
    looked = replace(sweep(f"{OF_SETUPS}{OPEN}"), compare=True)
    assert (await house.activities.page(looked)).found == {"seen": 1, "behind": 1}
    assert house.runs.woken == [setup.id]


async def test_what_was_begun_and_not_recorded(house: House) -> None:
    setup = house.holds(asked(CHALLENGE), begun=NOW)
    assert await house.swept(CLAIMED, NOW + CLAIM_SECONDS - 1) == ([], {})
    assert await house.swept(CLAIMED, NOW + CLAIM_SECONDS) == ([setup.id], {"seen": 1, "claimed": 1})


async def test_what_the_gateway_owes_while_nobody_asks(house: House) -> None:
    first, command = make_setup(), Confirm(payment_method=make_method())
    decision = decided(first, command)
    assert decision.effect is not None
    owing = house.holds(leave_unknown(first, command, decision, decision.effect, NOW).after, runs=False)
    assert await house.swept(OWED, NOW + CLAIM_SECONDS + 1) == ([owing.id], {"seen": 1, "missing": 1})


async def test_a_workflow_of_one_that_has_ended_or_of_none(house: House) -> None:
    first = make_setup()
    ended = carry_out(first, Cancel(), decided(first, Cancel()), None, NOW).after
    house.holds(ended)
    house.runs.standings["seti_gone"] = Standing(running=True, intent=first)
    house.holds(asked(CHALLENGE))
    woken, found = await house.swept(RUNNING, NOW)
    assert (sorted(woken), found) == (sorted([ended.id, "seti_gone"]), {"seen": 3, "ended": 1, "unrecorded": 1})


async def test_a_task_that_does_not_get_done(house: House) -> None:
    house.runs.troubles = [Trouble("seti_1", "run", ATTEMPTS_MAX, answered=False)]
    assert await house.swept(STUCK, NOW) == ([], {"seen": 1, "stuck": 1})
    assert house.runs.back == ["seti_1"]
