"""What happened to one payment, side by side, for people: deeds, breakages, the gateway's entries, records, events."""

from collections.abc import Iterable

from tests.e2e.storm.books import Books
from tests.e2e.storm.faults import Fault
from tests.e2e.storm.order import Order
from tests.e2e.storm.parts import Breakage
from tests.e2e.storm.shop import Deed

FAULTS_SHOWN_MAX = 10


def trace(order: Order, books: Books, deeds: Iterable[Deed], broken: Iterable[Breakage]) -> str:
    """One payment's story."""
    mine = sorted(
        (deed for deed in deeds if deed.intent in (order.id, order.number)), key=lambda deed: (deed.began, deed.name)
    )
    if not mine:
        return f"{order.id}: nothing was asked"
    start, end = mine[0].began, max(deed.ended or deed.began for deed in mine) + 30
    lines = [f"{order.id} ({order.number}), at first {order.first}"]
    told = [(deed.began, _deed(deed, start)) for deed in mine]
    told += [
        (one.began, f"  {one.began - start:7.2f}  {one.how} {one.part} ({one.ended - one.began:.1f} s)")
        for one in broken if one.began <= end and one.ended >= start
    ]  # fmt: skip
    lines += [line for _, line in sorted(told)]
    row = books.intents.get(order.id)
    if row is None:
        return "\n".join([*lines, "  not in the records"])
    lines.append(
        f"  record: {row['status']} v{row['version']} amount {row['amount']} received {row['amount_received']} "
        f"capturable {row['amount_capturable']} pending {row['data'].get('pending')} under way {row.get('under_way')}"
    )
    for charge in books.charges.get(order.id, []):
        amounts = f"{charge['amount']} captured {charge['amount_captured']} refunded {charge['amount_refunded']}"
        lines.append(f"  charge: {charge['id']} {charge['status']} {amounts}")
        for entry in books.gateway.entries.get(charge["id"], []):
            lines.append(f"    gateway: {entry['operation']} {entry['amount']} under {entry['key']}")
    lines.append(f"  refunds: {[(one['amount'], one['status']) for one in books.refunds.get(order.id, [])]}")
    lines.append(f"  events: {[one['type'] for one in books.events.get(order.id, [])]}")
    workflow = books.workflows.get(order.id)
    state = workflow.state if workflow and workflow.state else {}
    lines.append(f"  workflow: {workflow and workflow.status} {state.get('status')} v{state.get('version')}")
    return "\n".join(lines)


def _deed(deed: Deed, start: float) -> str:
    ended = f"{deed.ended - start:.2f}" if deed.ended is not None else "-"
    shown = deed.shown or {}
    said = f"{shown.get('status')} received {shown.get('amount_received')} of {shown.get('amount')}" if shown else ""
    answer = f"{deed.status or 'no answer'} {deed.code or ''} {said}"
    return f"  {deed.began - start:7.2f}  {deed.name} {deed.given} -> {ended}: {answer} ({deed.tries} tries)"


def report(
    faults: list[Fault], orders: Iterable[Order], books: Books, deeds: list[Deed], broken: list[Breakage]
) -> str:
    """Each fault, and the stories of the first payments that have one."""
    lines = [f"{fault.kind}: {fault.intent} {fault.what}" for fault in faults]
    wrong = {fault.intent for fault in faults}
    stories = [trace(order, books, deeds, broken) for order in orders if order.id in wrong]
    return "\n".join(lines[:200] + stories[:FAULTS_SHOWN_MAX])
