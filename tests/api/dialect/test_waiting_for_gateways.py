"""A gateway that takes seconds costs no payments: as many are under way as the engine has work for, and those who wait.

In the model of an engine of test_fairness.py: its own time, and each run is the same.
"""

import asyncio
import math
import random  # noqa: TID251
from dataclasses import dataclass

import pytest

from api.dialect.admission import Admission, Shed, Turn
from tests.api.dialect.test_fairness import Engine
from tests.support.virtual import in_virtual_time

CORES, NEEDS_SECONDS, BUYERS, SECONDS = 2, 0.05, 128, 50.0
P50, P99 = 1.2, 4.0
SIGMA = math.log(P99 / P50) / 2.3263
AGAIN_SECONDS = 0.5


@dataclass
class Buyers:
    """So many, each of whom pays again once they have paid; and how many had paid in the second half."""

    lag_seconds: float
    """What each payment takes besides, without work for the engine: a machine that others use as well."""

    paid: int = 0

    async def pay(self, admission: Admission, engine: Engine, chance: random.Random) -> None:
        loop = asyncio.get_running_loop()
        while loop.time() < SECONDS:
            try:
                async with admission.turn("shop", "confirm", turn := Turn()):
                    turn.sent = True
                    await engine.carry_out(NEEDS_SECONDS / 2)
                    await asyncio.sleep(self.lag_seconds * chance.uniform(0.5, 1.5))
                    turn.asked_seconds = P50 * math.exp(chance.gauss(0, SIGMA))
                    await asyncio.sleep(turn.asked_seconds)
                    await engine.carry_out(NEEDS_SECONDS / 2)
                self.paid += SECONDS / 2 < loop.time() < SECONDS
            except Shed:
                await asyncio.sleep(AGAIN_SECONDS)

    def all_pay(self) -> float:
        """Payments a second, by what the engine carries."""

        async def at_once() -> None:
            engine, admission = Engine(CORES), Admission(elapsing=asyncio.get_running_loop().time)
            chance = random.Random(1)
            await asyncio.gather(*(self.pay(admission, engine, chance) for _ in range(BUYERS)))

        in_virtual_time(at_once())
        return self.paid / (SECONDS / 2) / (CORES / NEEDS_SECONDS)


@pytest.mark.parametrize(("lag_seconds", "least"), [(0.0, 0.95), (0.6, 0.8)])
def test_as_many_are_paid_as_if_nobody_had_to_wait_for_the_gateway(lag_seconds: float, least: float) -> None:
    assert Buyers(lag_seconds).all_pay() >= least
