"""Rivals: several commands to one payment at the same moment, each from a client of its own."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.e2e.storm.order import FLEXIBLE, GaveUp, Order

COMMANDS = ("confirm", "capture", "cancel", "increment", "refund", "update", "notification", "expiry")
PAIRS = [(one, other) for index, one in enumerate(COMMANDS) for other in COMMANDS[index:]]
"""Every pair of the eight, each with itself as well."""

AMOUNT = 1_000
HOLD: dict[str, Any] = {"capture_method": "manual", "payment_method_options": FLEXIBLE}


def ground(names: Sequence[str]) -> str:
    """Where the commands can all make a difference."""
    told = set(names)
    if "notification" in told and "expiry" in told:
        return "voucher"
    if "notification" in told:
        return "pending" if "refund" in told else "asked"
    if "confirm" in told:
        return "ready"
    if told == {"refund"}:
        return "taken"
    return "partly" if "refund" in told else "held"


def prepare(order: Order, where: str) -> None:
    """Bring a payment there."""
    match where:
        case "ready":
            order.create(AMOUNT, "ok", confirm=False, **HOLD)
        case "asked":
            order.create(AMOUNT, "challenge", **HOLD)
            order.settled()
        case "voucher":
            never = {"type": "oxxo", "billing_details": {"name": "Jenny", "email": "fill_never@example.com"}}
            order.create(
                AMOUNT, "voucher", currency="mxn", allowed_payment_method_types=["oxxo"], payment_method_data=never
            )
            order.settled()
        case "taken":
            order.create(AMOUNT, "ok")
            order.settled()
        case "pending":
            order.create(AMOUNT, "ok", payment_method="pm_card_pendingRefund")
            order.settled()
            order.refund(150)
        case _:
            order.create(AMOUNT, "ok", **HOLD)
            order.settled()
            if where == "partly":
                order.capture(300, more=True)
                order.settled()


def command(order: Order, name: str, where: str) -> Callable[[int], object]:
    """What a client does; its place among the rivals makes what it asks for its own."""
    match name:
        case "confirm":
            return lambda _: order.confirm("ok" if where == "asked" else None)
        case "capture":
            return lambda place: order.capture((400 if where == "partly" else 900) - place)
        case "cancel":
            return lambda _: order.cancel()
        case "increment":
            return lambda place: order.increment(AMOUNT + 500 + place)
        case "refund":
            return lambda place: order.refund(100 + place)
        case "update" if where == "ready":
            return lambda place: order.change_amount(AMOUNT + 1_500 + place)
        case "update":
            return lambda place: order.note(f"note{place}")
        case "expiry":
            return lambda _: order.pass_time(8)
        case _:
            return lambda place: notify(order, where, place)


def notify(order: Order, where: str, place: int) -> None:
    """The buyer, or their bank, does what the gateway tells the engine of."""
    if where == "asked":
        order.authenticate(yes=place != 2)
    if where == "voucher":
        order.pay_shown_voucher()


def compete(order: Order, names: Sequence[str], where: str, pauses: Sequence[float]) -> None:
    """All at once, the later ones so many seconds after the first."""

    def run(place: int) -> None:
        time.sleep(pauses[place])
        try:
            command(order.beside(str(place)), names[place], where)(place)
        except GaveUp:
            return

    with ThreadPoolExecutor(len(names)) as clients:
        for done in [clients.submit(run, place) for place in range(len(names))]:
            done.result()


def race(order: Order, names: Sequence[str]) -> None:
    """Prepare a payment, and let them compete."""
    where = ground(names)
    prepare(order, where)
    spread = order.dice.choice([0.0, 0.05, 0.3])
    compete(order, names, where, [order.dice.uniform(0, spread) for _ in names])
