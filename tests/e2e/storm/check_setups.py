"""What is wrong with a storm's SetupIntents: record, workflow, the bank's answers, events, the method that is kept."""

from collections import Counter
from collections.abc import Iterable, Iterator

from tests.e2e.storm.books import Books, Row
from tests.e2e.storm.faults import ENDED, Fault, stored, workflow_faults
from tests.e2e.storm.order import Order, setup_of
from tests.e2e.storm.shop import Deed


def check_setups(books: Books, orders: Iterable[Order], by_whom: dict[str, list[Deed]]) -> Iterator[Fault]:
    """Everything that is wrong with the SetupIntents of these orders."""
    by_order: dict[str, list[Row]] = {}
    for row in books.setups.values():
        by_order.setdefault((row["data"].get("metadata") or {}).get("order", ""), []).append(row)
    for order in orders:
        rows = by_order.get(order.number, [])
        deeds = by_whom.get(setup_of(order.number), []) + (by_whom.get(order.setup, []) if order.setup else [])
        shown = [deed for deed in deeds if deed.shown]
        if shown and not rows:
            yield Fault(order.setup, "lost", "acknowledged, and not in the records")
        if len(rows) > 1:
            yield Fault(rows[0]["id"], "doubled", f"one order, {len(rows)} SetupIntents")
        for row in rows:
            yield from _of_setup(books, row, shown)


def _of_setup(books: Books, row: Row, shown: list[Deed]) -> Iterator[Fault]:
    yield from _of_answers(row, shown)
    yield from workflow_faults(books, row, told=bool(shown), names=("version", "status"))
    yield from _of_gateway(books, row)
    yield from _of_events(books, row)
    inside, shown_status = stored(row["data"], "status"), books.shown.get(row["id"], {}).get("status")
    if {inside, shown_status} != {row["status"]}:
        told = f"{row['status']} in its column, {inside} in its record, and the API shows {shown_status}"
        yield Fault(row["id"], "wrong", told)
    if row["status"] == "processing" or row["data"].get("pending") or row["under_way"] is not None:
        yield Fault(row["id"], "stuck", f"{row['status']}, under way: {row['under_way']}")


def _of_answers(row: Row, shown: list[Deed]) -> Iterator[Fault]:
    """Once somebody was told that it has ended, it has ended so."""
    told = {str((deed.shown or {})["status"]) for deed in shown} & set(ENDED)
    if told - {row["status"]}:
        yield Fault(row["id"], "wrong", f"{row['status']}, and an answer said {sorted(told)}")
    if any(deed.name == "cancel" and deed.status == 200 for deed in shown) and row["status"] != "canceled":
        yield Fault(row["id"], "wrong", f"{row['status']}, and its cancellation was acknowledged")


def _of_gateway(books: Books, row: Row) -> Iterator[Fault]:
    """Its bank has said yes once where it succeeded, and never where it did not; only then is its method kept."""
    id_, succeeded = row["id"], row["status"] == "succeeded"
    yes = sum(answer.get("type") == "approved" for answer in books.gateway.set_up[id_])
    if yes != int(succeeded):
        yield Fault(id_, "doubled" if yes > 1 else "wrong", f"{row['status']}, and its bank said yes {yes} times")
    good = sum(attempt["status"] == "succeeded" for attempt in books.attempts.get(id_, []))
    if good != int(succeeded):
        yield Fault(id_, "wrong", f"{row['status']}, and {good} of its attempts succeeded")
    if succeeded and books.owners.get(row["payment_method"]) != row["customer"]:
        yield Fault(id_, "lost", f"{row['payment_method']} was set up, and is not its customer's")


def _of_events(books: Books, row: Row) -> Iterator[Fault]:
    told = Counter(event["type"] for event in books.events.get(row["id"], []))
    failed = sum(attempt["status"] == "failed" for attempt in books.attempts.get(row["id"], []))
    facts = {
        "setup_intent.created": 1,
        "setup_intent.succeeded": int(row["status"] == "succeeded"),
        "setup_intent.canceled": int(row["status"] == "canceled"),
        "setup_intent.setup_failed": failed,
    }
    for type_, right in facts.items():
        if told[type_] != right:
            kind = "doubled" if told[type_] > right else "lost"
            yield Fault(row["id"], kind, f"{told[type_]} events {type_}, not {right}")
