"""What a part takes with it when it goes: commands nobody repeats, a whole Temporal database, a statement under way.

Each was tried against an older engine and left payments stuck or facts told twice.
"""

import contextlib
import random  # noqa: TID251
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Running
from tests.e2e.storm import payments
from tests.e2e.storm.order import GaveUp, Order
from tests.e2e.storm.parts import Parts
from tests.e2e.storm.rivals import HOLD, prepare
from tests.e2e.storm.shop import Shop
from tests.e2e.storm.verdict import judge
from tests.support import patient

pytestmark = pytest.mark.timeout(1_800)
COUNT = 6


@pytest.fixture
def shop(fresh: Running) -> Iterator[Shop]:
    fresh.start()
    with contextlib.closing(Shop(fresh)) as shop:
        yield shop


def orders_of(shop: Shop, name: str, count: int, **more: Any) -> list[Order]:
    return [Order(shop, f"{name}-{index}", random.Random(index), **more) for index in range(count)]


def each(orders: Sequence[Order], do: Callable[[Order], object]) -> None:
    with ThreadPoolExecutor(len(orders)) as clients:
        list(clients.map(do, orders))


def sound(running: Running, shop: Shop, parts: Parts, orders: Sequence[Order]) -> None:
    verdict = judge(running, shop, parts, orders)
    print(verdict.line)  # noqa: T201
    assert verdict.faults == [], verdict.story


def confirm_and_leave(order: Order) -> None:
    """The client asks once and is never seen again."""
    try:
        order.ask_once("confirm", lambda c, options: c.v1.payment_intents.confirm(order.id, {}, options))
    except GaveUp:
        return


def lost_in_the_middle(running: Running, parts: Parts, orders: Sequence[Order]) -> None:
    """The gateway acts while Temporal is frozen; then worker and Temporal are killed, and nobody repeats anything."""
    running.faults(latency_ms=900, operations=["authorize"])
    with ThreadPoolExecutor(len(orders)) as clients:
        asked = [clients.submit(confirm_and_leave, order) for order in orders]
        # How far everything has come is what is tried.
        time.sleep(0.55)
        with parts.frozen("temporal"):
            time.sleep(0.9)
        parts.kill("worker", "temporal")
        for done in asked:
            done.result()
    running.wait_for(running.ready)
    running.faults()


def asked_for(running: Running, orders: Sequence[Order]) -> dict[str, str]:
    """The bank's questions to buyers, by PaymentIntent, from the gateway's own book."""
    data = Path(running.environment["PERDURE_DATA_DIR"])
    with sqlite3.connect(f"file:{data / 'simulator.db'}?mode=ro", uri=True) as db:
        rows = db.execute("SELECT reference, id FROM authentications WHERE state = 'pending'").fetchall()
    return {reference: id_ for reference, id_ in rows if reference in {order.id for order in orders}}


def test_a_buyer_answers_though_nobody_repeated_the_confirmation(fresh: Running, shop: Shop) -> None:
    parts, orders = Parts(fresh), orders_of(shop, "challenged", COUNT)
    each(orders, lambda order: order.create(1_000, "challenge", confirm=False))
    lost_in_the_middle(fresh, parts, orders)
    for intent, authentication in asked_for(fresh, orders).items():
        began = time.monotonic()
        patient.post(f"{fresh.simulator}/authentications/{authentication}", json={"authenticated": True})
        shop.witness("authenticate", intent, began, authenticated=True)
    sound(fresh, shop, parts, orders)


def test_a_hold_is_released_though_nobody_repeated_the_confirmation(fresh: Running, shop: Shop) -> None:
    parts, orders = Parts(fresh), orders_of(shop, "held", COUNT)
    each(orders, lambda order: order.create(1_000, "ok", confirm=False, **HOLD))
    lost_in_the_middle(fresh, parts, orders)
    each(orders, lambda order: order.pass_time(8))
    sound(fresh, shop, parts, orders)


def test_the_temporal_database_is_lost(fresh: Running, shop: Shop) -> None:
    """Whatever comes next revives each payment: the buyer's answer, the bank's, the counter's, its time."""
    parts = Parts(fresh)
    challenged, vouchers = orders_of(shop, "challenged", 3), orders_of(shop, "voucher", 3)
    debits, holds, kept = orders_of(shop, "debit", 4), orders_of(shop, "hold", 3), orders_of(shop, "kept", 3)
    each(challenged, lambda order: prepare(order, "asked"))
    each(vouchers, lambda order: prepare(order, "voucher"))
    each([*holds, *kept], lambda order: prepare(order, "held"))
    each(debits, lambda order: payments.debited(order, 1_000))
    fresh.kill_all()
    for file in Path(fresh.environment["PERDURE_DATA_DIR"]).glob("temporal.db*"):
        file.unlink()
    fresh.start()
    each(challenged, lambda order: order.authenticate())
    each(vouchers, lambda order: order.pay_shown_voucher())
    each(holds, lambda order: order.pass_time(8))
    each(kept, lambda order: order.capture(900))
    sound(fresh, shop, parts, [*challenged, *vouchers, *debits, *holds, *kept])


def test_postgres_freezes_in_the_middle_of_its_statements(fresh: Running, shop: Shop) -> None:
    """A statement that was given up on commits when its server goes on; each fact is told once all the same."""
    parts, orders = Parts(fresh), orders_of(shop, "frozen", 48)
    each(orders, lambda order: order.create(1_000, "ok", confirm=False))
    with ThreadPoolExecutor(len(orders)) as clients:
        asked = [clients.submit(order.confirm) for order in orders]
        parts.freeze("postgres", 15)
        for done in asked:
            done.result()
    sound(fresh, shop, parts, orders)
