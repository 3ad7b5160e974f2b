"""What is asked of a slow gateway, and of a dead one, does not hold where it should not."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bench import outage, patient
from bench.outage import ASKED_A_SECOND, ASKED_IN_TEN, Run, Tried
from bench.patient import Book, Seen, read_book


def seen(rate: float, *statuses: str) -> Seen:
    return Seen(answers=[(1.0, 1.2, status) for status in statuses], rates=[rate])


def test_the_book_has_each_payment_once_and_each_effect_that_is_there_again(tmp_path: Path) -> None:
    file = tmp_path / "simulator.db"
    with closing(sqlite3.connect(file)) as ledger:
        ledger.execute("CREATE TABLE entries (operation TEXT, key TEXT)")
        rows = [("authorize", "pi_1/1/authorize"), ("capture", "pi_1/1/authorize/capture")]
        ledger.executemany("INSERT INTO entries VALUES (?, ?)", [*rows, ("authorize", "pi_2/1/authorize")])
        ledger.commit()
        assert read_book(file) == Book(paid=1, repeated=0)
        ledger.execute("INSERT INTO entries VALUES ('authorize', 'pi_1/2/authorize')")
        ledger.commit()
        assert read_book(file) == Book(paid=1, repeated=1)


def test_a_slow_gateway_that_costs_payments_or_leaves_one_processing_does_not_hold() -> None:
    paid = ["succeeded"] * 3
    assert patient.judge(seen(10, *paid), seen(9, *paid), Book(3, 0)).failed == []
    for found, book in (
        (seen(8.9, *paid), Book(3, 0)),
        (seen(10, *paid, "processing"), Book(3, 0)),
        (seen(10, *paid, "requires_payment_method"), Book(3, 0)),
        (seen(10, *paid), Book(4, 0)),
        (seen(10, *paid), Book(3, 1)),
    ):
        assert len(patient.judge(seen(10, *paid), found, book).failed) == 1


def outaged(*tried: Tried, ended: str = "succeeded", second: float = 1.0, ten: int = 10) -> list[str]:
    run = Run(tried=list(tried), began=0.0, died=10.0, back=50.0)
    paid = sum(one.status == "succeeded" for one in tried)
    unknown = [one.id for one in tried if one.status == "processing"]
    books = {"alpha": Book(len(unknown), 0), "beta": Book(paid, 0)}
    asked = {ASKED_A_SECOND: second, ASKED_IN_TEN: ten}
    return outage.judge(run, dict.fromkeys(unknown, ended), books, asked, 0).failed


def test_a_dead_gateway_may_keep_whom_it_had_and_nobody_who_came_later() -> None:
    good, early, late = (
        Tried(20, 0.1, "succeeded", "a"),
        Tried(11, 5, "processing", "b"),
        Tried(30, 5, "processing", "c"),
    )
    assert outaged(good, early) == []
    assert [each.partition(" s after")[0] for each in outaged(good, early, late)] == ["unknown later than 5"]
    assert len(outaged(good, Tried(20, 60, "error", ""))) == 1
    assert len(outaged(good, early, second=1.1, ten=11)) == 2
    assert len(outaged(good, early, ended="requires_payment_method")) == 2
