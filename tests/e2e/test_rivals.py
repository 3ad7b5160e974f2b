"""Rivals and a part that dies: commands to one payment are under way when a part is killed or frozen.

Whatever the order, the gateway's book, the charge, the intent, its workflow, the events and every acknowledged answer
agree. A few rounds here; `make rivals` makes PERDURE_RIVALS_ROUNDS of each, from PERDURE_RIVALS_SEED.
"""

import contextlib
import os
import random  # noqa: TID251
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from tests.e2e.conftest import Running
from tests.e2e.storm import rivals
from tests.e2e.storm.order import Order
from tests.e2e.storm.parts import PARTS, Parts
from tests.e2e.storm.shop import Shop
from tests.e2e.storm.verdict import judge

ROUNDS = int(os.environ.get("PERDURE_RIVALS_ROUNDS", "1"))  # noqa: TID251
SEED = int(os.environ.get("PERDURE_RIVALS_SEED", "20261127"))  # noqa: TID251
HOLDS = 10

pytestmark = pytest.mark.timeout(14_400)


@pytest.fixture
def shop(fresh: Running) -> Iterator[Shop]:
    fresh.start()
    with contextlib.closing(Shop(fresh)) as shop:
        yield shop


def order_of(shop: Shop, number: str) -> Order:
    return Order(shop, number, random.Random(f"{SEED}/{number}"))


def at_once(orders: Sequence[Order], do: Callable[[Order], object], meanwhile: Callable[[], object]) -> None:
    """The same with each payment at the same moment, and something else meanwhile."""
    start = threading.Event()

    def run(order: Order) -> None:
        start.wait()
        do(order)

    with ThreadPoolExecutor(len(orders)) as clients:
        running = [clients.submit(run, order) for order in orders]
        start.set()
        meanwhile()
        for done in running:
            done.result()


def prepared(shop: Shop, where: str, name: str, count: int = HOLDS) -> list[Order]:
    orders = [order_of(shop, f"{name}-{index}") for index in range(count)]
    with ThreadPoolExecutor(count) as clients:
        list(clients.map(lambda order: rivals.prepare(order, where), orders))
    return orders


def after(seconds: float, do: Callable[[], object]) -> Callable[[], object]:
    """Time is the input here: how far each command has come when the part dies."""

    def run() -> None:
        time.sleep(seconds)
        do()

    return run


CLASSICS: dict[str, tuple[str, str, Sequence[str]]] = {
    "capture, cancel, update": ("held", "capture", ("capture", "cancel", "update")),
    "confirm, update of the amount": ("ready", "authorize", ("confirm", "update")),
}


def test_admitted_commands_and_a_server_that_forgets_them(fresh: Running, shop: Shop) -> None:
    """Ten payments; a gateway that takes 0.7 s; rivals 150 and 200 ms later; kill -9 of Temporal at 0.5 s."""
    parts, orders = Parts(fresh), list[Order]()
    for round_ in range(ROUNDS):
        for where, slow, names in CLASSICS.values():
            payments = prepared(shop, where, f"{slow}-{round_}")
            orders += payments
            fresh.faults(latency_ms=700, operations=[slow])
            at_once(
                payments,
                partial(rivals.compete, names=names, where=where, pauses=(0.0, 0.15, 0.2)),
                after(0.5, lambda: parts.kill("temporal")),
            )
            fresh.wait_for(fresh.ready)
            fresh.faults()
    verdict = judge(fresh, shop, parts, orders)
    print(f"{'; '.join(CLASSICS)}: {verdict.line}")  # noqa: T201
    assert verdict.faults == [], verdict.story


TRIALS = [(manner, part) for manner in ("kill", "freeze") for part in PARTS]
TOGETHER = [TRIALS] if ROUNDS == 1 else [[trial] for trial in TRIALS]
"""Few rounds: all on one engine, some of the pairs each. Many: each way to break each part on an engine of its own."""

PAIRS_AT_ONCE = 8 if ROUNDS == 1 else len(rivals.PAIRS)
SLOWNESS = [{"latency_ms": 700}, {"answer_latency_ms": 700}, {"latency_ms": 250}]
MOVES = ["authorize", "capture", "void", "increment", "refund"]


def named(trials: Sequence[tuple[str, str]]) -> str:
    return "everything" if len(trials) > 1 else " ".join(trials[0])


@pytest.mark.parametrize("trials", TOGETHER, ids=named)
def test_every_pair_of_commands(fresh: Running, shop: Shop, trials: Sequence[tuple[str, str]]) -> None:
    """Pairs side by side, each on a payment of its own, and a part dies or freezes among them."""
    parts, orders, began = Parts(fresh), list[Order](), time.monotonic()
    for round_ in range(ROUNDS):
        for manner, part in trials:
            dice = random.Random(f"{SEED}/{manner}/{part}/{round_}")
            orders += clash(fresh, shop, parts, dice, f"{manner}-{part}-{round_}")
        if round_ % 10 == 9:
            print(f"{time.monotonic() - began:6.0f} s  {round_ + 1} rounds of {named(trials)}", flush=True)  # noqa: T201
    verdict = judge(fresh, shop, parts, orders)
    print(f"every pair, {named(trials)}: {verdict.line}", flush=True)  # noqa: T201
    assert verdict.faults == [], verdict.story


def clash(running: Running, shop: Shop, parts: Parts, dice: random.Random, name: str) -> list[Order]:
    """One round: prepared in peace, then all at once, and `name` begins with what breaks."""
    manner, part, _ = name.split("-")
    chosen = dice.sample(rivals.PAIRS, PAIRS_AT_ONCE)
    orders = [order_of(shop, f"{name}-{one}-{other}") for one, other in chosen]
    pairs = dict(zip((order.number for order in orders), chosen, strict=True))
    with ThreadPoolExecutor(8) as clients:
        list(clients.map(lambda order: rivals.prepare(order, rivals.ground(pairs[order.number])), orders))
    running.faults(**dice.choice(SLOWNESS), operations=MOVES)
    pause, moment, seconds = dice.uniform(0, 0.3), dice.uniform(0.1, 1.2), dice.uniform(0.5, 4.0)

    def race(order: Order) -> None:
        names = pairs[order.number]
        rivals.compete(order, names, rivals.ground(names), (0.0, pause))

    def break_it() -> None:
        parts.kill(part) if manner == "kill" else parts.freeze(part, seconds)

    at_once(orders, race, after(moment, break_it))
    running.wait_for(running.ready)
    running.faults()
    return orders
