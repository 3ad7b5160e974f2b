"""A storm: thousands of mixed payments and rivals, while parts die and freeze and the gateway is in every mood.

Everything random comes from the seed: what is paid how, what breaks when and for how long, which moods the gateway has.
"""

import random  # noqa: TID251
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.e2e.conftest import Running
from tests.e2e.storm.order import Order
from tests.e2e.storm.parts import PARTS, Parts
from tests.e2e.storm.payments import pay
from tests.e2e.storm.shop import Shop

CLIENTS = 32
"""At once: enough to keep two cores busy while a part is away, and to have commands under way whenever one dies."""

STALLED_SECONDS = 600
SHORTEST_FREEZE, USUAL_FREEZE, LONGEST_FREEZE = 0.5, 1.0, 8.0
MOVES = ["authorize", "capture", "void", "increment", "refund", "settlement"]

MOODS: list[tuple[int, dict[str, Any]]] = [
    (3, {}),
    (3, {"error_rate": 0.05, "drop": "after", "drop_rate": 0.05}),
    (2, {"error_rate": 0.05, "drop": "before", "drop_rate": 0.05}),
    (2, {"latency_ms": 400, "operations": MOVES}),
    (2, {"answer_latency_ms": 600, "operations": MOVES}),
    (1, {"drop": "after", "drop_rate": 0.5, "operations": ["capture", "refund", "void"]}),
]
"""How the gateway can be, and how often; how its news come is diced beside it."""

NEWS = [[], [], ["late"], ["twice"], ["early"], ["lost"], ["shuffled", "twice"], ["early", "twice"], ["lost", "late"]]


@dataclass(frozen=True, slots=True)
class Blow:
    """One thing that breaks: parts killed at once, or one frozen for so long, perhaps while another is killed."""

    killed: tuple[str, ...] = ()
    frozen: str | None = None
    seconds: float = 0.0


def blows(dice: random.Random, kills: int, freezes: int, parts: Sequence[str] = PARTS) -> list[Blow]:
    """So many kills, a third of them two at once, and so many freezes, a fourth of them with a kill, in any order.

    Each part comes as often as any other.
    """
    victims, frozen, planned = _in_turn(dice, parts), _in_turn(dice, parts), list[Blow]()
    for number in range(freezes):
        part = next(frozen)
        killed = tuple(victim for victim in (next(victims),) if victim != part and number % 4 == 0)[:kills]
        kills -= len(killed)
        planned.append(Blow(killed, part, dice.triangular(SHORTEST_FREEZE, LONGEST_FREEZE, USUAL_FREEZE)))
    while kills > 0:
        killed = tuple({next(victims) for _ in range(2 if kills > 1 and dice.random() < 0.2 else 1)})
        kills -= len(killed)
        planned.append(Blow(tuple(sorted(killed))))
    dice.shuffle(planned)
    return planned


def _in_turn(dice: random.Random, parts: Sequence[str]) -> Iterator[str]:
    """Each part, then each again, in an order that changes."""
    while True:
        yield from dice.sample(parts, len(parts))


@dataclass
class Storm:
    """One run."""

    running: Running
    seed: int
    broken_by: Callable[[Running], Parts] = Parts
    parts: Parts = field(init=False)
    shop: Shop = field(init=False)
    orders: list[Order] = field(default_factory=list)
    _done: list[Future[Order]] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.parts, self.shop = self.broken_by(self.running), Shop(self.running)

    def close(self) -> None:
        """Nobody buys any more."""
        self.shop.close()

    def blow(self, payments: int, kills: int, freezes: int) -> list[Order]:
        """Make so many payments, while so much breaks, spread evenly over them."""
        dice = random.Random(self.seed)
        planned = blows(dice, kills, freezes, self.parts.names)
        with ThreadPoolExecutor(CLIENTS) as pool:
            paying = [pool.submit(pay, self.shop, self.seed, number) for number in range(payments)]
            for future in paying:
                future.add_done_callback(self._done.append)
            try:
                for number, blow in enumerate(planned):
                    self._mood(dice)
                    self._await((number + 1) * payments // (len(planned) + 1))
                    self._strike(blow, dice)
                    if number % 25 == 24:
                        self._tell()
                self.orders = [future.result() for future in paying]
            except BaseException:
                # Something is wrong: no more payments, so that somebody can look.
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return self.orders

    def _strike(self, blow: Blow, dice: random.Random) -> None:
        if blow.frozen is None:
            self.parts.kill(*blow.killed)
            return
        with self.parts.frozen(blow.frozen):
            # For so long it is frozen: the time is what is tried.
            early = dice.uniform(0, blow.seconds)
            time.sleep(early)
            if blow.killed:
                self.parts.kill(*blow.killed)
            time.sleep(blow.seconds - early)

    def _mood(self, dice: random.Random) -> None:
        """The gateway's next mood; a simulator that is just away comes back without one, and gets the next."""
        mood = dice.choices([mood for _, mood in MOODS], [weight for weight, _ in MOODS])[0]
        faults = {**mood, "news": dice.choice(NEWS), "seed": dice.randrange(1_000_000)}
        try:
            self.running.faults(**faults)
        except httpx.HTTPError:
            return

    def _await(self, share: int) -> None:
        """Until so many payments are made; one that failed ends the storm."""
        looked = 0

        def there() -> bool:
            nonlocal looked
            for future in self._done[looked:]:
                future.result()
                looked += 1
            return looked >= share

        self.running.wait_for(there, STALLED_SECONDS)

    def _tell(self) -> None:
        seconds = time.monotonic() - self._began
        kills, freezes = sum(self.parts.count("kill").values()), sum(self.parts.count("freeze").values())
        print(f"{seconds:6.0f} s  {len(self._done)} payments, {kills} kills, {freezes} freezes", flush=True)  # noqa: T201
