"""How many go on at once, who waits, who is sent away, and that whoever is sent away has changed nothing."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import func, select

from api.build import OPERATIONS, build, mount
from api.dialect.admission import (
    BURST_SECONDS,
    CLEARLY,
    COMMANDS_MAX,
    FEW,
    LEAST,
    NEED_SAMPLES,
    ROUND_MIN,
    SPREAD,
    START,
    WAIT_SECONDS_MAX,
    Admission,
    Need,
    Pace,
    Shed,
    Turn,
)
from records import idempotency
from records.tables import payment_intents
from tests.api.conftest import Api, error_of


def rounds(pace: Pace, times: int, ours: float, gateway: float = 0.0, *, full: bool = True) -> float:
    """So many rounds of commands that take so long, as many at once as there may be."""
    for _ in range(times):
        for _ in range(max(ROUND_MIN, int(pace.limit) + 1)):
            pace.learn("confirm", ours, ours + gateway, int(pace.limit), full=full)
    return pace.limit


def calm(seconds: float) -> Pace:
    """One that knows what a command needs."""
    pace = Pace(COMMANDS_MAX)
    for _ in range(NEED_SAMPLES):
        pace.learn("confirm", seconds, seconds, 1, full=False)
    return pace


def test_the_limit_grows_while_commands_take_what_they_need_and_never_beyond_the_most() -> None:
    pace = calm(0.02)
    assert rounds(pace, 1, 0.02) > START
    assert rounds(pace, 50, 0.02) == COMMANDS_MAX


def test_it_does_not_grow_while_nobody_needs_it_to() -> None:
    assert rounds(calm(0.02), 50, 0.02, full=False) == START


@pytest.mark.parametrize("seconds", [0.08, 0.5, 15.0])
def test_it_shrinks_while_they_take_longer_and_keeps_the_least(seconds: float) -> None:
    pace = calm(0.02)
    rounds(pace, 50, 0.02)
    assert rounds(pace, 1, seconds) < COMMANDS_MAX
    assert LEAST <= rounds(pace, 50, seconds) < START


@pytest.mark.parametrize(("at_once", "gateway"), [(1, 0.0), (20, 0.0), (1, 2.0)])
def test_it_finds_what_an_engine_carries(at_once: int, gateway: float) -> None:
    """One that works at so many at once, each of which then waits for its gateway."""
    pace = calm(0.02)
    limits = list[float]()
    for _ in range(300):
        # Of the limit, so many are at the gateway as come from the engine while one is there.
        inside = max(1.0, pace.limit - gateway * at_once / 0.02)
        limits.append(rounds(pace, 1, 0.02 * max(1.0, inside / at_once), gateway))
    carried = at_once * (0.02 + gateway) / 0.02
    # Who is at a gateway for seconds does not mind a quarter of that in the engine.
    waiting = 10 + (SPREAD - 1) * at_once * gateway / 0.02
    assert min(carried, COMMANDS_MAX) <= min(limits[100:])
    assert max(limits[100:]) <= carried + waiting


def test_a_gateway_that_does_not_answer_says_nothing_of_us() -> None:
    pace = calm(0.02)
    for _ in range(3_000):
        pace.learn_of_silence(full=True)
    assert pace.limit == COMMANDS_MAX
    assert rounds(pace, 2, 0.02) == COMMANDS_MAX, "what a command needs is what it was"


def test_what_was_measured_in_a_storm_is_not_believed() -> None:
    pace = Pace(COMMANDS_MAX)
    assert rounds(pace, 50, 5.0) < START
    need = Need(5.0)
    for _ in range(NEED_SAMPLES * 50):
        need.learn(0.02, calm=False)
    assert need.seconds == pytest.approx(0.02 / CLEARLY, rel=0.1), "clearly less is believed at any time"
    for _ in range(NEED_SAMPLES * 50):
        need.learn(0.02, calm=True)
    assert need.seconds == pytest.approx(0.02, rel=0.01)
    for _ in range(NEED_SAMPLES * 50):
        need.learn(1.0, calm=False)
    assert need.seconds == pytest.approx(0.02, rel=0.01), "more only at rest"


class House:
    """Requests that stay inside until they are told to go; `inside` are those that are."""

    def __init__(self, most: int = 2, clock: Callable[[], float] = time.monotonic) -> None:
        self.admission = Admission(most, lambda: clock() + self.later)
        self.later = 0.0
        """By how much the time has gone on at once."""
        self.inside = list[str]()
        self._doors = dict[str, asyncio.Event]()

    def enter(self, account: str, name: str) -> asyncio.Task[None]:
        self._doors[name] = asyncio.Event()
        return asyncio.create_task(self._stay(account, name))

    async def _stay(self, account: Hashable, name: str) -> None:
        async with self.admission.turn(account, "confirm", Turn()):
            self.inside.append(name)
            await self._doors[name].wait()
        self.inside.remove(name)

    async def leave(self, name: str) -> None:
        self._doors[name].set()
        await settle()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_no_more_than_the_most_at_once_and_the_accounts_take_turns() -> None:
    house = House(2)
    for name in ("a1", "a2", "a3", "a4"):
        house.enter("a", name)
    for name in ("b1", "b2", "b3"):
        house.enter("b", name)
    await settle()
    assert (house.inside, house.admission.waiting) == (["a1", "a2", "b1"], 4), "who has nothing under way begins"
    await house.leave("a1")
    assert house.inside == ["a2", "b1"], "there is no more room than for two"
    await house.leave("a2")
    await house.leave("b1")
    assert house.inside == ["a3", "b2"], "one of each"
    for name in ("a3", "b2", "a4", "b3"):
        await house.leave(name)
    assert (house.inside, house.admission.waiting, dict(house.admission._of)) == ([], 0, {})


async def test_newcomers_are_let_in_up_to_twice_the_limit() -> None:
    house = House(2)
    for account in "abcdef":
        house.enter(account, account)
    await settle()
    assert (house.inside, house.admission.waiting) == (["a", "b", "c", "d"], 2)
    for name in "abcdef":
        await house.leave(name)
    assert house.inside == []


async def test_who_would_wait_for_too_long_is_sent_away_at_once_and_another_account_is_not() -> None:
    house = House(2)
    assert house.admission.pace is not None
    house.admission.pace.held_seconds = WAIT_SECONDS_MAX
    staying = [house.enter("a", f"a{number}") for number in range(2 + FEW)]
    await settle()
    assert house.admission.waiting == FEW
    house.later = BURST_SECONDS
    with pytest.raises(Shed, match="full"):
        await house.enter("a", "one more")
    staying += [house.enter("b", "b"), house.enter("b", "b2")]
    await settle()
    assert house.inside == ["a0", "a1", "b"]
    assert house.admission.waiting == FEW + 1, "one of theirs waits, however long"
    with pytest.raises(Shed, match="full"):
        await house.enter("b", "b3")
    for name in ("b", "b2", *(f"a{number}" for number in range(2 + FEW))):
        await house.leave(name)
    await asyncio.gather(*staying)


async def test_nobody_of_a_burst_is_sent_away() -> None:
    # A clock that stands still: a busy machine may take longer than a burst lasts to make so many.
    house = House(2, clock=lambda: 0.0)
    assert house.admission.pace is not None
    house.admission.pace.held_seconds = 4 * WAIT_SECONDS_MAX
    burst = [house.enter("a", f"a{number}") for number in range(5 * FEW)]
    await settle()
    assert house.admission.waiting == 5 * FEW - 2
    for number in range(5 * FEW):
        await house.leave(f"a{number}")
    await asyncio.gather(*burst)
    house.later = 10 * BURST_SECONDS
    again = [house.enter("a", f"b{number}") for number in range(5 * FEW)]
    await settle()
    assert house.admission.waiting == 5 * FEW - 2, "nobody has waited meanwhile: it is another burst"
    for number in range(5 * FEW):
        await house.leave(f"b{number}")
    await asyncio.gather(*again)


async def test_a_few_wait_for_as_long_as_it_takes_and_more_for_no_longer_than_was_said() -> None:
    house = House(1)
    tasks = [house.enter("a", f"a{number}") for number in range(3 + FEW)]
    gone = await asyncio.gather(*tasks[2:4], return_exceptions=True)
    assert [isinstance(error, Shed) for error in gone] == [True, True], "and the first is the next"
    assert (house.inside, house.admission.waiting) == (["a0"], FEW)
    staying = [0, 1, *range(4, 3 + FEW)]
    for number in staying:
        await house.leave(f"a{number}")
    await asyncio.gather(*(tasks[number] for number in staying))
    assert house.admission.waiting == 0


async def test_the_first_of_an_account_stays_beside_anothers_flood() -> None:
    house = House(1)
    house.enter("b", "b0")
    await settle()
    flood = [house.enter("a", f"a{number}") for number in range(3 + FEW)]
    patient = house.enter("b", "b1")
    await settle()
    while house.admission.waiting > FEW + 1:
        await asyncio.sleep(0.01)
    await house.leave("a0")
    await house.leave("b0")
    while "b1" not in house.inside:
        await house.leave(house.inside[0])
    await house.leave("b1")
    assert (patient.done(), patient.exception()) == (True, None)
    while house.inside:
        await house.leave(house.inside[0])
    assert sum(isinstance(error, Shed) for error in await asyncio.gather(*flood, return_exceptions=True)) >= 1


@pytest.mark.parametrize("let_in", [False, True])
async def test_who_goes_while_they_wait_leaves_no_trace(let_in: bool) -> None:
    house = House(1)
    house.enter("a", "first")
    gone = house.enter("a", "gone")
    house.enter("a", "next")
    await settle()
    if let_in:
        house._doors["first"].set()
        while not any(waiting.room.done() for queue in house.admission._queues.values() for waiting in queue):
            if "first" not in house.inside:
                break
            await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    await house.leave("first")
    assert house.inside == ["next"]
    await house.leave("next")
    assert (house.inside, house.admission.waiting, house.admission._under_way) == ([], 0, 0)


async def test_who_is_sent_away_and_goes_in_the_same_moment_has_not_begun() -> None:
    house = House(1)
    house.enter("a", "first")
    gone = house.enter("a", "gone")
    await settle()
    house.admission._queues["a"][0].room.set_exception(Shed("waited"))
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    assert gone.cancelled()
    assert (house.admission._under_way, dict(house.admission._of), house.admission.waiting) == (1, {"a": 1}, 0)
    await house.leave("first")
    assert (house.inside, house.admission._under_way) == ([], 0)


async def test_a_flood_for_which_there_is_no_room_is_in_nobodys_way() -> None:
    house = House(2)
    for name in ("a1", "a2", "a3", "a4", "a5"):
        house.enter("a", name)
    for name in ("b1", "b2", "b3"):
        house.enter("b", name)
    await settle()
    assert house.inside == ["a1", "a2", "b1"]
    await house.leave("a1")
    assert house.inside == ["a2", "b1", "b2"], "`a` floods, and the others wait only for each other"
    await house.leave("a2")
    await house.leave("b1")
    assert house.inside == ["b2", "b3"], "nobody of `a` is inside, and there is no room for one of a flood"
    for name in ("b2", "b3", "a3", "a4", "a5"):
        await house.leave(name)
    assert (house.inside, house.admission.waiting) == ([], 0)


async def test_without_a_limit_everybody_goes_on() -> None:
    house = House(0)
    for number in range(500):
        house.enter("a", str(number))
    await settle()
    assert len(house.inside) == 500


@asynccontextmanager
async def full_house(api: Api) -> AsyncIterator[tuple[httpx.AsyncClient, asyncio.Event]]:
    """An API with room for one command, which waits for its gateway."""
    app = build()
    mount(app, replace(api.services, commands_max=1))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {api.secret}"}
    door = api.engine.gateway.hold = asyncio.Event()
    async with httpx.AsyncClient(transport=transport, base_url="http://api", headers=headers) as http:
        first = asyncio.create_task(pay(http, "first"))
        while not api.engine.gateway.calls:
            await asyncio.sleep(0.01)
        yield http, door
        door.set()
        assert (await first).status_code == 200


async def pay(http: httpx.AsyncClient, key: str) -> httpx.Response:
    form = {
        "amount": "1099",
        "currency": "usd",
        "payment_method": "pm_card_visa",
        "confirm": "true",
        "allowed_payment_method_types[]": "card",
    }
    return await http.post("/v1/payment_intents", data=form, headers={"Idempotency-Key": key})


async def test_who_is_sent_away_has_changed_nothing_and_burnt_no_key(api: Api) -> None:
    count = select(func.count()).select_from(payment_intents).where(payment_intents.c.account == api.scope.account)
    async with full_house(api) as (http, door):
        others = [asyncio.create_task(pay(http, f"other {number}")) for number in range(FEW + 1)]
        shed = await next(asyncio.as_completed(others))
        assert (shed.status_code, error_of(shed)["code"]) == (429, "rate_limit")
        assert shed.headers["stripe-should-retry"] == "true"
        assert shed.headers["stripe-rate-limited-reason"] == "global-concurrency"
        keys = select(idempotency.table.c.key).where(idempotency.table.c.account == api.scope.account)
        assert [row.key for row in await api.database.execute(keys)] == ["first"]
        assert (await api.database.execute(count))[0][0] == 1
        door.set()
        assert sorted(answer.status_code for answer in await asyncio.gather(*others)) == [200] * FEW + [429]
        again = await pay(http, shed.headers["idempotency-key"])
        assert (again.status_code, again.json()["status"]) == (200, "succeeded")
    assert len(api.engine.gateway.performed) == FEW + 2


async def test_setups_wait_for_their_turn_as_payments_do(api: Api) -> None:
    form = {"payment_method": "pm_card_visa", "confirm": "true", "allowed_payment_method_types[]": "card"}
    async with full_house(api) as (http, door):
        others = [asyncio.create_task(http.post("/v1/setup_intents", data=form)) for _ in range(FEW + 1)]
        shed = await next(asyncio.as_completed(others))
        assert (shed.status_code, error_of(shed)["code"]) == (429, "rate_limit")
        assert (await http.get("/v1/setup_intents")).json()["data"] == []
        door.set()
        assert sorted(answer.status_code for answer in await asyncio.gather(*others)) == [200] * FEW + [429]


def test_every_path_that_sends_a_command_waits_for_its_turn() -> None:
    asking = {operation.path for operation in OPERATIONS if operation.commands}
    intents = [
        operation.path
        for operation in OPERATIONS
        if operation.method == "POST"
        and operation.path.startswith(("/v1/payment_intents", "/v1/setup_intents", "/v1/refunds"))
    ]
    refunds = ["/v1/charges/{id}/refund", "/v1/charges/{id}/refunds"]
    assert {*intents, *refunds} <= asking
    assert "/v1/payment_intents/{id}/source_cancel" in intents, "Stripe.js's own among them"


async def test_what_asks_nothing_of_a_payment_goes_on(api: Api) -> None:
    async with full_house(api) as (http, _):
        assert (await http.get("/v1/payment_intents")).status_code == 200
        assert (await http.post("/v1/customers", data={"name": "A"})).status_code == 200
        bad = await http.post("/v1/payment_intents", data={"amount": "x", "currency": "usd"})
        assert bad.status_code == 400, "what makes no sense is said at once"
