"""One account's flood beside another's few payments: what the few have to wait for, in a model of an engine.

The engine works at so many commands at once, each at full speed; if there are more, they share it, as processes share
a machine. Time is the model's own, so minutes take a moment, and each run is the same.
"""

import asyncio
import random  # noqa: TID251
import statistics
from dataclasses import dataclass, field

import pytest

from api.dialect.admission import Admission, Shed, Turn
from tests.support.virtual import in_virtual_time

NEEDS_SECONDS = 0.02
SECONDS, FLOODS_FROM = 12.0, 2.0
"""How long a shop is open, and when the flood begins: by then the API knows what a command needs."""


@dataclass
class Engine:
    """Works at `cores` commands at once; `left` is what each that is under way still needs."""

    cores: float
    left: dict[asyncio.Future[None], float] = field(default_factory=dict)
    at: float = 0.0
    timer: asyncio.TimerHandle | None = None

    async def carry_out(self, needs: float) -> None:
        self._go_on()
        done = asyncio.get_running_loop().create_future()
        self.left[done] = needs
        self._look_again()
        await done

    def _go_on(self) -> None:
        """To now: everybody has had their share since."""
        now = asyncio.get_running_loop().time()
        share = (now - self.at) * min(1.0, self.cores / max(1, len(self.left)))
        self.at = now
        for each in self.left:
            self.left[each] -= share
        for each in [each for each, left in self.left.items() if left < 1e-9]:
            del self.left[each]
            each.set_result(None)

    def _look_again(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
        if self.left:
            seconds = min(self.left.values()) / min(1.0, self.cores / len(self.left))
            self.timer = asyncio.get_running_loop().call_later(seconds, self._finish)

    def _finish(self) -> None:
        self._go_on()
        self._look_again()


@dataclass
class Shop:
    """An account's payments, at random moments, so many a second."""

    name: str
    a_second: float
    opens: float = 0.0
    taken: list[float] = field(default_factory=list)
    shed: int = 0

    async def open(self, admission: Admission, engine: Engine, chance: random.Random) -> None:
        """For as long as the model runs; who is sent away does not come again."""
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as buyers:
            due = self.opens + chance.expovariate(self.a_second)
            while due < SECONDS:
                await asyncio.sleep(due - loop.time())
                buyers.create_task(self._pay(admission, engine, chance.uniform(0.75, 1.25) * NEEDS_SECONDS))
                due += chance.expovariate(self.a_second)

    async def _pay(self, admission: Admission, engine: Engine, needs: float) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with admission.turn(self.name, "confirm", turn := Turn()):
                turn.sent = True
                await engine.carry_out(needs)
        except Shed:
            self.shed += 1
            return
        self.taken.append(loop.time() - began)

    @property
    def p99(self) -> float:
        return statistics.quantiles(self.taken, n=100)[98]


def run(cores: int, *shops: Shop) -> None:
    """With an admission of their own, which they share."""

    async def all_at_once() -> None:
        engine, admission = Engine(cores), Admission(elapsing=asyncio.get_running_loop().time)
        async with asyncio.TaskGroup() as open_:
            for number, shop in enumerate(shops):
                open_.create_task(shop.open(admission, engine, random.Random(number)))

    in_virtual_time(all_at_once())


@pytest.mark.parametrize("cores", [2, 8])
def test_another_accounts_flood_leaves_the_slowest_of_the_few_within_twice(cores: int) -> None:
    carried = cores / NEEDS_SECONDS
    alone = Shop("small", 0.2 * carried)
    run(cores, alone)
    beside, flood = Shop("small", 0.2 * carried), Shop("big", 2 * carried, FLOODS_FROM)
    run(cores, beside, flood)
    assert (alone.shed, beside.shed) == (0, 0)
    assert len(beside.taken) == len(alone.taken)
    assert beside.p99 <= 2 * alone.p99, (beside.p99, alone.p99)
    assert flood.shed > 0
    assert len(flood.taken) > 0.5 * carried * (SECONDS - FLOODS_FROM), "and the flood has most of the rest"


def test_who_needs_most_of_the_engine_beside_a_flood_has_it() -> None:
    carried = 2 / NEEDS_SECONDS
    beside, flood = Shop("large", 0.8 * carried), Shop("big", 3 * carried, FLOODS_FROM)
    run(2, beside, flood)
    assert beside.shed == 0
    assert beside.p99 < 0.5, "and hardly waits for it"
    assert flood.taken


@pytest.mark.parametrize("cores", [2, 8])
def test_one_flood_alone_has_everything(cores: int) -> None:
    carried = cores / NEEDS_SECONDS
    before, flood = Shop("big", 0.2 * carried), Shop("big", 2 * carried, FLOODS_FROM)
    run(cores, before, flood)
    assert len(before.taken) + len(flood.taken) > 0.9 * carried * (SECONDS - FLOODS_FROM)


def test_two_floods_share_the_engine_evenly_and_a_third_account_has_its_turn() -> None:
    carried = 2 / NEEDS_SECONDS
    third, one, two = Shop("third", 0.1 * carried), Shop("one", 1.5 * carried), Shop("two", 1.5 * carried)
    run(2, third, one, two)
    assert third.shed == 0
    assert 0.5 < len(one.taken) / len(two.taken) < 2
    assert len(one.taken) + len(two.taken) > 0.6 * carried * SECONDS


QUEUED_SECONDS = 0.5
"""So long the many are there when the ten come for the first time: nobody is sent away yet for having waited."""


@dataclass
class Ten:
    """Ten payments at once, again and again; who is sent away comes again, as client libraries do it."""

    account: str
    slowest: list[float] = field(default_factory=list)
    """Of each ten, in seconds."""

    async def pay(self, admission: Admission, engine: Engine, chance: random.Random) -> None:
        pause = 0.5
        while True:
            try:
                async with admission.turn(self.account, "confirm", turn := Turn()):
                    turn.sent = True
                    await engine.carry_out(chance.uniform(0.75, 1.25) * NEEDS_SECONDS)
                    return
            except Shed:
                await asyncio.sleep(pause * chance.uniform(0.5, 1))
                pause = min(4.0, pause * 2)

    async def come(self, admission: Admission, engine: Engine, times: int) -> None:
        loop, chance = asyncio.get_running_loop(), random.Random(1)
        for _ in range(times):
            began = loop.time()
            await asyncio.gather(*(self.pay(admission, engine, chance) for _ in range(10)))
            self.slowest.append(loop.time() - began)
            await asyncio.sleep(0.3)


def tens(cores: int, queued: int, times: int) -> float:
    """The slowest of so many tens, while another account has so many that wait."""
    ten, flood = Ten("small"), Ten("big")

    async def both() -> None:
        engine, admission = Engine(cores), Admission(elapsing=asyncio.get_running_loop().time)
        await Ten("small").come(admission, engine, 4)
        chance = random.Random(2)
        waiting = [asyncio.create_task(flood.pay(admission, engine, chance)) for _ in range(queued)]
        await asyncio.sleep(QUEUED_SECONDS)
        await ten.come(admission, engine, times)
        assert queued == 0 or not all(each.done() for each in waiting), "they are there all the time"
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    in_virtual_time(both())
    return max(ten.slowest)


def test_ten_of_one_account_beside_five_thousand_of_another_take_at_most_twice_as_long() -> None:
    alone, beside = tens(2, 0, 6), tens(2, 5_000, 6)
    assert beside <= 2 * alone, (beside, alone)
