"""Compares the books of all sides with each other, and with what was answered: what is wrong, lost, doubled, stuck.

Shares no code with the engine or with `perdure reconcile`: the two reconcilers check each other.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.e2e.storm.books import Books, Row
from tests.e2e.storm.check_ledger import check_ledger
from tests.e2e.storm.check_setups import check_setups
from tests.e2e.storm.faults import Fault, stored, workflow_faults
from tests.e2e.storm.model import Payment, Search
from tests.e2e.storm.order import Order
from tests.e2e.storm.shop import Deed


@dataclass(frozen=True, slots=True)
class Sums:
    """What the gateway's entries add up to, for all attempts of one payment."""

    held: int
    captured: int
    given_back: int
    open_holds: int
    authorizations: int


def check(books: Books, orders: Iterable[Order], deeds: Iterable[Deed]) -> list[Fault]:
    """Everything that is wrong with these payments."""
    by_order: dict[str, list[Row]] = {}
    for row in books.intents.values():
        by_order.setdefault((row["data"].get("metadata") or {}).get("order", ""), []).append(row)
    by_whom: dict[str, list[Deed]] = {}
    for deed in deeds:
        by_whom.setdefault(deed.intent, []).append(deed)
    orders = list(orders)
    faults = [*check_setups(books, orders, by_whom), *check_ledger(books)]
    for order in orders:
        rows = by_order.get(order.number, [])
        asked = by_whom.get(order.number, []) + by_whom.get(order.id, [])
        faults += _of_order(books, order, rows, asked)
    return faults + list(_of_cash(books)) + list(_of_strangers(books))


def check_alone(books: Books) -> list[Fault]:
    """Everything that the books alone say is wrong, whoever has asked for it."""
    faults = [fault for row in books.intents.values() for fault in _of_intent(books, row, acknowledged=True)]
    faults += check_ledger(books)
    for row in books.intents.values():
        failed = sum(
            entry["amount"]
            for charge in books.charges.get(row["id"], [])
            for entry in books.gateway.entries.get(charge["id"], [])
            if entry["operation"] == "capture_failure"
        )
        known = (row["data"].get("charge") or {}).get("capture_failed", 0)
        if failed != known:
            faults.append(Fault(row["id"], "wrong", f"{known} did not come after all, the gateway says {failed}"))
    return faults + list(_of_strangers(books))


def _of_order(books: Books, order: Order, rows: list[Row], asked: list[Deed]) -> Iterator[Fault]:
    acknowledged = [deed for deed in asked if deed.status == 200 and deed.shown]
    if not rows and acknowledged:
        yield Fault(order.id, "lost", "acknowledged, and not in the records")
    if len(rows) > 1:
        yield Fault(rows[0]["id"], "doubled", f"one order, {len(rows)} PaymentIntents")
    for row in rows:
        yield from _of_intent(books, row, acknowledged=bool(acknowledged))
        yield from _of_truth(books, row, order, asked)


def _of_intent(books: Books, row: Row, *, acknowledged: bool) -> Iterator[Fault]:
    """What the books alone say of one PaymentIntent."""
    yield from _of_money(books, row)
    yield from _of_charges(books, row)
    yield from _of_refunds(books, row)
    yield from workflow_faults(books, row, told=acknowledged, names=("version", "status", "amount"))
    yield from _of_events(books, row)
    yield from _of_rest(books, row)


def sums(books: Books, row: Row) -> Sums:
    """Add up what the gateway has booked, or the cash balance, where that paid."""
    request = books.requests.get(row["id"])
    if request is not None and request["applied"]:
        whole = request["applied"] if row["status"] == "succeeded" else 0
        return Sums(whole, whole, request["refunded"], 0, 1)
    booked: Counter[str] = Counter()
    holds: list[Row] = []
    for charge in books.charges.get(row["id"], []) + _unknown_charges(books, row):
        holds += books.gateway.holds.get(charge["id"], [])
        for entry in books.gateway.entries.get(charge["id"], []):
            booked[entry["operation"]] += entry["amount"]
    return Sums(
        held=booked["authorize"] + booked["increment"] + booked["debit"],
        captured=booked["capture"] + booked["debit"],
        given_back=booked["refund"] - booked["refund_return"],
        open_holds=sum(hold["open"] for hold in holds),
        authorizations=len(holds),
    )


def _unknown_charges(books: Books, row: Row) -> list[Row]:
    """Attempts of this payment at the gateway that the records do not know."""
    known = {charge["id"] for charge in books.charges.get(row["id"], [])}
    return [{"id": id_} for id_ in sorted(books.gateway.attempts.get(row["id"], set()) - known)]


def _of_money(books: Books, row: Row) -> Iterator[Fault]:
    id_, gateway = row["id"], sums(books, row)
    if gateway.authorizations > 1:
        yield Fault(id_, "doubled", f"{gateway.authorizations} authorizations at the gateway")
    if row["amount_received"] != gateway.captured:
        yield Fault(id_, "wrong", f"received {row['amount_received']}, the gateway captured {gateway.captured}")
    if row["status"] == "succeeded" and not gateway.captured:
        yield Fault(id_, "wrong", "succeeded, and the gateway has captured nothing")
    if row["status"] == "canceled" and gateway.captured:
        yield Fault(id_, "wrong", f"canceled, and the gateway captured {gateway.captured}")
    if (row["status"] == "requires_capture") != bool(gateway.open_holds):
        yield Fault(id_, "wrong", f"{row['status']}, and {gateway.open_holds} open holds at the gateway")
    if row["status"] == "requires_capture" and row["amount_capturable"] != gateway.held - gateway.captured:
        yield Fault(id_, "wrong", f"capturable {row['amount_capturable']} of {gateway.held} - {gateway.captured}")
    if gateway.held and row["amount"] != gateway.held:
        yield Fault(id_, "wrong", f"amount {row['amount']}, the gateway authorized {gateway.held}")


def _of_charges(books: Books, row: Row) -> Iterator[Fault]:
    id_, gateway = row["id"], sums(books, row)
    for missing in _unknown_charges(books, row):
        yield Fault(id_, "lost", f"{missing['id']} is at the gateway and not in the records")
    good = [charge for charge in books.charges.get(id_, []) if charge["status"] == "succeeded"]
    if len(good) > 1:
        yield Fault(id_, "doubled", f"{len(good)} successful charges")
    captured = sum(charge["amount_captured"] for charge in good)
    if captured != gateway.captured:
        yield Fault(id_, "wrong", f"its charge captured {captured}, the gateway {gateway.captured}")
    inside = row["data"].get("charge") or {}
    for charge in good:
        if charge["amount"] != gateway.held:
            yield Fault(id_, "wrong", f"its charge is of {charge['amount']}, the gateway authorized {gateway.held}")
        if charge["amount_refunded"] != gateway.given_back:
            told = f"its charge refunded {charge['amount_refunded']}, the gateway {gateway.given_back}"
            yield Fault(id_, "wrong", told)
        if inside.get("id") == charge["id"] and inside != charge["data"]:
            yield Fault(id_, "wrong", "the charge inside the intent's record is not its charge's")


def _of_refunds(books: Books, row: Row) -> Iterator[Fault]:
    id_ = row["id"]
    refunds = books.refunds.get(id_, [])
    standing = sum(refund["amount"] for refund in refunds if refund["status"] in ("succeeded", "pending"))
    back = sums(books, row).given_back
    if standing != back:
        yield Fault(id_, "wrong", f"refunds of {standing} stand, the gateway gave back {back}")


def _of_rest(books: Books, row: Row) -> Iterator[Fault]:
    id_ = row["id"]
    for name in ("status", "amount"):
        if stored(row["data"], name) != row[name]:
            told = f"{name} is {row[name]} in its column and {stored(row['data'], name)} in its record"
            yield Fault(id_, "wrong", told)
    if row["status"] == "processing" or row["data"].get("pending"):
        yield Fault(id_, "stuck", f"{row['status']}, and {(row['data'].get('pending') or {}).get('type')} is unknown")
    if row.get("under_way") is not None:
        yield Fault(id_, "stuck", f"still under way: {row['under_way']}")
    shown = books.shown.get(id_, {})
    for name in ("status", "amount", "amount_received", "amount_capturable"):
        if shown.get(name) != row[name]:
            yield Fault(id_, "wrong", f"{name} is {row[name]}, and the API shows {shown.get(name)}")
    for refund in books.refunds.get(id_, []):
        if refund["status"] == "pending":
            yield Fault(id_, "stuck", f"{refund['id']} is still pending")


def _of_events(books: Books, row: Row) -> Iterator[Fault]:
    """One event a fact, and a fact for each event."""
    id_ = row["id"]
    told = Counter(event["type"] for event in books.events.get(id_, []))
    for type_, right in _facts(books, row).items():
        if told[type_] != right:
            kind = "doubled" if told[type_] > right else "lost"
            yield Fault(id_, kind, f"{told[type_]} events {type_}, not {right}")
    for event in books.events.get(id_, []):
        told_of = event["amount_captured"]
        if event["type"] == "payment_intent.succeeded" and told_of != sums(books, row).captured:
            yield Fault(id_, "wrong", f"payment_intent.succeeded tells of {told_of}")


def _facts(books: Books, row: Row) -> dict[str, int]:
    """How often each thing has happened, by the books."""
    id_ = row["id"]
    charges, refunds = books.charges.get(id_, []), books.refunds.get(id_, [])
    booked = [entry for charge in charges for entry in books.gateway.entries.get(charge["id"], [])]
    at_once = {entry["key"].removesuffix("/capture") for entry in booked if entry["key"].endswith("/capture")}
    holds = sum(entry["operation"] == "authorize" and entry["key"] not in at_once for entry in booked)
    captures = sum(entry["operation"] == "capture" and not entry["key"].endswith("/capture") for entry in booked)
    raised = sum(entry["operation"] == "increment" for entry in booked)
    failed_after_all = sum(entry["operation"] == "capture_failure" for entry in booked)
    taken = row["status"] == "succeeded" and bool(holds)
    # A hold that is closed by a cancel after a capture has one capture at the gateway less than captures told of.
    closed = taken and any(entry["operation"] == "void" for entry in booked)
    parts = captures - (0 if closed or not taken else 1)
    return {
        "payment_intent.created": 1,
        "payment_intent.succeeded": int(row["status"] == "succeeded"),
        "payment_intent.canceled": int(row["status"] == "canceled"),
        "charge.succeeded": sum(charge["status"] == "succeeded" for charge in charges),
        "charge.failed": sum(charge["status"] == "failed" for charge in charges) + failed_after_all,
        "charge.captured": int(taken),
        "payment_intent.amount_capturable_updated": holds + raised + parts,
        "refund.created": len(refunds),
        "charge.refunded": len(refunds),
        "charge.expired": int(bool(holds) and row["data"].get("cancellation_reason") == "expired"),
        "refund.failed": sum(refund["status"] == "failed" for refund in refunds),
        "charge.dispute.created": sum(books.gateway.disputes[charge["id"]] for charge in charges),
    }


def _of_truth(books: Books, row: Row, order: Order, asked: list[Deed]) -> Iterator[Fault]:
    """Whether there is an order in which every answer was true."""
    gateway = sums(books, row)
    notes = frozenset(name for name in row["data"].get("metadata") or {} if name != "order")
    last = Payment(
        status=row["status"], amount=row["amount"], held=gateway.held, captured=gateway.captured,
        refunded=gateway.given_back, notes=notes,
    )  # fmt: skip
    deeds = [deed for deed in asked if deed.name not in ("create", "customer", "account") and not _in_vain(books, deed)]
    interrupted = any(event["type"] == "payment_intent.processing" for event in books.events.get(row["id"], []))
    if not Search(deeds, last, interrupted).explained(order.first):
        told = ", ".join(f"{deed.name} {deed.status or 'unanswered'}" for deed in deeds)
        yield Fault(row["id"], "wrong", f"no order of these explains {last.booked[:5]}: {told}")


def _in_vain(books: Books, deed: Deed) -> bool:
    """What the gateway did not take: a voucher that was withdrawn, or a refund that it refused."""
    if "voucher" in deed.given:
        return deed.given["voucher"] not in books.gateway.paid_vouchers
    refund: Any = deed.result if deed.name == "refund" and isinstance(deed.result, dict) else {}
    return bool(refund.get("status") == "failed")


def _of_cash(books: Books) -> Iterator[Fault]:
    """Each transfer once, and every balance the sum of its movements."""
    funded = Counter(row["key"] for row in books.cash if row["type"] == "funded")
    for transfer, amount in books.gateway.transfers.items():
        came = [row["net_amount"] for row in books.cash if row["type"] == "funded" and transfer in row["key"]]
        if came != [amount]:
            yield Fault(transfer, "doubled" if len(came) > 1 else "lost", f"a transfer of {amount} came in as {came}")
    for key, times in funded.items():
        if times > 1:
            yield Fault(key, "doubled", f"funded {times} times")
    totals: Counter[tuple[str, str]] = Counter()
    for row in books.cash:
        totals[row["customer"], row["currency"]] += row["net_amount"]
    for (customer, currency), available in books.balances.items():
        if totals[customer, currency] != available:
            yield Fault(customer, "wrong", f"{available} {currency} available, moved {totals[customer, currency]}")


def _of_strangers(books: Books) -> Iterator[Fault]:
    """What the gateway has to tell still."""
    for told in books.gateway.untold:
        yield Fault("", "stuck", f"the gateway could not tell: {told}")
