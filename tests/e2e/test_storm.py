"""The storm's own instruments: its model explains what may be seen and nothing else; its comparison finds faults."""

import contextlib
import random  # noqa: TID251
from collections import Counter, defaultdict
from dataclasses import replace
from typing import Any

import pytest

from tests.e2e.conftest import Running
from tests.e2e.storm.books import Books, Gateway, Row, Workflow
from tests.e2e.storm.check import check, check_alone
from tests.e2e.storm.model import Payment, Search
from tests.e2e.storm.order import Order
from tests.e2e.storm.shop import SHOWN, WITNESSED, Deed, Shop

READY = Payment("requires_confirmation", 1_000, "ok", manual=True, several=True)
HELD = replace(READY, status="requires_capture", held=1_000)


def deed(name: str, began: float, ended: float | None, status: int = 200, shown: Any = None, **given: Any) -> Deed:
    return Deed(intent="pi_1", name=name, given=given, began=began, ended=ended, status=status, shown=shown)


def snapshot(status: str, received: int = 0, amount: int = 1_000) -> dict[str, Any]:
    capturable = amount - received if status == "requires_capture" else 0
    return {"id": "pi_1", "status": status, "amount": amount, "amount_received": received,
            "amount_capturable": capturable}  # fmt: skip


CAPTURED = replace(HELD, status="succeeded", captured=900, captures=1)
CANCELED = replace(HELD, status="canceled")

EXPLAINED: dict[str, tuple[Payment, list[Deed], Payment]] = {
    "the capture was first": (
        HELD,
        [deed("capture", 0, 5, 200, snapshot("succeeded", 900), amount=900), deed("cancel", 1, 5, 400)],
        CAPTURED,
    ),
    "the cancellation was first": (
        HELD,
        [deed("capture", 0, 5, 400, snapshot("canceled"), amount=900), deed("cancel", 1, 5, 200, snapshot("canceled"))],
        CANCELED,
    ),
    "nobody knows whether it happened, and it did": (HELD, [deed("capture", 0, None, 0, amount=900)], CAPTURED),
    "nobody knows whether it happened, and it did not": (HELD, [deed("capture", 0, None, 0, amount=900)], HELD),
    "an answer may show what has happened since": (
        HELD,
        [deed("update", 0, 5, 200, snapshot("canceled"), notes=("a",)), deed("cancel", 1, 4, 200)],
        replace(CANCELED, notes=frozenset({"a"})),
    ),
    "its clock had been moved by a try without an answer": (HELD, [deed("expire", 0, 9, 400)], CANCELED),
    "its clock could not be moved": (CAPTURED, [deed("expire", 0, 9, 400)], CAPTURED),
    "refused because another was under way": (
        HELD,
        [deed("cancel", 0, 1, 400, snapshot("processing"))],
        HELD,
    ),
    "two refunds, one too much": (
        CAPTURED,
        [deed("refund", 0, 5, amount=600), deed("refund", 0, 5, 400, amount=600)],
        replace(CAPTURED, refunded=600),
    ),
}  # fmt: skip

UNEXPLAINED: dict[str, tuple[Payment, list[Deed], Payment]] = {
    "M1: canceled for everybody, captured at the gateway": (
        HELD,
        [deed("capture", 0, 5, 400, snapshot("canceled"), amount=900), deed("cancel", 1, 5, 200, snapshot("canceled"))],
        replace(CANCELED, captured=900),
    ),
    "M2: the gateway took another amount": (
        READY,
        [deed("confirm", 0, 5, 200), deed("update", 1, 5, 200, amount=2_500)],
        replace(READY, status="requires_capture", amount=2_500, held=1_000),
    ),
    "acknowledged and lost": (HELD, [deed("update", 0, 1, notes=("a",))], HELD),
    "both were taken": (
        HELD, [deed("capture", 0, 5, amount=900), deed("cancel", 0, 5, 200, snapshot("canceled"))], CAPTURED,
    ),
    "refused for no reason": (HELD, [deed("capture", 0, 1, 400, snapshot("requires_capture"), amount=900)], HELD),
    "it was over before the other was asked for": (
        HELD, [deed("cancel", 2, 3, 200, snapshot("canceled")), deed("capture", 0, 1, 400, amount=900)], CANCELED,
    ),
    "an answer shows what never was": (
        HELD, [deed("capture", 0, 1, 200, snapshot("succeeded", 1_000), amount=900)], CAPTURED,
    ),
    "an answer shows what came after it": (
        HELD,
        [deed("update", 0, 1, 200, snapshot("canceled"), notes=("a",)), deed("cancel", 2, 4, 200)],
        replace(CANCELED, notes=frozenset({"a"})),
    ),
    "refunded twice": (
        CAPTURED, [deed("refund", 0, 5, amount=600), deed("refund", 0, 5, amount=600)],
        replace(CAPTURED, refunded=600),
    ),
    "the buyer's answer was used up": (
        replace(READY, method="challenge"),
        [deed("confirm", 0, 1, 200, snapshot("requires_action")),
         replace(deed("authenticate", 2, None, authenticated=True), result=WITNESSED)],
        replace(READY, status="requires_action"),
    ),
    "its time was over, and it is still held": (
        HELD, [deed("expire", 0, 1, 200, snapshot("requires_capture"))], HELD,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPLAINED)
def test_what_may_be_seen_is_explained(name: str) -> None:
    first, deeds, last = EXPLAINED[name]
    assert Search(deeds, last).explained(first)


def test_what_does_not_show_the_payment_is_refused_while_an_outcome_is_unknown() -> None:
    refused = replace(deed("refund", 0, 1, 400, amount=600), code="payment_intent_unexpected_state")
    assert Search([refused], CAPTURED, interrupted=True).explained(CAPTURED)
    assert not Search([refused], CAPTURED).explained(CAPTURED)
    assert not Search([replace(refused, code="other")], CAPTURED, interrupted=True).explained(CAPTURED)


def test_a_clock_that_does_not_move_any_more_may_have_been_moved_by_the_first_try() -> None:
    expired = [deed("update", 0, 9, notes=("a",)), deed("expire", 0, 9, 400)]
    last = replace(CANCELED, notes=frozenset({"a"}))
    assert Search(expired, last, interrupted=True).explained(HELD)
    assert Search(expired, last).explained(HELD)


def test_a_cancellation_of_a_hold_is_never_refused_for_its_status_because_a_refund_is_not_yet_known() -> None:
    part = replace(HELD, captured=300)
    refund = deed("refund", 0, 9, amount=100)
    refused = replace(
        deed("cancel", 5, 8, 400, snapshot("requires_capture", 300)), code="payment_intent_unexpected_state"
    )
    last = replace(part, refunded=100)
    assert Search([refund], last, interrupted=True).explained(part)
    assert not Search([refund, refused], last, interrupted=True).explained(part)


def test_money_may_come_before_a_cancellation_that_is_under_way() -> None:
    voucher = replace(READY, method="voucher", status="requires_action", manual=False)
    paid = replace(voucher, status="succeeded", held=1_000, captured=1_000)
    cancel = deed("cancel", 0, 5, 200, snapshot("processing"))
    settle = replace(deed("settle", 1, None), result=WITNESSED)
    assert Search([cancel, settle], paid).explained(voucher)
    assert not Search([replace(cancel, shown=snapshot("canceled")), settle], paid).explained(voucher)


@pytest.mark.parametrize("name", UNEXPLAINED)
def test_what_cannot_be_is_not_explained(name: str) -> None:
    first, deeds, last = UNEXPLAINED[name]
    assert not Search(deeds, last).explained(first)


def entry(operation: str, amount: int, key: str) -> Row:
    return {"operation": operation, "amount": amount, "key": f"pi_1/1/{key}", "charge": "ch_1"}


def entered(transaction: str, account: str, book: str, amount: int) -> dict[str, Any]:
    return {"transaction": transaction, "account": account, "book": book, "amount": amount, **DOLLARS}


def moved(id_: str, account: str, amount: int, fee: int = 0) -> dict[str, Any]:
    return {"id": id_, "account": account, "amount": amount, "fee": fee, "net": amount - fee, **DOLLARS}


DOLLARS = {"livemode": False, "currency": "usd"}


def books() -> Books:
    """A hold of 1000, 900 of it captured and 200 given back."""
    gateway = Gateway()
    gateway.holds["ch_1"] = [{"open": 0}]
    gateway.entries["ch_1"] = [
        entry("authorize", 1_000, "authorize"), entry("capture", 900, "capture/1"), entry("refund", 200, "refund/1"),
    ]  # fmt: skip
    gateway.attempts["pi_1"] = {"ch_1"}
    charge = {"id": "ch_1", "status": "succeeded", "amount": 1_000, "amount_captured": 900, "amount_refunded": 200}
    inside = {**charge}
    intent = {
        "id": "pi_1", "version": 4, "status": "succeeded", "amount": 1_000, "amount_received": 900,
        "amount_capturable": 0, "under_way": None,
        "data": {"status": "succeeded", "amount": 1_000, "version": 4, "charge": inside, "pending": None,
                 "metadata": {"order": "order-1"}},
    }  # fmt: skip
    types = ("payment_intent.created", "charge.succeeded", "payment_intent.amount_capturable_updated",
             "charge.captured", "payment_intent.succeeded", "refund.created", "charge.refunded")  # fmt: skip
    kept = {
        "id": "seti_1", "version": 3, "status": "succeeded", "customer": "cus_1", "payment_method": "pm_1",
        "under_way": None, "data": {"status": "succeeded", "version": 3, "metadata": {"order": "order-1"}},
    }  # fmt: skip
    gateway.set_up["seti_1"] = [{"type": "authentication_required"}, {"type": "approved"}]
    set_up = ("setup_intent.created", "setup_intent.succeeded")
    return Books(
        gateway=gateway,
        setups={"seti_1": kept},
        attempts={"seti_1": [{"status": "succeeded"}]},
        owners={"pm_1": "cus_1"},
        intents={"pi_1": intent},
        charges={"pi_1": [{**charge, "data": inside}]},
        refunds={"pi_1": [{"id": "re_1", "amount": 200, "status": "succeeded"}]},
        disputes={},
        events=defaultdict(list, {
            "pi_1": [{"type": type_, "amount_captured": 900} for type_ in types],
            "seti_1": [{"type": type_, "amount_captured": None} for type_ in set_up],
        }),
        cash=[{"key": "trf_1", "type": "funded", "customer": "cus_1", "currency": "usd", "net_amount": 500}],
        balances={("cus_1", "usd"): 500},
        requests={},
        workflows={"pi_1": Workflow("COMPLETED"), "seti_1": Workflow("COMPLETED")},
        shown={"pi_1": {name: intent[name] for name in SHOWN}, "seti_1": {"status": "succeeded"}},
        ledger=[
            entered("txn_1", "acct_1", "balance", 872), entered("txn_1", "acct_1", "fees", 28),
            entered("txn_1", "acct_1", "gateway", -900),
            entered("txn_2", "acct_1", "balance", -9), entered("txn_2", "acct_1", "accounts", 9),
            entered("txn_4", "acct_2", "balance", 9), entered("txn_4", "acct_2", "accounts", -9),
        ],
        moved=[
            moved("txn_1", "acct_1", 900, 28), moved("txn_2", "acct_1", -9), moved("txn_4", "acct_2", 9),
        ],
    )  # fmt: skip


def _set(path: str, value: Any) -> Any:
    """Plant a value: `intents.pi_1.status`, and so on; lists by index."""

    def plant(all_: Books) -> None:
        first, *names = path.split(".")
        where: Any = getattr(all_, first) if not names or first != "gateway" else getattr(all_.gateway, names.pop(0))
        for name in names[:-1]:
            where = where[int(name)] if isinstance(where, list) else _in(where, name)
        if isinstance(where, list):
            where[int(names[-1])] = value
        else:
            where[names[-1]] = value

    return plant


def _in(where: Any, name: str) -> Any:
    return where[name] if isinstance(where, dict) else getattr(where, name)


PLANTED: dict[str, tuple[Any, str]] = {
    "the intent received less": (_set("intents.pi_1.amount_received", 800), "wrong"),
    "the intent is canceled": (_set("intents.pi_1.status", "canceled"), "wrong"),
    "the intent is of another amount": (_set("intents.pi_1.amount", 1_100), "wrong"),
    "its charge captured less": (_set("charges.pi_1.0.amount_captured", 800), "wrong"),
    "its charge refunded less": (_set("charges.pi_1.0.amount_refunded", 100), "wrong"),
    "its charge is of another amount": (_set("charges.pi_1.0.amount", 900), "wrong"),
    "its charge is not the one inside": (_set("charges.pi_1.0.data", {"id": "ch_1"}), "wrong"),
    "two charges": (lambda b: b.charges["pi_1"].append(b.charges["pi_1"][0]), "doubled"),
    "the charge is not in the records": (lambda b: b.charges["pi_1"].clear(), "lost"),
    "the refund is not in the records": (lambda b: b.refunds["pi_1"].clear(), "wrong"),
    "the refund is pending": (_set("refunds.pi_1.0.status", "pending"), "stuck"),
    "the gateway captured twice": (lambda b: b.gateway.entries["ch_1"].append(entry("capture", 100, "x")), "wrong"),
    "the gateway refunded twice": (lambda b: b.gateway.entries["ch_1"].append(entry("refund", 100, "x")), "wrong"),
    "the gateway still holds": (_set("gateway.holds.ch_1.0.open", 1), "wrong"),
    "two authorizations": (lambda b: b.gateway.holds["ch_1"].append({"open": 0}), "doubled"),
    "the outcome is unknown": (_set("intents.pi_1.data.pending", {"type": "refund"}), "stuck"),
    "still claimed": (_set("intents.pi_1.under_way", {"command": {}}), "stuck"),
    "no workflow": (lambda b: b.workflows.clear(), "lost"),
    "a workflow that fails": (_set("workflows.pi_1", Workflow("RUNNING", failing="for ever")), "stuck"),
    "a workflow that was terminated": (_set("workflows.pi_1", Workflow("TERMINATED")), "stuck"),
    "a workflow behind": (_set("workflows.pi_1", Workflow("RUNNING", state={"version": 3})), "wrong"),
    "a fact told twice": (
        lambda b: b.events["pi_1"].append({"type": "charge.captured", "amount_captured": None}), "doubled"
    ),
    "a fact never told": (lambda b: b.events["pi_1"].pop(), "lost"),
    "a fact told wrong": (_set("events.pi_1.4.amount_captured", 1_000), "wrong"),
    "a transfer that never came in": (lambda b: b.cash.clear(), "lost"),
    "a balance that does not add up": (lambda b: b.balances.update({("cus_1", "usd"): 400}), "wrong"),
    "a notification that could not be told": (lambda b: b.gateway.untold.append("{}"), "stuck"),
    "the API shows another amount": (_set("shown.pi_1.amount_received", 800), "wrong"),
    "the API does not show it": (lambda b: b.shown.clear(), "wrong"),
    "two payments for one order": (
        lambda b: b.intents.update(pi_2={**b.intents["pi_1"], "id": "pi_2"}), "doubled"
    ),
    "acknowledged and not there": (lambda b: b.intents.clear(), "lost"),
    "the setup is canceled": (_set("setups.seti_1.status", "canceled"), "wrong"),
    "its bank never said yes": (lambda b: b.gateway.set_up.clear(), "wrong"),
    "its bank said yes twice": (lambda b: b.gateway.set_up["seti_1"].append({"type": "approved"}), "doubled"),
    "no attempt succeeded": (lambda b: b.attempts.clear(), "wrong"),
    "the method is nobody's": (_set("owners.pm_1", None), "lost"),
    "a setup told twice": (lambda b: b.events["seti_1"].append(b.events["seti_1"][1]), "doubled"),
    "a setup never told": (lambda b: b.events["seti_1"].pop(), "lost"),
    "a setup still claimed": (_set("setups.seti_1.under_way", {"command": {}}), "stuck"),
    "a setup without a workflow": (lambda b: b.workflows.pop("seti_1"), "lost"),
    "a setup whose workflow is behind": (_set("workflows.seti_1", Workflow("RUNNING", state={"version": 2})), "wrong"),
    "the API shows another setup": (_set("shown.seti_1.status", "processing"), "wrong"),
    "two setups for one order": (lambda b: b.setups.update(seti_2={**b.setups["seti_1"], "id": "seti_2"}), "doubled"),
    "a setup acknowledged and not there": (lambda b: b.setups.clear(), "lost"),
    "a transaction that comes from nowhere": (_set("ledger.0.amount", 870), "wrong"),
    "one account's side alone": (lambda b: b.ledger.pop(), "wrong"),
    "what one has given and no other got": (lambda b: [b.ledger.pop() for _ in range(2)], "wrong"),
    "a balance that its transactions are not": (_set("moved.0.net", 871), "wrong"),
    "a transaction without entries": (
        lambda b: b.moved.append({**b.moved[0], "id": "txn_3", "net": 0, "fee": 900}), "lost"
    ),
}  # fmt: skip


def found(all_: Books) -> Counter[str]:
    all_.gateway.transfers["trf_1"] = 500
    with contextlib.closing(Shop(Running.__new__(Running))) as shop:
        order = Order(shop, "order-1", random.Random(1), first=READY, id="pi_1", setup="seti_1")
    deeds = [
        replace(deed("create", 0, 1, 200, {"status": "requires_action"}), intent="order-1/setup"),
        deed("confirm", 0, 1, 200, snapshot("requires_capture")),
        deed("capture", 2, 3, 200, snapshot("succeeded", 900), amount=900),
        deed("refund", 4, 5, amount=200),
    ]
    return Counter(fault.kind for fault in check(all_, [order], deeds))


def test_right_books_have_no_fault() -> None:
    assert found(books()) == Counter()


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found(name: str) -> None:
    plant, kind = PLANTED[name]
    all_ = books()
    plant(all_)
    assert found(all_)[kind] >= 1


@pytest.mark.parametrize(("told", "lost"), [(False, False), (True, True)])
def test_a_payment_that_nobody_was_told_of_may_have_no_workflow_yet(told: bool, lost: bool) -> None:
    created = books()
    created.workflows.pop("pi_1")
    created.intents["pi_1"]["status"] = "requires_confirmation"
    with contextlib.closing(Shop(Running.__new__(Running))) as shop:
        order = Order(shop, "order-1", random.Random(1), first=READY, id="pi_1")
    deeds = [deed("create", 0, 1, 200 if told else 0, snapshot("requires_confirmation") if told else None)]
    faults = check(created, [order], deeds)
    assert any(fault.what == "there is no workflow" for fault in faults) is lost


def test_what_the_books_alone_say_needs_nobody_who_asked_and_knows_of_captures_that_failed_after_all() -> None:
    all_ = books()
    assert check_alone(all_) == []
    all_.gateway.entries["ch_1"].append(entry("capture_failure", 700, "capture/1/failure"))
    told = {(fault.kind, fault.what) for fault in check_alone(all_)}
    assert ("wrong", "0 did not come after all, the gateway says 700") in told
    assert ("lost", "0 events charge.failed, not 1") in told
    inside = all_.intents["pi_1"]["data"]["charge"]
    inside["capture_failed"] = 700
    all_.events["pi_1"].append({"type": "charge.failed", "amount_captured": None})
    assert check_alone(all_) == []
    all_.gateway.entries["ch_1"].append(entry("capture", 100, "x"))
    assert check_alone(all_) != []
